"""The limits of operations: how many a server process runs at once, and how long each may take."""

from __future__ import annotations

import asyncio
from time import monotonic
from types import TracebackType
from typing import Any, Final, Self

from graph.errors import OperationTimeout, Overloaded

_SHORTEST: Final = 0.001
"""The shortest timer, in seconds: event loops count in milliseconds and may call it slightly too
early.
"""


class OperationLimiter:
    """Starts operations: at most `limit` at once, for at most `timeout` seconds each.

    All have the same timeout, so they expire in the order in which they began: a single timer, for
    the oldest, is enough.
    """

    __slots__ = ("_loop", "_running", "_timer", "limit", "timeout")

    def __init__(self, limit: int, timeout: float) -> None:
        self.limit = limit
        self.timeout = timeout
        self._running: dict[OperationSlot, None] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        self._timer: asyncio.TimerHandle | None = None

    @property
    def running(self) -> int:
        """The number of running operations."""
        return len(self._running)

    def begin(self) -> OperationSlot:
        """Begin an operation of the current task, which ends with its `with` block.

        Raises Overloaded if too many are running.
        """
        if len(self._running) >= self.limit:
            raise Overloaded(self.limit)
        # Finding the running loop takes a system call; mostly it is that of the last operation.
        task = asyncio.current_task(self._loop) or asyncio.current_task()
        assert task is not None
        operation = OperationSlot(self, task, monotonic() + self.timeout)
        self._running[operation] = None
        loop = task.get_loop()
        if self._timer is None or self._loop is not loop:
            self._loop = loop
            self._timer = loop.call_later(self.timeout, self._on_timer)
        return operation

    def _on_timer(self) -> None:
        self._timer = None
        now = monotonic()
        while self._running:
            oldest = next(iter(self._running))
            if oldest.deadline > now:
                assert self._loop is not None
                self._timer = self._loop.call_later(
                    max(oldest.deadline - now, _SHORTEST), self._on_timer
                )
                return
            oldest.expire()


class OperationSlot:
    """A running operation; `deadline` is a time of `time.monotonic`.

    At the deadline its task is cancelled, and the `with` block raises OperationTimeout whatever
    else was raised in it: a driver may mistake the cancellation for a lost connection.
    """

    __slots__ = ("_cancellations", "_is_expired", "_limiter", "_task", "deadline")

    def __init__(self, limiter: OperationLimiter, task: asyncio.Task[Any], deadline: float) -> None:
        self._limiter = limiter
        self._task = task
        self._cancellations = task.cancelling()
        self._is_expired = False
        self.deadline = deadline

    def expire(self) -> None:
        """Cancel the task of the operation."""
        del self._limiter._running[self]
        self._is_expired = True
        self._task.cancel()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if not self._is_expired:
            del self._limiter._running[self]
            return
        others = self._task.uncancel() > self._cancellations
        if others and kind is asyncio.CancelledError:
            return  # the client has disconnected, or the server is shutting down
        raise OperationTimeout(self._limiter.timeout) from error
