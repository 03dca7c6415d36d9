"""How long the server waits for a database that does not answer at all.

A slow command and one whose server has stopped look the same to a client. The driver's monitors
tell them apart: a server that is merely busy still answers their heartbeats.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from time import monotonic
from typing import Any, Final

from pymongo.errors import ConnectionFailure

_CHECKS: Final = 8
"""How often all calls are checked in `seconds`."""

_MIN_CAPACITY: Final = 64
"""The size of the list of calls at which those that have ended are removed, with their results."""


class DatabaseSilent(ConnectionFailure):
    """The database has answered nothing for as long as a caller waits."""


class Patience:
    """Ends waiting for calls during which no server answered for `seconds`.

    `heartbeat` returns when a server last answered, on the clock `time.monotonic`.
    """

    def __init__(self, seconds: float, heartbeat: Callable[[], float]) -> None:
        self._seconds = seconds
        self._step = seconds / _CHECKS
        self._heartbeat = heartbeat
        self._waiting: list[tuple[asyncio.Future[Any], float]] = []
        self._capacity = _MIN_CAPACITY
        self._timer: asyncio.TimerHandle | None = None
        self._expected = 0.0
        self._stalled_until = 0.0
        """Until when this process itself was stalled: it could not have noticed an answer."""

    def add(self, future: asyncio.Future[Any], began: float) -> None:
        """End the future with DatabaseSilent when it is time. `began` is when the caller began to
        wait, perhaps for an earlier attempt.
        """
        if len(self._waiting) >= self._capacity:
            self._forget_ended()
        self._waiting.append((future, began))
        if self._timer is None:
            self._start(future.get_loop())

    def is_over(self, began: float) -> bool:
        """Whether no server has answered for `seconds`, at least since `began`."""
        last_answer = max(self._heartbeat(), self._stalled_until)
        return monotonic() - max(began, last_answer) >= self._seconds

    def _forget_ended(self) -> None:
        self._waiting = [entry for entry in self._waiting if not entry[0].done()]
        self._capacity = max(_MIN_CAPACITY, 2 * len(self._waiting))

    def _start(self, loop: asyncio.AbstractEventLoop) -> None:
        self._expected = monotonic() + self._step
        self._timer = loop.call_later(self._step, self._tick, loop)

    def _tick(self, loop: asyncio.AbstractEventLoop) -> None:
        now = monotonic()
        if now - self._expected > self._step:
            self._stalled_until = now
        self._forget_ended()
        for future, began in self._waiting:
            if self.is_over(began):
                error = DatabaseSilent(f"no server has answered for {self._seconds:g} s")
                future.set_exception(error)
                future.exception()  # retrieved, should its caller just have been cancelled
        self._timer = None
        if self._waiting:
            self._start(loop)
