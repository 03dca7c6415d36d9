"""One face for every driver: Motor, PyMongo's async client, and mongomock-motor in memory.

The differences between the three end here. What a driver raises leaves as an error of
`graph.errors`, with the server's address and without credentials.
"""

from __future__ import annotations

import inspect
from collections.abc import AsyncIterator, Awaitable, Mapping, Sequence
from contextlib import asynccontextmanager
from time import monotonic
from typing import Any, Final, NamedTuple, Self

from pymongo import IndexModel, InsertOne, ReadPreference, ReplaceOne
from pymongo.collation import Collation
from pymongo.errors import (
    BulkWriteError,
    OperationFailure,
)
from pymongo.monitoring import CommandListener

from graph.errors import DatabaseTimeout, DatabaseUnavailable, Unsupported
from graph.store.driver import streams
from graph.store.driver.encoding import BARE_DATES, decode, encoded
from graph.store.driver.find import BATCH, aggregate_command, find_command, first_batch, runner_of
from graph.store.telemetry.commands import Commands, CommandTarget, CommandTimer

Listener = CommandListener
"""Told of every command, as PyMongo's monitoring has it."""

Filter = Mapping[str, Any]
Projection = Mapping[str, Any]
Sort = Sequence[tuple[str, int]]
Row = dict[str, Any]


class Write(NamedTuple):
    """A document, as BSON, to be put in place under its `_id`; `new` where none is known there."""

    id: str
    data: bytes
    new: bool


class WriteFailure(NamedTuple):
    """A document that the database did not take."""

    id: str
    reason: str


_WRITING: Final = frozenset({"$merge", "$out"})
_DUPLICATE_KEY: Final = 11000
_BAD_VALUE: Final = 2
_UNFIT_DOCUMENT: Final = frozenset({2, 15, 22, 10334})
"""MongoDB's BadValue, Overflow, InvalidBSON and BSONObjectTooLarge: said of a document."""


class _CommandRefused(Exception):
    """A bulk of which the server took nothing, because of a document in it."""


class Database:
    """An open database, by its name; `address` is where it is, fit to be shown.

    `mock` says that it is in memory.
    """

    keepable = False
    """Whether what is made of its reads may be kept: nobody knows here for how long it holds."""

    def __init__(
        self, handle: Any, *, address: str, mock: bool = False, seconds: float | None = None
    ) -> None:
        self._handle = handle
        self.address = address
        self.name: str = getattr(handle, "name", "")
        self.mock = mock
        self._asked = CommandTarget(self.name, address)
        self._seconds = seconds
        self._until: float | None = None
        self._run = handle.command if mock else runner_of(handle)

    def limited(self, seconds: float) -> Database:
        """The same database for one who serves: a read that takes longer is ended by the server.

        Dates come without a zone, and are in UTC: they are decoded in a third of the time.
        """
        handle = self._handle if self.mock else self._handle.with_options(codec_options=BARE_DATES)
        return Database(handle, address=self.address, mock=self.mock, seconds=seconds)

    def counted(self, commands: Commands) -> Self:
        """The same database, whose commands are counted."""
        view = object.__new__(type(self))
        view.__dict__ = {**self.__dict__, "_asked": self._asked._replace(commands=commands)}
        return view

    def with_deadline(self, deadline: float | None = None) -> Self:
        """The same database, to be asked by one operation: `until` is when its time is over.

        That is on the clock `time.monotonic`. No read may take longer than what is left.
        """
        view = object.__new__(type(self))
        view.__dict__ = {**self.__dict__, "_until": deadline}
        return view

    @property
    def reads_from_primary(self) -> bool:
        """Whether a read shows all that was written before it; secondaries may lag behind."""
        return self.mock or bool(self._handle.read_preference.mode == ReadPreference.PRIMARY.mode)

    async def find(
        self,
        collection: str,
        query: Filter,
        *,
        projection: Projection | None = None,
        sort: Sort = (),
        limit: int = 0,
        hint: str | None = None,
        collation: Collation | None = None,
    ) -> list[Row]:
        """The matching documents; `limit` 0 means all of them, `hint` names the index to use.

        In memory texts are compared without a `collation`.
        """
        with CommandTimer(self._asked, "find", collection):
            if not self.mock:
                command = find_command(collection, query, projection, sort, limit, hint, collation)
                try:
                    rows = await self._first_batch(command)
                except OperationFailure as error:
                    if hint is None or error.code != _BAD_VALUE:
                        raise
                    # There is no such index yet: slower is better than not at all.
                    del command["hint"]
                    rows = await self._first_batch(command)
                if rows is not None:
                    return rows
            options: Row = {}
            if not self.mock:
                options = {"batch_size": BATCH, "collation": collation}
                options["max_time_ms"] = self._limit().get("maxTimeMS")
            order = list(sort) or None
            cursor = self._handle[collection].find(
                query, projection, sort=order, limit=limit, **options
            )
            found: list[Row] = await cursor.to_list(None)
        return found

    async def aggregate(self, collection: str, pipeline: Sequence[Mapping[str, Any]]) -> list[Row]:
        """What a pipeline yields: nothing for one that ends in `$merge`."""
        writes = pipeline and not _WRITING.isdisjoint(pipeline[-1])
        with CommandTimer(self._asked, "aggregate", collection):
            if not (self.mock or writes):
                batch = await self._first_batch(aggregate_command(collection, pipeline))
                if batch is not None:
                    return batch
            cursor = self._handle[collection].aggregate(
                list(pipeline), allowDiskUse=True, batchSize=BATCH, **self._limit()
            )
            if inspect.isawaitable(cursor):
                cursor = await cursor
            rows: list[Row] = await cursor.to_list(None)
        return rows

    async def count(self, collection: str, query: Filter) -> int:
        """How many documents match."""
        with CommandTimer(self._asked, "count", collection):
            return int(await self._handle[collection].count_documents(query, **self._limit()))

    @asynccontextmanager
    async def watch(self, collection: str) -> AsyncIterator[Any]:
        """The driver's change stream over a collection; Unsupported where there is no such thing.

        `try_next()` gives a change, or None a second later; `alive` is false when none can come.
        """
        if self.mock:
            raise Unsupported("change streams: mongomock:// has none; poll")
        with CommandTimer(self._asked._replace(commands=None), "watch"):  # it has no end
            async with streams.opened(self._handle[collection]) as stream:
                yield stream

    async def replace(self, collection: str, documents: Sequence[Mapping[str, Any]]) -> None:
        """Put documents in place under their `_id`, new or not, in one unordered bulk."""
        if not documents:
            return
        with CommandTimer(self._asked, "replace", collection):
            if self.mock:  # mongomock's bulk_write does not take PyMongo's ReplaceOne
                for document in documents:
                    await self._handle[collection].replace_one(
                        {"_id": document["_id"]}, document, upsert=True
                    )
                return
            await self._handle[collection].bulk_write(
                [ReplaceOne({"_id": d["_id"]}, d, upsert=True) for d in documents], ordered=False
            )

    async def write(self, collection: str, writes: Sequence[Write]) -> list[WriteFailure]:
        """Put documents in place, in unordered bulks; those that the database did not take.

        Every other one is held by a majority of the servers on return. A document that another
        process put in place in the meantime is replaced.
        """
        if self.mock:  # mongomock's bulk_write takes neither PyMongo's ReplaceOne nor BSON
            await self.replace(collection, [decode(write.data) for write in writes])
            return []
        refusals: list[WriteFailure] = []
        waiting = [list(writes)] if writes else []
        while waiting:
            part = waiting.pop()
            try:
                errors = await self._bulk(collection, part)
            except _CommandRefused as error:
                # One document made the server refuse them all: the halves tell which.
                if len(part) == 1:
                    refusals.append(WriteFailure(part[0].id, str(error)))
                else:
                    middle = len(part) // 2
                    waiting += [part[middle:], part[:middle]]
                continue
            refusals += [
                WriteFailure(part[number].id, _reason(error))
                for number, error in errors
                if not _is_taken(error)
            ]
            taken = [
                part[number]._replace(new=False) for number, error in errors if _is_taken(error)
            ]
            waiting += [taken] if taken else []
        return refusals

    async def _bulk(
        self, collection: str, writes: Sequence[Write]
    ) -> list[tuple[int, Mapping[str, Any]]]:
        """The errors of one bulk, by the number of the write in it."""
        operations: list[InsertOne[Row] | ReplaceOne[Row]] = [
            InsertOne(encoded(write.data))
            if write.new
            else ReplaceOne({"_id": write.id}, encoded(write.data), upsert=True)
            for write in writes
        ]
        with CommandTimer(self._asked, "bulk", collection):
            try:
                await self._handle[collection].bulk_write(operations, ordered=False)
            except BulkWriteError as error:
                if error.details["writeConcernErrors"]:
                    raise DatabaseUnavailable(
                        f"MongoDB at {self.address} could not confirm a write: no majority of its "
                        f"servers took it in time"
                    ) from error
                return [(fault["index"], fault) for fault in error.details["writeErrors"]]
            except OperationFailure as error:
                if error.code in _UNFIT_DOCUMENT:
                    raise _CommandRefused(_reason(error.details or {})) from None
                raise
        return []

    async def update(self, collection: str, query: Filter, change: Mapping[str, Any]) -> None:
        """Change the one matching document, or make it."""
        with CommandTimer(self._asked, "update", collection):
            await self._handle[collection].update_one(query, change, upsert=True)

    async def change(self, collection: str, query: Filter, change: Mapping[str, Any]) -> int:
        """Change what matches; how many documents that were."""
        with CommandTimer(self._asked, "change", collection):
            result = await self._handle[collection].update_many(query, change)
            return int(result.matched_count)

    async def delete(self, collection: str, query: Filter) -> int:
        """Delete what matches; how many that were."""
        with CommandTimer(self._asked, "delete", collection):
            return int((await self._handle[collection].delete_many(query)).deleted_count)

    async def create_indexes(self, collection: str, indexes: Sequence[IndexModel]) -> None:
        """Ensure indexes: those that are there already stay."""
        with CommandTimer(self._asked, "create_indexes", collection):
            await self._handle[collection].create_indexes(list(indexes))

    async def index_names(self, collection: str) -> frozenset[str]:
        """The names of a collection's indexes; none where there is no such collection."""
        with CommandTimer(self._asked, "index_names", collection):
            return frozenset(await self._handle[collection].index_information())

    async def ping(self) -> None:
        """Return if a server answers; else raise DatabaseUnavailable."""
        if self.mock:
            return
        with CommandTimer(self._asked, "ping"):
            await self._handle.command("ping")

    def _first_batch(self, command: Row) -> Awaitable[list[Row] | None]:
        return first_batch(self._run, {**command, **self._limit()})

    def _limit(self) -> Row:
        """What tells the server when to end a read."""
        if self.mock or self._seconds is None:
            return {}
        seconds = self._seconds
        if self._until is not None:
            seconds = min(seconds, self._until - monotonic())
            if seconds <= 0:
                raise DatabaseTimeout("the operation's time was over before the database was asked")
        return {"maxTimeMS": max(1, int(seconds * 1000))}  # 0 would be no limit


def _is_taken(error: Mapping[str, Any]) -> bool:
    """Whether a document of this `_id` came into being while ours was on its way."""
    return bool(error["code"] == _DUPLICATE_KEY and error.get("keyPattern") == {"_id": 1})


def _reason(error: Mapping[str, Any]) -> str:
    """What the server says of a document, cut short: it may repeat all of it."""
    message = str(error.get("errmsg") or "no reason given")
    return f"the database refused it: {message[:200]} (code {error.get('code')})"
