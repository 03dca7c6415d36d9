"""The interface that every driver implements."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Final

import pytest

from graph.errors import DatabaseTimeout
from graph.store.driver.database import Database

SLOW: Final[dict[str, Any]] = {
    "$expr": {
        "$function": {"body": "function() { sleep(2000); return true }", "args": [], "lang": "js"}
    }
}
READS: Final[dict[str, Callable[[Database], Awaitable[Any]]]] = {
    "find": lambda database: database.find("articles", SLOW),
    "aggregate": lambda database: database.aggregate("articles", [{"$match": SLOW}]),
    "count": lambda database: database.count("articles", SLOW),
}


@pytest.mark.parametrize("read", READS)
async def test_23_a_read_with_a_time_limit_is_ended_by_the_server(
    server: Database, read: str
) -> None:
    await server.replace("articles", [{"_id": "a"}])
    with pytest.raises(DatabaseTimeout, match="ended the command at its time limit"):
        await READS[read](server.limited(0.05))


async def test_each_document_gets_its_own_changes_and_none_is_added(
    database: Database,
) -> None:
    rows = [{"_id": "a", "n": 1}, {"_id": "b", "n": 1}, {"_id": "d", "n": 5}]
    await database.replace("articles", rows)
    changes = {"a": {"$set": {"n": 2}}, "b": {"$set": {"m": 3}}, "c": {"$set": {"n": 4}}}
    changes["d"] = {"$set": {"n": 6}}
    await database.change_each("articles", changes, {"n": 1})
    await database.change_each("articles", {}, {})
    assert await database.find("articles", {}, sort=[("_id", 1)]) == [
        {"_id": "a", "n": 2},
        {"_id": "b", "n": 1, "m": 3},
        {"_id": "d", "n": 5},
    ]


@pytest.mark.parametrize("read", READS)
async def test_a_fast_read_with_a_time_limit_is_answered(server: Database, read: str) -> None:
    assert await READS[read](server.limited(10)) in (0, [])
