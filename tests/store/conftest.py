"""The contract of the store: on the mock, and on the real server under each driver.

What a driver may do differently is in the modules of CONTRACT: reads, writes, change streams,
errors. What is built on these is tested on the mock and under one driver.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Final

import pytest
import pytest_asyncio

from graph.config import Settings
from graph.errors import UsageError
from graph.store.driver.client import open_database
from graph.store.driver.database import Database
from tests.conftest import Commands, fresh

CONTRACT: Final = frozenset({"driver", "telemetry", "test_write", "test_corpus_state"})
"""The folders and modules whose tests run under each driver."""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    path = metafunc.definition.path
    drivers = ["motor", "pymongo"] if {path.parent.name, path.stem} & CONTRACT else ["motor"]
    for name, kinds in (("database", ["mongomock", *drivers]), ("server", drivers)):
        if name in metafunc.fixturenames:
            metafunc.parametrize(name, kinds, indirect=True)


@pytest_asyncio.fixture
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


@pytest_asyncio.fixture
async def server(
    request: pytest.FixtureRequest, mongod: str | UsageError, commands: Commands
) -> AsyncIterator[Database]:
    """An empty database on the real server."""
    async with fresh(mongod, request.param, commands) as opened:
        yield opened
