"""The current corpus revision, and the caches that depend on it.

The corpus document changes when a load begins to change documents, and when it ends. Both begin a
new epoch, which empties the caches. Between the two, while the database is unreachable, and before
the first read of the corpus, the revision is unknown and the caches are suspended.

A server hears of both by a change stream, which may lag behind its reads: a stream stays at its
member when another one is elected primary. So before anything is stored for the current state,
`CorpusState.is_current` compares the time of the newest data that was read with that of the state.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from contextvars import Context
from time import monotonic
from typing import Any, Final

from bson import Timestamp

from graph.documents import META, CorpusDocument
from graph.errors import DatabaseError, Unsupported
from graph.store.background_task import background_task
from graph.store.cache.corpus_cache import CorpusCache
from graph.store.driver.database import Database
from graph.store.revision import common_site, read_corpus

POLL_SECONDS: Final = 1.0
"""The interval at which the corpus is read if there are no change streams."""

PATIENCE_SECONDS: Final = 5.0
"""How long the last known state is valid if the database does not respond."""

_FIRST_PAUSE: Final = 0.1
_LONGEST_PAUSE: Final = 2.0

log = logging.getLogger("newsgraph")


class CorpusState:
    """The current revision; None while it is unknown or a load is changing the corpus."""

    def __init__(self, *caches: CorpusCache[Any, Any], database: Database | None = None) -> None:
        self.revision: int | None = None
        self.stamp: bytes | None = None
        """See `stamp_of`: a corpus that is made anew has another."""
        self.is_unreachable = False
        """Whether the state is unknown because the database is unreachable."""
        self.site: Mapping[str, str] | None = None
        """See `common_site`: the last that was read; None before the first read."""
        self._caches = caches
        self._database = database
        self._as_of: Timestamp | None = None
        self._confirmed = 0.0
        self._changed = asyncio.Event()
        self._reading = asyncio.Lock()
        for cache in caches:
            cache.is_current = self.is_current

    async def is_current(self) -> bool:
        """Return whether the state is known and nothing that was read so far is newer.

        If something is newer, the corpus is read again. If a load has begun since, that read
        updates the state.
        """
        stamp, seen = self.stamp, None if self._database is None else self._database.seen
        if stamp is None or seen is None or self._covers(seen):
            return stamp is not None
        async with self._reading:
            if self.stamp == stamp and not self._covers(seen):
                # The read is not part of the operation that waits for it.
                task = asyncio.get_running_loop().create_task(self._check(), context=Context())
                try:
                    await task
                except (DatabaseError, TimeoutError):
                    return False
        return self.stamp == stamp and self._covers(seen)

    def _covers(self, seen: Timestamp) -> bool:
        return self._as_of is not None and seen <= self._as_of

    async def _check(self) -> None:
        """Read the corpus, and update the state if it has changed."""
        assert self._database is not None
        changed = self._changed
        as_of, corpus = await _read(self._database)
        if changed is not self._changed:
            return  # the state was set in the meantime, perhaps by a later read
        if corpus["pending"] or stamp_of(corpus) != self.stamp:
            self.update(corpus, as_of)
        else:
            self._as_of = as_of

    def update(self, corpus: CorpusDocument, as_of: Timestamp | None = None) -> None:
        """Set the current state of the corpus, as it was at a cluster time or later."""
        self.is_unreachable = False
        self.site = common_site(corpus)
        self._as_of = as_of
        if corpus["pending"]:
            self.invalidate()
            return
        self.revision = int(corpus["revision"])
        self.stamp = stamp_of(corpus)
        for cache in self._caches:
            cache.resume()
        self.confirm()
        self._notify()

    def confirm(self) -> None:
        """Record that the database has just said that nothing has changed."""
        self._confirmed = monotonic()

    def invalidate(self) -> None:
        """Mark the state as unknown."""
        self.revision = None
        self.stamp = None
        for cache in self._caches:
            cache.suspend()
        self._notify()

    def mark_unreachable(self) -> None:
        """Mark the state as unknown because the database is unreachable."""
        self.is_unreachable = True
        self.revision = None
        self.stamp = None
        for cache in self._caches:
            cache.mark_unreachable(self._confirmed)
        self._notify()

    async def next_revision(self) -> int | None:
        """Return the revision after the next change of the state; None if it became unknown."""
        await self._changed.wait()
        return self.revision

    async def wait_for_change(self, stamp: bytes | None) -> None:
        """Return once the state is known and has another stamp than this one."""
        while self.stamp is None or self.stamp == stamp:
            await self.next_revision()

    async def changes_within(self, seconds: float, stamp: bytes | None) -> bool:
        """Return whether the state is known and has another stamp than this one within a time, as
        soon as it has.
        """
        try:
            async with asyncio.timeout(seconds):
                await self.wait_for_change(stamp)
        except TimeoutError:
            return False
        return True

    def _notify(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()


def stamp_of(corpus: CorpusDocument) -> bytes:
    """Return the id and the revision of a corpus, and when it was last loaded."""
    loaded_at = corpus.get("lastLoad", {}).get("at")
    return f"{corpus.get('id')} {corpus['revision']} {loaded_at}".encode()


@asynccontextmanager
async def follow_corpus(
    database: Database, *caches: CorpusCache[Any, Any]
) -> AsyncIterator[CorpusState]:
    """Yield the state of a database's corpus, followed until the context exits."""
    state = CorpusState(*caches, database=database)
    try:
        async with background_task(_follow(database, state)):
            yield state
    finally:
        for cache in caches:
            await cache.close()


async def _follow(database: Database, state: CorpusState) -> None:
    """Follow the corpus, by a change stream if possible, and reconnect when it breaks."""
    follow, pause = _watch, _FIRST_PAUSE
    try:
        while True:
            began = monotonic()
            try:
                await follow(database, state)
                state.invalidate()
            except Unsupported as error:
                log.info("the corpus is read every %s s: %s", POLL_SECONDS, error)
                follow = _poll
                continue
            except (DatabaseError, TimeoutError) as error:
                if state.revision is not None:
                    reason = str(error) or f"it has been silent for {PATIENCE_SECONDS} s"
                    log.warning("nothing is cached until the database answers: %s", reason)
                state.mark_unreachable()
            if monotonic() - began > _LONGEST_PAUSE:
                pause = _FIRST_PAUSE
            await asyncio.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE)
    except Exception:
        log.exception("nothing is cached any more: the corpus is not followed")
        raise
    finally:
        state.invalidate()


async def _watch(database: Database, state: CorpusState) -> None:
    """Follow the corpus by a change stream until it ends, as it does when the collection is
    dropped.
    """
    await _read(database)  # a stream begins after the last read, which must not be long ago
    async with database.watch(META) as stream:
        while stream.alive:
            # The stream is open: it reports all changes that this read does not see.
            as_of, corpus = await _read(database)
            state.update(corpus, as_of)
            while stream.alive:
                async with asyncio.timeout(PATIENCE_SECONDS):
                    if await stream.try_next() is not None:
                        break
                state.confirm()
            state.invalidate()


async def _poll(database: Database, state: CorpusState) -> None:
    """Follow the corpus by polling."""
    previous: CorpusDocument | None = None
    while True:
        as_of, corpus = await _read(database)
        if corpus != previous:
            state.update(corpus, as_of)
            previous = corpus
        state.confirm()
        await asyncio.sleep(POLL_SECONDS)


async def _read(database: Database) -> tuple[Timestamp | None, CorpusDocument]:
    """Return the corpus, and a cluster time that is not later than this read."""
    as_of = database.seen
    async with asyncio.timeout(PATIENCE_SECONDS):
        return as_of, await read_corpus(database)
