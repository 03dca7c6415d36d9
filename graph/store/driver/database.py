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

from bson import Timestamp
from pymongo import IndexModel, ReadPreference, ReplaceOne, UpdateOne
from pymongo.errors import BulkWriteError, OperationFailure
from pymongo.monitoring import CommandListener

from graph.errors import DatabaseTimeout, DatabaseUnavailable
from graph.store.driver import streams
from graph.store.driver.bulk_writes import (
    BulkRejected,
    Write,
    WriteFailure,
    WriteOperation,
    write_all,
)
from graph.store.driver.calls.driver_calls import DriverCalls
from graph.store.driver.calls.snapshots import SnapshotReads
from graph.store.driver.encoding import BARE_DATES
from graph.store.driver.find import first_batch, retried_once, runner_of
from graph.store.driver.read_commands import Filter, FindCommand, ReadCommand, Reader, Row
from graph.store.driver.streams import ChangeStream
from graph.store.telemetry.commands import Commands, CommandTarget, CommandTimer

T = TypeVar("T")

Listener = CommandListener
"""Called with every command, as in PyMongo's command monitoring."""

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
        snapshots: SnapshotReads | None = None,
    ) -> None:
        self._handle = handle
        self.address = address
        self.name: str = getattr(handle, "name", "")
        self._target = CommandTarget(self.name, address, commands)
        self._seconds = seconds
        self._calls = calls or DriverCalls()
        self._snapshots = snapshots or SnapshotReads(address)
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
            snapshots=self._snapshots,
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

    @property
    def seen(self) -> Timestamp | None:
        """The cluster time of the newest data that was read or written. Later reads are not older.

        None if the server has no such times, or if reads may go to secondaries.
        """
        return self._snapshots.latest if self.why_uncacheable is None else None

    async def run(self, command: ReadCommand, *, deadline: float | None = None) -> list[Row]:
        """Return the rows that a command reads: in a snapshot, if the server can do that.

        `deadline` is a time on the clock `time.monotonic`.
        """
        with CommandTimer(self._target, command.name, command.collection):
            try:
                return await self._read(command, deadline)
            except OperationFailure as error:
                if error.code != _BAD_VALUE or not isinstance(command, FindCommand):
                    raise
                if command.hint is None:
                    raise
                # The index does not exist yet.
                return await self._read(command._replace(hint=None), deadline)

    async def _read(self, command: ReadCommand, deadline: float | None) -> list[Row]:
        async def send(options: Row) -> list[Row]:
            def document() -> Row:
                return {**command.document, **options, **self._limit(deadline)}

            rows = await first_batch(self._run, document(), self._snapshots)
            return await self._all(document()) if rows is None else rows

        return await self._snapshots.read(send, on_primary=self.why_uncacheable is None)

    async def _all(self, document: Row) -> list[Row]:
        """Return the rows of a command whose result exceeds one batch."""
        handle = self._handle
        options = {"read_preference": handle.read_preference, "codec_options": handle.codec_options}

        async def read(session: Any) -> list[Row]:
            cursor = await handle.cursor_command(document, session=session, **options)
            rows: list[Row] = await cursor.to_list(None)
            return rows

        return await retried_once(lambda: self._call(self._snapshots.in_session(self.client, read)))

    async def merge(self, collection: str, pipeline: Sequence[Mapping[str, Any]]) -> None:
        """Run a pipeline that ends in `$merge`. It reads in a snapshot, as `run` does."""

        async def send(options: Row) -> None:
            async def merged(session: Any) -> None:
                cursor = self._handle[collection].aggregate(
                    list(pipeline), allowDiskUse=True, session=session, **options
                )
                if inspect.isawaitable(cursor):  # PyMongo's is a coroutine
                    cursor = await cursor
                await cursor.to_list(None)

            await self._call(self._snapshots.in_session(self.client, merged))

        with CommandTimer(self._target, "aggregate", collection):
            await self._snapshots.read(send)

    async def _write(self, collection: str, method: str, *args: Any, **options: Any) -> Any:
        """Call a method of a driver's collection that writes."""
        write = partial(getattr(self._handle[collection], method), *args, **options)
        return await self._call(self._snapshots.in_session(self.client, write))

    @asynccontextmanager
    async def watch(self, collection: str) -> AsyncIterator[ChangeStream]:
        """Yield a change stream on a collection. Raises Unsupported if there are none.

        It begins after the last read. `try_next()` returns a change, or None after a second;
        `alive` is false when the stream has ended.
        """
        target = self._target._replace(commands=None)  # not counted: it does not end
        with CommandTimer(target, "watch"):
            watched = self._handle[collection]
            opened_stream = streams.opened(watched, self._calls, self._snapshots, self._patience)
            async with opened_stream as stream:
                yield stream

    async def replace(self, collection: str, documents: Sequence[Mapping[str, Any]]) -> None:
        """Replace or insert documents by `_id`, in one unordered bulk."""
        if not documents:
            return
        with CommandTimer(self._target, "replace", collection):
            operations = [ReplaceOne({"_id": d["_id"]}, d, upsert=True) for d in documents]
            await self._write(collection, "bulk_write", operations, ordered=False)

    async def write(self, collection: str, writes: Sequence[Write]) -> list[WriteFailure]:
        """Replace or insert documents, in unordered bulks. Return those that the database rejected.

        All others are stored by a majority of the replica set on return. A document that another
        process inserted in the meantime is replaced.
        """
        return await write_all(partial(self._bulk_write, collection), writes)

    async def _bulk_write(
        self, collection: str, operations: Sequence[WriteOperation]
    ) -> list[Mapping[str, Any]]:
        """Run one bulk and return its errors. Raises BulkRejected if none of it was written."""
        with CommandTimer(self._target, "bulk", collection):
            try:
                await self._write(collection, "bulk_write", operations, ordered=False)
            except BulkWriteError as error:
                if error.details["writeConcernErrors"]:
                    raise DatabaseUnavailable(
                        f"MongoDB at {self.address} could not confirm a write: no majority of its "
                        "servers acknowledged it in time"
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
            await self._write(collection, "update_one", query, change, upsert=True)

    async def change_each(
        self, collection: str, changes: Mapping[str, Mapping[str, Any]], query: Filter
    ) -> None:
        """Update documents by `_id`, each by a change of its own, if they still match `query`."""
        if not changes:
            return
        updates = [UpdateOne({"_id": key, **query}, change) for key, change in changes.items()]
        with CommandTimer(self._target, "change", collection):
            await self._write(collection, "bulk_write", updates, ordered=False)

    async def change(
        self,
        collection: str,
        query: Filter,
        change: Mapping[str, Any] | Sequence[Mapping[str, Any]],
        *,
        hint: str | None = None,
    ) -> int:
        """Update the matching documents, perhaps by a pipeline, and return their number.

        `hint` is the name of the index to find them by. It must exist.
        """
        with CommandTimer(self._target, "change", collection):
            result = await self._write(collection, "update_many", query, change, hint=hint)
            return int(result.matched_count)

    async def delete(self, collection: str, query: Filter) -> int:
        """Delete the matching documents and return their number."""
        with CommandTimer(self._target, "delete", collection):
            result = await self._write(collection, "delete_many", query)
            return int(result.deleted_count)

    async def create_indexes(self, collection: str, indexes: Sequence[IndexModel]) -> None:
        """Create the indexes that are missing."""
        with CommandTimer(self._target, "create_indexes", collection):
            await self._write(collection, "create_indexes", list(indexes))

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
