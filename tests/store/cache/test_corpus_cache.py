"""The cache for one state of the corpus: exact, and each value computed once."""

from __future__ import annotations

import asyncio

import pytest

from graph.store.cache.corpus_cache import CorpusCache
from graph.store.cache.lru import ENTRY_BYTES


def opened(capacity: int = 1_000_000) -> CorpusCache[str, str]:
    cache: CorpusCache[str, str] = CorpusCache(capacity)
    cache.resume()
    return cache


class Maker:
    """Computes a value when the test lets it, and counts how often it began."""

    def __init__(self, value: str = "made", size: int = 1) -> None:
        self.begun = 0
        self.value, self.size = value, size
        self.started, self.go = asyncio.Event(), asyncio.Event()

    async def __call__(self) -> tuple[str, int]:
        self.begun += 1
        self.started.set()
        await self.go.wait()
        return self.value, self.size


async def test_concurrent_callers_share_one_computation() -> None:
    cache, make = opened(), Maker()
    waiting = [asyncio.create_task(cache.fetch("key", make)) for _ in range(50)]
    await make.started.wait()
    make.go.set()
    assert await asyncio.gather(*waiting) == ["made"] * 50
    assert make.begun == 1
    assert cache.get("key") == "made"


async def test_cancelling_the_first_caller_does_not_cancel_the_others() -> None:
    cache, make = opened(), Maker()
    first = asyncio.create_task(cache.fetch("key", make))
    await make.started.wait()
    second = asyncio.create_task(cache.fetch("key", make))
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    make.go.set()
    assert await second == "made"
    assert make.begun == 1


async def test_a_value_is_cached_even_if_all_callers_are_cancelled() -> None:
    cache, make = opened(), Maker()
    only = asyncio.create_task(cache.fetch("key", make))
    await make.started.wait()
    [flight] = cache._running
    only.cancel()
    with pytest.raises(asyncio.CancelledError):
        await only
    make.go.set()
    await flight
    assert cache.get("key") == "made"


async def test_a_failure_is_raised_to_all_and_forgotten() -> None:
    cache = opened()

    async def fail() -> tuple[str, int]:
        await asyncio.sleep(0)
        raise ValueError("once")

    results = await asyncio.gather(
        cache.fetch("key", fail), cache.fetch("key", fail), return_exceptions=True
    )
    assert [str(error) for error in results] == ["once", "once"]
    make = Maker()
    make.go.set()
    assert await cache.fetch("key", make) == "made"


async def test_a_value_of_an_old_epoch_is_returned_and_not_cached() -> None:
    cache, make = opened(), Maker()
    waiting = asyncio.create_task(cache.fetch("key", make))
    await make.started.wait()
    cache.clear()
    make.go.set()
    assert await waiting == "made"
    assert cache.get("key") is None


async def test_callers_in_a_new_epoch_do_not_share_an_old_computation() -> None:
    cache, old, new = opened(), Maker("old"), Maker("new")
    first = asyncio.create_task(cache.fetch("key", old))
    await old.started.wait()
    cache.clear()
    second = asyncio.create_task(cache.fetch("key", new))
    await new.started.wait()
    old.go.set()
    assert await first == "old"
    third = asyncio.create_task(cache.fetch("key", new))
    new.go.set()
    assert [await second, await third] == ["new", "new"]
    assert (new.begun, cache.get("key")) == (1, "new")


async def test_a_suspended_cache_neither_stores_nor_shares_values() -> None:
    cache, make = opened(), Maker()
    cache.put("held", "value", 1)
    cache.suspend()
    assert cache.get("held") is None
    assert not cache.put("put", "value", 1)
    make.go.set()
    await asyncio.gather(cache.fetch("key", make), cache.fetch("key", make))
    assert (make.begun, cache.get("key"), cache.bytes) == (2, None, 0)


async def test_a_value_begun_while_suspended_is_not_cached_after_resuming() -> None:
    cache, make = opened(), Maker()
    cache.suspend()
    waiting = asyncio.create_task(cache.fetch("key", make))
    await make.started.wait()
    cache.resume()
    make.go.set()
    assert (await waiting, cache.get("key")) == ("made", None)
    assert await cache.fetch("key", make) == cache.get("key") == "made"


async def test_a_cache_begins_suspended() -> None:
    cache: CorpusCache[str, str] = CorpusCache(1_000_000)
    assert not cache.put("key", "value", 1)


async def test_a_value_above_a_tenth_of_the_limit_is_returned_but_not_cached() -> None:
    cache, make = opened(10_000), Maker(size=1_001 - ENTRY_BYTES)
    make.go.set()
    assert await cache.fetch("key", make) == "made"
    assert (cache.get("key"), cache.bytes) == (None, 0)
    make.size -= 1
    await cache.fetch("key", make)
    assert (cache.get("key"), cache.bytes) == ("made", 1_000)


async def test_closing_cancels_running_computations() -> None:
    cache, make = opened(), Maker()
    waiting = asyncio.create_task(cache.fetch("key", make))
    await make.started.wait()
    await cache.close()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert cache._running == set()
