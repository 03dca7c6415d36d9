"""One face for every driver: Motor, PyMongo's async client, and mongomock-motor in memory.

The differences between the three end here. What a driver raises leaves as an error of
`graph.errors`, with the server's address and without credentials.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from pymongo import IndexModel, ReplaceOne
from pymongo.errors import (
    ConnectionFailure,
    ExecutionTimeout,
    InvalidOperation,
    OperationFailure,
    PyMongoError,
)
from pymongo.monitoring import CommandListener

from graph.errors import DatabaseError, DatabaseTimeout, DatabaseUnavailable

Listener = CommandListener
"""Told of every command, as PyMongo's monitoring has it."""

Filter = Mapping[str, Any]
Projection = Mapping[str, Any]
Sort = Sequence[tuple[str, int]]
Row = dict[str, Any]

_REFUSED_CREDENTIALS = frozenset({13, 18})
"""MongoDB's error codes Unauthorized and AuthenticationFailed."""


class Database:
    """An open database. `address` is where it is, fit to be shown; `mock` says it is in memory."""

    def __init__(self, handle: Any, *, address: str, mock: bool = False) -> None:
        self._handle = handle
        self.address = address
        self.mock = mock

    async def find(
        self,
        collection: str,
        query: Filter,
        *,
        projection: Projection | None = None,
        sort: Sort = (),
        limit: int = 0,
    ) -> list[Row]:
        """The matching documents; `limit` 0 means all of them."""
        with self._translated():
            cursor = self._handle[collection].find(
                query, projection, sort=list(sort) or None, limit=limit
            )
            rows: list[Row] = await cursor.to_list(None)
        return rows

    async def aggregate(self, collection: str, pipeline: Sequence[Mapping[str, Any]]) -> list[Row]:
        """What a pipeline yields: nothing for one that ends in `$merge`."""
        with self._translated():
            cursor = self._handle[collection].aggregate(list(pipeline), allowDiskUse=True)
            if inspect.isawaitable(cursor):
                cursor = await cursor
            rows: list[Row] = await cursor.to_list(None)
        return rows

    async def count(self, collection: str, query: Filter) -> int:
        """How many documents match."""
        with self._translated():
            return int(await self._handle[collection].count_documents(query))

    async def replace(self, collection: str, documents: Sequence[Mapping[str, Any]]) -> None:
        """Put documents in place under their `_id`, new or not, in one unordered bulk."""
        if not documents:
            return
        with self._translated():
            if self.mock:  # mongomock's bulk_write does not take PyMongo's ReplaceOne
                for document in documents:
                    await self._handle[collection].replace_one(
                        {"_id": document["_id"]}, document, upsert=True
                    )
                return
            await self._handle[collection].bulk_write(
                [ReplaceOne({"_id": d["_id"]}, d, upsert=True) for d in documents], ordered=False
            )

    async def update(self, collection: str, query: Filter, change: Mapping[str, Any]) -> None:
        """Change the one matching document, or make it."""
        with self._translated():
            await self._handle[collection].update_one(query, change, upsert=True)

    async def delete(self, collection: str, query: Filter) -> int:
        """Delete what matches; how many that were."""
        with self._translated():
            return int((await self._handle[collection].delete_many(query)).deleted_count)

    async def create_indexes(self, collection: str, indexes: Sequence[IndexModel]) -> None:
        """Ensure indexes: those that are there already stay."""
        with self._translated():
            await self._handle[collection].create_indexes(list(indexes))

    async def index_names(self, collection: str) -> frozenset[str]:
        """The names of a collection's indexes; none where there is no such collection."""
        with self._translated():
            return frozenset(await self._handle[collection].index_information())

    async def explain(self, collection: str, query: Filter, sort: Sort, limit: int) -> Row:
        """How the server runs a find: MongoDB's own account of it."""
        find = {"find": collection, "filter": query, "sort": dict(sort), "limit": limit}
        with self._translated():
            row: Row = await self._handle.command({"explain": find, "verbosity": "executionStats"})
        return row

    async def ping(self) -> None:
        """Return if a server answers; else raise DatabaseUnavailable."""
        if self.mock:
            return
        with self._translated():
            await self._handle.command("ping")

    async def drop(self) -> None:
        """Delete the whole database."""
        with self._translated():
            await self._handle.client.drop_database(self._handle.name)

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except ExecutionTimeout as error:
            raise DatabaseTimeout("the database ended the command at its time limit") from error
        except (ConnectionFailure, InvalidOperation) as error:
            raise DatabaseUnavailable(f"MongoDB at {self.address} cannot be reached") from error
        except OperationFailure as error:
            if error.code in _REFUSED_CREDENTIALS:
                message = f"MongoDB at {self.address} refused the credentials"
                raise DatabaseUnavailable(message) from error
            raise DatabaseError(f"MongoDB at {self.address} refused a command") from error
        except PyMongoError as error:
            raise DatabaseError(f"MongoDB at {self.address}: {type(error).__name__}") from error
