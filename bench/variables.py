"""The variables for the operations of docs/queries, taken from the data."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from contenders import BenchError

from graph.documents import ARTICLES, PROVIDERS, TOPICS
from graph.schema.relay.article_page import ALL
from graph.store.driver.database import Database
from graph.store.driver.read_commands import Row
from graph.store.queries import articles
from graph.store.queries.articles import NEWEST, PUBLISHED
from graph.store.queries.filters import Order, sort_of, total
from graph.store.queries.pagination.page_args import PageArgs

DEEP_PAGE: Final = 5_000
PAGE: Final = 100
DAYS: Final = 90
"""How long ago the filtered list begins."""
TYPED: Final = 2
"""How many letters of it are typed before suggestions are read."""
LONG: Final = 6
"""The minimum length of a word of a title to search for."""

DEEP: Final = {
    "sitemap": NEWEST,
    "by_heat": (Order("heat"),),
    "by_quality": (Order("quality"),),
    "by_title": (Order("foldedTitle", descending=False),),
}
"""The operations that are also measured on a page far down the list, and their orders."""


async def variables_of(database: Database) -> dict[str, Row]:
    """Return the variables of the operations that need some, by operation.

    The topic and the provider are those with the most articles, and the article is one in the
    middle: there, any growth with the corpus is largest.
    """
    topic = await _first(database, TOPICS, {}, [("articleCount", -1), ("_id", -1)])
    child = await _first(database, TOPICS, {"parent": {"$gt": ""}}, [("parent", 1), ("_id", 1)])
    above = await _first(database, TOPICS, {"_id": child["parent"]}, [])
    provider = await _first(database, PROVIDERS, {}, [("articleCount", -1), ("_id", -1)])
    newest = await _at(database, 0)
    count = await database.count(ARTICLES, PUBLISHED)
    middle = await _at(database, count // 2)
    word = next(word for word in middle["title"].split() if len(word) >= LONG)
    since = newest["publishedDateTime"] - timedelta(days=DAYS)
    return {
        "article_page": {"slug": middle["_id"]},
        "filtered_list": {
            "topic": topic["_id"],
            "since": since.isoformat(),
            "domain": provider["domain"],
        },
        "provider_page": {"domain": provider["domain"], "name": provider["name"]},
        "search_by_date": {"search": word},
        "search_page": {"search": word},
        "suggest": {"prefix": word[:TYPED]},
        "neighbours": {"slug": middle["_id"]},
        "section_page": {"slug": topic["slug"]},
        "section_subtree": {"slug": above["slug"]},
        "sync": {"since": None},
        **{
            deep(name): {"after": await _deep_cursor(database, count, orders)}
            for name, orders in DEEP.items()
        },
    }


def deep(name: str) -> str:
    """Return the name of an operation on a page far down the list."""
    return f"{name}, deep"


async def _deep_cursor(database: Database, count: int, orders: Sequence[Order]) -> str:
    """Return the cursor before page 5,000 of the sitemap, or before the last page of a shorter
    list.
    """
    before = min(DEEP_PAGE - 1, max(1, (count - 1) // PAGE)) * PAGE
    row = await _at(database, min(before, count) - 1, orders)
    query = articles.page_query_of(ALL, orders, PageArgs(PAGE))
    return query.page([row]).cursors[0]


async def _at(database: Database, place: int, orders: Sequence[Order] = NEWEST) -> Row:
    """Return the article at a position of a list, by default of the newest first."""
    stages: list[Row] = [
        {"$match": PUBLISHED},
        {"$sort": dict(sort_of(total(tuple(orders), "publishedDateTime")))},
        {"$skip": place},
        {"$limit": 1},
        {"$project": {"publishedDateTime": 1, "title": 1, "heat": 1, "quality": 1}},
    ]
    return _only(await database.aggregate(ARTICLES, stages), ARTICLES)


async def _first(
    database: Database, collection: str, query: Row, sort: list[tuple[str, int]]
) -> Row:
    return _only(await database.find(collection, query, sort=sort, limit=1), collection)


def _only(rows: list[Row], collection: str) -> Row:
    if not rows:
        raise BenchError(f"there is nothing in {collection} to ask for")
    return rows[0]
