"""Keeps the index of a corpus at its revision, and hands it to searches.

Of the processes of a host that share a folder, one writes; the others see what it commits, and one
of them takes over when it ends.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from time import monotonic
from typing import Final

from graph.config import Settings
from graph.documents import CorpusDocument
from graph.errors import DatabaseError, SearchUnavailable
from graph.search.index.changed_articles import all_articles, changed_articles
from graph.search.index.columns import IndexSchema
from graph.search.index.engine_calls import in_thread
from graph.search.index.index import IndexSnapshot, IndexState, SearchIndex
from graph.store.background_task import background_task
from graph.store.cache.corpus_state import CorpusState, stamp_of
from graph.store.driver.database import Database
from graph.store.driver.read_commands import Reader
from graph.store.revision import read_corpus

log = logging.getLogger("newsgraph")

_READ_AGAIN_SECONDS: Final = 0.1
"""How often a process that does not write looks for a new commit while it waits for one, and how
often one that writes updates the index while the corpus state has another stamp than the index.
"""

RETRY_SECONDS: Final = 5.0
"""How long after a failure the index is written again."""

PATIENCE_SECONDS: Final = 2.0
"""How long a search waits for an index that is being built."""


class SearchService:
    """The index of the corpus in a database. `folder` holds one index for each corpus; without it
    the index is in memory.
    """

    def __init__(
        self,
        database: Reader,
        schema: IndexSchema,
        folder: Path | None,
        state: CorpusState,
        *,
        prefers_newer: bool = True,
        volatile: frozenset[str] = frozenset(),
    ) -> None:
        self.schema = schema
        self.prefers_newer = prefers_newer
        """Whether newer articles rank higher."""
        self.volatile = volatile
        """The fields whose values the index may not have: their changes raise no revision."""
        self._database = database
        self._folder = folder
        self._state = state
        self.index: SearchIndex | None = None
        """The index of the current corpus; None until it is opened."""
        self._corpus = ""
        """The id of its corpus; empty if it has none."""
        self._stamp: bytes | None = None
        """The stamp of the corpus that the index was last brought up to."""
        self._failure: str | None = None
        self._changed = asyncio.Event()

    @property
    def status(self) -> str:
        """What `/readyz` says of the index: `ready`, `building` or `failed`."""
        if self._failure is not None:
            return "failed"
        return "ready" if self._current is not None else "building"

    def is_current(self, snapshot: IndexSnapshot) -> bool:
        """Whether a snapshot holds the articles of the corpus as it is now."""
        is_of_revision = snapshot.state.revision == self._state.revision
        return is_of_revision and self._stamp == self._state.stamp

    @property
    def current_snapshot(self) -> IndexSnapshot | None:
        """The newest state of the index; None if there is none, or if it may be damaged."""
        return self._current if self._failure is None else None

    async def snapshot(self) -> IndexSnapshot:
        """Return the newest state of the index. Raises SearchUnavailable if there is none."""
        loop = asyncio.get_running_loop()
        until = loop.time() + PATIENCE_SECONDS
        while (current := self._current) is None or self._failure is not None:
            if self._failure is not None:
                raise SearchUnavailable("the search index cannot be written")
            try:
                async with asyncio.timeout_at(until):
                    await self._changed.wait()
            except TimeoutError:
                raise SearchUnavailable("the search index is being built") from None
        return current

    async def changed(self) -> None:
        """Return when there is another snapshot or another status."""
        await self._changed.wait()

    async def update(self) -> bool:
        """Update the index to the current revision, if this process is its writer. Return whether
        the index is up to date."""
        corpus = await read_corpus(self._database)
        index = await self._opened(corpus.get("id"))
        states = _states_of(corpus)
        target = states[-1]
        if not await in_thread(index.lock):
            await in_thread(index.refresh)
            is_done = index.snapshot is not None and index.snapshot.state == target
            self._stamp = stamp_of(corpus) if is_done else None
            self._notify()
            return is_done
        await in_thread(index.refresh)
        try:
            await self._write(index, target, states)
        except BaseException:
            await in_thread(index.unlock)
            raise
        self._stamp = stamp_of(corpus)
        self._notify()
        return True

    async def follow(self) -> None:
        """Update the index whenever the corpus changes."""
        while True:
            try:
                is_done = await self.update()
                self._failure = None
                self._notify()
            except DatabaseError as error:
                log.warning("the search index does not follow the corpus: %s", error)
                await asyncio.sleep(RETRY_SECONDS)
                continue
            except Exception as error:
                self._failed(error)
                await asyncio.sleep(RETRY_SECONDS)
                continue
            if is_done and self._state.stamp in (None, self._stamp):
                await self._state.wait_for_change(self._stamp)
            else:  # another process writes, or the state may be older than the index
                await asyncio.sleep(_READ_AGAIN_SECONDS)

    async def close(self) -> None:
        """Leave the index to other processes."""
        if self.index is not None:
            await in_thread(self.index.unlock)

    async def _write(
        self, index: SearchIndex, target: IndexState, earlier: Sequence[IndexState]
    ) -> None:
        """Write what has changed since the state of the index, or everything if that is none of the
        `earlier` states of the corpus.
        """
        written = index.snapshot.state if index.snapshot else None
        if written == target:
            return
        began = monotonic()
        if written is None or written not in earlier:
            await in_thread(index.clear)
            async for rows in all_articles(self._database):
                await in_thread(index.add, rows)
            await in_thread(index.commit, target)
            log.info("the search index was built in %.1f s", monotonic() - began)
            return
        async for rows, removed in changed_articles(
            self._database, written.revision, target.revision
        ):
            await in_thread(index.write, rows, removed)
        await in_thread(index.commit, target)

    async def _opened(self, corpus: str | None) -> SearchIndex:
        """Return the index of a corpus; in memory if the corpus has no id, as before the first
        load.
        """
        if self.index is None or self._corpus != (corpus or ""):
            await self.close()
            folder = self._folder / corpus if self._folder and corpus else None
            self.index = await in_thread(SearchIndex, self.schema, folder)
            self._corpus = corpus or ""
        return self.index

    @property
    def _current(self) -> IndexSnapshot | None:
        return self.index.snapshot if self.index else None

    def _failed(self, error: Exception) -> None:
        """Log why the index cannot be written. It is opened again for the next attempt."""
        reason = str(error) or type(error).__name__
        if reason != self._failure:
            is_expected = isinstance(error, OSError | ValueError)
            log.error(
                "the search index cannot be written: %s",
                reason,
                exc_info=None if is_expected else error,
            )
        self._failure = reason
        self.index = None
        self._notify()

    def _notify(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()


def _states_of(corpus: CorpusDocument) -> list[IndexState]:
    """Return the last known states of a corpus; the last one is the current state."""
    name, revision = corpus.get("id") or "", int(corpus["revision"])
    ids = {int(raised["revision"]): raised["id"] for raised in corpus.get("history", [])}
    states = {at: IndexState(name, at, id_) for at, id_ in ids.items() if at < revision}
    return [*states.values(), IndexState(name, revision, ids.get(revision, ""))]


@asynccontextmanager
async def open_search(
    settings: Settings, database: Database, state: CorpusState
) -> AsyncIterator[SearchService]:
    """Keep the index of a database up to date with its corpus until the context exits."""
    primary = database.primary()
    folder = settings.search_dir or settings.data_dir / "search"
    service = SearchService(
        primary,
        IndexSchema(settings.search_languages),
        None if primary.client is None else folder,
        state,
        prefers_newer=settings.search_recency == "on",
        volatile=settings.volatile,
    )
    async with searching(service):
        yield service


@asynccontextmanager
async def searching(service: SearchService) -> AsyncIterator[SearchService]:
    """Keep an index up to date with the corpus until the context exits."""
    try:
        async with background_task(service.follow()):
            yield service
    finally:
        await service.close()
