"""Articles as the index holds them, read from the database: all of them, or those that changed."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Final, NamedTuple

from graph.documents import ARTICLE_TOMBSTONES, ARTICLES, TOMBSTONES
from graph.fields.article_document import SEARCH_WEIGHTS
from graph.search.columns import COLUMNS
from graph.store.driver.read_commands import Projection, Reader, Row
from graph.store.queries.articles import EVERYTHING

BATCH: Final = 1_000
"""How many articles are read at a time; each may have a long body."""

PROJECTION: Final[Projection] = dict.fromkeys(
    sorted({*COLUMNS, *SEARCH_WEIGHTS} - {"_id", "images", "related"}), 1
) | {"images.url": 1, "related.title": 1}


class Batch(NamedTuple):
    """Articles that changed, and the slugs of those that are gone."""

    rows: list[Row]
    removed: list[str]


async def all_articles(database: Reader) -> AsyncIterator[list[Row]]:
    """All articles, published or not, in batches."""
    query: Row = {}
    while rows := await database.find(
        ARTICLES, query, projection=PROJECTION, sort=[("_id", 1)], limit=BATCH
    ):
        yield rows
        query = {"_id": {"$gt": rows[-1]["_id"]}}


async def changed_articles(database: Reader, since: int, until: int) -> AsyncIterator[Batch]:
    """What changed in the revisions after `since`, up to `until`, in batches."""
    changes = {"$gt": since, "$lte": until}
    tombstones: Row = {"type": {"$in": ARTICLE_TOMBSTONES}, "revision": changes}
    async for stones in _batches(database, TOMBSTONES, tombstones, "key"):
        slugs = [stone["key"] for stone in stones]
        rows = await _articles(database, slugs)
        present = {row["_id"] for row in rows}
        yield Batch(rows, [slug for slug in slugs if slug not in present])
    async for changed in _batches(database, ARTICLES, {**EVERYTHING, "source.revision": changes}):
        yield Batch(await _articles(database, [row["_id"] for row in changed]), [])


async def _articles(database: Reader, slugs: Sequence[str]) -> list[Row]:
    query = {"_id": {"$in": list(slugs)}}
    return await database.find(ARTICLES, query, projection=PROJECTION)


async def _batches(
    database: Reader, collection: str, query: Row, *paths: str
) -> AsyncIterator[list[Row]]:
    part = query
    while rows := await database.find(
        collection,
        part,
        projection=dict.fromkeys(("_id", *paths), 1),
        sort=[("_id", 1)],
        limit=BATCH,
    ):
        yield rows
        part = {"$and": [query, {"_id": {"$gt": rows[-1]["_id"]}}]}
