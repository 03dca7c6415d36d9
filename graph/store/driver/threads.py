"""Threads that wait in the place of an event loop.

Motor runs the commands of PyMongo's blocking client in threads. Its way there and back, through the
futures of `concurrent.futures`, is made for more than a read of one small document needs, and costs
an eighth of it. This way is a queue there, and a callback of the loop back.
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

MOST: Final = 32
"""How many calls run at once."""


class Threads:
    """Threads of one process, begun as they are needed, that end with it."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self.forget()

    def forget(self) -> None:
        """Begin anew: a process that was forked has none of the threads of its parent."""
        self._begun = 0
        self._asked: SimpleQueue[tuple[asyncio.Future[Any], Call, Any, Any]] = SimpleQueue()

    def run(self, call: Call, *given: Any, **named: Any) -> asyncio.Future[Any]:
        """Make a call that blocks: the future of the running loop that tells what comes of it.

        What was begun goes on when nobody waits for it any more.
        """
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._asked.put((future, call, given, named))
        if self._begun < self._most:
            self._begun += 1
            Thread(target=self._work, name=f"newsgraph-{self._begun}", daemon=True).start()
        return future

    def _work(self) -> None:
        while True:
            future, call, given, named = self._asked.get()
            tell: Callable[[asyncio.Future[Any], Any], None] = _succeed
            try:
                told = call(*given, **named)
            except Exception as error:
                tell, told = _fail, error
            with suppress(RuntimeError):  # the loop is closed: nobody is there to be told
                future.get_loop().call_soon_threadsafe(tell, future, told)
            del future, call, given, named, told  # nothing outlives its use in a thread that waits


def _succeed(future: asyncio.Future[Any], result: Any) -> None:
    if not future.done():
        future.set_result(result)


def _fail(future: asyncio.Future[Any], error: Exception) -> None:
    if not future.done():
        future.set_exception(error)


THREADS: Final = Threads()
"""Those of this process."""

os.register_at_fork(after_in_child=THREADS.forget)
