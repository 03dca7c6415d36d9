"""Calls of the engine. They block, so they run in threads."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from functools import partial
from typing import ParamSpec, TypeVar

from graph.errors import SearchUnavailable

log = logging.getLogger("newsgraph")

P = ParamSpec("P")
T = TypeVar("T")


async def run_read(call: Callable[P, T], *arguments: P.args, **options: P.kwargs) -> T:
    """Run a read of the index. Raises SearchUnavailable if the index is damaged."""
    try:
        return await in_thread(call, *arguments, **options)
    except (OSError, ValueError) as error:
        log.error("the search index cannot be read: %s", error)
        raise SearchUnavailable("search: the search index cannot be read") from error


async def in_thread(call: Callable[P, T], *arguments: P.args, **options: P.kwargs) -> T:
    """Run a call of the engine. Raises OSError or ValueError for its failures."""
    return await asyncio.to_thread(_without_panic, partial(call, *arguments, **options))


def _without_panic(call: Callable[[], T]) -> T:
    """Run a call. A panic of the engine becomes a ValueError.

    A panic is not an Exception: it would end the task that waits for it, and nobody would notice.
    """
    try:
        return call()
    except Exception:
        raise
    except BaseException as error:
        raise ValueError(f"the search engine failed: {error}") from error
