"""Cached reads for the server, exact to the corpus revision.

Cached rows are shared between operations: callers must not change them.
"""

from __future__ import annotations

from sys import getsizeof

from graph.errors import DatabaseTimeout
from graph.store.cache.read_cache import ReadCache, command_key, size_of
from graph.store.driver.read_commands import ReadCommand, Reader, Row


class CachedReader(Reader):
    """The reader of one operation. It caches the reads that may be cached.

    Equal concurrent reads run once. `is_cacheable` says whether all reads so far could be cached;
    only then may the response be cached too.
    """

    def __init__(self, source: Reader, cache: ReadCache) -> None:
        self.lacks = source.lacks
        self.is_cacheable = True
        self._source = source
        self._cache = cache

    async def run(self, command: ReadCommand) -> list[Row]:
        key = command_key(command)
        rows = self._cache.get(key)
        if rows is not None:
            return rows
        if not key or not self._cache.may_hold(command):
            self.is_cacheable = False
            return await self._source.run(command)
        return await self._fetch(key, command)

    async def _fetch(self, key: bytes, command: ReadCommand) -> list[Row]:
        is_ours = False

        async def make() -> tuple[list[Row], int]:
            nonlocal is_ours
            is_ours = True
            rows = await self._source.run(command)
            return rows, getsizeof(key) + size_of(rows)

        while True:
            try:
                return await self._cache.fetch(key, make)
            except DatabaseTimeout:
                if is_ours:
                    raise
                # The shared read had an earlier deadline than this operation: try again.


class UncachedReader(Reader):
    """A reader whose reads are not cached, because they are too large or too rare.

    `is_cacheable` still says whether they change only with the corpus revision.
    """

    def __init__(self, source: Reader, cache: ReadCache | None) -> None:
        self.lacks = source.lacks
        self.is_cacheable = cache is not None
        self._source = source
        self._cache = cache

    async def run(self, command: ReadCommand) -> list[Row]:
        if self._cache is None or not self._cache.may_hold(command):
            self.is_cacheable = False
        return await self._source.run(command)
