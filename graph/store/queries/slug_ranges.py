"""All published articles in ranges of equal size, in the order of their slugs.

Every read is answered by one index (`published, _id, updatedDateTime`) without reading a document,
and returns as much however many articles there are.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Final, NamedTuple

from graph.documents import ARTICLES
from graph.store.driver.read_commands import Reader, Row
from graph.store.queries.articles import PUBLISHED

_BATCH: Final = 1_000
"""How many articles are read at once: what is made of them must not delay other requests."""

_FIELDS: Final = {"_id": 1, "updatedDateTime": 1}


class SlugRange(NamedTuple):
    """The articles after a slug, up to the one with the slug `last`.

    `after` is empty for the first range; `updated` is when one of its articles was last updated.
    """

    after: str
    last: str
    updated: datetime | None


async def slug_ranges(reader: Reader, size: int) -> list[SlugRange]:
    """Return the ranges of `size` articles each; the last one may have fewer."""
    found: list[SlugRange] = []
    after, count = "", size
    while count == size:
        rows = await reader.aggregate(ARTICLES, _range_pipeline(after, size))
        count = rows[0]["count"] if rows else 0
        if count:
            found.append(SlugRange(after, rows[0]["last"], rows[0]["updated"]))
            after = rows[0]["last"]
    return found


async def read_range(reader: Reader, part: SlugRange) -> AsyncIterator[list[Row]]:
    """Yield the articles of a range in batches: `_id`, and `updatedDateTime` if it is known."""
    after = part.after
    while after != part.last:
        query: Row = {**PUBLISHED, "_id": {"$gt": after, "$lte": part.last}}
        rows = await reader.find(
            ARTICLES, query, projection=_FIELDS, sort=(("_id", 1),), limit=_BATCH
        )
        if not rows:  # they have been unpublished since the ranges were read
            return
        yield rows
        after = rows[-1]["_id"]


def _range_pipeline(after: str, size: int) -> list[Row]:
    return [
        {"$match": {**PUBLISHED, "_id": {"$gt": after}}},
        {"$sort": {"_id": 1}},
        {"$limit": size},
        {"$project": _FIELDS},
        {
            "$group": {
                "_id": None,
                "last": {"$max": "$_id"},
                "updated": {"$max": "$updatedDateTime"},
                "count": {"$sum": 1},
            }
        },
    ]
