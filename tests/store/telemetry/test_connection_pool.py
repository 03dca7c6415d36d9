"""The connections in the pools of the driver, counted in the internals of PyMongo."""

from __future__ import annotations

import asyncio

from graph.documents import ARTICLES
from graph.store.driver.database import Database
from graph.store.driver.mock import MockDatabase
from graph.store.telemetry.connection_pool import connections_of
from tests.served import eventually
from tests.store.driver.conftest import commands, fail, failing

__all__ = ["commands", "failing"]

SMALL = "small"


async def test_a_connection_is_used_while_a_command_runs_and_idle_afterwards(
    failing: Database,
) -> None:
    await fail(failing, "alwaysOn", failCommands=["find"], blockConnection=True, blockTimeMS=500)
    before = connections_of(failing)
    assert before is not None
    assert (before.used, before.idle > 0) == (0, True)
    reads = [asyncio.create_task(failing.find(SMALL, {})) for _ in range(3)]
    await eventually(lambda: connections_of(failing) == (max(before.idle - 3, 0), 3))
    await asyncio.gather(*reads)
    assert connections_of(failing) == (max(before.idle, 3), 0)


async def test_a_mock_has_no_connections(database: Database) -> None:
    await database.find(ARTICLES, {})
    assert (connections_of(database) is None) == isinstance(database, MockDatabase)
