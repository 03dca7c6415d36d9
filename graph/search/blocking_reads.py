"""Reads of the index."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from graph.errors import SearchUnavailable
from graph.search import engine_calls

log = logging.getLogger("newsgraph")

P = ParamSpec("P")
T = TypeVar("T")


async def run_read(call: Callable[P, T], *arguments: P.args, **options: P.kwargs) -> T:
    """Run a read of the index. Raises SearchUnavailable if the index is damaged."""
    try:
        return await engine_calls.in_thread(call, *arguments, **options)
    except (OSError, ValueError) as error:
        log.error("the search index cannot be read: %s", error)
        raise SearchUnavailable("search: the search index cannot be read") from error
