"""Operations that share a read, and reads that bypass the cache."""

from __future__ import annotations

import asyncio

import pytest

from graph.documents import ARTICLES
from graph.errors import DatabaseTimeout
from graph.store.cache.cached_reader import CachedReader, UncachedReader
from graph.store.cache.read_cache import ReadCache
from graph.store.driver.read_commands import FindCommand, ReadCommand, Reader, Row

TITLE = FindCommand(ARTICLES, {"_id": "a"}, {"title": 1}, (), 0, None, None, 0)
ROWS: list[Row] = [{"_id": "a", "title": "A"}]


class _Source(Reader):
    """A database that answers every read alike, or whose deadline is over."""

    lacks = frozenset[str]()
    is_cacheable = False

    def __init__(self, *, is_late: bool = False) -> None:
        self.reads = 0
        self.is_late = is_late

    async def run(self, command: ReadCommand) -> list[Row]:
        self.reads += 1
        await asyncio.sleep(0)
        if self.is_late:
            raise DatabaseTimeout("the deadline is over")
        return ROWS


def cache(volatile: frozenset[str] = frozenset()) -> ReadCache:
    reads = ReadCache(1_000_000, volatile)
    reads.resume()
    return reads


async def test_a_timeout_of_one_operation_does_not_fail_another() -> None:
    timed_out, patient, reads = _Source(is_late=True), _Source(), cache()
    failed, found = await asyncio.gather(
        CachedReader(timed_out, reads).run(TITLE),
        CachedReader(patient, reads).run(TITLE),
        return_exceptions=True,
    )
    assert isinstance(failed, DatabaseTimeout)
    assert found == ROWS
    assert (timed_out.reads, patient.reads) == (1, 1)


async def test_a_read_ends_at_its_own_timeout() -> None:
    with pytest.raises(DatabaseTimeout):
        await CachedReader(_Source(is_late=True), cache()).run(TITLE)


@pytest.mark.parametrize(
    ("reads", "is_cacheable"),
    [(cache(), True), (cache(frozenset({"title"})), False), (None, False)],
    ids=["stable", "volatile", "no cache"],
)
async def test_an_uncached_reader_reads_each_time_and_reports_cacheability(
    reads: ReadCache | None, is_cacheable: bool
) -> None:
    source = _Source()
    reader = UncachedReader(source, reads)
    assert [await reader.run(TITLE), await reader.run(TITLE)] == [ROWS, ROWS]
    assert source.reads == 2
    assert reader.is_cacheable is is_cacheable
