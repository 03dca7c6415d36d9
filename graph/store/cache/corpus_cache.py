"""A cache that is emptied when the corpus changes.

Concurrent requests for a missing value share one computation (request coalescing), so that no cache
stampede reaches the database after the cache was emptied.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from graph.store.background_task import retrieve_exception
from graph.store.cache.lru import Key, LRUCache, Value

Make = Callable[[], Coroutine[Any, Any, tuple[Value, int]]]


async def _always() -> bool:
    return True


class CorpusCache(LRUCache[Key, Value]):
    """An LRU cache whose values belong to one state of the corpus.

    `clear` begins the next state and a new `epoch`. A value that is being computed then is returned
    to its callers, but not stored; nor is one after which `is_current` returns false. A suspended
    cache stores and shares nothing; a new cache is suspended. `graph.store.cache.corpus_state`
    follows the corpus.
    """

    __slots__ = ("_flights", "_running", "enabled", "epoch", "is_current")

    def __init__(self, capacity: int) -> None:
        super().__init__(capacity)
        self.enabled = False
        self.epoch = 0
        self.is_current: Callable[[], Awaitable[bool]] = _always
        """Returns whether what was read is of the current state."""
        self._flights: dict[Key, asyncio.Task[Value]] = {}
        self._running: set[asyncio.Task[Value]] = set()

    def put(self, key: Key, value: Value, size: int) -> bool:
        """Store a value unless it is too large or the cache is suspended. Return whether it was
        stored.
        """
        return self.enabled and super().put(key, value, size)

    async def fetch(self, key: Key, make: Make[Value]) -> Value:
        """Return the cached value, or the value that `make` returns together with its size.

        Concurrent callers share one call of `make`, which runs in its own task and completes even
        if all callers are cancelled. Its error is raised to all of them and not cached.
        """
        if not self.enabled:
            value, _ = await make()
            return value
        flight = self._flights.get(key)
        if flight is None:
            flight = asyncio.create_task(self._compute(key, make, self.epoch))
            self._flights[key] = flight
            self._running.add(flight)
            flight.add_done_callback(self._on_done)
        return await asyncio.shield(flight)

    async def _compute(self, key: Key, make: Make[Value], epoch: int) -> Value:
        try:
            value, size = await make()
            if epoch == self.epoch and await self.is_current() and epoch == self.epoch:
                self.put(key, value, size)
            return value
        finally:
            if epoch == self.epoch:
                del self._flights[key]

    def _on_done(self, flight: asyncio.Task[Value]) -> None:
        self._running.discard(flight)
        retrieve_exception(flight)

    def clear(self) -> None:
        """Remove everything and begin a new epoch."""
        super().clear()
        self.epoch += 1
        self._flights.clear()

    def suspend(self) -> None:
        """Remove everything, and store nothing until `resume`."""
        self.enabled = False
        self.clear()

    def resume(self) -> None:
        """Store values that are computed from now on."""
        self.clear()
        self.enabled = True

    def mark_unreachable(self, confirmed: float) -> None:
        """Suspend the cache because the database is unreachable. `confirmed` is when the state of
        the corpus was last known, as a time of `time.monotonic`.
        """
        self.suspend()

    async def close(self) -> None:
        """Suspend the cache and cancel running computations."""
        self.suspend()
        for flight in self._running:
            flight.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)
