"""Threads that run blocking calls for an event loop.

Motor runs PyMongo's blocking client in threads through `concurrent.futures`, which takes an eighth
of the time of a small read. This module uses a queue to the threads and a callback to the loop.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from contextlib import suppress
from queue import SimpleQueue
from threading import Thread
from typing import Any, Final

Call = Callable[..., Any]

MAX_THREADS: Final = 32
"""The maximum number of concurrent calls."""


class Threads:
    """The threads of a process. They are started on demand and end with it."""

    def __init__(self, max_threads: int = MAX_THREADS) -> None:
        self._max_threads = max_threads
        self.forget()

    def forget(self) -> None:
        """Forget all threads after a fork: the child process has none of them."""
        self._started = 0
        self._calls: SimpleQueue[tuple[asyncio.Future[Any], Call, Any, Any]] = SimpleQueue()

    def run(self, call: Call, *args: Any, **kwargs: Any) -> asyncio.Future[Any]:
        """Run a blocking call, and return a future of the running loop for its result.

        If the future is cancelled or completed otherwise, the call is left out if it has not begun,
        and else runs to its end.
        """
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._calls.put((future, call, args, kwargs))
        if self._started < self._max_threads:
            self._started += 1
            Thread(target=self._work, name=f"newsgraph-{self._started}", daemon=True).start()
        return future

    def _work(self) -> None:
        while True:
            future, call, args, kwargs = self._calls.get()
            if future.done():
                continue
            complete: Callable[[asyncio.Future[Any], Any], None] = _succeed
            try:
                result = call(*args, **kwargs)
            except Exception as error:
                complete, result = _fail, error
            with suppress(RuntimeError):  # the loop is closed
                future.get_loop().call_soon_threadsafe(complete, future, result)
            del future, call, args, kwargs, result  # keep nothing alive while waiting


def _succeed(future: asyncio.Future[Any], result: Any) -> None:
    if not future.done():
        future.set_result(result)


def _fail(future: asyncio.Future[Any], error: Exception) -> None:
    if not future.done():
        future.set_exception(error)


THREADS: Final = Threads()
"""The threads of this process."""

os.register_at_fork(after_in_child=THREADS.forget)
