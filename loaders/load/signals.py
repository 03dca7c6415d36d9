"""Graceful shutdown by SIGINT (Ctrl-C) and SIGTERM."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class Shutdown:
    """The event that requests a shutdown, and the signal that caused it."""

    def __init__(self) -> None:
        self.event = asyncio.Event()
        self.signal: int | None = None


@contextmanager
def stopped_by_signals(say: Callable[[str], None]) -> Iterator[Shutdown]:
    """Set an event at the first SIGINT or SIGTERM; the second one ends the process at once."""
    stopping = Shutdown()
    loop = asyncio.get_running_loop()
    task = asyncio.current_task()
    assert task is not None

    def stop(number: int) -> None:
        if stopping.event.is_set():
            task.cancel()
            return
        stopping.signal = number
        stopping.event.set()
        say("stopping after the current writes; repeat the signal to stop at once")

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop, number)
    try:
        yield stopping
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)
