"""Live queries: one execution for each corpus state, shared by all clients that wait for it."""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections.abc import Awaitable, Callable
from contextvars import Context
from typing import Final, NamedTuple

from graph.live.event import NextResult
from graph.store.cache.corpus_state import CorpusState

RETRY_SECONDS: Final = 0.125
"""The pause after an execution that failed for a reason that may pass. It doubles each time, up to
MAX_PAUSE_SECONDS, and ends when the corpus changes. The first one is short because after most
loads the search index is behind for a moment only.
"""

MAX_PAUSE_SECONDS: Final = 16.0

_DIGEST_BYTES: Final = 9

log = logging.getLogger("newsgraph")


class Result(NamedTuple):
    """The result of an operation, as JSON.

    Args:
        is_final: no corpus can change it: the operation itself is invalid.
        is_transient: it has errors that may pass, such as that of an unreachable database.
    """

    body: bytes
    is_final: bool = False
    is_transient: bool = False


class Snapshot(NamedTuple):
    """A result that differs from the one before it.

    Its id has the revision, which is 0 if it was unknown or changing during the execution, and the
    digest, which makes it comparable in every process.

    Args:
        is_shared: it was made for all clients, and not for one during an outage.
    """

    result: NextResult
    digest: str
    is_final: bool
    is_shared: bool = True


Execute = Callable[[], Awaitable[Result]]


class LiveQuery:
    """A query that is executed again each time that the corpus changes, while it has clients."""

    def __init__(self, execute: Execute, corpus: CorpusState, turns: asyncio.Semaphore) -> None:
        self._turns = turns
        self._execute = execute
        self._corpus = corpus
        self._latest: Snapshot | None = None
        self._stamp: bytes | None = None
        """That of the corpus for which the latest result is exact."""
        self._error: Exception | None = None
        self._changed = asyncio.Event()
        # It outlives the request that began it, so it does not share its context variables.
        loop = asyncio.get_running_loop()
        self._task: asyncio.Task[None] | None = loop.create_task(self._follow(), context=Context())

    async def first(self, digest: str) -> Snapshot:
        """Return the latest result, for a client whose last result had this digest. Raises what the
        execution raises.

        While the database is unreachable, the latest result may be outdated. A client that does not
        have it gets the result of another execution: the error of the database.
        """
        latest = self._latest
        if latest is not None and self._may_be_outdated:
            if latest.digest == digest:
                return latest
            return _snapshot(await self._execute(), 0)._replace(is_shared=False)
        return await self.next(None)

    async def next(self, digest: str | None, *, after_outage: bool = False) -> Snapshot:
        """Return the latest result as soon as it has another digest than this one.

        Results in between are skipped; after an outage, also the one of before, until it is known
        to be exact still. Raises what the first execution raised.
        """
        is_outdated = after_outage or self._may_be_outdated
        if is_outdated:
            await self._corpus.wait_for_change(None)
        while True:
            latest = self._latest
            is_outdated = is_outdated and self._stamp != self._corpus.stamp
            if latest is not None and latest.is_final:
                return latest
            if latest is not None and latest.digest != digest and not is_outdated:
                return latest
            if self._error is not None:
                raise self._error
            await self._changed.wait()

    @property
    def _may_be_outdated(self) -> bool:
        """Whether there is a result that may be outdated: the database is unreachable."""
        latest = self._latest
        return latest is not None and not latest.is_final and self._corpus.is_unreachable

    async def close(self) -> None:
        """Stop executing the query."""
        # The error of a cancelled task keeps frames alive that refer to this query and its result.
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.wait([task])

    async def _follow(self) -> None:
        pause = RETRY_SECONDS
        while True:
            stamp, revision = self._corpus.stamp, self._corpus.revision
            try:
                result = await self._run()
            except Exception as error:
                if self._latest is None:
                    self._error = error
                    self._notify()
                    return
                log.warning("a live query failed and is executed again: %s", error)
                result = Result(b"", is_transient=True)
            is_current = await self._corpus.is_current()
            is_same = stamp == self._corpus.stamp
            is_exact = is_current and is_same
            holds = is_exact and not result.is_transient
            if holds:
                self._stamp = stamp
            if holds or self._latest is None:
                self._publish(result, revision if is_exact and revision is not None else 0)
            if result.is_final:
                return
            if result.is_transient or (is_same and stamp is not None and not is_current):
                has_changed = await self._corpus.changes_within(pause, stamp)
                pause = RETRY_SECONDS if has_changed else min(2 * pause, MAX_PAUSE_SECONDS)
                await self._corpus.wait_for_change(None)
            else:
                pause = RETRY_SECONDS
                await self._corpus.wait_for_change(stamp if is_exact else None)

    async def _run(self) -> Result:
        if self._latest is None:
            return await self._execute()
        async with self._turns:
            return await self._execute()

    def _publish(self, result: Result, revision: int) -> None:
        snapshot = _snapshot(result, revision)
        if self._latest is None or self._latest.digest != snapshot.digest:
            self._latest = snapshot
        self._notify()

    def _notify(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()


def _snapshot(result: Result, revision: int) -> Snapshot:
    digest = hashlib.blake2b(result.body, digest_size=_DIGEST_BYTES).hexdigest()
    return Snapshot(NextResult(result.body, f"{revision}-{digest}"), digest, result.is_final)
