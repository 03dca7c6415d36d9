"""Reads whose result fits in one batch, as nearly all do.

They are sent as plain commands. A driver's cursor, of which only the first batch is needed, would
take a sixth of the time of a small read.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from time import monotonic
from typing import Any, Final, TypeVar, cast

from bson import decode
from bson.codec_options import CodecOptions
from bson.raw_bson import DEFAULT_RAW_BSON_OPTIONS, RawBSONDocument
from pymongo.errors import AutoReconnect, OperationFailure, ServerSelectionTimeoutError

from graph.store.driver.calls.driver_calls import DriverCalls
from graph.store.driver.calls.motor import delegate_of
from graph.store.driver.calls.patience import Patience
from graph.store.driver.calls.threads import THREADS
from graph.store.driver.read_commands import Row
from graph.store.driver.snapshots import SnapshotReads
from graph.store.telemetry.commands import TRANSIENT

T = TypeVar("T")

Runner = Callable[[Row, float], Awaitable[Row]]
"""Runs a command for a caller that began to wait at a time of `time.monotonic`."""

_RAW: Final = DEFAULT_RAW_BSON_OPTIONS


def runner_of(handle: Any, calls: DriverCalls, patience: Patience | None) -> Runner:
    """Return the function that sends commands to a database in the fastest way.

    It ends waiting when `patience` does. Cancelling it never cancels anything in the driver.
    """
    blocking = delegate_of(handle)
    if blocking is not None:
        return _threaded(handle, blocking, patience)
    send = partial(
        handle.command,
        codec_options=handle.codec_options,
        read_preference=handle.read_preference,
    )

    def run(command: Row, began: float) -> Awaitable[Row]:
        return calls.run(send(command), patience, began)

    return run


def _threaded(handle: Any, blocking: Any, patience: Patience | None) -> Runner:
    """Return a function that sends commands in threads.

    The event loop decodes the documents, because documents that a thread decoded earlier are no
    longer in the CPU's caches, which costs up to a fifth of a page. For a single document the
    second step costs more.
    """
    codecs: CodecOptions[Row] = handle.codec_options
    call = partial(THREADS.run, blocking.command, read_preference=handle.read_preference)

    def send(command: Row, began: float, **options: Any) -> asyncio.Future[Any]:
        future = call(command, **options)
        if patience is not None:
            patience.add(future, began)
        return future

    async def send_and_decode(command: Row, began: float) -> Row:
        raw: RawBSONDocument = await send(command, began, check=False, codec_options=_RAW)
        reply = decode(raw.raw, codecs)
        if reply["ok"]:
            return reply
        if reply.get("code") in TRANSIENT:  # let the driver run it again and handle the error
            return cast(Row, await send(command, began, codec_options=codecs))
        raise OperationFailure(reply["errmsg"], reply.get("code"), reply)

    def run(command: Row, began: float) -> Awaitable[Row]:
        if _finds_one(command):
            return send(command, began, codec_options=codecs)
        return send_and_decode(command, began)

    return run


def _finds_one(command: Row) -> bool:
    """Whether a command returns at most one document."""
    return command.get("limit") == 1 or type(command.get("filter", {}).get("_id")) is str


async def first_batch(run: Runner, command: Row, snapshots: SnapshotReads) -> list[Row] | None:
    """Return the documents that a command reads; None if there are more than one batch.

    Like the drivers, it retries once if the connection broke or the primary stepped down.
    """
    began = monotonic()
    reply = await retried_once(lambda: run(command, began))
    cursor = reply["cursor"]
    snapshots.advance(cursor.get("atClusterTime") or reply.get("operationTime"))
    if cursor["id"]:
        collection = cursor["ns"].partition(".")[2]
        await run({"killCursors": collection, "cursors": [cursor["id"]]}, began)
        return None
    rows: list[Row] = cursor["firstBatch"]
    return rows


async def retried_once(call: Callable[[], Awaitable[T]]) -> T:
    """Await a call, and once more if the connection broke or the primary stepped down."""
    try:
        return await call()
    except ServerSelectionTimeoutError:  # has already waited
        raise
    except AutoReconnect:
        return await call()
