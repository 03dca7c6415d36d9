"""Reads the index for one operation."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator

from graph.errors import SearchUnavailable
from graph.search.index.engine_calls import run_read
from graph.search.index.index import IndexSnapshot
from graph.search.index.service import SearchService
from graph.search.queries.filter_queries import can_test
from graph.search.results.indexed_list import IndexedList, in_index
from graph.search.results.titles import find_titles
from graph.store.background_task import retrieve_exception
from graph.store.queries.articles import ArticleQuery
from graph.store.queries.filters import Group, Test


class IndexReader:
    """Reads the index for one operation, always in the same state.

    `is_cacheable` says whether that is the state of the corpus, if anything was read; only then
    may the response be cached. Without a `service`, there is nothing to search.
    """

    def __init__(self, service: SearchService | None = None) -> None:
        self._service = service
        self._snapshot: IndexSnapshot | None = None
        self._lists: dict[ArticleQuery, asyncio.Task[IndexedList]] = {}
        self.is_cacheable = True

    async def indexed_list(self, query: ArticleQuery) -> IndexedList | None:
        """Return the articles of a list; None if it is not a search and the index cannot count it
        exactly. Raises SearchUnavailable.
        """
        return await (self.search(query) if query.text else self._filtered(query))

    async def search(self, query: ArticleQuery) -> IndexedList:
        """Return the articles that a search finds. Raises SearchUnavailable."""
        snapshot = await self.snapshot()
        return await self._list(snapshot, query)

    async def _filtered(self, query: ArticleQuery) -> IndexedList | None:
        service = self._service
        if service is None or not can_test(query.tests):
            return None
        if not service.volatile.isdisjoint(_fields(query.tests)):
            return None
        snapshot = self._snapshot or service.current_snapshot
        if snapshot is None or not service.is_current(snapshot):
            return None
        self._snapshot = snapshot
        return await self._list(snapshot, query)

    async def snapshot(self) -> IndexSnapshot:
        """Return the state that this operation reads. Raises SearchUnavailable if there is none."""
        if self._service is None:
            raise SearchUnavailable("search: this server has no search index")
        if self._snapshot is None:
            self._snapshot = await self._service.snapshot()
        if not self._service.is_current(self._snapshot):
            self.is_cacheable = False
        return self._snapshot

    async def slugs_by_title(self, prefix: str, size: int) -> list[str]:
        """Return the slugs of the published articles with all words of a prefix in their titles,
        the newest first. The last word may be incomplete. Raises SearchUnavailable.
        """
        snapshot = await self.snapshot()
        assert self._service is not None
        return await run_read(find_titles, self._service.schema, snapshot.searcher, prefix, size)

    def revision(self) -> int | None:
        """Return the revision of the index; None if there is no index."""
        snapshot = self._snapshot
        if snapshot is None and self._service is not None:
            snapshot = self._service.current_snapshot
        if snapshot is None or self._service is None or not self._service.is_current(snapshot):
            self.is_cacheable = False
        return snapshot.state.revision if snapshot else None

    async def _list(self, snapshot: IndexSnapshot, query: ArticleQuery) -> IndexedList:
        task = self._lists.get(query)
        if task is None:
            assert self._service is not None
            service = self._service
            indexed = in_index(service.schema, snapshot, query, prefers_newer=service.prefers_newer)
            task = self._lists[query] = asyncio.create_task(indexed)
            task.add_done_callback(retrieve_exception)
        return await asyncio.shield(task)


def _fields(tests: Iterable[Test]) -> Iterator[str]:
    """Yield the top-level fields that tests use."""
    for test in tests:
        if isinstance(test, Group):
            yield from _fields(test.tests)
        else:
            yield test.field.partition(".")[0]
