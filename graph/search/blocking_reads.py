"""Reads of the index block, so they run in threads."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Final, ParamSpec, TypeVar

from graph.errors import SearchUnavailable

_PANIC: Final = "PanicException"
"""The class of the engine's failures that are no Exceptions; it cannot be imported."""

log = logging.getLogger("newsgraph")

P = ParamSpec("P")
T = TypeVar("T")


async def in_thread(call: Callable[P, T], *arguments: P.args, **options: P.kwargs) -> T:
    """Run a read of the index. Raises SearchUnavailable if the index is damaged."""
    try:
        return await asyncio.to_thread(call, *arguments, **options)
    except BaseException as error:
        if not isinstance(error, OSError | ValueError) and type(error).__name__ != _PANIC:
            raise
        log.error("the search index cannot be read: %s", error)
        raise SearchUnavailable("search: the search index cannot be read") from error
