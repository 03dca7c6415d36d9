"""Reads whose documents fit in one answer of the server, which is nearly all of them.

They are sent as the plain commands that MongoDB's manual describes: a driver's cursor, of which
nothing but its first batch is wanted, makes up a sixth of what a small read costs.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from typing import Any, Final

from pymongo.collation import Collation
from pymongo.errors import AutoReconnect, ServerSelectionTimeoutError

from graph.store.threads import THREADS

Row = dict[str, Any]
Runner = Callable[..., Awaitable[Row]]

BATCH: Final = 4096
"""Documents in one answer of the server, if its 16 MB hold as many."""


def find_command(
    collection: str,
    query: Mapping[str, Any],
    projection: Mapping[str, Any] | None,
    sort: Sequence[tuple[str, int]],
    limit: int,
    hint: str | None,
    collation: Collation | None,
) -> Row:
    """The command that finds documents."""
    command: Row = {"find": collection, "filter": query, "batchSize": BATCH}
    if projection is not None:
        command["projection"] = projection
    if sort:
        command["sort"] = dict(sort)
    if limit:
        command["limit"] = limit
    if hint is not None:
        command["hint"] = hint
    if collation is not None:
        command["collation"] = collation.document
    return command


def aggregate_command(collection: str, pipeline: Sequence[Mapping[str, Any]]) -> Row:
    """The command that runs a pipeline."""
    cursor = {"batchSize": BATCH}
    return {"aggregate": collection, "pipeline": pipeline, "cursor": cursor, "allowDiskUse": True}


def runner_of(handle: Any) -> Runner:
    """What sends commands to a database, as its own options say and the fastest way there is."""
    motor = "delegate" in vars(handle)  # the blocking client that Motor runs in threads
    run = partial(THREADS.run, handle.delegate.command) if motor else handle.command
    return partial(run, codec_options=handle.codec_options, read_preference=handle.read_preference)


async def first_batch(run: Runner, command: Row) -> list[Row] | None:
    """The documents that a command reads; None where there are more than one batch holds.

    As the drivers do, it tries once more where the connection broke, or the primary stepped down.
    """
    try:
        reply: Row = await run(command)
    except ServerSelectionTimeoutError:  # which was waited for already
        raise
    except AutoReconnect:
        reply = await run(command)
    cursor = reply["cursor"]
    if cursor["id"]:
        collection = cursor["ns"].partition(".")[2]
        await run("killCursors", collection, cursors=[cursor["id"]])
        return None
    rows: list[Row] = cursor["firstBatch"]
    return rows
