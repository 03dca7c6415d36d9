"""All published articles in ranges of limited size, in the order of their slugs.

Every read is answered by one index (`published, _id, updatedDateTime`) without reading a document,
and returns as much however many articles there are.
"""

from __future__ import annotations

from collections.abc import Callable
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


async def slug_ranges(
    reader: Reader, size: int, fits: Callable[[int, int], bool]
) -> list[SlugRange]:
    """Return ranges of at most `size` articles each.

    `fits` says whether a number of articles, whose slugs have a number of bytes in UTF-8 together,
    may be a range. If not, half as many are tried.
    """
    ranges: list[SlugRange] = []
    after, limit = "", size
    while (row := await _summary(reader, after, limit)) is not None:
        count = row["count"]
        if count > 1 and not fits(count, row["bytes"]):
            limit = count // 2
            continue
        ranges.append(SlugRange(after, row["last"], row["updated"]))
        if count < limit:
            break
        after, limit = row["last"], size
    return ranges


async def read_batch(reader: Reader, part: SlugRange, after: str) -> list[Row]:
    """Return the next articles of a range after a slug: `_id`, and `updatedDateTime` if it is
    known.

    There may be none, although `after` is not the last slug: if they have been unpublished.
    """
    query: Row = {**PUBLISHED, "_id": {"$gt": after, "$lte": part.last}}
    return await reader.find(ARTICLES, query, projection=_FIELDS, sort=(("_id", 1),), limit=_BATCH)


async def _summary(reader: Reader, after: str, limit: int) -> Row | None:
    counts_bytes = "$strLenBytes" not in reader.lacks
    rows = await reader.aggregate(ARTICLES, _range_pipeline(after, limit, counts_bytes))
    if not rows or not rows[0]["count"]:
        return None
    if counts_bytes:
        return rows[0]
    return {**rows[0], "bytes": sum(len(slug.encode()) for slug in rows[0]["bytes"])}


def _range_pipeline(after: str, limit: int, counts_bytes: bool = True) -> list[Row]:
    """Return a pipeline that summarises articles. If it cannot count bytes, it lists the slugs."""
    return [
        {"$match": {**PUBLISHED, "_id": {"$gt": after}}},
        {"$sort": {"_id": 1}},
        {"$limit": limit},
        {"$project": _FIELDS},
        {
            "$group": {
                "_id": None,
                "last": {"$max": "$_id"},
                "updated": {"$max": "$updatedDateTime"},
                "count": {"$sum": 1},
                "bytes": {"$sum": {"$strLenBytes": "$_id"}} if counts_bytes else {"$push": "$_id"},
            }
        },
    ]
