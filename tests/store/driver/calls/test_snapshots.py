"""Reads in snapshots, and servers that do not support them, for a time or at all."""

from __future__ import annotations

import logging
from typing import Any, Final

import pytest
from bson import Timestamp
from pymongo import IndexModel, ReadPreference

from graph.errors import DatabaseError
from graph.store.driver.database import Database
from graph.store.driver.read_commands import Row
from tests.store.driver.conftest import MORE, SMALL, Sent, fail, fill

READS: Final = ["find", "aggregate", "distinct"]
COUNTED: Final = [{"$group": {"_id": 1, "n": {"$sum": 1}}}]
MERGED: Final = [{"$merge": {"into": "merged"}}]


def read_concerns(commands: Sent) -> list[dict[str, Any] | None]:
    """The read concerns of the reads that were sent."""
    return [sent.get("readConcern") for sent in commands.all if next(iter(sent)) in READS]


async def test_all_reads_are_snapshots_no_older_than_what_was_written(
    server: Database, commands: Sent
) -> None:
    await fill(server, MORE)
    written = server._snapshots.latest
    assert isinstance(written, Timestamp)
    commands.all.clear()
    assert len(await server.find(SMALL, {})) == MORE
    assert len(await server.aggregate(SMALL, [{"$match": {}}])) == MORE
    assert await server.count(SMALL, {}) == MORE
    await server.merge(SMALL, MERGED)
    found = read_concerns(commands)
    assert len(found) == 6  # what exceeds a batch is read again
    for concern in found:
        assert concern is not None
        assert concern["level"] == "snapshot"
        assert concern["afterClusterTime"] >= written


async def test_later_batches_may_be_newer_than_the_first(server: Database, commands: Sent) -> None:
    await fill(server, MORE)
    other = Database(server._handle, address="")
    await other.update(SMALL, {"_id": "a"}, {"$set": {"n": 1}})
    seen = other.seen
    assert seen is not None
    assert server.seen is not None
    assert server.seen < seen
    command: Row = {"find": SMALL, "filter": {}}
    assert len(await server._all(command)) == MORE + 1
    assert server.seen >= seen


async def test_all_views_of_a_database_see_the_writes_of_one(
    server: Database, commands: Sent
) -> None:
    primary, limited = server.primary(), server.limited(10)
    await server.update(SMALL, {"_id": "a"}, {"$set": {"n": 1}})
    for view in (primary, limited):
        commands.all.clear()
        assert await view.count(SMALL, {"n": 1}) == 1
        (concern,) = read_concerns(commands)
        assert concern is not None
        assert concern["afterClusterTime"] == server._snapshots.latest


async def test_every_write_is_seen_at_once(server: Database) -> None:
    for number in range(50):
        await server.update(SMALL, {"_id": "a"}, {"$set": {"n": number}})
        assert await server.find(SMALL, {}, projection={"n": 1, "_id": 0}) == [{"n": number}]


@pytest.mark.parametrize("code", [239, 246])  # SnapshotTooOld, SnapshotUnavailable
async def test_a_snapshot_that_is_not_available_is_read_later(
    failing: Database, commands: Sent, code: int
) -> None:
    await fail(failing, {"times": 2}, failCommands=READS, errorCode=code)
    assert len(await failing.find(SMALL, {})) == 3
    found = read_concerns(commands)
    assert len(found) == 3
    assert None not in found


async def test_a_read_succeeds_even_if_no_snapshot_ever_becomes_available(
    failing: Database, commands: Sent, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("graph.store.driver.calls.snapshots._PAUSES", (0, 0))
    await fail(failing, {"times": 2}, failCommands=READS, errorCode=246)
    assert await failing.aggregate(SMALL, COUNTED) == [{"_id": 1, "n": 3}]
    assert [concern is None for concern in read_concerns(commands)] == [False, False, True]
    commands.all.clear()
    assert await failing.count(SMALL, {}) == 3
    assert None not in read_concerns(commands)


@pytest.mark.parametrize("code", [72, 123])  # InvalidOptions, NotAReplicaSet
async def test_a_server_without_snapshots_is_read_without_them(
    failing: Database, commands: Sent, code: int, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING, "newsgraph")
    await fail(failing, {"times": 1}, failCommands=READS, errorCode=code)
    assert len(await failing.find(SMALL, {})) == 3
    assert await failing.limited(10).count(SMALL, {}) == 3
    await failing.merge(SMALL, MERGED)
    assert [concern is None for concern in read_concerns(commands)] == [False, True, True, True]
    (message,) = caplog.messages
    assert "cannot read in snapshots" in message
    assert "replica set of MongoDB 5.0 or later" in message


async def test_other_errors_do_not_end_snapshots(failing: Database, commands: Sent) -> None:
    await fail(failing, {"times": 1}, failCommands=READS, errorCode=96)  # OperationFailed
    with pytest.raises(DatabaseError, match="OperationFailed"):
        await failing.find(SMALL, {})
    assert len(await failing.find(SMALL, {})) == 3
    assert None not in read_concerns(commands)


async def test_collections_and_indexes_that_were_just_created_are_read(bare: Database) -> None:
    for number in range(8):
        name = f"new{number}"
        assert await bare.find(name, {}) == []
        await bare.replace(name, [{"_id": "a", "n": 1}])
        assert await bare.count(name, {"n": 1}) == 1
        await bare.create_indexes(name, [IndexModel([("n", 1)], name="by_n")])
        assert await bare.find(name, {"n": 1}, hint="by_n") == [{"_id": "a", "n": 1}]


async def test_a_secondary_is_not_waited_for(server: Database, commands: Sent) -> None:
    await fill(server, 1)
    handle = server._handle.with_options(read_preference=ReadPreference.SECONDARY_PREFERRED)
    lagging = Database(handle, address="", snapshots=server._snapshots)
    commands.all.clear()
    assert len(await lagging.find(SMALL, {})) == 1
    assert read_concerns(commands) == [{"level": "snapshot"}]


async def test_a_change_stream_begins_after_the_last_read(server: Database) -> None:
    await fill(server, 1)
    assert await server.count(SMALL, {}) == 1
    seen = server._snapshots.latest
    await server._handle[SMALL].insert_one({"_id": "unseen"})
    assert server._snapshots.latest == seen
    async with server.watch(SMALL) as stream:
        change = None
        while change is None:
            change = await stream.try_next()
        assert change["documentKey"] == {"_id": "unseen"}
        assert server._snapshots.latest == change["clusterTime"]
