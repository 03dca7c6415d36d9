"""Articles as the index holds them, read from the database: all of them, or those that changed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any, Final, NamedTuple

from graph.documents import ARTICLES, TOMBSTONES
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
    async for slugs in _slugs(database, TOMBSTONES, "revision", {}, since, until):
        rows = await database.find(ARTICLES, {"_id": {"$in": slugs}}, projection=PROJECTION)
        present = {row["_id"] for row in rows}
        yield Batch(rows, [slug for slug in slugs if slug not in present])
    async for slugs in _slugs(database, ARTICLES, "source.revision", EVERYTHING, since, until):
        yield Batch(
            await database.find(ARTICLES, {"_id": {"$in": slugs}}, projection=PROJECTION), []
        )


async def _slugs(
    database: Reader, collection: str, field: str, base: Row, since: int, until: int
) -> AsyncIterator[list[str]]:
    after: Any = None
    while True:
        later: Row = {**base, field: {"$gt": since, "$lte": until}}
        query = later if after is None else {"$and": [later, {"_id": {"$gt": after}}]}
        rows = await database.find(
            collection, query, projection={"_id": 1}, sort=[("_id", 1)], limit=BATCH
        )
        if rows:
            yield [row["_id"] for row in rows]
        if len(rows) < BATCH:
            return
        after = rows[-1]["_id"]
