"""Reads whose result fits in one batch, as nearly all do.

They are sent as plain commands. A driver's cursor, of which only the first batch is needed, would
take a sixth of the time of a small read.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, Final, cast

from bson import decode
from bson.codec_options import CodecOptions
from bson.raw_bson import DEFAULT_RAW_BSON_OPTIONS, RawBSONDocument
from pymongo.errors import AutoReconnect, OperationFailure, ServerSelectionTimeoutError

from graph.store.driver.motor import covered_by
from graph.store.driver.read_commands import Row
from graph.store.driver.threads import THREADS

Runner = Callable[[Row], Awaitable[Row]]

_RAW: Final = DEFAULT_RAW_BSON_OPTIONS

_PASSING: Final = frozenset({6, 7, 89, 91, 134, 189, 262, 9001, 10107, 11600, 11602, 13435, 13436})
"""Error codes of a server that is shutting down or not the primary, from MongoDB's specification of
retryable reads.
"""


def runner_of(handle: Any) -> Runner:
    """Return the function that sends commands to a database in the fastest way."""
    blocking = covered_by(handle)
    if blocking is not None:
        return _threaded(handle, blocking)
    return partial(
        handle.command,
        codec_options=handle.codec_options,
        read_preference=handle.read_preference,
    )


def _threaded(handle: Any, blocking: Any) -> Runner:
    """Return a function that sends commands in threads.

    The event loop decodes the documents, because documents that a thread decoded earlier are no
    longer in the CPU's caches, which costs up to a fifth of a page. For a single document the
    second step costs more.
    """
    codecs: CodecOptions[Row] = handle.codec_options
    send = partial(THREADS.run, blocking.command, read_preference=handle.read_preference)

    async def send_and_decode(command: Row) -> Row:
        raw: RawBSONDocument = await send(command, check=False, codec_options=_RAW)
        reply = decode(raw.raw, codecs)
        if reply["ok"]:
            return reply
        if reply.get("code") in _PASSING:  # let the driver run it again and handle the error
            return cast(Row, await send(command, codec_options=codecs))
        raise OperationFailure(reply["errmsg"], reply.get("code"), reply)

    def run(command: Row) -> Awaitable[Row]:
        if _finds_one(command):
            return send(command, codec_options=codecs)
        return send_and_decode(command)

    return run


def _finds_one(command: Row) -> bool:
    """Whether a command returns at most one document."""
    return command.get("limit") == 1 or type(command.get("filter", {}).get("_id")) is str


async def first_batch(run: Runner, command: Row) -> list[Row] | None:
    """Return the documents that a command reads; None if there are more than one batch.

    Like the drivers, it retries once if the connection broke or the primary stepped down.
    """
    try:
        reply: Row = await run(command)
    except ServerSelectionTimeoutError:  # has already waited
        raise
    except AutoReconnect:
        reply = await run(command)
    cursor = reply["cursor"]
    if cursor["id"]:
        collection = cursor["ns"].partition(".")[2]
        await run({"killCursors": collection, "cursors": [cursor["id"]]})
        return None
    rows: list[Row] = cursor["firstBatch"]
    return rows
