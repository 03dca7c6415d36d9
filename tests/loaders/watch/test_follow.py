"""Changes in a followed folder reach the API."""

from __future__ import annotations

import json
import os
import shutil
import signal
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from graph.documents import ARTICLES, TOPICS
from graph.errors import DatabaseUnavailable
from graph.store.driver.database import Database
from graph.store.load import write as store_write
from graph.store.revision import read_corpus
from loaders.watch import follow
from tests.forks import Streams, start
from tests.loaders.builders import write
from tests.loaders.watch.following import eventually, following, titled
from tests.processes import until

pytestmark = pytest.mark.usefixtures("inline")

HALF = "---\ntitle: Ferry"


@pytest.fixture
def site(tmp_path: Path) -> Path:
    write(tmp_path / "site/_news/a.md", titled("A"))
    write(tmp_path / "site/_news/b.md", titled("B"))
    return tmp_path / "site"


async def test_edited_added_renamed_and_deleted_files_are_followed(
    server: Database, site: Path
) -> None:
    async with following(server, site) as state:
        await state.wait_for_titles({"_news/a": "A", "_news/b": "B"})
        write(site / "_news/a.md", titled("A, edited"))
        await state.wait_for_titles({"_news/a": "A, edited", "_news/b": "B"})
        write(site / "_news/c.md", titled("C"))
        await state.wait_for_titles({"_news/a": "A, edited", "_news/b": "B", "_news/c": "C"})
        (site / "_news/c.md").rename(site / "_news/d.md")
        await state.wait_for_titles({"_news/a": "A, edited", "_news/b": "B", "_news/d": "C"})
        (site / "_news/b.md").unlink()
        await state.wait_for_titles({"_news/a": "A, edited", "_news/d": "C"})

        async def is_counted() -> bool:
            [topic] = await server.find(TOPICS, {})
            return bool(topic["articleCount"] == 2)

        await eventually(is_counted)
    report = state.report
    assert (report.added, report.updated, report.removed) == (4, 1, 2)
    assert report.revision == (await read_corpus(server))["revision"]
    assert report.rejected == []


async def test_saving_in_an_editor_is_one_update(server: Database, site: Path) -> None:
    """Written beside, then moved over: the file is never gone."""
    async with following(server, site) as state:
        draft = write(site / "_news/.a.md.swp", titled("A, saved"))
        draft.replace(site / "_news/a.md")
        await state.wait_for_titles({"_news/a": "A, saved", "_news/b": "B"})
    assert (state.report.updated, state.report.removed, state.report.rejected) == (1, 0, [])


async def test_added_moved_and_deleted_folders_are_followed(
    server: Database, site: Path, tmp_path: Path
) -> None:
    async with following(server, site) as state:
        write(tmp_path / "elsewhere/x.md", titled("X"))
        (tmp_path / "elsewhere").rename(site / "new")
        await state.wait_for_titles({"_news/a": "A", "_news/b": "B", "new/x": "X"})
        (site / "_news").rename(site / "old")
        await state.wait_for_titles({"old/a": "A", "old/b": "B", "new/x": "X"})
        shutil.rmtree(site / "old")
        await state.wait_for_titles({"new/x": "X"})


async def test_a_half_written_file_is_rejected_and_read_again_when_it_is_whole(
    server: Database, site: Path
) -> None:
    async with following(server, site) as state:
        write(site / "_news/a.md", HALF)
        await state.wait_for_message("rejected: ")
        assert [fault.path for fault in state.report.rejected] == [str(site / "_news/a.md")]
        assert await state.titles() == {"_news/a": "A", "_news/b": "B"}
        write(site / "_news/a.md", titled("A, whole"))
        await state.wait_for_titles({"_news/a": "A, whole", "_news/b": "B"})
    assert state.report.rejected == []


async def test_a_fault_ends_when_its_file_is_deleted(server: Database, site: Path) -> None:
    async with following(server, site) as state:
        bad = write(site / "_news/bad.md", HALF)
        await state.wait_for_message("rejected: ")
        bad.unlink()
        write(site / "_news/c.md", titled("C"))
        await state.wait_for_titles({"_news/a": "A", "_news/b": "B", "_news/c": "C"})
    assert state.report.rejected == []


async def test_files_of_one_slug_are_named_and_the_stored_document_stays(
    server: Database, site: Path
) -> None:
    async with following(server, site) as state:
        twin = write(site / "_news/a.txt", titled("Twin"))
        await state.wait_for_message("has the same slug as")
        assert await state.titles() == {"_news/a": "A", "_news/b": "B"}
        twin.unlink()
        write(site / "_news/a.md", titled("A, alone"))
        await state.wait_for_titles({"_news/a": "A, alone", "_news/b": "B"})
    assert state.report.rejected == []


async def test_only_the_given_file_is_followed(server: Database, site: Path) -> None:
    async with following(server, site / "_news/a.md") as state:
        write(site / "_news/b.md", titled("B, not followed"))
        write(site / "_news/a.md", titled("A, followed"))
        await state.wait_for_titles({"a": "A, followed"})
        (site / "_news/a.md").unlink()
        await state.wait_for_titles({})


async def test_excluded_and_hidden_files_are_not_followed(server: Database, site: Path) -> None:
    async with following(server, site, exclude=["drafts/"]) as state:
        write(site / "drafts/x.md", titled("X"))
        write(site / ".git/y.md", titled("Y"))
        write(site / "_news/c.md", titled("C"))
        await state.wait_for_titles({"_news/a": "A", "_news/b": "B", "_news/c": "C"})


async def test_a_root_that_goes_away_takes_no_document_with_it(
    server: Database, site: Path
) -> None:
    """More often than not it was unmounted, or is about to be replaced."""
    async with following(server, site) as state:
        site.rename(site.parent / "away")
        (site.parent / "away").rename(site)
        write(site / "_news/c.md", titled("C"))
    assert await server.count(ARTICLES, {}) in (2, 3)
    assert state.report.removed == 0


async def test_a_burst_of_many_changes_is_followed_completely(
    server: Database, site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(follow, "BURST", 20)
    async with following(server, site) as state:
        for number in range(90):
            write(site / f"_news/n{number:02}.md", titled(f"N{number}"))
        expected = {f"_news/n{number:02}": f"N{number}" for number in range(90)}
        await state.wait_for_titles({"_news/a": "A", "_news/b": "B", **expected})
    assert (state.report.added, state.report.rejected) == (92, [])


async def test_changes_wait_for_a_database_that_is_away(
    server: Database, site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin = store_write.begin
    failures = iter([True, True])

    async def away(database: Database, now: datetime) -> store_write.Load:
        if next(failures, False):
            raise DatabaseUnavailable("MongoDB cannot be reached")
        return await begin(database, now)

    async with following(server, site) as state:
        monkeypatch.setattr("graph.store.driver.calls.retry.PATIENCE_SECONDS", 0)
        monkeypatch.setattr(follow, "RETRY_SECONDS", 0.05)
        monkeypatch.setattr(store_write, "begin", away)
        write(site / "_news/c.md", titled("C"))
        await state.wait_for_titles({"_news/a": "A", "_news/b": "B", "_news/c": "C"})
    assert "MongoDB cannot be reached; trying again" in state.messages


async def test_writes_before_the_loss_of_the_database_are_counted(
    server: Database, site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    finish = store_write.finish
    failures = iter([True])

    async def away(*arguments: Any) -> int:
        if next(failures, False):
            raise DatabaseUnavailable("MongoDB cannot be reached")
        return await finish(*arguments)

    async with following(server, site) as state:
        monkeypatch.setattr("graph.store.driver.calls.retry.PATIENCE_SECONDS", 0)
        monkeypatch.setattr(follow, "RETRY_SECONDS", 0.05)
        monkeypatch.setattr(store_write, "finish", away)
        write(site / "_news/c.md", titled("C"))
        await state.wait_for_message("MongoDB cannot be reached; trying again")

        async def is_finished() -> bool:
            return state.report.revision == 2

        await eventually(is_finished)
    assert state.report.added == 3


def test_ctrl_c_ends_the_command_with_a_true_summary(url: str, site: Path, tmp_path: Path) -> None:
    out, err = tmp_path / "out", tmp_path / "err"
    options = ["--watch", "--report", "json", "--mongo-url", url]
    process = start("load", site, *options, streams=Streams(Path(os.devnull), out, err))
    try:
        until(lambda: err.exists() and "following" in err.read_text(), 30, "following")
        write(site / "_news/c.md", titled("C"))
        until(lambda: err.read_text().endswith("\nnewsgraph: added 1; revision 2\n"), 30, "added")
        process.send_signal(signal.SIGINT)
        assert process.wait() == 0
    finally:
        process.kill()
    report = json.loads(out.read_text())
    assert (report["loaded"], report["added"], report["revision"]) == (3, 3, 2)


async def test_rejections_of_the_first_load_are_reported_at_once(
    memory: Database, site: Path
) -> None:
    write(site / "bad.md", "---\ntitle: [\n---\n")
    async with following(memory, site) as state:
        assert any(line.startswith(f"rejected: {site}/bad.md:") for line in state.messages)
