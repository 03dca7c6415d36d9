"""A cache that is bounded in bytes and drops what was least recently used.

It knows nothing of what it holds: whoever fills it says what a value takes.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from typing import Final, Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")

ENTRY_BYTES: Final = 256
"""What an entry takes beside its key and its value."""

_LARGEST_PART: Final = 10
"""A value that takes more than one part in so many is not held: it would push out too much."""


class LRUCache(Generic[Key, Value]):
    """Values by key; None is no value. `capacity` and `bytes` are in bytes."""

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

    def put(self, key: Key, value: Value, size: int) -> bool:
        """Hold a value, unless it is too large; whether it is held.

        `size` is what the key and the value take, in bytes.
        """
        size += ENTRY_BYTES
        if size * _LARGEST_PART > self.capacity:
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

    def clear(self) -> None:
        """Drop everything."""
        self.bytes = 0
        self._entries.clear()
