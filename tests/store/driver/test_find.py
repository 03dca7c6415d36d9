"""Reads that fit in a batch, those that do not, and those whose connection breaks."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from pymongo import IndexModel
from pymongo.collation import Collation

from graph.errors import DatabaseError, DatabaseTimeout, DatabaseUnavailable
from graph.store.driver.bulk_writes import Write
from graph.store.driver.calls.retry import retried
from graph.store.driver.database import Database
from graph.store.driver.encoding import encode
from graph.store.driver.read_commands import BATCH, AggregateCommand, FindCommand
from tests.cursors import open_cursors
from tests.store.driver.conftest import MORE, SMALL, Sent, fail, fill


async def test_more_than_a_batch_is_read_completely_and_leaves_no_cursor(server: Database) -> None:
    await fill(server, MORE)
    ids = [f"{number:05}" for number in range(MORE)]
    found = await server.find(SMALL, {}, sort=[("_id", 1)])
    assert [row["_id"] for row in found] == ids
    stages = [{"$sort": {"_id": -1}}, {"$project": {"_id": 1}}]
    assert await server.aggregate(SMALL, stages) == [{"_id": each} for each in reversed(ids)]
    found = await server.limited(60).find(SMALL, {"n": {"$gte": 1}}, projection={"n": 1}, limit=0)
    assert len(found) == MORE - 1
    assert await open_cursors(server, SMALL) == []


@pytest.mark.parametrize("limited", [False, True])
async def test_a_document_is_the_same_alone_and_among_others(
    server: Database, limited: bool
) -> None:
    at = datetime(2025, 3, 1, 12, 30, 15, 123000, tzinfo=UTC)
    row = {"_id": "a", "at": at, "in": {"list": [1, 2.5, None, {"x": "é"}]}, "data": b"\x00\xff"}
    assert await server.write(SMALL, [Write("a", encode(row), new=True)]) == []
    await fill(server, 2)
    source = server.limited(60) if limited else server
    ways = [
        await source.find(SMALL, {"_id": "a"}),
        await source.find(SMALL, {"_id": {"$in": ["a", "b"]}}),
        await source.find(SMALL, {}, sort=[("_id", -1)], limit=1),
        (await source.find(SMALL, {}, sort=[("_id", -1)], limit=2))[:1],
        await source.aggregate(SMALL, [{"$match": {"_id": "a"}}]),
    ]
    expected = {**row, "at": at.replace(tzinfo=None)} if limited else row
    assert ways == [[expected]] * len(ways)
    kinds = {type(part) for (found,) in ways for part in (found, found["in"], found["in"]["list"])}
    assert kinds == {dict, list}


async def test_a_cursor_that_is_left_open_is_counted(server: Database) -> None:
    await fill(server, 3)
    cursor = server._handle[SMALL].find(batch_size=1)
    assert await cursor.next()
    assert len(await open_cursors(server, SMALL)) == 1
    await cursor.close()
    assert await open_cursors(server, SMALL) == []


async def test_a_limit_larger_than_a_batch_is_respected(server: Database) -> None:
    await fill(server, MORE)
    found = await server.find(SMALL, {}, sort=[("_id", -1)], limit=BATCH + 2)
    assert [row["n"] for row in found] == list(range(MORE - 1, 2, -1))


@pytest.mark.parametrize("number", [0, 1, BATCH - 1, BATCH])
async def test_a_read_that_fits_in_a_batch_takes_one_command(
    server: Database, commands: Sent, number: int
) -> None:
    await fill(server, number)
    commands.names.clear()
    assert len(await server.find(SMALL, {}, limit=BATCH)) == number
    assert commands.names == ["find"]
    assert len(await server.aggregate(SMALL, [{"$limit": BATCH}])) == number
    assert commands.names[1] == "aggregate"
    assert await open_cursors(server, SMALL) == []


async def test_documents_too_large_for_one_reply_are_all_read(server: Database) -> None:
    text = "x" * 3_000_000
    writes = [Write(str(i), encode({"_id": str(i), "text": text}), new=True) for i in range(7)]
    assert await server.write(SMALL, writes) == []
    found = await server.find(SMALL, {}, sort=[("_id", 1)])
    assert [(row["_id"], len(row["text"])) for row in found] == [
        (str(number), len(text)) for number in range(7)
    ]
    assert await open_cursors(server, SMALL) == []


READS = ["find", "aggregate"]
BROKEN: dict[str, Any] = {"failCommands": READS, "closeConnection": True}


async def test_a_connection_that_breaks_once_is_tried_once_more(
    failing: Database, commands: Sent
) -> None:
    await fail(failing, {"times": 1}, **BROKEN)
    assert len(await failing.find(SMALL, {})) == 3
    await fail(failing, {"times": 1}, **BROKEN)
    assert len(await failing.aggregate(SMALL, [{"$match": {}}])) == 3
    assert [name for name in commands.names if name in READS] == [
        "find",
        "find",
        "aggregate",
        "aggregate",
    ]


async def test_a_connection_that_breaks_twice_is_a_database_that_is_away(
    failing: Database, commands: Sent
) -> None:
    await fail(failing, {"times": 2}, **BROKEN)
    with pytest.raises(DatabaseUnavailable, match="cannot be reached"):
        await failing.find(SMALL, {})
    assert commands.names.count("find") == 2
    assert len(await failing.find(SMALL, {})) == 3


@pytest.mark.parametrize("query", [{}, {"_id": "00001"}], ids=["many", "one"])
async def test_a_read_is_retried_when_the_primary_steps_down(
    failing: Database, commands: Sent, query: dict[str, Any]
) -> None:
    expected = await failing.find(SMALL, query)
    commands.names.clear()
    stepped_down = 189  # PrimarySteppedDown
    await fail(failing, {"times": 1}, failCommands=["find"], errorCode=stepped_down)
    assert await failing.find(SMALL, query) == expected
    assert commands.names.count("find") == 2


async def test_a_primary_that_has_stepped_down_for_good_is_away(failing: Database) -> None:
    await fail(failing, "alwaysOn", failCommands=["find"], errorCode=10107)  # NotWritablePrimary
    with pytest.raises(DatabaseUnavailable):
        await failing.find(SMALL, {})


async def test_an_update_of_many_that_an_election_ends_may_be_repeated(
    failing: Database,
) -> None:
    interrupted = 11602  # InterruptedDueToReplStateChange; the driver does not repeat this update
    await fail(failing, {"times": 1}, failCommands=["update"], errorCode=interrupted)
    assert await retried(lambda: failing.change(SMALL, {}, {"$set": {"n": 5}})) == 3


@pytest.mark.parametrize("query", [{}, {"_id": "00001"}], ids=["many", "one"])
async def test_a_rejected_command_is_not_retried(
    failing: Database, commands: Sent, query: dict[str, Any]
) -> None:
    exceeded = 146  # ExceededMemoryLimit
    await fail(failing, "alwaysOn", failCommands=["find"], errorCode=exceeded)
    commands.names.clear()
    with pytest.raises(DatabaseError, match="rejected a command: ExceededMemoryLimit"):
        await failing.find(SMALL, query)
    assert commands.names.count("find") == 1


async def test_a_rejected_read_with_a_hint_is_not_retried(
    failing: Database, commands: Sent
) -> None:
    await fail(failing, "alwaysOn", failCommands=["find"], errorCode=96)  # OperationFailed
    with pytest.raises(DatabaseError, match="rejected a command: OperationFailed"):
        await failing.find(SMALL, {}, hint="_id_")
    assert commands.names.count("find") == 1


async def test_a_hint_at_an_index_that_is_missing_still_reads(
    server: Database, commands: Sent
) -> None:
    await fill(server, 3)
    commands.names.clear()
    found = await server.limited(10).find(SMALL, {}, sort=[("n", -1)], hint="by_n")
    assert [row["n"] for row in found] == [2, 1, 0]
    assert commands.names == ["find", "find"]
    await server.create_indexes(SMALL, [IndexModel([("n", 1)], name="by_n")])
    commands.names.clear()
    assert await server.find(SMALL, {}, sort=[("n", -1)], hint="by_n") == found
    assert commands.names == ["find"]


async def test_a_hint_applies_to_more_than_a_batch(server: Database, commands: Sent) -> None:
    await fill(server, MORE)
    commands.all.clear()
    assert len(await server.find(SMALL, {}, hint="_id_")) == MORE
    hints = [command.get("hint") for command in commands.all if "find" in command]
    assert hints == ["_id_", "_id_"]


async def test_a_hint_at_a_missing_index_reads_more_than_a_batch(server: Database) -> None:
    await fill(server, MORE)
    assert len(await server.find(SMALL, {}, hint="by_n")) == MORE


_SLEEP = {"body": "function() { sleep(200); return true; }", "args": [], "lang": "js"}
SLOW = {"$expr": {"$function": _SLEEP}}


async def test_the_time_limit_ends_a_read(server: Database) -> None:
    await fill(server, 40)
    hurried = server.limited(0.05)
    with pytest.raises(DatabaseTimeout):
        await hurried.find(SMALL, SLOW)
    with pytest.raises(DatabaseTimeout):
        await hurried.find(SMALL, SLOW, hint="missing")
    with pytest.raises(DatabaseTimeout):
        await hurried.aggregate(SMALL, [{"$match": SLOW}])
    with pytest.raises(DatabaseTimeout):
        await hurried.count(SMALL, SLOW)


async def test_the_time_limit_goes_with_each_read(server: Database, commands: Sent) -> None:
    await fill(server, MORE)
    commands.all.clear()
    limited = server.limited(7)
    await limited.find(SMALL, {})
    await limited.aggregate(SMALL, [{"$match": {}}])
    reads = [each for each in commands.all if "find" in each or "aggregate" in each]
    assert [each["maxTimeMS"] for each in reads] == [7000] * 4
    commands.all.clear()
    await server.find(SMALL, {}, limit=1)
    assert "maxTimeMS" not in commands.all[0]


async def test_dates_of_a_limited_database_are_bare_and_in_utc(server: Database) -> None:
    moments = [
        datetime(2025, 3, 14, 9, 30, 0, 123_000, tzinfo=UTC),
        datetime(1, 1, 1, tzinfo=UTC),
        datetime(9999, 12, 31, 23, 59, 59, 999_000, tzinfo=UTC),
    ]
    rows = [{"_id": str(i), "at": at, "in": {"at": [at]}} for i, at in enumerate(moments)]
    await server.replace(SMALL, rows)
    bare = [at.replace(tzinfo=None) for at in moments]
    order = [("_id", 1)]
    for database, dates in ((server, moments), (server.limited(10), bare)):
        found = await database.find(SMALL, {}, sort=order)
        assert found == [
            {"_id": str(i), "at": at, "in": {"at": [at]}} for i, at in enumerate(dates)
        ]
        assert [row["at"] for row in await database.aggregate(SMALL, [{"$sort": {"_id": 1}}])] == (
            dates
        )
    (row,) = await server.limited(10).find(SMALL, {"at": moments[0]})
    assert row["_id"] == "0"  # what is asked for may say its zone


async def test_projection_sort_limit_and_collation_are_passed_on(
    server: Database, commands: Sent
) -> None:
    names = ["b", "A", "a", "C"]
    await server.replace(SMALL, [{"_id": each, "name": each, "more": 1} for each in names])
    commands.all.clear()
    any_case = Collation(locale="en", strength=2)
    found = await server.find(
        SMALL,
        {"name": {"$gte": "a"}},
        projection={"name": 1, "_id": 0},
        sort=[("name", -1), ("_id", -1)],
        limit=2,
        collation=any_case,
    )
    assert found == [{"name": "C"}, {"name": "b"}]
    assert await server.find(SMALL, {"name": {"$gte": "b"}}) == [
        {"_id": "b", "name": "b", "more": 1}
    ]
    sent = commands.all[0]
    assert list(sent["sort"].items()) == [("name", -1), ("_id", -1)]
    assert (sent["limit"], sent["projection"]) == (2, {"name": 1, "_id": 0})
    assert sent["collation"] == any_case.document


async def test_a_projection_of_ids_differs_from_no_projection(server: Database) -> None:
    await fill(server, 1)
    assert await server.find(SMALL, {}, projection={"_id": 1}) == [{"_id": "00000"}]
    assert await server.find(SMALL, {}, projection=None) == [{"_id": "00000", "n": 0}]


async def test_a_pipeline_that_merges_writes(server: Database) -> None:
    await fill(server, 3)
    merge = {"$merge": {"into": "other"}}
    await server.merge(SMALL, [{"$match": {"n": {"$lt": 2}}}, merge])
    assert await server.count("other", {}) == 2


def test_a_command_has_only_the_options_that_are_set() -> None:
    assert FindCommand(SMALL, {"n": 1}).document == {
        "find": SMALL,
        "filter": {"n": 1},
        "batchSize": BATCH,
    }
    pipeline: list[dict[str, Any]] = [{"$match": {}}]
    assert AggregateCommand(SMALL, pipeline).document == {
        "aggregate": SMALL,
        "pipeline": pipeline,
        "cursor": {"batchSize": BATCH},
        "allowDiskUse": True,
    }
    collation = Collation(locale="en", strength=1)
    command = FindCommand(SMALL, {}, {}, [("a", 1), ("b", -1)], 5, "by_a", collation, 2)
    assert list(command.document) == [
        "find", "filter", "batchSize", "projection", "sort", "skip", "limit", "hint", "collation"
    ]  # fmt: skip
