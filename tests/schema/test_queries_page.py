"""docs/queries.md against the server: its operations, their commands, and their indexes."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

import pytest
import pytest_asyncio
from pymongo.monitoring import CommandStartedEvent

from graph.config import Settings
from graph.errors import UsageError
from graph.search.index.service import SearchService
from graph.store.driver.client import open_database
from graph.store.driver.database import Database
from graph.store.indexes import ensure_indexes
from tests.builders import (
    article,
    author_file,
    authors,
    change,
    drop,
    moment,
    organization_file,
    story,
    topic_file,
)
from tests.conftest import Commands, query_sender
from tests.search.indexes import service_over
from tests.stored import store

Row = dict[str, Any]

PAGE: Final = Path(__file__).parents[2] / "docs" / "queries.md"
FILES: Final = sorted((PAGE.parent / "queries").glob("*.graphql"))
ARTICLES: Final = 400
TOPICS: Final = ("Tides", "Mills", "Ferries", "Harbours", "Nets", "Gulls", "Salt", "Lamps")
PARENTS: Final = {"Mills": "Tides", "Ferries": "Tides", "Salt": "Mills"}

VARIABLES: Final[dict[str, Row]] = {
    "article_page": {"slug": "_news/100"},
    "author_page": {"slug": "ida-holm"},
    "filtered_list": {
        "topic": "Tides",
        "since": "2024-06-01T00:00:00Z",
        "domain": "gull2.example",
    },
    "neighbours": {"slug": "_news/100"},
    "provider_page": {"domain": "gull1.example"},
    "search_by_date": {"search": "ferry"},
    "suggest": {"prefix": "fe"},
    "search_page": {"search": "ferry lamp", "where": {"topics": {"any": ["Tides"]}}},
    "section_page": {"slug": "tides"},
    "section_subtree": {"slug": "tides"},
    "sync": {},
}
"""What a page would give; operations without required variables need none."""

SORTED: Final = frozenset({"article_page", "facets_of_all"})
"""Pages that sort in memory: what `similar` has found, and counts."""

PAGED: Final = (
    "author_page",
    "by_heat",
    "by_quality",
    "by_title",
    "by_update",
    "provider_page",
    "section_page",
    "section_subtree",
)
"""Lists with enough entries here to be gone through."""

DEPTH: Final = 9
SIZE: Final = 5
PARTS: Final = 5
"""In so many ranges an order by a number, a date and `_id` goes on from a cursor."""

_READS: Final = frozenset({"find", "aggregate", "count", "distinct"})
_PLANS_ONLY: Final = frozenset({"command", "rejectedPlans", "parsedQuery", "serverParameters"})
"""Parts of an explanation that do not tell what the server does."""


class Reads(Commands):
    """The reads that reached the server, so that they can be repeated."""

    def __init__(self) -> None:
        super().__init__()
        self.documents: list[Row] = []

    def started(self, event: CommandStartedEvent) -> None:
        super().started(event)
        if event.command_name in _READS:
            document = {key: value for key, value in event.command.items() if key[0] != "$"}
            document.pop("lsid", None)
            self.documents.append(document)


@dataclass(frozen=True)
class Entry:
    """An operation in the tables of the page, and its cost."""

    commands: int
    indexes: frozenset[str]
    is_sorted: bool


@dataclass(frozen=True)
class Site:
    """A database that holds a corpus, and the reads that reach it."""

    database: Database
    requires: Reads
    search: SearchService


def table() -> dict[str, Entry]:
    """The operations in the tables of the page, by the names of their files."""
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in PAGE.read_text().splitlines()
        if line.startswith("|")
    ]
    indexes: dict[str, set[str]] = {}
    for index, users in (row for row in rows if len(row) == 2 and row[0].startswith("`")):
        for operation in users.split(", "):
            indexes.setdefault(operation, set()).add(index.strip("`"))
    entries = {}
    for _, link, _, commands, sorts in (row for row in rows if len(row) == 5):
        if found := re.fullmatch(r"\[(\w+)\]\(queries/(\w+)\.graphql\)", link):
            used = frozenset(indexes.pop(found[1], ()))
            entries[found[2]] = Entry(int(commands), used, sorts != "no")
    assert indexes == {}, "operations that the page does not list"
    return entries


def news(number: int) -> Row:
    """One of the articles of the corpus, which differ in all that pages order and filter by."""
    at: datetime = moment(1) - timedelta(days=number, hours=number % 24)
    named = (number, number * 3 + 1, number // len(TOPICS))
    topics = list(dict.fromkeys(TOPICS[each % len(TOPICS)] for each in named))
    provider = {"name": f"Gull {number % 8}", "domain": f"gull{number % 4}.example"}
    related = [
        story(f"https://gull.example/_news/{(number + step) % ARTICLES}", f"Story {step}")
        for step in (1, 7, 31)
    ]
    return article(
        f"_news/{number}",
        title=f"{TOPICS[number * 7 % len(TOPICS)]} {number}: a ferry waits",
        excerpt=f"The lamp of pier {number} is lit.",
        publishedDateTime=at,
        topics=topics,
        authors=authors("Ida Holm", "Bo") if number % 3 else authors("Bo"),
        provider=provider,
        type="video" if number % 9 == 0 else "article",
        quality=number * 37 % 100,
        heat=number % 2,  # as in life, where many articles have the same heat
        images=[{"url": f"https://gull.example/{number}.jpg", "width": 640, "height": 480}],
        related=related,
        body=f"The *ferry* {number} is late.",
    )


@pytest_asyncio.fixture(scope="module")
async def site(mongod: str | UsageError) -> AsyncIterator[Site]:
    if isinstance(mongod, UsageError):
        pytest.skip(str(mongod))
    requires = Reads()
    # A database of its own: what others have left behind in its indexes may sway the planner.
    settings = Settings(mongo_url=mongod.replace("/?", "/page?"), mongo_driver="pymongo")
    async with open_database(settings, listeners=[requires]) as database:
        await ensure_indexes(database)
        files = [topic_file(name, parent=PARENTS.get(name)) for name in TOPICS]
        people = [author_file("Ida Holm", description="Covers the harbour.")]
        places = [organization_file(f"Gull {n}", f"gull{n}.example") for n in range(4)]
        await store(database, *files, *places, *people, *map(news, range(ARTICLES)))
        removed = [f"_news/{number}" for number in range(390, ARTICLES)]
        await change(database, [news(number) for number in range(380, 385)], removed)
        await change(database, [{**news(386), "published": False}, news(390)])
        yield Site(database, requires, await service_over(database))
        await drop(database)


async def answer_of(site: Site, name: str) -> Row:
    """The answer to an operation; `site.reads` holds its reads alone."""
    query = (PAGE.parent / "queries" / f"{name}.graphql").read_text()
    site.requires.documents.clear()
    ask = query_sender(site.database, search=site.search)
    answer: Row = await ask(query, **VARIABLES.get(name, {}))
    return answer


async def plans_of(site: Site) -> list[Row]:
    """How the server runs each of the reads."""
    return [
        await site.database._handle.command({"explain": read, "verbosity": "queryPlanner"})
        for read in list(site.requires.documents)
    ]


def parts(plan: Any) -> Iterator[Row]:
    """All stages in the server's explanation of a plan."""
    if isinstance(plan, list):
        for each in plan:
            yield from parts(each)
    elif isinstance(plan, dict):
        yield plan
        for key, value in plan.items():
            if key not in _PLANS_ONLY:
                yield from parts(value)


def indexes_of(read: Row, plan: Row) -> set[str]:
    """The indexes that a plan uses, as the page names them: collection, and fields."""
    collection = next(str(read[name]) for name in ("find", "aggregate", "count") if name in read)
    return set(_indexes(collection, plan))


def _indexes(collection: str, plan: Any) -> Iterator[str]:
    if isinstance(plan, list):
        for each in plan:
            yield from _indexes(collection, each)
    elif isinstance(plan, dict):
        if plan.get("stage") == "IDHACK":
            yield f"{collection}: _id"
        elif "keyPattern" in plan:
            yield f"{collection}: {', '.join(plan['keyPattern'])}"
        for key, value in plan.items():
            if key == "$unionWith":
                yield from _indexes(value["coll"], value["pipeline"])
            elif key not in _PLANS_ONLY:
                yield from _indexes(collection, value)


def test_the_page_lists_every_file_and_no_other() -> None:
    assert set(table()) == {path.stem for path in FILES}


@pytest.mark.parametrize("name", [path.stem for path in FILES])
async def test_an_operation_runs_without_errors_in_as_many_commands_as_the_page_says(
    site: Site, name: str
) -> None:
    answer = await answer_of(site, name)
    assert "errors" not in answer
    assert all(answer["data"].values())
    assert len(site.requires.documents) == table()[name].commands


@pytest.mark.parametrize("name", [path.stem for path in FILES])
async def test_an_operation_is_served_by_the_indexes_that_the_page_names(
    site: Site, name: str
) -> None:
    await answer_of(site, name)
    plans = await plans_of(site)
    scans = [part for plan in plans for part in parts(plan) if part.get("stage") == "COLLSCAN"]
    assert scans == []
    used = [
        indexes_of(read, plan) for read, plan in zip(site.requires.documents, plans, strict=True)
    ]
    assert set[str]().union(*used) == table()[name].indexes


@pytest.mark.parametrize("name", [path.stem for path in FILES])
async def test_an_operation_sorts_in_memory_only_where_the_page_says_so(
    site: Site, name: str
) -> None:
    await answer_of(site, name)
    found = [part for plan in await plans_of(site) for part in parts(plan)]
    sorts = [part for part in found if part.get("stage") == "SORT" or "$sort" in part]
    assert bool(sorts) == (name in SORTED), sorts
    assert table()[name].is_sorted == (name in SORTED)


@pytest.mark.parametrize("name", PAGED)
async def test_a_later_page_reads_what_it_shows_and_sorts_nothing(site: Site, name: str) -> None:
    query = (PAGE.parent / "queries" / f"{name}.graphql").read_text()
    arguments = {**VARIABLES.get(name, {}), "first": SIZE}
    ask = query_sender(site.database, search=site.search)
    after = None
    for _ in range(DEPTH):
        site.requires.documents.clear()
        answer = await ask(query, after=after, **arguments)
        assert "errors" not in answer
        after = next(cursor for cursor in cursors_in(answer) if cursor)
    (page,) = [read for read in site.requires.documents if SIZE + 1 in limits(read)]
    explain = {"explain": page, "verbosity": "executionStats"}
    found = list(parts(await site.database._handle.command(explain)))
    sorts = [part for part in found if "$sort" in part and part.get("nReturned")]  # that ran
    assert sorts + [part for part in found if part.get("stage") == "SORT"] == []
    examined = sum(part.get("totalKeysExamined", 0) for part in found)
    most = PARTS * (SIZE + 1) + len(TOPICS)  # each of several topics is a range of its own
    assert SIZE < examined <= most


def limits(read: Row) -> list[int]:
    """How many documents a find, or each range of an aggregation, may give."""
    stages: list[Row] = read.get("pipeline", [])
    return [read.get("limit", 0), *(stage["$limit"] for stage in stages if "$limit" in stage)]


def cursors_in(answer: Any) -> Iterator[str | None]:
    """The ends of the pages in an answer."""
    if isinstance(answer, dict):
        if "endCursor" in answer:
            yield answer["endCursor"]
        for value in answer.values():
            yield from cursors_in(value)


async def test_a_sitemap_ends_after_every_published_article_was_on_one_page(site: Site) -> None:
    query = (PAGE.parent / "queries" / "sitemap.graphql").read_text()
    ask = query_sender(site.database, search=site.search)
    slugs: list[str] = []
    after = None
    while True:
        page = (await ask(query, after=after))["data"]["articles"]
        slugs += [node["slug"] for node in page["nodes"]]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    expected = {f"_news/{number}" for number in range(391)} - {"_news/386"}
    assert len(slugs) == len(set(slugs))
    assert set(slugs) == expected
