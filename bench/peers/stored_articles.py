"""The reads that the four questions need: from MongoDB by either driver, or from memory.

Each is one command with the projection that it is given. Documents in memory come whole.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from itertools import islice
from typing import Any, Final, Protocol

import orjson
from motor.motor_asyncio import AsyncIOMotorClient
from pymongo import AsyncMongoClient

Row = dict[str, Any]
Projection = Mapping[str, int]

PAGE: Final = 20
NEWEST: Final = [("publishedDateTime", -1), ("_id", -1)]
BY_URL: Final = {"webUrl": 1, "publishedDateTime": 1}
"""What `by_urls` needs of each document."""


class Reads(Protocol):
    """What a server reads; published articles alone."""

    async def by_slug(self, slug: str, projection: Projection) -> Row | None:
        """The article with this slug."""

    async def newest(self, after: str | None, projection: Projection) -> list[Row]:
        """The documents of a page, and one more if there are more."""

    async def by_urls(self, urls: Sequence[str], projection: Projection) -> Mapping[str, Row]:
        """The newest article with each of these URLs."""


class FromMongo:
    """Reads of the collection that a client of Motor or PyMongo has."""

    def __init__(self, client: AsyncIOMotorClient[Row] | AsyncMongoClient[Row]) -> None:
        self._articles: Any = client.get_default_database()["articles"]

    async def by_slug(self, slug: str, projection: Projection) -> Row | None:
        found: Row | None = await self._articles.find_one(
            {"_id": slug, "published": True}, projection
        )
        return found

    async def newest(self, after: str | None, projection: Projection) -> list[Row]:
        found = self._articles.find(page_filter(after), projection, sort=NEWEST, limit=PAGE + 1)
        rows: list[Row] = await found.to_list(None)
        return rows

    async def by_urls(self, urls: Sequence[str], projection: Projection) -> Mapping[str, Row]:
        query = {"webUrl": {"$in": urls}, "published": True}
        return newest_by_url(await self._articles.find(query, projection).to_list(None))


class FromMemory:
    """The same reads of documents that were all read before."""

    def __init__(self, rows: Sequence[Row]) -> None:
        """The published articles, the newest first."""
        self._rows = rows
        self._places = {row["_id"]: place for place, row in enumerate(rows)}
        self._by_url = newest_by_url(rows)

    async def by_slug(self, slug: str, _: Projection) -> Row | None:
        place = self._places.get(slug)
        return None if place is None else self._rows[place]

    async def newest(self, after: str | None, _: Projection) -> list[Row]:
        start = 0 if after is None else self._places[read_cursor(after)[1]] + 1
        return list(islice(self._rows, start, start + PAGE + 1))

    async def by_urls(self, urls: Sequence[str], _: Projection) -> Mapping[str, Row]:
        return {url: self._by_url[url] for url in urls if url in self._by_url}


async def reads_of(kind: str, url: str) -> Reads:
    """Reads by `pymongo`, by `motor`, or from `memory`."""
    if kind == "motor":
        return FromMongo(AsyncIOMotorClient(url))
    client: AsyncMongoClient[Row] = AsyncMongoClient(url)
    if kind == "pymongo":
        return FromMongo(client)
    articles = client.get_default_database()["articles"]
    rows = await articles.find({"published": True}, {"secured": 0}, sort=NEWEST).to_list()
    await client.close()
    return FromMemory(rows)


def page_filter(after: str | None) -> Row:
    """The published articles after a cursor; the bound on the date is what the index needs."""
    if after is None:
        return {"published": True}
    date, slug = read_cursor(after)
    return {
        "published": True,
        "publishedDateTime": {"$lte": date},
        "$or": [{"publishedDateTime": {"$lt": date}}, {"_id": {"$lt": slug}}],
    }


def write_cursor(row: Row) -> str:
    """Where a document stands, the newest first: base64 of its date and slug as JSON."""
    milliseconds = round(row["publishedDateTime"].replace(tzinfo=UTC).timestamp() * 1000)
    return base64.b64encode(orjson.dumps([milliseconds, row["_id"]])).decode()


def read_cursor(cursor: str) -> tuple[datetime, str]:
    """The date and the slug of a cursor."""
    milliseconds, slug = orjson.loads(base64.b64decode(cursor))
    return datetime.fromtimestamp(milliseconds / 1000, UTC), slug


def newest_by_url(rows: Sequence[Row]) -> dict[str, Row]:
    """The newest document with each URL."""
    found: dict[str, Row] = {}
    for row in rows:
        url = row.get("webUrl")
        if url is not None and (url not in found or _age(row) > _age(found[url])):
            found[url] = row
    return found


def _age(row: Row) -> tuple[datetime, str]:
    return row["publishedDateTime"], row["_id"]
