"""Patience with a database that is away for a moment: an election, a restart, a lost connection."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from time import monotonic
from typing import Final, TypeVar

from graph.errors import DatabaseUnavailable

PATIENCE_SECONDS = 30.0
"""Longer than a replica set takes to elect a primary (12 seconds by default)."""

_FIRST_PAUSE: Final = 0.1
_LONGEST_PAUSE: Final = 2.0

Result = TypeVar("Result")


async def retried(operation: Callable[[], Awaitable[Result]]) -> Result:
    """What `operation` returns, which may be called again: it must be idempotent.

    It is called until it succeeds or PATIENCE_SECONDS are over, with growing pauses; then its
    DatabaseUnavailable is raised. The driver itself has retried each command once before.
    """
    deadline = monotonic() + PATIENCE_SECONDS
    pause = _FIRST_PAUSE
    while True:
        try:
            return await operation()
        except DatabaseUnavailable:
            if monotonic() + pause > deadline:
                raise
        await asyncio.sleep(pause)
        pause = min(2 * pause, _LONGEST_PAUSE)
