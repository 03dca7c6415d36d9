"""A cache of what is expensive to make: bounded in bytes, read once while cold, dropped at once.

It knows nothing of what it holds. Whoever fills it says what a value takes, and whoever follows the
corpus says when all of it is out of date.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Coroutine, Hashable
from typing import Any, Final, Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")

ENTRY_BYTES: Final = 256
"""What an entry takes beside its key and its value."""

_LARGEST_PART: Final = 10
"""A value that takes more than one part in so many is not kept: it would push out too much."""


class Cache(Generic[Key, Value]):
    """Values by key, the least recently used dropped first; None is no value.

    What is held belongs to an epoch. `clear` ends it: what is in the making then is handed to those
    who wait for it, and not kept. While the cache is suspended it holds nothing and shares nothing;
    so it begins.
    """

    __slots__ = (
        "_entries",
        "_flights",
        "_running",
        "bytes",
        "capacity",
        "enabled",
        "epoch",
        "evictions",
        "hits",
        "misses",
    )

    def __init__(self, capacity: int) -> None:
        self.capacity = capacity
        self.enabled = False
        self.epoch = 0
        self.bytes = 0
        self.hits = 0
        self.misses = 0
        self.evictions = 0
        self._entries: OrderedDict[Key, tuple[Value, int]] = OrderedDict()
        self._flights: dict[Key, asyncio.Task[Value]] = {}
        self._running: set[asyncio.Task[Value]] = set()

    @property
    def entries(self) -> int:
        """How many values are held."""
        return len(self._entries)

    def get(self, key: Key) -> Value | None:
        """The value under a key, if it is held."""
        entry = self._entries.get(key)
        if entry is None:
            self.misses += 1
            return None
        self._entries.move_to_end(key)
        self.hits += 1
        return entry[0]

    def put(self, key: Key, value: Value, size: int, epoch: int) -> bool:
        """Hold a value whose making began in this epoch, if that still lasts; whether it is held.

        `size` is what the key and the value take, in bytes.
        """
        size += ENTRY_BYTES
        if not self.enabled or epoch != self.epoch or size * _LARGEST_PART > self.capacity:
            return False
        before = self._entries.pop(key, None)
        if before is not None:
            self.bytes -= before[1]
        self._entries[key] = (value, size)
        self.bytes += size
        while self.bytes > self.capacity:
            _, (_, dropped) = self._entries.popitem(last=False)
            self.bytes -= dropped
            self.evictions += 1
        return True

    async def fetch(
        self, key: Key, make: Callable[[], Coroutine[Any, Any, tuple[Value, int]]]
    ) -> Value:
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

    async def _made(
        self, key: Key, make: Callable[[], Coroutine[Any, Any, tuple[Value, int]]], epoch: int
    ) -> Value:
        try:
            value, size = await make()
            self.put(key, value, size, epoch)
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
        self.epoch += 1
        self.bytes = 0
        self._entries.clear()
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
