"""The LRU cache: the most recently used values, within a limit of bytes."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from graph.store.cache.lru import ENTRY_BYTES, LRUCache


def test_hits_misses_and_evictions_are_counted() -> None:
    cache = LRUCache[str, str]((ENTRY_BYTES + 1) * 10)
    for number in range(11):
        cache.put(str(number), "value", 1)
    assert (cache.get("0"), cache.get("10")) == (None, "value")
    assert (cache.hits, cache.misses, cache.evictions, cache.entries) == (1, 1, 1, 10)


class Model:
    """A simple model of a cache of so many bytes."""

    def __init__(self, capacity: int) -> None:
        self.capacity = capacity
        self.held: OrderedDict[str, tuple[str, int]] = OrderedDict()

    def get(self, key: str) -> str | None:
        if key not in self.held:
            return None
        self.held.move_to_end(key)
        return self.held[key][0]

    def put(self, key: str, value: str, size: int) -> None:
        if (size + ENTRY_BYTES) * 10 > self.capacity:
            return
        self.held.pop(key, None)
        self.held[key] = (value, size + ENTRY_BYTES)
        while self.bytes > self.capacity:
            self.held.popitem(last=False)

    @property
    def bytes(self) -> int:
        return sum(size for _, size in self.held.values())


STEPS = st.one_of(
    st.tuples(st.just("get"), st.sampled_from("abcdefghijklmnop")),
    st.tuples(st.just("put"), st.sampled_from("abcdefghijklmnop"), st.integers(0, 600)),
    st.tuples(st.just("clear")),
)


@settings(deadline=None)
@given(st.lists(STEPS, max_size=200), st.integers(0, 8_000))
def test_the_least_recently_used_values_are_evicted_beyond_the_limit(
    steps: list[tuple[Any, ...]], capacity: int
) -> None:
    cache, model = LRUCache[str, str](capacity), Model(capacity)
    for number, step in enumerate(steps):
        match step:
            case ("get", key):
                assert cache.get(key) == model.get(key)
            case ("put", key, size):
                cache.put(key, str(number), size)
                model.put(key, str(number), size)
            case _:
                cache.clear()
                model.held.clear()
        assert cache.bytes == model.bytes <= capacity
    assert list(cache._entries.items()) == list(model.held.items())
