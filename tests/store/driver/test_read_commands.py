"""Every reader returns the rows of a command as the database does."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic
from typing import Any, Final

import pytest

from graph.documents import ARTICLES, TOPICS
from graph.store.cache.cached_reader import CachedReader
from graph.store.cache.read_cache import ReadCache
from graph.store.driver.database import Database
from graph.store.driver.deadline_reader import DeadlineReader
from graph.store.driver.mock import MockDatabase
from graph.store.driver.read_commands import (
    AggregateCommand,
    FindCommand,
    ReadCommand,
    Reader,
    Row,
)
from graph.store.telemetry.recorded_reader import RecordedReader
from tests.builders import article, store

COMMANDS: Final[dict[str, tuple[ReadCommand, list[Row]]]] = {
    "find": (
        FindCommand(ARTICLES, {"published": True}, {"title": 1}, [("_id", -1)], limit=1),
        [{"_id": "b", "title": "Title of b"}],
    ),
    "find after others": (
        FindCommand(ARTICLES, {}, {"title": 1}, [("_id", 1)], limit=1, skip=1),
        [{"_id": "b", "title": "Title of b"}],
    ),
    "find without rows": (FindCommand(TOPICS, {"_id": "none"}), []),
    "aggregate": (
        AggregateCommand(ARTICLES, [{"$match": {"_id": "a"}}, {"$project": {"title": 1}}]),
        [{"_id": "a", "title": "Title of a"}],
    ),
}
READERS: Final[dict[str, Callable[[Database], Reader]]] = {
    "database": lambda database: database,
    "limited": lambda database: database.limited(60),
    "deadline": lambda database: DeadlineReader(database.limited(60), monotonic() + 60),
    "recorded": RecordedReader,
    "cached": lambda database: CachedReader(database, opened()),
    "all": lambda database: CachedReader(RecordedReader(DeadlineReader(database, None)), opened()),
}


def opened() -> ReadCache:
    cache = ReadCache(1_000_000)
    cache.resume()
    return cache


@pytest.mark.parametrize("reader", READERS)
async def test_every_reader_returns_the_same_rows(database: Database, reader: str) -> None:
    await store(database, article("a"), article("b"))
    chosen = READERS[reader](database)
    for _ in range(2):
        for command, rows in COMMANDS.values():
            assert await chosen.run(command) == rows
        assert await chosen.count(ARTICLES, {"published": True}) == 2
        assert await chosen.count(ARTICLES, {"published": False}) == 0
    assert chosen.lacks == database.lacks


def test_a_command_cannot_be_changed() -> None:
    command: Any = FindCommand(ARTICLES, {})
    with pytest.raises(AttributeError):
        command.limit = 1


@pytest.mark.parametrize(
    "stage",
    [
        {"$unionWith": {"coll": TOPICS, "pipeline": []}},
        {"$merge": {"into": "other"}},
    ],
    ids=lambda stage: next(iter(stage)),
)
async def test_the_mock_database_fails_at_stages_that_it_lacks(mock: Database, stage: Row) -> None:
    assert isinstance(mock, MockDatabase)
    await store(mock, article("a"))
    with pytest.raises((NotImplementedError, AssertionError)):
        await mock.aggregate(ARTICLES, [stage])


def test_a_real_server_supports_every_stage(server: Database) -> None:
    assert not server.lacks
