"""A load that follows a folder publishes and unpublishes on time."""

from __future__ import annotations

import os
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from graph.documents import ARTICLES
from graph.errors import DatabaseUnavailable
from graph.store.driver.database import Database
from graph.store.load.due import due_articles
from loaders.watch import follow
from tests.builders import moment
from tests.loaders.builders import article, write
from tests.loaders.watch.following import following, titled

pytestmark = pytest.mark.usefixtures("inline")

SECOND = timedelta(seconds=1)


class SetClock:
    """A clock that a test sets."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


def timed(title: str, *lines: str) -> str:
    return article(*lines).replace("Ferry sails", title)


@pytest.fixture(autouse=True)
def short_ticks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(follow, "TICK_SECONDS", 0.05)


async def test_a_follower_publishes_and_unpublishes_articles_when_due(
    server: Database, tmp_path: Path
) -> None:
    write(tmp_path / "a.md", titled("A"))
    write(tmp_path / "b.md", timed("B", "publishDate: 2025-03-10", "expiryDate: 2025-03-20"))
    write(tmp_path / "c.md", timed("C", "publishDate: 2025-03-10T00:00:01Z"))
    clock = SetClock(moment(10) - SECOND)
    async with following(server, tmp_path, clock=clock) as state:
        await state.wait_for_titles({"a": "A"})
        clock.now = moment(10)
        await state.wait_for_titles({"a": "A", "b": "B"})
        clock.now = moment(10) + SECOND
        await state.wait_for_titles({"a": "A", "b": "B", "c": "C"})
        clock.now = moment(21)
        await state.wait_for_titles({"a": "A", "c": "C"})
    assert (state.report.added, state.report.updated, state.report.removed) == (3, 3, 0)
    assert state.report.revision == 4
    assert (state.report.scheduled, state.report.expired) == (0, 0)


async def test_an_edit_can_make_an_article_due(server: Database, tmp_path: Path) -> None:
    write(tmp_path / "a.md", titled("A"))
    clock = SetClock(moment(10))
    async with following(server, tmp_path, clock=clock) as state:
        await state.wait_for_titles({"a": "A"})
        write(tmp_path / "b.md", timed("B", "publishDate: 2025-03-12"))
        write(tmp_path / "a.md", timed("A, edited", "expiryDate: 2025-03-11"))
        await state.wait_for_titles({"a": "A, edited"})
        clock.now = moment(11)
        await state.wait_for_titles({})
        clock.now = moment(12)
        await state.wait_for_titles({"b": "B"})


async def test_a_due_article_is_retried_after_the_database_was_unreachable(
    server: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path / "a.md", timed("A", "publishDate: 2025-03-12"))
    clock = SetClock(moment(10))
    failures = iter([True, True])

    async def away(database: Database, now: datetime) -> object:
        if next(failures, False):
            raise DatabaseUnavailable("MongoDB cannot be reached")
        return await due_articles(database, now)

    async with following(server, tmp_path, clock=clock) as state:
        monkeypatch.setattr("graph.store.driver.calls.retry.PATIENCE_SECONDS", 0)
        monkeypatch.setattr(follow, "RETRY_SECONDS", 0.05)
        monkeypatch.setattr("loaders.watch.timetable.due_articles", away)
        clock.now = moment(12)
        await state.wait_for_titles({"a": "A"})
    assert "MongoDB cannot be reached; trying again" in state.messages


async def test_a_due_file_that_cannot_be_loaded_delays_no_other(
    server: Database, tmp_path: Path
) -> None:
    broken = write(tmp_path / "a.md", timed("A", "publishDate: 2025-03-12"))
    write(tmp_path / "b.md", timed("B", "publishDate: 2025-03-13"))
    clock = SetClock(moment(10))
    async with following(server, tmp_path, clock=clock) as state:
        await state.wait_for_titles({})
        os.truncate(broken, 20)
        await state.wait_for_message("rejected: ")
        clock.now = moment(13)
        await state.wait_for_titles({"b": "B"})
    assert [fault.path for fault in state.report.rejected] == [str(broken)]
    [row] = await server.find(ARTICLES, {"_id": "a"})
    assert (row["published"], row["source"]["due"]) == (False, moment(12))
