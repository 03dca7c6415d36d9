"""Ctrl-C and SIGTERM, taken as a wish to end in order."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class Stopping:
    """A wish to stop, and the signal that made it."""

    def __init__(self) -> None:
        self.event = asyncio.Event()
        self.signal: int | None = None


@contextmanager
def stopped_by_signals(tell: Callable[[str], None]) -> Iterator[Stopping]:
    """Ctrl-C, or SIGTERM, asks to stop in order; a second one stops at once."""
    stopping = Stopping()
    loop = asyncio.get_running_loop()
    task = asyncio.current_task()
    assert task is not None

    def stop(number: int) -> None:
        if stopping.event.is_set():
            task.cancel()
            return
        stopping.signal = number
        stopping.event.set()
        tell("stopping when what was begun is written; once more to stop at once")

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop, number)
    try:
        yield stopping
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)
