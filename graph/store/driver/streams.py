"""Open and close the drivers' change streams."""

from __future__ import annotations

import asyncio
import inspect
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

from bson import Timestamp
from pymongo.errors import OperationFailure

from graph.errors import Unsupported
from graph.store.driver.calls.driver_calls import DriverCalls
from graph.store.driver.calls.patience import Patience
from graph.store.driver.calls.snapshots import SnapshotReads

WATCH_SECONDS: Final = 1.0
"""How long a server waits for a change before it responds that there is none."""

_NO_STREAMS: Final = frozenset({13, 59, 115, 40324, 40573})
"""MongoDB's Unauthorized, CommandNotFound and CommandNotSupported, and its errors if it does not
know the stage or is not a replica set.
"""

log = logging.getLogger("newsgraph")


class ChangeStream:
    """A driver's change stream, whose calls end as those of the database do."""

    def __init__(
        self, stream: Any, calls: DriverCalls, snapshots: SnapshotReads, patience: Patience | None
    ) -> None:
        self._stream = stream
        self._calls = calls
        self._snapshots = snapshots
        self._patience = patience
        self._reading: asyncio.Future[Any] | None = None

    @property
    def alive(self) -> bool:
        """Whether there may be more changes."""
        return bool(self._stream.alive)

    async def try_next(self) -> Any:
        """Return a change, which later reads see, or None after a second.

        After an error the stream must be closed.
        """
        self._reading = self._calls.start(self._stream.try_next())
        change = await self._calls.result(self._reading, self._patience)
        if change is not None:
            self._snapshots.advance(change.get("clusterTime"))
        return change

    async def close(self) -> None:
        """Close the stream once the driver no longer reads it."""
        if self._reading is not None:
            await asyncio.wait([self._reading])
        await self._stream.close()


@asynccontextmanager
async def opened(
    collection: Any, calls: DriverCalls, snapshots: SnapshotReads, patience: Patience | None = None
) -> AsyncIterator[ChangeStream]:
    """Open a change stream on a driver's collection. Raises Unsupported if the server has none.

    It begins after the newest data that was read.

    On exit it is closed, which may take the driver a second; nobody waits for that.
    """
    opening = calls.start(_open(collection, snapshots.latest))
    try:
        stream = ChangeStream(await calls.result(opening, patience), calls, snapshots, patience)
    except OperationFailure as error:
        if error.code in _NO_STREAMS:
            raise Unsupported(
                "change streams: this MongoDB has none, or does not allow them"
            ) from error
        raise
    except BaseException:
        calls.start(_close_when_opened(opening))
        raise
    try:
        yield stream
    finally:
        calls.start(_close(stream))


async def _open(collection: Any, latest: Timestamp | None) -> Any:
    stream = collection.watch(
        max_await_time_ms=int(WATCH_SECONDS * 1000),
        start_at_operation_time=None if latest is None else Timestamp(latest.time, latest.inc + 1),
    )
    if inspect.isawaitable(stream):  # PyMongo opens it here, Motor in __aenter__
        stream = await stream
    await stream.__aenter__()
    return stream


async def _close(stream: ChangeStream) -> None:
    try:
        await stream.close()
    except Exception as error:
        log.info("MongoDB closes a change stream itself in 10 minutes: %s", error)


async def _close_when_opened(opening: asyncio.Future[Any]) -> None:
    """Close a stream that nobody waits for any more, if it was opened after all."""
    await asyncio.wait([opening])
    if opening.exception() is None:
        await opening.result().close()
