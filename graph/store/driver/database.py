"""A database on a server, through Motor or PyMongo's async client.

This module hides the differences between the two. Driver errors become errors of `graph.errors`,
with the server's address and without credentials.
"""

from __future__ import annotations

import inspect
from collections.abc import AsyncIterator, Awaitable, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import partial
from time import monotonic
from typing import Any, Final, TypeVar

from pymongo import IndexModel, ReadPreference, ReplaceOne, UpdateOne
from pymongo.errors import BulkWriteError, OperationFailure
from pymongo.monitoring import CommandListener

from graph.errors import DatabaseTimeout, DatabaseUnavailable
from graph.store.driver import streams
from graph.store.driver.bulk_writes import BulkRejected, Operation, Write, WriteFailure, write_all
from graph.store.driver.calls.driver_calls import DriverCalls
from graph.store.driver.encoding import BARE_DATES
from graph.store.driver.find import first_batch, runner_of
from graph.store.driver.read_commands import (
    BATCH,
    AggregateCommand,
    Filter,
    FindCommand,
    ReadCommand,
    Reader,
    Row,
)
from graph.store.driver.streams import ChangeStream
from graph.store.telemetry.commands import Commands, CommandTarget, CommandTimer

T = TypeVar("T")

Listener = CommandListener
"""Called with every command, as in PyMongo's command monitoring."""

_NO_INDEX: Final = (26, 27)
"""MongoDB's NamespaceNotFound and IndexNotFound."""

_BAD_VALUE: Final = 2


class Database(Reader):
    """An open database. `address` is safe to show."""

    lacks = frozenset[str]()
    is_cacheable = False
    """False: nobody knows here for how long what was read holds."""

    def __init__(
        self,
        handle: Any,
        *,
        address: str,
        seconds: float | None = None,
        commands: Commands | None = None,
        calls: DriverCalls | None = None,
    ) -> None:
        self._handle = handle
        self.address = address
        self.name: str = getattr(handle, "name", "")
        self._target = CommandTarget(self.name, address, commands)
        self._seconds = seconds
        self._calls = calls or DriverCalls()
        self._patience = None if seconds is None else self._calls.patience(handle)
        self._run = runner_of(handle, self._calls, self._patience)

    def limited(self, seconds: float, commands: Commands | None = None) -> Database:
        """Return the database for a server: reads fail after `seconds`, and while MongoDB does not
        respond at all.

        Its commands are counted in `commands`. Dates are naive and in UTC: decoding them takes a
        third of the time.
        """
        handle = self._handle.with_options(codec_options=BARE_DATES)
        return self._with(handle, seconds, commands)

    def primary(self) -> Database:
        """Return the same database, read from the primary, whatever its URL says."""
        handle = self._handle.with_options(read_preference=ReadPreference.PRIMARY)
        return self._with(handle, self._seconds, self._target.commands)

    def _with(self, handle: Any, seconds: float | None, commands: Commands | None) -> Database:
        return Database(
            handle,
            address=self.address,
            seconds=seconds,
            commands=commands,
            calls=self._calls,
        )

    def _call(self, call: Awaitable[T]) -> Awaitable[T]:
        """Run a call of the driver. It continues if its caller is cancelled."""
        return self._calls.run(call, self._patience)

    def require_answers(self, began: float) -> None:
        """Raise DatabaseUnavailable if no server has responded for as long as callers wait, since
        `began` at least, a time of `time.monotonic`.
        """
        if self._patience is not None and self._patience.is_over(began):
            raise DatabaseUnavailable(f"MongoDB at {self.address} cannot be reached")

    @property
    def client(self) -> Any:
        """The driver's client; None for a database in memory."""
        return self._handle.client

    @property
    def why_uncacheable(self) -> str | None:
        """Why reads must not be cached; None if every read sees all earlier writes."""
        if self._handle.read_preference.mode == ReadPreference.PRIMARY.mode:
            return None
        return "readPreference may lead to a server that lags behind"

    async def run(self, command: ReadCommand, *, deadline: float | None = None) -> list[Row]:
        """Return the rows that a command reads.

        `deadline` is a time on the clock `time.monotonic`.
        """
        with CommandTimer(self._target, command.name, command.collection):
            document = {**command.document, **self._limit(deadline)}
            try:
                rows = await first_batch(self._run, document)
            except OperationFailure as error:
                is_refused = error.code == _BAD_VALUE and "hint" in document
                if not (is_refused and isinstance(command, FindCommand)):
                    raise
                command = command._replace(hint=None)  # the index does not exist yet
                del document["hint"]
                rows = await first_batch(self._run, document)
            if rows is None:
                rows = await self._all(command, deadline)
        return rows

    async def _all(self, command: ReadCommand, deadline: float | None) -> list[Row]:
        """Return the rows of a command whose result exceeds one batch."""
        collection = self._handle[command.collection]
        cursor: Any
        if isinstance(command, FindCommand):
            cursor = collection.find(
                command.query,
                command.projection,
                sort=list(command.sort) or None,
                skip=command.skip,
                limit=command.limit,
                hint=command.hint,
                collation=command.collation,
                batch_size=BATCH,
                max_time_ms=self._limit(deadline).get("maxTimeMS"),
            )
        else:
            assert isinstance(command, AggregateCommand)  # a count returns one row
            cursor = await self._aggregated(command, deadline)
        rows: list[Row] = await self._call(cursor.to_list(None))
        return rows

    async def _aggregated(self, command: AggregateCommand, deadline: float | None = None) -> Any:
        cursor = self._handle[command.collection].aggregate(
            list(command.pipeline), allowDiskUse=True, batchSize=BATCH, **self._limit(deadline)
        )
        if inspect.isawaitable(cursor):  # PyMongo's is a coroutine
            return await self._call(cursor)
        return cursor

    async def merge(self, collection: str, pipeline: Sequence[Mapping[str, Any]]) -> None:
        """Run a pipeline that ends in `$merge`."""
        with CommandTimer(self._target, "aggregate", collection):
            cursor = await self._aggregated(AggregateCommand(collection, pipeline))
            await self._call(cursor.to_list(None))

    @asynccontextmanager
    async def watch(self, collection: str) -> AsyncIterator[ChangeStream]:
        """Yield a change stream on a collection. Raises Unsupported if there are none.

        `try_next()` returns a change, or None after a second; `alive` is false when the stream has
        ended.
        """
        target = self._target._replace(commands=None)  # not counted: it does not end
        with CommandTimer(target, "watch"):
            source = self._handle[collection]
            async with streams.opened(source, self._calls, self._patience) as stream:
                yield stream

    async def replace(self, collection: str, documents: Sequence[Mapping[str, Any]]) -> None:
        """Replace or insert documents by `_id`, in one unordered bulk."""
        if not documents:
            return
        with CommandTimer(self._target, "replace", collection):
            await self._call(
                self._handle[collection].bulk_write(
                    [ReplaceOne({"_id": d["_id"]}, d, upsert=True) for d in documents],
                    ordered=False,
                )
            )

    async def write(self, collection: str, writes: Sequence[Write]) -> list[WriteFailure]:
        """Replace or insert documents, in unordered bulks. Return those that the database rejected.

        All others are stored by a majority of the replica set on return. A document that another
        process inserted in the meantime is replaced.
        """
        return await write_all(partial(self._bulk_write, collection), writes)

    async def _bulk_write(
        self, collection: str, operations: Sequence[Operation]
    ) -> list[Mapping[str, Any]]:
        """Run one bulk and return its errors. Raises BulkRejected if none of it was written."""
        with CommandTimer(self._target, "bulk", collection):
            try:
                await self._call(self._handle[collection].bulk_write(operations, ordered=False))
            except BulkWriteError as error:
                if error.details["writeConcernErrors"]:
                    raise DatabaseUnavailable(
                        f"MongoDB at {self.address} could not confirm a write: no majority of its "
                        f"servers took it in time"
                    ) from error
                errors: list[Mapping[str, Any]] = error.details["writeErrors"]
                return errors
            except OperationFailure as error:
                if error.code in BulkRejected.codes:
                    raise BulkRejected(error.details or {}) from None
                raise
        return []

    async def update(self, collection: str, query: Filter, change: Mapping[str, Any]) -> None:
        """Update one matching document, or insert it."""
        with CommandTimer(self._target, "update", collection):
            await self._call(self._handle[collection].update_one(query, change, upsert=True))

    async def change_each(
        self, collection: str, changes: Mapping[str, Mapping[str, Any]], query: Filter
    ) -> None:
        """Update documents by `_id`, each by a change of its own, if they still match `query`."""
        if not changes:
            return
        updates = [UpdateOne({"_id": key, **query}, change) for key, change in changes.items()]
        with CommandTimer(self._target, "change", collection):
            await self._call(self._handle[collection].bulk_write(updates, ordered=False))

    async def change(
        self,
        collection: str,
        query: Filter,
        change: Mapping[str, Any] | Sequence[Mapping[str, Any]],
    ) -> int:
        """Update the matching documents, perhaps by a pipeline, and return their number."""
        with CommandTimer(self._target, "change", collection):
            result = await self._call(self._handle[collection].update_many(query, change))
            return int(result.matched_count)

    async def delete(self, collection: str, query: Filter) -> int:
        """Delete the matching documents and return their number."""
        with CommandTimer(self._target, "delete", collection):
            result = await self._call(self._handle[collection].delete_many(query))
            return int(result.deleted_count)

    async def create_indexes(self, collection: str, indexes: Sequence[IndexModel]) -> None:
        """Create the indexes that are missing."""
        with CommandTimer(self._target, "create_indexes", collection):
            await self._call(self._handle[collection].create_indexes(list(indexes)))

    async def drop_index(self, collection: str, name: str) -> None:
        """Drop an index if there is one of this name."""
        with CommandTimer(self._target, "drop_index", collection):
            try:
                await self._call(self._handle[collection].drop_index(name))
            except OperationFailure as error:
                if error.code not in _NO_INDEX:
                    raise

    async def missing_indexes(self, collection: str, names: Sequence[str]) -> list[str]:
        """Return the indexes that a collection lacks; all of them if it does not exist."""
        with CommandTimer(self._target, "index_names", collection):
            present = await self._call(self._handle[collection].index_information())
        return [name for name in names if name not in present]

    async def ping(self) -> None:
        """Return if a server responds, else raise DatabaseUnavailable."""
        with CommandTimer(self._target, "ping"):
            await self._call(self._handle.command("ping"))

    def _limit(self, deadline: float | None) -> Row:
        """Return the option that makes the server cancel a read at the deadline."""
        if self._seconds is None:
            return {}
        seconds = self._seconds
        if deadline is not None:
            seconds = min(seconds, deadline - monotonic())
            if seconds <= 0:
                raise DatabaseTimeout(
                    "the operation's deadline passed before the database was queried"
                )
        return {"maxTimeMS": max(1, int(seconds * 1000))}  # 0 would mean no limit
