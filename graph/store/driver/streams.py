"""Open and close the drivers' change streams."""

from __future__ import annotations

import asyncio
import inspect
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

from pymongo.errors import OperationFailure

from graph.errors import Unsupported

WATCH_SECONDS: Final = 1.0
"""How long a server waits for a change before it responds that there is none."""

_CLOSE_SECONDS: Final = 2.0

_NO_STREAMS: Final = frozenset({13, 59, 115, 40324, 40573})
"""MongoDB's Unauthorized, CommandNotFound and CommandNotSupported, and its errors if it does not
know the stage or is not a replica set.
"""

log = logging.getLogger("newsgraph")


@asynccontextmanager
async def opened(collection: Any) -> AsyncIterator[Any]:
    """Open a change stream on a driver's collection. Raises Unsupported if the server has none."""
    try:
        stream = collection.watch(max_await_time_ms=int(WATCH_SECONDS * 1000))
        if inspect.isawaitable(stream):  # PyMongo opens it here, Motor in __aenter__
            stream = await stream
        await stream.__aenter__()
    except OperationFailure as error:
        if error.code in _NO_STREAMS:
            raise Unsupported(
                "change streams: this MongoDB has none, or does not allow them"
            ) from error
        raise
    try:
        yield stream
    finally:
        try:
            async with asyncio.timeout(_CLOSE_SECONDS):
                await stream.close()
        except TimeoutError:
            log.info("a change stream was left to MongoDB, which forgets it after 10 minutes")
