"""An LRU cache with a maximum size in bytes. Callers say how large a value is."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from typing import Final, Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")

ENTRY_BYTES: Final = 256
"""The overhead of an entry in bytes."""

_LARGEST_PART: Final = 10
"""A value larger than this fraction of the capacity is not stored: it would evict too much."""


class LRUCache(Generic[Key, Value]):
    """Values by key; None is not a value. `capacity` and `bytes` are in bytes."""

    __slots__ = ("_entries", "bytes", "capacity", "evictions", "hits", "misses")

    def __init__(self, capacity: int) -> None:
        self.capacity = capacity
        self.bytes = 0
        self.hits = 0
        self.misses = 0
        self.evictions = 0
        self._entries: OrderedDict[Key, tuple[Value, int]] = OrderedDict()

    @property
    def entries(self) -> int:
        """The number of stored values."""
        return len(self._entries)

    def get(self, key: Key) -> Value | None:
        """Return the value of a key, or None."""
        entry = self._entries.get(key)
        if entry is None:
            self.misses += 1
            return None
        self._entries.move_to_end(key)
        self.hits += 1
        return entry[0]

    def put(self, key: Key, value: Value, size: int) -> bool:
        """Store a value of `size` bytes, key included, unless it is too large. Return whether it
        was stored.
        """
        size += ENTRY_BYTES
        if size * _LARGEST_PART > self.capacity:
            return False
        before = self._entries.pop(key, None)
        if before is not None:
            self.bytes -= before[1]
        self._entries[key] = (value, size)
        self.bytes += size
        self.evict(self.capacity)
        return True

    def evict(self, size: int) -> None:
        """Remove the least recently used values until the rest take at most `size` bytes."""
        while self.bytes > size:
            _, (_, dropped) = self._entries.popitem(last=False)
            self.bytes -= dropped
            self.evictions += 1

    def clear(self) -> None:
        """Remove everything."""
        self.bytes = 0
        self._entries.clear()
