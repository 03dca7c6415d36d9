"""The contract of the store: its tests run on the mock, and under each driver."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from graph.config import Settings
from graph.errors import UsageError
from graph.store.driver.client import open_database
from graph.store.driver.database import Database
from tests.conftest import Commands, fresh


@pytest_asyncio.fixture(params=["mongomock", "motor", "pymongo"])
async def database(
    request: pytest.FixtureRequest, mongod: str | UsageError, commands: Commands
) -> AsyncIterator[Database]:
    """An empty database; the test runs on each kind."""
    if request.param == "mongomock":
        async with open_database(Settings(mongo_url="mongomock://")) as opened:
            yield opened
        return
    async with fresh(mongod, request.param, commands) as opened:
        yield opened


@pytest_asyncio.fixture(params=["motor", "pymongo"])
async def server(
    request: pytest.FixtureRequest, mongod: str | UsageError, commands: Commands
) -> AsyncIterator[Database]:
    """An empty database on the real server; the test runs under each driver."""
    async with fresh(mongod, request.param, commands) as opened:
        yield opened
