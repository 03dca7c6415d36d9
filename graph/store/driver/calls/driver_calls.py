"""Calls of the driver, each in a task of its own that is never cancelled.

A cancellation inside of PyMongo's async client can leave its locks broken: `asyncio.wait_for` on a
condition, cancelled twice, returns without the condition's lock, which another task then holds for
ever. So only waiting is cancelled; the call itself goes on until the driver ends it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from time import monotonic
from typing import Any, Final, TypeVar

from pymongo import ReadPreference

from graph.store.background_task import retrieve_exception
from graph.store.driver.calls.heartbeats import INTERVAL_SECONDS, Heartbeats
from graph.store.driver.calls.patience import Patience

T = TypeVar("T")

_SHORTEST: Final = 3 * INTERVAL_SECONDS
"""A busy host may delay one heartbeat, but hardly three in a row."""


class DriverCalls:
    """The running calls of one client.

    `seconds` is how long a caller waits for servers that do not answer at all; None if the driver
    does not monitor them, as behind a load balancer.
    """

    def __init__(self, heartbeats: Heartbeats | None = None, seconds: float | None = None) -> None:
        self._heartbeats = heartbeats
        self._seconds = seconds
        self._running: set[asyncio.Future[Any]] = set()

    def patience(self, handle: Any) -> Patience | None:
        """Return the patience for reads of a driver's database."""
        heartbeats = self._heartbeats
        if heartbeats is None or self._seconds is None:
            return None
        seconds = max(self._seconds, _SHORTEST)
        if handle.read_preference.mode == ReadPreference.PRIMARY.mode:
            return Patience(seconds, lambda: heartbeats.writable)
        return Patience(seconds, lambda: heartbeats.readable)

    def start(self, call: Awaitable[T]) -> asyncio.Future[T]:
        """Start a call. The caller must not cancel the future: see `result`."""
        running = asyncio.ensure_future(call)
        self._running.add(running)
        running.add_done_callback(self._ended)
        return running

    def result(
        self,
        running: asyncio.Future[T],
        patience: Patience | None = None,
        began: float | None = None,
    ) -> asyncio.Future[T]:
        """Return a future for the result of a call. If it is cancelled, or `patience` ends it, the
        call goes on. `began` is when the caller began to wait: now by default.
        """
        waiter: asyncio.Future[T] = running.get_loop().create_future()

        def pass_on(ended: asyncio.Future[T]) -> None:
            if waiter.done():
                return
            if ended.cancelled():
                waiter.cancel()
            elif (error := ended.exception()) is not None:
                waiter.set_exception(error)
            else:
                waiter.set_result(ended.result())

        running.add_done_callback(pass_on)
        if patience is not None:
            patience.add(waiter, monotonic() if began is None else began)
        return waiter

    def run(
        self, call: Awaitable[T], patience: Patience | None = None, began: float | None = None
    ) -> asyncio.Future[T]:
        """Start a call, and return a future for its result: see `result`."""
        return self.result(self.start(call), patience, began)

    async def end(self, seconds: float) -> None:
        """Wait for running calls, for at most this long."""
        if self._running:
            await asyncio.wait(self._running, timeout=seconds)

    def _ended(self, running: asyncio.Future[Any]) -> None:
        self._running.discard(running)
        retrieve_exception(running)
