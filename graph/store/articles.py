"""Reads of articles. Every one of them sees published articles alone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from graph.documents import ARTICLES, CORPUS, META
from graph.store.database import Database, Projection, Row
from graph.store.filters import Condition, Order, match
from graph.store.pages import Page, Window, read_page

PUBLISHED: Final[Row] = {"published": True}
NEWEST: Final = (Order("publishedDateTime"),)


async def page(
    database: Database,
    conditions: Iterable[Condition],
    orders: Sequence[Order],
    part: Window,
    projection: Projection,
) -> Page:
    """A page of the published articles that meet the conditions."""
    query = match(PUBLISHED, conditions)
    return await read_page(database, ARTICLES, query, orders or NEWEST, part, projection)


async def count(database: Database, conditions: Iterable[Condition]) -> int:
    """How many published articles meet the conditions; of all, the load has counted them."""
    query = match(PUBLISHED, conditions)
    if query == PUBLISHED:
        corpus = await database.find(META, {"_id": CORPUS}, projection={"articleCount": 1})
        if corpus:
            return int(corpus[0].get("articleCount", 0))
    return await database.count(ARTICLES, query)


async def by_slugs(
    database: Database, slugs: Sequence[str], projection: Projection
) -> dict[str, Row]:
    """The published articles with these slugs, by slug."""
    query = {"_id": {"$in": list(slugs)}, **PUBLISHED}
    rows = await database.find(ARTICLES, query, projection={**projection, "_id": 1})
    return {row["_id"]: row for row in rows}


async def by_web_urls(
    database: Database, urls: Sequence[str], projection: Projection
) -> dict[str, Row]:
    """The newest published article with each of these URLs, by URL.

    A URL is not unique: a story that its publisher refreshed is a file of its own.
    """
    query = {"webUrl": {"$in": list(urls)}, **PUBLISHED}
    sort = [("webUrl", 1), ("publishedDateTime", 1), ("_id", 1)]
    needed = {**projection, "webUrl": 1, "_id": 1}
    rows = await database.find(ARTICLES, query, projection=needed, sort=sort)
    return {row["webUrl"]: row for row in rows}  # the last of its URL, hence the newest, stays
