"""Read articles: pages of lists, counts, and single articles by slug or URL.

Every read states which articles are visible: `PUBLISHED`, or `EVERYTHING` if the caller may also
see unpublished ones.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import orjson

from graph.documents import ARTICLES, CORPUS, META
from graph.fields.url_key import url_key
from graph.store.driver.read_commands import Projection, Reader, Row
from graph.store.queries.filters import Order, Test, match, total
from graph.store.queries.pagination.keyset import (
    Page,
    PageQuery,
    neighbour_query,
    page_query,
    read_page,
    read_pages,
)
from graph.store.queries.pagination.page_args import PageArgs

PUBLISHED: Final[Row] = {"published": True}
EVERYTHING: Final[Row] = {"published": {"$in": [False, True]}}
"""Published or not. It names the field so that the indexes, which begin with it, can be used."""

NEWEST: Final = (Order("publishedDateTime"),)
SCORE: Final = "score"
"""The key of a search result that holds its relevance; higher is better."""

BEST: Final = (Order(SCORE),)


@dataclass(frozen=True)
class ArticleQuery:
    """Which articles to read: a filter and, optionally, a full-text search.

    `list_key` identifies the filter in cursors, so that a cursor of another list is rejected. It
    consists of `visible`, which says whether unpublished articles are included, and all `tests`.
    """

    list_key: bytes
    filter: Row = field(compare=False)
    text: str | None = field(default=None, compare=False)
    tests: tuple[Test, ...] = field(default=(), compare=False)
    visible: Row = field(default_factory=lambda: PUBLISHED, compare=False)

    @property
    def is_all(self) -> bool:
        """Whether it selects all published articles."""
        return self.text is None and self.filter == PUBLISHED


def selection(
    tests: Iterable[Test],
    *,
    visible: Row = PUBLISHED,
    text: str | None = None,
    list_key: Any = None,
) -> ArticleQuery:
    """Return a query for the articles that meet all tests.

    `list_key` identifies the list in cursors; by default its filter does.
    """
    tests = tuple(tests)
    query = match(visible, tests)
    identity = [query if list_key is None else list_key, text]
    key = orjson.dumps(identity, option=orjson.OPT_SORT_KEYS, default=str)
    return ArticleQuery(key, query, text, tests, visible)


def page_query_of(query: ArticleQuery, orders: Sequence[Order], args: PageArgs) -> PageQuery:
    """Return the query for a page. Without `orders`, search results are sorted by score, other
    lists by date, newest first.
    """
    order = tuple(orders) or (BEST if query.text else NEWEST)
    return page_query(query.filter, _total(order), args, query.list_key)


def neighbour_of(
    row: Row, query: ArticleQuery, orders: Sequence[Order], *, backwards: bool
) -> PageQuery:
    """Return the query for the article after this one in a list, or before it. The row has all
    fields that articles can be ordered by.
    """
    order = _total(tuple(orders) or NEWEST)
    return neighbour_query(query.filter, order, row, query.list_key, backwards=backwards)


def _total(orders: tuple[Order, ...]) -> tuple[Order, ...]:
    return total(orders, "publishedDateTime")


async def page(database: Reader, query: PageQuery, projection: Projection) -> Page:
    """Read a page of a list."""
    return await read_page(database, ARTICLES, query, projection)


async def pages(
    database: Reader, queries: Sequence[PageQuery], projection: Projection
) -> list[Page]:
    """Read one page of each of several lists, in one command."""
    return await read_pages(database, ARTICLES, queries, projection)


async def count(database: Reader, query: ArticleQuery) -> int:
    """Return the number of articles. For all published ones it is read from the corpus document."""
    if query.is_all:
        corpus = await database.find(META, {"_id": CORPUS}, projection={"articleCount": 1})
        if corpus:
            return int(corpus[0].get("articleCount", 0))
    return await database.count(ARTICLES, query.filter)


async def by_slugs(
    database: Reader, slugs: Sequence[str], projection: Projection, matching: Row
) -> dict[str, Row]:
    """Read the articles with these slugs that match a filter. Return them by slug."""
    query = {"_id": slugs[0] if len(slugs) == 1 else {"$in": list(slugs)}, **matching}
    needed = {**projection, "_id": 1}
    rows = await database.find(ARTICLES, query, projection=needed)
    return {row["_id"]: row for row in rows}


async def by_web_urls(
    database: Reader, urls: Sequence[str], projection: Projection, visible: Row
) -> dict[str, Row]:
    """Read the article with each of these URLs, compared by `url_key`. Return them by URL.

    URLs are not unique: a publisher may publish an updated story as another file. Published
    articles go before others, then those with exactly this URL, then the newest.
    """
    keys = {url: url_key(url) for url in urls}
    query = {"urlKey": {"$in": list(dict.fromkeys(keys.values()))}, **visible}
    needed = {**projection, "webUrl": 1, "urlKey": 1, "published": 1, "_id": 1}
    articles_by_key: dict[str, list[Row]] = {}
    for row in await database.find(ARTICLES, query, projection=needed, sort=_BY_URL_KEY):
        articles_by_key.setdefault(row["urlKey"], []).append(row)

    def best(url: str) -> Row:
        return min(
            articles_by_key[keys[url]], key=lambda row: (not row["published"], row["webUrl"] != url)
        )

    return {url: best(url) for url, key in keys.items() if key in articles_by_key}


_BY_URL_KEY: Final = (("urlKey", 1), ("published", 1), ("publishedDateTime", -1), ("_id", -1))
"""The order of the index on `urlKey`, with the newest article of each URL first."""


async def collections(
    database: Reader, references: Sequence[str], projection: Projection
) -> list[Row]:
    """Return the published articles whose `items` contain any of these, the newest first."""
    query = {**PUBLISHED, "items": {"$in": list(references)}}
    needed = {**projection, "items": 1, "_id": 1}
    return await database.find(ARTICLES, query, projection=needed, sort=_NEWEST_FIRST)


_NEWEST_FIRST: Final = (("publishedDateTime", -1), ("_id", -1))
