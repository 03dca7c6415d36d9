"""The seeds on a real server, served to the clients of examples/."""

from __future__ import annotations

from collections.abc import AsyncIterator
from itertools import count

import pytest
import pytest_asyncio

from graph.config import Settings
from graph.errors import UsageError
from graph.store.driver.client import open_database
from graph.store.driver.database import Database
from loaders.load.options import LoadOptions
from loaders.load.run import load
from tests.builders import drop
from tests.examples.node import EXAMPLES
from tests.examples.serving import Served, serving
from tests.loaders.builders import inlined

_numbers = count()


@pytest_asyncio.fixture(scope="session")
async def seeds_url(mongod: str | UsageError) -> AsyncIterator[str]:
    """The URL of a database with the seeds."""
    url = _database(mongod, "seeds")
    settings = Settings(mongo_url=url)
    async with open_database(settings) as database:
        with inlined():
            await load(database, settings, LoadOptions.of([EXAMPLES.parent / "seeds"]))
        yield url
        await drop(database)


@pytest_asyncio.fixture(scope="session")
async def seeds(seeds_url: str) -> AsyncIterator[Served]:
    """A server of the seeds."""
    async with serving(seeds_url) as served:
        yield served


@pytest_asyncio.fixture
async def corpus(mongod: str | UsageError) -> AsyncIterator[tuple[Database, Served]]:
    """An empty database that a test may fill, and its server."""
    url = _database(mongod, str(next(_numbers)))
    async with open_database(Settings(mongo_url=url)) as database, serving(url) as served:
        yield database, served
        await drop(database)


def _database(mongod: str | UsageError, name: str) -> str:
    if isinstance(mongod, UsageError):
        pytest.skip(str(mongod))
    return mongod.replace("/?", f"/example{name}?")
