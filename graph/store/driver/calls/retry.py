"""Retries while the database is unavailable for a moment: an election, a restart, a lost
connection.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from time import monotonic
from typing import Final, TypeVar

from graph.errors import DatabaseUnavailable

PATIENCE_SECONDS = 30.0
"""Longer than the election of a primary takes (12 seconds by default)."""

_FIRST_PAUSE: Final = 0.1
_LONGEST_PAUSE: Final = 2.0

Result = TypeVar("Result")


async def retried(operation: Callable[[], Awaitable[Result]]) -> Result:
    """Call `operation`, which must be idempotent, until it succeeds, and return its result.

    After PATIENCE_SECONDS, with growing pauses, its DatabaseUnavailable is raised. The driver has
    already retried each command once.
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
