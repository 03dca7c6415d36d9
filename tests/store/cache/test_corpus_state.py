"""The corpus state: how it follows the database, and how the caches depend on it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from time import monotonic
from typing import Any, TypeVar

import pytest
from bson import Timestamp

from graph.documents import ARTICLES, CORPUS, META
from graph.errors import DatabaseUnavailable, Unsupported
from graph.store.cache import corpus_state as epochs
from graph.store.cache.cached_reader import CachedReader
from graph.store.cache.corpus_cache import CorpusCache
from graph.store.cache.corpus_state import CorpusState, follow_corpus
from graph.store.cache.read_cache import ReadCache
from graph.store.driver import streams
from graph.store.driver.database import Database
from graph.store.driver.read_commands import ReadCommand, Row
from graph.store.load import write
from graph.store.revision import EMPTY_CORPUS
from tests.builders import article, change, drop, store
from tests.cursors import open_cursors
from tests.revisions import reached

Result = TypeVar("Result")


async def soon(awaited: Awaitable[Result]) -> Result:
    """The result of an event that must happen, but may take a while on a loaded machine."""
    return await asyncio.wait_for(awaited, timeout=20)


def filled() -> CorpusCache[str, str]:
    cache: CorpusCache[str, str] = CorpusCache(1_000_000)
    return cache


def hold(cache: CorpusCache[str, str]) -> None:
    assert cache.put("key", "value", 1)


async def until_unknown(epoch: CorpusState) -> None:
    while epoch.revision is not None:
        await epoch.next_revision()


async def until_dropped(epoch: CorpusState, cache: CorpusCache[str, str]) -> None:
    """What is unknown for an instant only may be known again before anybody looks."""
    while cache.get("key") is not None:
        await epoch.next_revision()


class Broken(Database):
    """A database that is unreachable while the test says so."""

    def __init__(self, source: Database) -> None:
        super().__init__(source._handle, address=source.address)
        self.source = source
        self.away = False

    async def run(self, command: ReadCommand, *, deadline: float | None = None) -> list[Row]:
        if self.away:
            raise DatabaseUnavailable("away")
        return await self.source.run(command, deadline=deadline)

    @asynccontextmanager
    async def watch(self, collection: str) -> AsyncIterator[Any]:
        if self.away:
            raise DatabaseUnavailable("away")
        async with self.source.watch(collection) as stream:
            yield stream


async def test_the_revision_of_an_empty_database_is_0(database: Database) -> None:
    async with follow_corpus(database) as epoch:
        await soon(reached(epoch, 0))
        assert epoch.revision == 0


async def test_a_load_begins_a_new_epoch(database: Database) -> None:
    await store(database, article("a"))
    cache = filled()
    async with follow_corpus(database, cache) as epoch:
        await soon(reached(epoch, 1))
        hold(cache)
        assert await store(database, article("b")) == 2
        await soon(reached(epoch, 2))
        assert (epoch.revision, cache.get("key")) == (2, None)
        hold(cache)


async def test_nothing_is_cached_while_a_load_changes_the_corpus(database: Database) -> None:
    await store(database, article("a"))
    cache = filled()
    async with follow_corpus(database, cache) as epoch:
        await soon(reached(epoch, 1))
        hold(cache)
        load = await write.begin(database)
        await write.mark_pending(database, load)
        await soon(until_unknown(epoch))
        assert (cache.get("key"), cache.enabled) == (None, False)
        await change(database, [])  # it finishes what the other left
        await soon(reached(epoch, 2))
        assert cache.enabled


async def test_any_change_of_the_corpus_document_begins_a_new_epoch(server: Database) -> None:
    await store(server, article("a"))
    cache = filled()
    async with follow_corpus(server, cache) as epoch:
        await soon(reached(epoch, 1))
        hold(cache)
        await server.update(META, {"_id": CORPUS}, {"$set": {"articleCount": 7}})
        await soon(until_dropped(epoch, cache))
        await soon(reached(epoch, 1))


async def test_a_dropped_database_is_still_followed(server: Database) -> None:
    await store(server, article("a"))
    cache = filled()
    async with follow_corpus(server, cache) as epoch:
        await soon(reached(epoch, 1))
        hold(cache)
        await server.delete(META, {})
        await drop(server)
        await soon(until_dropped(epoch, cache))
        await soon(reached(epoch, 0))
        assert await store(server, article("b")) == 1
        await soon(reached(epoch, 1))


async def test_while_the_database_is_away_the_caches_are_suspended(server: Database) -> None:
    await store(server, article("a"))
    cache, broken = filled(), Broken(server)
    async with follow_corpus(broken, cache) as epoch:
        await soon(reached(epoch, 1))
        hold(cache)
        broken.away = True
        await server.update(META, {"_id": CORPUS}, {"$set": {"articleCount": 7}})
        await soon(until_unknown(epoch))
        assert (cache.get("key"), cache.enabled) == (None, False)
        broken.away = False
        await soon(reached(epoch, 1))
        assert cache.enabled


class Lagging(Database):
    """A database whose change stream reports nothing while it lags, as one does that reads from a
    slow secondary.
    """

    def __init__(self, source: Database) -> None:
        super().__init__(source._handle, address=source.address, snapshots=source._snapshots)
        self.lags = False

    @asynccontextmanager
    async def watch(self, collection: str) -> AsyncIterator[Any]:
        async with super().watch(collection) as stream:
            yield _LateStream(self, stream)


class _LateStream:
    alive = True

    def __init__(self, database: Lagging, stream: Any) -> None:
        self._database = database
        self._stream = stream
        self._late: list[Any] = []

    async def try_next(self) -> Any:
        if self._late and not self._database.lags:
            return self._late.pop(0)
        change = await self._stream.try_next()
        if change is None or not self._database.lags:
            return change
        self._late.append(change)
        return None


async def titles(reads: ReadCache, database: Database) -> list[str]:
    rows = await CachedReader(database, reads).find(ARTICLES, {}, projection={"title": 1})
    return [row["title"] for row in rows]


async def test_writes_of_a_load_are_not_cached_even_if_the_stream_lags(server: Database) -> None:
    await store(server, article("a", title="Old"))
    reads, lagging = ReadCache(1_000_000), Lagging(server)
    async with follow_corpus(lagging, reads) as epoch:
        await soon(reached(epoch, 1))
        assert await epoch.is_current()
        lagging.lags = True
        load = await write.begin(server)
        await write.mark_pending(server, load)
        await server.update(ARTICLES, {"_id": "a"}, {"$set": {"title": "New"}})
        assert epoch.revision == 1  # as far as it knows
        assert await titles(reads, lagging) == ["New"]
        assert (reads.entries, reads.enabled) == (0, False)
        assert not await epoch.is_current()
        lagging.lags = False
        await change(server, [])  # it finishes what the other left
        await soon(reached(epoch, 2))
        assert await epoch.is_current()


async def test_a_load_that_ends_while_the_stream_lags_is_noticed_by_the_next_read(
    server: Database,
) -> None:
    await store(server, article("a", title="Old"))
    reads, lagging = ReadCache(1_000_000), Lagging(server)
    async with follow_corpus(lagging, reads) as epoch:
        await soon(reached(epoch, 1))
        assert await titles(reads, lagging) == ["Old"]
        lagging.lags = True
        await store(server, article("a", title="New"))
        assert await titles(reads, lagging) == ["Old"]  # cached, and exact for the revision 1
        assert epoch.revision == 1
        assert await lagging.count(ARTICLES, {}) == 1
        assert not await epoch.is_current()
        assert epoch.revision == 2
        assert await titles(reads, lagging) == ["New"]
        assert reads.entries == 1


class Timed:
    """A database with a settable operation time, which counts reads of its corpus."""

    def __init__(self) -> None:
        self.seen: Timestamp | None = Timestamp(1, 1)
        self.reads = 0
        self.away = False

    async def find(self, *_: Any) -> list[Row]:
        self.reads += 1
        await asyncio.sleep(0)
        if self.away:
            raise DatabaseUnavailable("away")
        return [{"pending": [], "revision": 1}]


async def test_the_corpus_is_read_again_only_if_newer_data_was_read() -> None:
    database: Any = Timed()
    state = CorpusState(database=database)
    assert not await state.is_current()
    state.update({**EMPTY_CORPUS, "revision": 1}, Timestamp(1, 1))
    assert await state.is_current()
    assert database.reads == 0
    database.seen = Timestamp(1, 2)
    assert await asyncio.gather(*(state.is_current() for _ in range(5))) == [True] * 5
    assert database.reads == 1
    database.seen, database.away = Timestamp(1, 3), True
    assert not await state.is_current()
    assert state.revision == 1
    database.away = False
    assert await state.is_current()
    database.seen = None  # a server without cluster times
    assert await state.is_current()
    assert database.reads == 3


async def test_a_read_that_is_overtaken_by_the_stream_changes_nothing() -> None:
    database: Any = Timed()
    state = CorpusState(database=database)
    state.update({**EMPTY_CORPUS, "revision": 1}, Timestamp(1, 1))
    database.seen = Timestamp(1, 2)
    checking = asyncio.create_task(state.is_current())
    while database.reads == 0:
        await asyncio.wait([checking], timeout=0)
    state.update({**EMPTY_CORPUS, "revision": 2}, Timestamp(1, 3))
    assert not await checking
    assert state.revision == 2
    assert await state.is_current()
    assert database.reads == 1


class Losable(CorpusCache[str, str]):
    """A cache that records when it was lost, and how long before that the state was confirmed."""

    def __init__(self) -> None:
        super().__init__(1_000_000)
        self.silences: list[float] = []

    def mark_unreachable(self, confirmed: float) -> None:
        self.silences.append(monotonic() - confirmed)
        super().mark_unreachable(confirmed)


async def test_a_cache_learns_that_the_database_is_away_and_since_when(server: Database) -> None:
    await store(server, article("a"))
    cache, broken = Losable(), Broken(server)
    began = monotonic()
    async with follow_corpus(broken, cache) as epoch:
        await soon(reached(epoch, 1))
        assert await store(server, article("b")) == 2
        await soon(reached(epoch, 2))
        assert cache.silences == []  # a load is no loss
        broken.away = True
        await server.update(META, {"_id": CORPUS}, {"$set": {"articleCount": 7}})
        await soon(until_unknown(epoch))
        while not cache.silences:
            await soon(epoch.next_revision())
    assert 0 <= cache.silences[0] < monotonic() - began


async def test_a_killed_stream_is_opened_again(server: Database) -> None:
    await store(server, article("a"))
    cache = filled()
    async with follow_corpus(server, cache) as epoch:
        await soon(reached(epoch, 1))
        cursors = await open_cursors(server, META)
        assert cursors
        await server._handle.command({"killCursors": META, "cursors": cursors})
        assert await store(server, article("b")) == 2
        await soon(reached(epoch, 2))


async def test_a_silent_stream_counts_as_broken(
    server: Database, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(streams, "WATCH_SECONDS", 1.0)
    monkeypatch.setattr(epochs, "PATIENCE_SECONDS", 0.3)  # less than a stream takes to say nothing
    cache = filled()
    async with follow_corpus(server, cache) as epoch:
        await soon(reached(epoch, 0))
        await soon(until_unknown(epoch))
        assert not cache.enabled
        await soon(reached(epoch, 0))
    message = "nothing is cached until the database answers: it has been silent for 0.3 s"
    assert message in [record.getMessage() for record in caplog.records]


async def test_without_change_streams_the_corpus_is_polled(
    database: Database, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    class Standalone(Broken):
        @asynccontextmanager
        async def watch(self, collection: str) -> AsyncIterator[Any]:
            if collection == META:
                raise Unsupported("change streams: none here")
            yield

    monkeypatch.setattr(epochs, "POLL_SECONDS", 0.01)
    await store(database, article("a"))
    cache, standalone = filled(), Standalone(database)
    with caplog.at_level(logging.INFO, logger="newsgraph"):
        async with follow_corpus(standalone, cache) as epoch:
            await soon(reached(epoch, 1))
            hold(cache)
            await store(database, article("b"))
            await soon(reached(epoch, 2))
            assert cache.get("key") is None
            hold(cache)
            standalone.away = True
            await soon(until_unknown(epoch))
            assert cache.get("key") is None
            standalone.away = False
            await soon(reached(epoch, 2))
    messages = [record.getMessage() for record in caplog.records]
    polling = [each for each in messages if each.startswith("the corpus is read")]
    assert polling == ["the corpus is read every 0.01 s: change streams: none here"]


async def test_polls_that_find_nothing_new_leave_the_caches_alone(
    server: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Standalone(Database):
        polls = 0
        polled = asyncio.Event()

        @asynccontextmanager
        async def watch(self, collection: str) -> AsyncIterator[Any]:
            if collection == META:
                raise Unsupported("change streams: none here")
            yield

        async def find(self, *arguments: Any, **options: Any) -> list[Row]:
            self.polls += 1
            if self.polls == 5:
                self.polled.set()
            return await super().find(*arguments, **options)

    monkeypatch.setattr(epochs, "POLL_SECONDS", 0.001)
    cache = filled()
    standalone = Standalone(server._handle, address="")
    async with follow_corpus(standalone, cache) as epoch:
        await soon(reached(epoch, 0))
        hold(cache)
        await soon(standalone.polled.wait())
        assert cache.get("key") == "value"


async def test_the_follower_stops_at_once_and_leaves_no_task(server: Database) -> None:
    others = tasks_that_follow()
    async with follow_corpus(server) as epoch:
        await soon(reached(epoch, 0))
        assert len(tasks_that_follow() - others) == 1
        began = monotonic()
    assert monotonic() - began < 5
    assert tasks_that_follow() - others == set()
    assert epoch.revision is None


def tasks_that_follow() -> set[asyncio.Task[Any]]:
    """Those of this loop, in which servers of other tests may run, and tasks of the driver."""
    coroutines: dict[asyncio.Task[Any], Any] = {
        each: each.get_coro() for each in asyncio.all_tasks()
    }
    return {task for task, each in coroutines.items() if each.__qualname__ == "_follow"}
