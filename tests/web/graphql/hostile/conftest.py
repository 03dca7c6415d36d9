"""The clients that tests of hostile requests share."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest
import pytest_asyncio

from graph.errors import UsageError
from tests.builders import article
from tests.conftest import Commands, fresh
from tests.stored import store
from tests.web.graphql.hostile.clients import NoDatabase, client_of


@pytest_asyncio.fixture(scope="module")
async def client(mongod: str | UsageError) -> AsyncIterator[httpx.AsyncClient]:
    """A client of a database with three articles, which is only read."""
    async with fresh(mongod, "motor", Commands()) as database:
        await store(database, *(article(slug) for slug in "abc"))
        async with client_of(database) as opened:
            yield opened


@pytest.fixture(scope="module")
async def without_database() -> AsyncIterator[httpx.AsyncClient]:
    """A client of an application that has no database."""
    async with client_of(NoDatabase()) as opened:
        yield opened
