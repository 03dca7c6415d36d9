"""Subscriptions: events that are read page by page, as fast as each client takes them.

There are no queues. A client has a position in the events, which the database stores; it reads the
next page when it has sent the last one. Clients at the same position share the page, so clients
that are up to date cost one read for each revision.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Hashable, Sequence
from contextvars import Context
from typing import Final, NamedTuple, Self

from graph.live.event import NextResult
from graph.store.cache.corpus_state import CorpusState

RETRY_SECONDS: Final = 1.0
"""The pause after a read that failed for a reason that may pass."""

UNKNOWN_SECONDS: Final = 10.0
"""How much longer the pause is at most while the corpus state is unknown, as in an outage. It is
also unknown during a load, which may have been killed.
"""

MAX_PAGES: Final = 16
"""How many pages are stored for clients at other positions."""

log = logging.getLogger("newsgraph")


class EventPage(NamedTuple):
    """The results after a position.

    Args:
        position: where to continue.
        has_next: more events are known to follow.
        is_final: the results are errors of the subscription itself; it ends with them.
        is_transient: the read failed for a reason that may pass.
    """

    results: Sequence[NextResult]
    position: Hashable = None
    has_next: bool = False
    is_final: bool = False
    is_transient: bool = False


ReadPage = Callable[[Hashable], Awaitable[EventPage]]
"""Reads the page after a position; None is the one that the subscription itself says."""


class LiveSubscription:
    """A subscription, with the pages that its clients share while the corpus stays the same."""

    def __init__(self, read: ReadPage, corpus: CorpusState, turns: asyncio.Semaphore) -> None:
        self.corpus = corpus
        self._turns = turns
        self._read = read
        self._stamp: bytes | None = None
        self._pages: dict[Hashable, asyncio.Task[EventPage]] = {}

    async def page(self, position: Hashable) -> EventPage:
        """Return the page after a position."""
        if self.corpus.stamp is None:  # the same position may have another page soon
            return await self._read(position)
        if self._stamp != self.corpus.stamp or len(self._pages) >= MAX_PAGES:
            self._stamp = self.corpus.stamp
            self._pages = {}
        task = self._pages.get(position)
        if task is None:
            # It is for all clients, so it does not share the context variables of one request.
            loop = asyncio.get_running_loop()
            task = loop.create_task(self._read_in_turn(position), context=Context())
            self._pages[position] = task
            task.add_done_callback(self._done)
        return await asyncio.shield(task)

    async def close(self) -> None:
        """Cancel what is being read."""
        tasks = list(self._pages.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _read_in_turn(self, position: Hashable) -> EventPage:
        async with self._turns:
            return await self._read(position)

    def _done(self, task: asyncio.Task[EventPage]) -> None:
        """Forget a failed read, so that it is tried again."""
        is_usable = not task.cancelled() and task.exception() is None
        if not is_usable or task.result().is_transient:
            self._pages = {key: page for key, page in self._pages.items() if page is not task}


class SubscriptionReader:
    """Reads the results of a subscription for one client, from those after a position on.

    `is_refused` says that the subscription is invalid.
    """

    def __init__(self, subscription: LiveSubscription, position: Hashable) -> None:
        self.is_refused = False
        self._subscription = subscription
        self._position = position
        self._stamp: bytes | None = None
        self._waits = False
        self._has_failed = False
        self._results: list[NextResult] = []

    @classmethod
    async def open(cls, subscription: LiveSubscription, position: Hashable) -> Self:
        """Return a reader that has read the first page. Raises what that raises."""
        reader = cls(subscription, position)
        await reader._advance()
        return reader

    async def next(self) -> NextResult | None:
        """Return the next result; None if there will be none."""
        while not self._results:
            if self.is_refused:
                return None
            if self._has_failed:
                await self._pause()
            elif self._waits:
                await self._subscription.corpus.wait_for_change(self._stamp)
            try:
                await self._advance()
            except Exception as error:
                log.warning("a subscription could not be read and is tried again: %s", error)
                self._has_failed = True
        return self._results.pop(0)

    async def _pause(self) -> None:
        await asyncio.sleep(RETRY_SECONDS)
        # Once the state is known, clients share what they read. Without a position, a subscription
        # begins with the first read that succeeds, which must not be later than necessary.
        if self._position is not None:
            await self._subscription.corpus.changes_within(UNKNOWN_SECONDS, None)

    async def _advance(self) -> None:
        stamp = self._subscription.corpus.stamp
        page = await self._subscription.page(self._position)
        self._has_failed = page.is_transient
        if page.is_transient:
            return
        self._results = list(page.results)
        self.is_refused = page.is_final
        self._position = page.position
        self._waits, self._stamp = not page.has_next, stamp
