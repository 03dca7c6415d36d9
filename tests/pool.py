"""Databases of a real server that are emptied and reused.

Creating and dropping one takes a second, because each of its forty indexes is a file; emptying one
takes a few milliseconds. So a test gets an empty database that has the indexes of newsgraph; a test
of the very first load requests a `bare` one.
"""

from __future__ import annotations

from functools import cache
from itertools import count
from typing import Any

from pymongo import MongoClient
from pymongo.database import Database

from graph.documents import META
from graph.store.indexes import INDEXES

_KEPT = {META, *INDEXES}
_PREFIX = "pooled"


def has_indexes(name: str) -> bool:
    """Whether a database of this name is from a pool."""
    return name.startswith(_PREFIX)


class Pool:
    """The databases of one server."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._client: MongoClient[dict[str, Any]] = MongoClient(url)
        self._numbers = count()
        self._free: list[str] = []

    def take(self) -> str:
        """The name of an empty database that has its indexes."""
        return self._free.pop() if self._free else self._create()

    def give_back(self, name: str) -> None:
        """Empty a database for the next; drop it where a test took some of it away."""
        database = self._client[name]
        present = set(database.list_collection_names())
        for collection in present - _KEPT:
            database.drop_collection(collection)
        for collection in _filled(database, present & _KEPT):
            database[collection].delete_many({})
            database.command("planCacheClear", collection)  # plans suit what was there before
        if present >= _KEPT:
            self._free.append(name)
        else:
            self._client.drop_database(name)

    def url(self, name: str) -> str:
        """The URL of a database."""
        return self._url.replace("/?", f"/{name}?")

    def close(self) -> None:
        """Leave the server."""
        self._client.close()

    def _create(self) -> str:
        name = f"{_PREFIX}{next(self._numbers)}"
        self._client[name].create_collection(META)
        for collection, indexes in INDEXES.items():
            self._client[name][collection].create_indexes(indexes)
        return name


def _filled(database: Database[dict[str, Any]], collections: set[str]) -> list[str]:
    """The collections that are not empty, found by one command."""
    looks = [
        {"$unionWith": {"coll": name, "pipeline": [{"$limit": 1}, {"$project": {"name": name}}]}}
        for name in collections
    ]
    nothing: dict[str, Any] = {"$match": {"$expr": False}}
    return [row["name"] for row in database[META].aggregate([nothing, *looks])]


@cache
def pool_of(url: str) -> Pool:
    """The pool of the server at a URL."""
    return Pool(url)
