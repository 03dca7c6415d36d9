"""The operations that a server process runs: so many at once, and each for so long."""

from __future__ import annotations

import asyncio
from time import monotonic
from types import TracebackType
from typing import Any, Final, Self

from graph.errors import OperationTimeout, Overloaded

_SHORTEST: Final = 0.001
"""Event loops count in milliseconds: a timer may ring a little before its time."""


class OperationLimiter:
    """Begins operations; where `most` run already, none.

    All may take the same time, so they run out in the order in which they began: one timer, for the
    oldest, is enough for all.
    """

    __slots__ = ("_loop", "_running", "_timer", "most", "seconds")

    def __init__(self, most: int, seconds: float) -> None:
        self.most = most
        self.seconds = seconds
        self._running: dict[OperationSlot, None] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        self._timer: asyncio.TimerHandle | None = None

    @property
    def running(self) -> int:
        """How many operations run."""
        return len(self._running)

    def begin(self) -> OperationSlot:
        """An operation of the current task, over at the end of its `with`.

        Raises Overloaded where there are too many.
        """
        if len(self._running) >= self.most:
            raise Overloaded(self.most)
        # To find out which loop runs takes a call of the system: mostly, it is the last one's.
        task = asyncio.current_task(self._loop) or asyncio.current_task()
        assert task is not None
        operation = OperationSlot(self, task, monotonic() + self.seconds)
        self._running[operation] = None
        loop = task.get_loop()
        if self._timer is None or self._loop is not loop:
            self._loop = loop
            self._timer = loop.call_later(self.seconds, self._ring)
        return operation

    def _ring(self) -> None:
        self._timer = None
        now = monotonic()
        while self._running:
            oldest = next(iter(self._running))
            if oldest.until > now:
                assert self._loop is not None
                self._timer = self._loop.call_later(max(oldest.until - now, _SHORTEST), self._ring)
                return
            oldest.expire()


class OperationSlot:
    """An operation that runs. `until` is when its time is over, on the clock `monotonic`.

    Then its task is cancelled, and OperationTimeout leaves the `with` in place of whatever came of
    it: a driver may take the cancellation for a lost connection.
    """

    __slots__ = ("_cancellations", "_is_over", "_operations", "_task", "until")

    def __init__(self, operations: OperationLimiter, task: asyncio.Task[Any], until: float) -> None:
        self._operations = operations
        self._task = task
        self._cancellations = task.cancelling()
        self._is_over = False
        self.until = until

    def expire(self) -> None:
        """Cancel what is done for it."""
        del self._operations._running[self]
        self._is_over = True
        self._task.cancel()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if not self._is_over:
            del self._operations._running[self]
            return
        others = self._task.uncancel() > self._cancellations
        if others and kind is asyncio.CancelledError:
            return  # the client went away, or the server ends
        raise OperationTimeout(self._operations.seconds) from error
