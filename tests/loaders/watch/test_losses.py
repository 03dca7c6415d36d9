"""Changes that a follower must not miss although no event reports them."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import watchfiles

from graph.documents import ARTICLES
from graph.errors import DatabaseUnavailable
from graph.store.driver.database import Database
from graph.store.load import write as store_write
from loaders.files.places import Place
from loaders.files.selection import IsIgnored
from loaders.load import prune
from loaders.load.options import LoadOptions
from loaders.report.report import Report
from loaders.watch import events, follow
from tests.conftest import Commands
from tests.loaders.builders import SETTINGS, loaded, write
from tests.loaders.watch.following import eventually, following, titled

pytestmark = pytest.mark.usefixtures("inline")


@pytest.fixture
def site(tmp_path: Path) -> Path:
    write(tmp_path / "site/_news/a.md", titled("A"))
    write(tmp_path / "site/_news/b.md", titled("B"))
    return tmp_path / "site"


BOTH = {"_news/a": "A", "_news/b": "B"}


async def without_events(*_: Any, stop_event: asyncio.Event, **__: Any) -> AsyncIterator[set[Any]]:
    """A system that reports no events."""
    yield set()
    await stop_event.wait()


def failing_watch(error: Exception) -> Any:
    """A system that does not watch."""

    async def refuse(*folders: str, **_: Any) -> AsyncIterator[set[Any]]:
        if folders:
            raise error
        yield set()

    return refuse


async def test_a_root_that_is_deleted_and_recreated_is_followed(
    memory: Database, site: Path
) -> None:
    """The stored documents stay until the new folder has some of its own."""
    async with following(memory, site) as state:
        shutil.rmtree(site)
        await state.wait_for_message("is not there")
        site.mkdir()
        await state.wait_for_message("was replaced")
        await state.wait_for_message("contains no documents; those that were loaded from it stay")
        assert await state.titles() in (BOTH, {})  # {}: each file was seen to go
        write(site / "_news/c.md", titled("C"))
        await state.wait_for_titles({"_news/c": "C"})
        write(site / "_news/c.md", titled("C, edited"))
        await state.wait_for_titles({"_news/c": "C, edited"})


async def test_a_root_that_was_moved_away_keeps_its_documents(
    memory: Database, site: Path, tmp_path: Path
) -> None:
    async with following(memory, site) as state:
        site.rename(tmp_path / "old")
        await state.wait_for_message("is not there")
        site.mkdir()
        await state.wait_for_message("contains no documents")
        assert await state.titles() == BOTH
        write(site / "_news/c.md", titled("C"))
        await state.wait_for_titles({"_news/c": "C"})


async def test_a_working_directory_that_is_recreated_is_followed(
    memory: Database, site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(site)
    async with following(memory, Path()) as state:
        shutil.rmtree(site)
        write(site / "_news/c.md", titled("C"))
        await state.wait_for_titles({"_news/c": "C"})
        write(site / "_news/c.md", titled("C, edited"))
        await state.wait_for_titles({"_news/c": "C, edited"})


async def test_a_root_that_was_a_file_for_a_while_is_followed(memory: Database, site: Path) -> None:
    """No watch is on it then, and the next folder may have the inode of the file."""
    async with following(memory, site) as state:
        shutil.rmtree(site)
        site.write_text("")
        await state.wait_for_message("is not there")
        site.unlink()
        write(site / "_news/c.md", titled("C"))
        await state.wait_for_titles({"_news/c": "C"})
        write(site / "_news/c.md", titled("C, edited"))
        await state.wait_for_titles({"_news/c": "C, edited"})


async def test_a_root_that_was_unreadable_for_a_while_is_followed(
    memory: Database, site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with following(memory, site) as state:
        with monkeypatch.context() as patch:
            patch.setattr(os, "access", lambda path, _: str(path) != str(site))
            await state.wait_for_message("cannot be read; its documents stay")
            write(site / "_news/c.md", titled("C"))
        await state.wait_for_titles({**BOTH, "_news/c": "C"})
        write(site / "_news/c.md", titled("C, edited"))
        await state.wait_for_titles({**BOTH, "_news/c": "C, edited"})


async def test_a_root_link_that_is_switched_to_another_folder_is_followed(
    memory: Database, tmp_path: Path
) -> None:
    write(tmp_path / "1/_news/a.md", titled("A"))
    write(tmp_path / "2/_news/b.md", titled("B"))
    current = tmp_path / "current"
    current.symlink_to("1")
    async with following(memory, current) as state:
        await state.wait_for_titles({"_news/a": "A"})
        (tmp_path / "next").symlink_to("2")
        (tmp_path / "next").rename(current)
        await state.wait_for_titles({"_news/b": "B"})
        write(tmp_path / "2/_news/b.md", titled("B, edited"))
        await state.wait_for_titles({"_news/b": "B, edited"})


async def test_a_folder_that_is_recreated_at_once_is_followed(memory: Database, site: Path) -> None:
    async with following(memory, site) as state:
        shutil.rmtree(site / "_news")
        write(site / "_news/c.md", titled("C"))
        await state.wait_for_titles({"_news/c": "C"})
        write(site / "_news/c.md", titled("C, edited"))
        await state.wait_for_titles({"_news/c": "C, edited"})


async def test_folders_in_new_folders_are_followed(memory: Database, site: Path) -> None:
    async with following(memory, site) as state:
        write(site / "new/deep/deeper/c.md", titled("C"))
        await state.wait_for_titles({**BOTH, "new/deep/deeper/c": "C"})
        write(site / "new/deep/deeper/d.md", titled("D"))
        await state.wait_for_titles({**BOTH, "new/deep/deeper/c": "C", "new/deep/deeper/d": "D"})


async def test_edits_of_a_file_behind_a_link_are_followed(memory: Database, site: Path) -> None:
    target = write(site / ".store/c.md", titled("C"))
    (site / "_news/c.md").symlink_to(target)
    async with following(memory, site) as state:
        await state.wait_for_titles({**BOTH, "_news/c": "C"})
        write(target, titled("C, edited"))
        await state.wait_for_titles({**BOTH, "_news/c": "C, edited"})
        (site / "_news/d.md").symlink_to(write(site / ".drafts/d.md", titled("D")))
        await state.wait_for_titles({**BOTH, "_news/c": "C, edited", "_news/d": "D"})
        write(site / ".drafts/d.md", titled("D, edited"))
        await state.wait_for_titles({**BOTH, "_news/c": "C, edited", "_news/d": "D, edited"})


async def test_edits_below_a_link_given_as_the_path_are_followed(
    memory: Database, site: Path, tmp_path: Path
) -> None:
    (site / "_news").rename(tmp_path / "elsewhere")
    (site / "_news").symlink_to(tmp_path / "elsewhere")
    async with following(memory, site / "_news", root=site) as state:
        write(site / "_news/a.md", titled("A, edited"))
        await state.wait_for_titles({"_news/a": "A, edited", "_news/b": "B"})
        (site / "_news/b.md").unlink()
        await state.wait_for_titles({"_news/a": "A, edited"})


async def test_the_documents_of_a_folder_that_becomes_a_link_are_removed(
    memory: Database, site: Path, tmp_path: Path
) -> None:
    write(site / "c.md", titled("C"))
    async with following(memory, site) as state:
        (site / "_news").rename(tmp_path / "elsewhere")
        (site / "_news").symlink_to(tmp_path / "elsewhere")
        await state.wait_for_titles({"c": "C"})


async def test_all_files_are_compared_at_an_interval(
    memory: Database, site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(events, "awatch", without_events)
    monkeypatch.setattr(follow, "TICK_SECONDS", 0.05)
    bad = write(site / "bad.md", "---\ntitle: [\n---\n")
    async with following(memory, site, rescan=0.2) as state:
        write(site / "_news/a.md", titled("A, edited"))
        write(site / "new/c.md", titled("C"))
        (site / "_news/b.md").unlink()
        await state.wait_for_titles({"_news/a": "A, edited", "new/c": "C"})
        assert sum("rejected" in line for line in state.messages) == 1  # the load has said so
        assert [fault.path for fault in state.report.rejected] == [str(bad)]
        bad.unlink()

        async def is_well() -> bool:
            return state.report.rejected == []

        await eventually(is_well)
    report = state.report
    assert (report.added, report.updated, report.removed, report.unchanged) == (3, 1, 1, 0)
    assert report.loaded == 4


async def test_changes_are_found_after_the_listener_ended(memory: Database, site: Path) -> None:
    """The listener ends at a name that is not UTF-8."""
    async with following(memory, site) as state:
        for number in range(2):
            write(site / "_news" / os.fsdecode(b"\xff%d.jpg" % number))
            write(site / f"_news/n{number}.md", titled(f"N{number}"))
            await state.wait_for_titles(
                {**BOTH, **{f"_news/n{n}": f"N{n}" for n in range(number + 1)}}
            )


async def test_documents_whose_files_were_deleted_before_the_start_are_removed(
    memory: Database, site: Path, tmp_path: Path
) -> None:
    await loaded(memory, site)
    (site / "_news/b.md").unlink()
    async with following(memory, site) as state:
        assert await state.titles() == {"_news/a": "A"}


async def test_a_folder_that_is_empty_at_the_start_removes_nothing(
    memory: Database, site: Path
) -> None:
    """More often than not it is not mounted yet."""
    await loaded(memory, site)
    shutil.rmtree(site / "_news")
    async with following(memory, site) as state:
        assert await state.titles() == BOTH
        assert (
            f"{site}/ contains no documents; those that were loaded from it stay" in state.messages
        )
        write(site / "_news/c.md", titled("C"))
        await state.wait_for_titles({"_news/c": "C"})


async def test_a_folder_that_is_emptied_while_followed_removes_its_documents(
    memory: Database, site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(follow, "BURST", 1)
    async with following(memory, site) as state:
        shutil.rmtree(site / "_news")
        await state.wait_for_titles({})


async def test_a_folder_that_arrives_with_its_files_counts_once(
    memory: Database, site: Path
) -> None:
    async with following(memory, site) as state:
        for number in range(5):
            write(site / f"new/deep/n{number}.md", titled(f"N{number}"))
        await state.wait_for_titles({**BOTH, **{f"new/deep/n{n}": f"N{n}" for n in range(5)}})
    assert (state.report.added, state.report.loaded) == (7, 7)


async def test_many_files_are_removed_by_few_commands(
    server: Database, site: Path, commands: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(200):
        write(site / f"_news/n{number}.md", titled(f"N{number}"))
    async with following(server, site) as state:
        del commands.names[:]
        for number in range(200):
            (site / f"_news/n{number}.md").unlink()

        async def is_done() -> bool:
            return await server.count(ARTICLES, {}) == 2

        await eventually(is_done)
    assert state.report.removed == 200
    assert commands.names.count("delete") <= 20  # as many as there were batches of events


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (
            OSError('OS file watch limit reached. about ["/x"] (Error { kind: MaxFilesWatch })'),
            "the limit of watched folders is reached (fs.inotify.max_user_watches on Linux)",
        ),
        (
            RuntimeError("Error creating recommended watcher: Too many open files (os error 24)"),
            "no inotify instance is left (fs.inotify.max_user_instances on Linux)",
        ),
        (OSError('Function not implemented about ["/x"]'), "Function not implemented"),
    ],
)
async def test_without_watches_of_the_system_folders_are_polled(
    memory: Database,
    site: Path,
    monkeypatch: pytest.MonkeyPatch,
    error: Exception,
    reason: str,
) -> None:
    monkeypatch.setattr(events, "POLL_SECONDS", 0.05)
    monkeypatch.setattr(events, "awatch", failing_watch(error))
    async with following(memory, site) as state:
        [message] = [line for line in state.messages if "cannot watch" in line]
        assert message.startswith(f"cannot watch the folders: {reason}; checking all files every ")
        write(site / "_news/a.md", titled("A, edited"))
        (site / "_news/b.md").unlink()
        write(site / "new/c.md", titled("C"))
        await state.wait_for_titles({"_news/a": "A, edited", "new/c": "C"})
    assert sum("cannot watch" in line for line in state.messages) == 1


async def test_watches_are_set_again_when_the_system_allows_it(
    memory: Database, site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(events, "awatch", failing_watch(OSError("MaxFilesWatch")))
        async with following(memory, site, rescan=0.2) as state:
            patch.setattr(events, "awatch", watchfiles.awatch)
            patch.setattr(events, "signatures", None)  # nobody looks any more
            await state.wait_for_message("watching again")
            write(site / "_news/a.md", titled("A, edited"))
            await state.wait_for_titles({"_news/a": "A, edited", "_news/b": "B"})


async def test_polling_asks_the_system_for_no_watch(
    memory: Database, site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(events, "POLL_SECONDS", 0.05)
    monkeypatch.setattr(events, "awatch", None)
    async with following(memory, site, poll=True) as state:
        write(site / "_news/a.md", titled("A, edited"))
        (site / "_news/b.md").rename(site / "_news/c.md")
        write(site / "new/d.md", titled("D"))
        await state.wait_for_titles({"_news/a": "A, edited", "_news/c": "B", "new/d": "D"})
    assert (state.report.added, state.report.updated, state.report.removed) == (4, 1, 1)


async def test_changes_that_are_pending_at_the_stop_are_reported(
    memory: Database, site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_: Any) -> store_write.Load:
        raise DatabaseUnavailable("MongoDB cannot be reached")

    async with following(memory, site) as state:
        monkeypatch.setattr("graph.store.driver.calls.retry.PATIENCE_SECONDS", 0)
        monkeypatch.setattr(store_write, "begin", away)
        write(site / "_news/c.md", titled("C"))
        await state.wait_for_message("MongoDB cannot be reached; trying again")
    assert state.messages[-1] == "some changes were not loaded yet; the next load finds them"
    assert (state.report.rejected, state.report.exit_code()) == ([], 1)


async def test_without_pending_changes_nothing_is_reported(memory: Database, site: Path) -> None:
    async with following(memory, site) as state:
        write(site / "_news/c.md", titled("C"))
        await state.wait_for_message("added 1")
        for number in range(20):
            write(site / f"_news/{number}.jpg")
    assert "added 1" in state.messages[-1]
    assert state.report.exit_code() == 0


async def test_an_interrupted_first_load_is_reported(memory: Database, site: Path) -> None:
    report, stop, messages = Report(), asyncio.Event(), list[str]()
    stop.set()
    plan = LoadOptions.of([site], jobs=1)
    await follow.follow(memory, SETTINGS, plan, report=report, stop=stop, say=messages.append)
    assert messages == ["some changes were not loaded yet; the next load finds them"]
    assert report.exit_code() == 1


async def test_all_files_are_compared_though_events_never_pause(
    memory: Database, site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def noisy(*_: Any, stop_event: asyncio.Event, **__: Any) -> AsyncIterator[set[Any]]:
        while not stop_event.is_set():
            yield {(1, f"{site}/x.md")}
            await asyncio.sleep(0)

    monkeypatch.setattr(events, "awatch", noisy)
    monkeypatch.setattr(follow, "BURST_SECONDS", 0.1)
    async with following(memory, site, rescan=0.1) as state:
        write(site / "_news/a.md", titled("A, edited"))
        await state.wait_for_titles({"_news/a": "A, edited", "_news/b": "B"})


async def test_a_root_that_goes_away_during_a_comparison_keeps_its_documents(
    memory: Database, site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    find_missing = prune._missing

    def vanish(place: Place, page: dict[str, str], is_ignored: IsIgnored) -> list[str]:
        site.rename(site.parent / "away")
        return find_missing(place, page, is_ignored)

    monkeypatch.setattr(events, "awatch", without_events)
    async with following(memory, site, rescan=0.1) as state:
        monkeypatch.setattr(prune, "_missing", vanish)
        await state.wait_for_message("is not there")
        assert await state.titles() == BOTH
    assert state.report.removed == 0


async def test_a_root_that_goes_away_while_the_database_is_away_keeps_its_documents(
    memory: Database, site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin = store_write.begin
    is_away = True

    async def away(database: Database, now: datetime) -> store_write.Load:
        if is_away:
            raise DatabaseUnavailable("MongoDB cannot be reached")
        return await begin(database, now)

    monkeypatch.setattr(follow, "RETRY_SECONDS", 0.05)
    monkeypatch.setattr(events, "awatch", without_events)
    async with following(memory, site, rescan=0.1) as state:
        monkeypatch.setattr("graph.store.driver.calls.retry.PATIENCE_SECONDS", 0)
        monkeypatch.setattr(store_write, "begin", away)
        await state.wait_for_message("MongoDB cannot be reached; trying again")
        site.rename(site.parent / "away")
        is_away = False
        await state.wait_for_message("is not there")
        assert await state.titles() == BOTH


async def test_unhandled_events_do_not_fill_the_memory(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(events, "MAX_WAITING", 3)
    waiting = events.Events()
    waiting.add(["a", "b"])
    waiting.add(["c"])
    assert await waiting.take(1) == ({"a", "b", "c"}, False)
    waiting.add(["a", "b", "c", "d"])
    waiting.add(["e"])
    assert await waiting.take(1) == ({"e"}, True)
    assert not waiting.arrived.is_set()
