"""Reads in snapshots: each sees the database as it was at one time.

Any other read of many documents lets writes pass while it runs. It misses a document if a write
moves the document's entry from a part of an index that it has not read yet to one that it has.

A snapshot contains what a majority of the replica set has. After an election, the new primary may
take a moment to learn what that is. Reads wait for it, so that they never see anything older than
earlier reads and writes of the same client did.
"""

from __future__ import annotations

import asyncio
import inspect
import logging
from collections.abc import Awaitable, Callable
from typing import Any, Final, TypeVar

from bson import Timestamp
from pymongo.errors import BulkWriteError, OperationFailure

from graph.store.driver.read_commands import Row

T = TypeVar("T")

_UNSUPPORTED: Final = frozenset({72, 115, 123})
"""MongoDB's InvalidOptions (before 5.0), CommandNotSupported and NotAReplicaSet."""

_UNAVAILABLE: Final = frozenset({134, 239, 246})
"""MongoDB's ReadConcernMajorityNotAvailableYet, SnapshotTooOld and SnapshotUnavailable: the server
has just started, the read took minutes, or a collection or an index was just created.
"""

_PAUSES: Final = (0.01, 0.02, 0.05, 0.1, 0.2, 0.4)
"""The pauses before further attempts, in seconds. After them, the read is not in a snapshot."""

log = logging.getLogger("newsgraph")


class SnapshotReads:
    """What the reads and writes of one client have seen.

    `latest` is the time of the newest data: a cluster time of MongoDB; None before the first read.
    """

    def __init__(self, address: str) -> None:
        self.latest: Timestamp | None = None
        self._address = address
        self._is_supported = True

    def advance(self, time: Timestamp | None) -> None:
        """Record the time of data that was read or written."""
        if time is not None and (self.latest is None or time > self.latest):
            self.latest = time

    async def read(self, send: Callable[[Row], Awaitable[T]], *, on_primary: bool = True) -> T:
        """Call `send` with the options that make a command read in a snapshot.

        If the server cannot do that, now or at all, `send` is called without options in the end. On
        a secondary, which may lag behind, a read does not wait for what was seen elsewhere.
        """
        for pause in _PAUSES:
            if not self._is_supported:
                break
            try:
                return await send(self._options(on_primary))
            except OperationFailure as error:
                if error.code in _UNSUPPORTED:
                    self._give_up()
                elif error.code not in _UNAVAILABLE:
                    raise
                else:
                    await asyncio.sleep(pause)
        return await send({})

    def _options(self, on_primary: bool) -> Row:
        concern: Row = {"level": "snapshot"}
        if on_primary and self.latest is not None:
            concern["afterClusterTime"] = self.latest
        return {"readConcern": concern}

    def _give_up(self) -> None:
        if self._is_supported:
            log.warning(
                "MongoDB at %s cannot read in snapshots: a list that is read during a load may "
                "lack articles. Use a replica set of MongoDB 5.0 or later",
                self._address,
            )
        self._is_supported = False

    async def in_session(self, client: Any, call: Callable[..., Awaitable[T]]) -> T:
        """Call a method of the driver. Later reads see what it read or wrote."""
        session = client.start_session(causal_consistency=False)
        if inspect.isawaitable(session):  # Motor's is a coroutine, PyMongo's is not
            session = await session
        try:
            result = await call(session=session)
        except BulkWriteError as error:
            if not error.details["writeConcernErrors"]:  # the other documents were written
                self.advance(session.operation_time)
            raise
        finally:
            await session.end_session()
        self.advance(session.operation_time)
        return result
