"""Articles that a load replaces while they are read are not missed.

A read passes up to two hundred points at which the server lets others write. These tests stop it
at one of them: the first, the second, the fourth and so on. The server has not planned the read
before, so that it compares indexes if it may.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from datetime import timedelta
from functools import partial
from itertools import count as steps
from typing import Any, Final

import pytest
import pytest_asyncio

from graph.documents import ARTICLES
from graph.search.index.changed_articles import changed_articles
from graph.store.driver.database import Database
from graph.store.queries.articles import by_slugs, count, page, page_query_of, selection
from graph.store.queries.changes import EventPosition, read_events
from graph.store.queries.facets import read_facets
from graph.store.queries.filters import Condition, Order
from graph.store.queries.pagination.page_args import PageArgs
from graph.store.queries.similar import original_of, read_similar
from tests.builders import article, moment, store
from tests.conftest import Commands, fresh

SLUGS: Final = [f"lantern/{number}" for number in range(6)]
TITLES: Final = {"title": 1}
TYPE: Final = selection([Condition("type", "eq", "article")])

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
        await store(opened, *(article(slug, topics=["sea"], **moved(0)) for slug in SLUGS))
        yield opened
        await run(opened, configureFailPoint=HANG, mode="off")
        await run(opened, setParameter=1, **DEFAULTS)


def moved(step: int) -> dict[str, Any]:
    """Values that are at the start of a list in any order, before those of earlier steps."""
    date, title = moment(1) + timedelta(hours=step), f"lantern {1000 - step}"
    dates = {"publishedDateTime": date, "updatedDateTime": date}
    return {"title": title, "foldedTitle": title, "quality": step, "heat": step, **dates}


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


async def slugs(database: Database) -> Read:
    async def read() -> Iterable[str]:
        return await by_slugs(database, SLUGS, TITLES, TYPE.filter)

    return read


async def listed(database: Database, order: Order) -> Read:
    async def read() -> Iterable[str]:
        found = await page(database, page_query_of(TYPE, [order], PageArgs(10)), TITLES)
        return [row["_id"] for row in found.rows]

    return read


async def counted(database: Database) -> Read:
    async def read() -> Iterable[str]:
        return _first(await count(database, TYPE))

    return read


async def facets(database: Database) -> Read:
    async def read() -> Iterable[str]:
        found = await read_facets(database, TYPE, {"topics": 1})
        return _first(sum(bucket.count for bucket in found["topics"]))

    return read


async def similar(database: Database) -> Read:
    original = original_of({"_id": "harbour", "topics": ["sea"]})

    async def read() -> Iterable[str]:
        found = await read_similar(database, [original], TITLES, 10)
        return [each.row["_id"] for each in found[original]]

    return read


async def changes_of_a_type(database: Database) -> Read:
    async def read() -> Iterable[str]:
        start = EventPosition(0, None, 1)
        events = await read_events(database, start, 10, {"Article": TITLES}, TYPE.filter)
        return [event.key for event in events]

    return read


async def changes_of_the_index(database: Database) -> Read:
    async def read() -> Iterable[str]:
        return [row["_id"] async for each in changed_articles(database, 0, 1) for row in each.rows]

    return read


async def merged(database: Database) -> Read:
    async def read() -> Iterable[str]:
        await database.delete("merged", {})
        await database.merge(ARTICLES, [{"$match": TYPE.filter}, {"$merge": {"into": "merged"}}])
        return [row["_id"] for row in await database.find("merged", {})]

    return read


def _first(number: int) -> Iterable[str]:
    """So many slugs. Raises IndexError if there are fewer."""
    return [SLUGS[index] for index in range(number)]


LISTS: Final = [
    Order("foldedTitle", descending=False),
    *map(Order, ("publishedDateTime", "updatedDateTime", "quality", "heat")),
]
READS: Final[dict[str, Reading]] = {
    **{f"by {order.field}": partial(listed, order=order) for order in LISTS},
    "counted": counted,
    "facets": facets,
    "similar": similar,
    "slugs": slugs,
    "changes of a type": changes_of_a_type,
    "changes of the index": changes_of_the_index,
    "merged": merged,
}


@pytest.mark.parametrize("name", READS)
async def test_no_article_is_missed_while_a_load_replaces_it(
    stoppable: Database, name: str
) -> None:
    read = await READS[name](stoppable)
    for step in (2**power for power in steps()):
        task = await stopped(stoppable, read, step)
        if task.done():
            break
        # Each index that a list may use has all articles at another place from now on.
        await stoppable.change(ARTICLES, {}, {"$set": moved(step + 1)})
        await run(stoppable, configureFailPoint=HANG, mode="off")
        found = await asyncio.wait_for(task, 20)
        assert sorted(found) == SLUGS, f"replaced after {step} steps"
    assert step >= len(SLUGS)
