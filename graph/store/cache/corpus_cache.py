"""A cache of what holds until the corpus changes: emptied when it does, each value made once.

Requests for a value that is in the making share it (request coalescing), so that no stampede
reaches the database when the cache was emptied.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from graph.store.cache.lru import Key, LRUCache, Value

Make = Callable[[], Coroutine[Any, Any, tuple[Value, int]]]


class CorpusCache(LRUCache[Key, Value]):
    """An LRU cache whose values belong to one state of the corpus.

    `clear` begins the next state, and a new `epoch`: a value in the making then goes to those who
    wait for it, and is not held. While the cache is suspended it holds nothing and shares nothing;
    so it begins. `graph.store.cache.corpus_state` follows the corpus.
    """

    __slots__ = ("_flights", "_running", "enabled", "epoch")

    def __init__(self, capacity: int) -> None:
        super().__init__(capacity)
        self.enabled = False
        self.epoch = 0
        self._flights: dict[Key, asyncio.Task[Value]] = {}
        self._running: set[asyncio.Task[Value]] = set()

    def put(self, key: Key, value: Value, size: int) -> bool:
        """Hold a value, unless it is too large or the cache suspended; whether it is held."""
        return self.enabled and super().put(key, value, size)

    async def fetch(self, key: Key, make: Make[Value]) -> Value:
        """The value that `make` returns beside its size; those who ask at the same time share it.

        It is made in a task of its own, which ends whether or not anybody still waits. A failure is
        raised to all who wait, and forgotten.
        """
        if not self.enabled:
            value, _ = await make()
            return value
        flight = self._flights.get(key)
        if flight is None:
            flight = asyncio.create_task(self._made(key, make, self.epoch))
            self._flights[key] = flight
            self._running.add(flight)
            flight.add_done_callback(self._landed)
        return await asyncio.shield(flight)

    async def _made(self, key: Key, make: Make[Value], epoch: int) -> Value:
        try:
            value, size = await make()
            if epoch == self.epoch:
                self.put(key, value, size)
            return value
        finally:
            if epoch == self.epoch:
                del self._flights[key]

    def _landed(self, flight: asyncio.Task[Value]) -> None:
        self._running.discard(flight)
        if not flight.cancelled():
            flight.exception()  # looked at, lest asyncio complain of a failure that nobody awaits

    def clear(self) -> None:
        """Drop everything and begin a new epoch."""
        super().clear()
        self.epoch += 1
        self._flights.clear()

    def suspend(self) -> None:
        """Drop everything, and hold nothing until `resume`."""
        self.enabled = False
        self.clear()

    def resume(self) -> None:
        """Hold what is begun from now on."""
        self.clear()
        self.enabled = True

    async def close(self) -> None:
        """Suspend the cache and end what is in the making."""
        self.suspend()
        for flight in self._running:
            flight.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)
