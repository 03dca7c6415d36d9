"""Articles as the index holds them, read from the database: all of them, or those that changed."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Final, NamedTuple

from graph.documents import ARTICLE_TOMBSTONES, ARTICLES, TOMBSTONES
from graph.fields.article_document import SEARCH_WEIGHTS
from graph.search.index.columns import COLUMNS
from graph.store.driver.read_commands import Projection, Reader, Row
from graph.store.queries.pagination.keyset import get_path

BATCH: Final = 1_000
"""How many articles are read at a time; each may have a long body."""

PROJECTION: Final[Projection] = dict.fromkeys(
    sorted({*COLUMNS, *SEARCH_WEIGHTS} - {"_id", "images", "related"}), 1
) | {"images.url": 1, "related.title": 1}


class ArticleChanges(NamedTuple):
    """Articles that changed, and the slugs of those that are gone."""

    rows: list[Row]
    removed: list[str]


async def all_articles(database: Reader) -> AsyncIterator[list[Row]]:
    """Yield all articles, published or not, in batches."""
    query: Row = {}
    while rows := await database.find(
        ARTICLES, query, projection=PROJECTION, sort=[("_id", 1)], limit=BATCH
    ):
        yield rows
        query = {"_id": {"$gt": rows[-1]["_id"]}}


async def changed_articles(
    database: Reader, since: int, until: int
) -> AsyncIterator[ArticleChanges]:
    """Yield what changed in the revisions after `since`, up to `until`, in batches."""
    revisions = range(since + 1, until + 1)
    for kind in ARTICLE_TOMBSTONES:
        tombstones = {"type": kind}
        async for slugs in _changed(
            database, TOMBSTONES, "revision", tombstones, revisions, key="key"
        ):
            rows = await _articles(database, slugs)
            present = {row["_id"] for row in rows}
            yield ArticleChanges(rows, [slug for slug in slugs if slug not in present])
    for published in (True, False):
        articles: Row = {"published": published}
        async for slugs in _changed(database, ARTICLES, "source.revision", articles, revisions):
            yield ArticleChanges(await _articles(database, slugs), [])


async def _articles(database: Reader, slugs: Sequence[str]) -> list[Row]:
    query = {"_id": {"$in": list(slugs)}}
    return await database.find(ARTICLES, query, projection=PROJECTION)


async def _changed(
    database: Reader,
    collection: str,
    field: str,
    base: Row,
    revisions: range,
    *,
    key: str = "_id",
) -> AsyncIterator[list[str]]:
    """Yield the keys of what changed in these revisions, in batches; each reads an index range."""
    bounds = {"$gte": revisions.start, "$lt": revisions.stop}
    query: Row = {**base, field: bounds}
    while rows := await database.find(
        collection,
        query,
        projection=dict.fromkeys((field, key), 1),
        sort=[(field, 1), ("_id", 1)],
        limit=BATCH,
    ):
        yield [row[key] for row in rows]
        reached = get_path(rows[-1], field)
        later = {field: reached, "_id": {"$gt": rows[-1]["_id"]}}
        query = {
            **base,
            field: {**bounds, "$gte": reached},
            "$or": [later, {field: {"$gt": reached}}],
        }
