"""Articles that a load replaces while they are read are read all the same.

A read passes several points at which the server lets others write. These tests stop it at each of
them in turn. The server has not planned the read before, so that it compares indexes if it may.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from itertools import count
from typing import Any, Final

import pytest
import pytest_asyncio

from graph.documents import ARTICLES
from graph.search.index.changed_articles import changed_articles
from graph.search.index_reader import IndexReader
from graph.search.results.results import read_results
from graph.store.driver.database import Database
from graph.store.queries.articles import page_query_of, selection
from graph.store.queries.changes import EventPosition, read_events
from graph.store.queries.pagination.page_args import PageArgs
from tests.builders import article, store
from tests.conftest import Commands, fresh
from tests.search.indexes import service_over

SLUGS: Final = [f"lantern/{number}" for number in range(6)]
TITLES: Final = {"title": 1}

HANG: Final = "setYieldAllLocksHang"
"""The failpoint that stops a command where it lets others write, until it is turned off."""

ALWAYS: Final = {"internalQueryExecYieldIterations": 1, "internalQueryExecYieldPeriodMS": 60_000}
NEVER: Final = {**ALWAYS, "internalQueryExecYieldIterations": 1_000_000}
DEFAULTS: Final = {"internalQueryExecYieldIterations": 1_000, "internalQueryExecYieldPeriodMS": 10}
"""How often a command that begins from now on lets others write."""

Read = Callable[[], Awaitable[Iterable[str]]]
Reading = Callable[[Database], Awaitable[Read]]
"""Prepares a read of the slugs of all articles."""


@pytest_asyncio.fixture
async def stoppable(failing_mongod: str, commands: Commands) -> AsyncIterator[Database]:
    """A database of articles whose reads can be stopped on their way."""
    async with fresh(failing_mongod, "motor", commands) as opened:
        await store(opened, *(article(slug, title="lantern", heat=0) for slug in SLUGS))
        yield opened
        await run(opened, configureFailPoint=HANG, mode="off")
        await run(opened, setParameter=1, **DEFAULTS)


async def run(database: Database, **command: Any) -> dict[str, Any]:
    return dict(await database._handle.client.admin.command(command))


async def stops(database: Database) -> int:
    """How often the failpoint was passed until now."""
    name = f"failpoint.{HANG}"
    reply = await run(database, getParameter=1, **{name: 1})
    return int(reply[name]["timesEntered"])


async def stopped(database: Database, read: Read, step: int) -> asyncio.Task[Iterable[str]]:
    """A read that has stopped after so many steps, or that is done because it has fewer."""
    await database._handle.command("planCacheClear", ARTICLES)
    await run(database, setParameter=1, **ALWAYS)
    data = {"namespace": f"{database._handle.name}.{ARTICLES}"}
    await run(database, configureFailPoint=HANG, mode={"skip": step}, data=data)
    before = await stops(database)
    task = asyncio.ensure_future(read())
    async with asyncio.timeout(20):
        while not task.done() and await stops(database) == before:
            pass
    await run(database, setParameter=1, **NEVER)
    return task


async def search(database: Database) -> Read:
    query = selection((), text="lantern")
    indexed = await IndexReader(await service_over(database)).search(query)

    async def read() -> Iterable[str]:
        page_query = page_query_of(query, (), PageArgs(10))
        page = await read_results(database, indexed, query, page_query, TITLES)
        return [row["_id"] for row in page.rows]

    return read


async def changes(database: Database) -> Read:
    async def read() -> Iterable[str]:
        start = EventPosition(0, None, 1)
        return [event.key for event in await read_events(database, start, 10, {"Article": TITLES})]

    return read


async def changes_of_the_index(database: Database) -> Read:
    async def read() -> Iterable[str]:
        return [row["_id"] async for each in changed_articles(database, 0, 1) for row in each.rows]

    return read


@pytest.mark.parametrize("reading", [search, changes, changes_of_the_index])
async def test_no_article_is_missed(stoppable: Database, reading: Reading) -> None:
    read = await reading(stoppable)
    for step in count():
        task = await stopped(stoppable, read, step)
        if task.done():
            break
        # Each list in the order of this field has all articles at another place from now on.
        await stoppable.change(ARTICLES, {}, {"$set": {"heat": step + 1}})
        await run(stoppable, configureFailPoint=HANG, mode="off")
        found = await asyncio.wait_for(task, 20)
        assert sorted(found) == SLUGS, f"replaced after {step} steps"
    assert step >= len(SLUGS)
