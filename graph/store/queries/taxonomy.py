"""Read topics, providers and authors, which `graph.store.load.derivation` creates."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from typing import Final, Literal

import orjson
from pymongo.collation import Collation

from graph.documents import AUTHORS, PROVIDERS, TOPICS
from graph.store.driver.read_commands import Projection, Reader, Row
from graph.store.indexes import ANY_CASE
from graph.store.queries.filters import Order, Test, match, total
from graph.store.queries.pagination.keyset import PageQuery, page_query
from graph.store.queries.pagination.page_args import PageArgs
from graph.store.revision import read_corpus

_Total = Literal["topicCount", "providerCount", "authorCount"]
_TOTALS: Final[dict[str, _Total]] = {
    TOPICS: "topicCount",
    PROVIDERS: "providerCount",
    AUTHORS: "authorCount",
}

_MAX_NAMES: Final = 5_000

BATCH: Final = 1_000
"""How many topics or providers are read at once for a sitemap."""

MOST_ARTICLES: Final = (Order("articleCount"),)
_BY_NAME: Final = (("foldedName", 1), ("_id", 1))


def page_query_of(
    collection: str, tests: Sequence[Test], orders: Sequence[Order], args: PageArgs
) -> PageQuery:
    """Return the query for a page of `topics`, `providers` or `authors`."""
    query = match({}, tests)
    list_key = orjson.dumps([collection, query], option=orjson.OPT_SORT_KEYS)
    return page_query(query, total(tuple(orders) or MOST_ARTICLES), args, list_key)


async def by_keys(
    database: Reader, collection: str, keys: Sequence[str], projection: Projection
) -> dict[str, Row]:
    """Read the topics, providers or authors with these `_id`s. Return them by `_id`."""
    needed = {**projection, "_id": 1}
    rows = await database.find(collection, {"_id": {"$in": list(keys)}}, projection=needed)
    return {row["_id"]: row for row in rows}


async def first(
    database: Reader,
    collection: str,
    query: Row,
    projection: Projection,
    collation: Collation | None = None,
) -> Row | None:
    """Return the matching topic, provider or author with the most articles."""
    rows = await database.find(
        collection,
        query,
        projection={**projection, "_id": 1},
        sort=[("articleCount", -1), ("_id", -1)],
        limit=1,
        collation=collation,
    )
    return rows[0] if rows else None


async def by_name(
    database: Reader, collection: str, queries: Sequence[Row], projection: Projection
) -> Row | None:
    """Return the topic, provider or author that matches the first of these filters that any does;
    if several match it, the one with the most articles.
    """
    for query in queries:
        row = await first(database, collection, query, projection)
        if row is not None:
            return row
    return None


async def by_hashtag(database: Reader, hashtag: str, projection: Projection) -> Row | None:
    """Return the topic with this hashtag, with or without `#`; if several have it, the one with the
    most articles.

    Case is ignored, except by the mock database.
    """
    name = hashtag.removeprefix("#")
    query = {"hashtags": {"$in": [name, f"#{name}"]}}
    return await first(database, TOPICS, query, projection, ANY_CASE)


async def suggested_names(database: Reader, collection: str, prefix: str, size: int) -> list[str]:
    """Return up to `size` names of topics, providers or authors in which the folded `prefix` is at
    the beginning of a word; those with the most articles first, among the first 5,000.
    """
    if not prefix:
        return []
    rows = await database.find(
        collection,
        {"articleCount": {"$gt": 0}},
        projection={"name": 1, "foldedName": 1},
        sort=[("articleCount", -1), ("_id", -1)],
        limit=_MAX_NAMES,
    )
    word_start = f" {prefix}"
    matching = (row for row in rows if word_start in f" {row['foldedName']}")
    names = (
        str(row.get("name", row["_id"])) for row in matching
    )  # the `_id` of a topic is its name
    return list(islice(dict.fromkeys(names), size))


async def count(database: Reader, collection: str, tests: Sequence[Test]) -> int:
    """Return the number of topics, providers or authors that meet all tests. Without tests it is
    read from the corpus document.
    """
    if not tests:
        return int((await read_corpus(database))[_TOTALS[collection]])
    return await database.count(collection, match({}, tests))


async def topics_with_articles(database: Reader, after: str, limit: int) -> list[Row]:
    """Return the slugs of the next topics with articles after an `_id`: at most `limit`, and at
    most BATCH.
    """
    return await _with_articles(database, TOPICS, after, limit, {"slug": 1})


async def providers_with_articles(database: Reader, after: str, limit: int) -> list[Row]:
    """Return the domains and names of the next providers with articles, like
    `topics_with_articles`.
    """
    return await _with_articles(database, PROVIDERS, after, limit, {"domain": 1, "name": 1})


async def _with_articles(
    database: Reader, collection: str, after: str, limit: int, projection: Projection
) -> list[Row]:
    return await database.find(
        collection,
        {"_id": {"$gt": after}, "articleCount": {"$gt": 0}},
        projection={**projection, "_id": 1},
        sort=[("_id", 1)],
        limit=min(limit, BATCH),
    )


async def children(
    database: Reader, parents: Sequence[str], projection: Projection
) -> dict[str, list[Row]]:
    """Read the child topics of each of these topics. Return them by parent, in order of their
    folded names.
    """
    children_by_parent: dict[str, list[Row]] = {}
    needed = {**projection, "_id": 1, "parent": 1}
    query = {"parent": {"$in": list(parents)}}
    for row in await database.find(TOPICS, query, projection=needed, sort=_BY_NAME):
        children_by_parent.setdefault(row["parent"], []).append(row)
    return children_by_parent


async def read_tree(database: Reader) -> dict[str, list[str]]:
    """Return the names of the child topics of each topic that has any."""
    tree: dict[str, list[str]] = {}
    query = {"parent": {"$gt": ""}}
    for row in await database.find(TOPICS, query, projection={"parent": 1}):
        tree.setdefault(row["parent"], []).append(row["_id"])
    return tree


def subtree(tree: dict[str, list[str]], name: str) -> list[str]:
    """Return the names of a topic and all its descendants. Cycles in the tree are harmless."""
    names = {name: None}
    unvisited = [name]
    while unvisited:
        for child in tree.get(unvisited.pop(), ()):
            if child not in names:
                names[child] = None
                unvisited.append(child)
    return list(names)
