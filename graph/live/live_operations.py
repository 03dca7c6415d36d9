"""The live operations of a server process, each shared by all its clients."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Hashable
from contextlib import asynccontextmanager
from typing import Final, Self, TypeVar

from graph.live.live_query import LiveQuery
from graph.live.live_subscription import LiveSubscription
from graph.store.cache.corpus_state import CorpusState

CONCURRENT: Final = 8
"""How many live operations are executed again at once, so that others are not held up."""

LiveOperation = LiveQuery | LiveSubscription
T = TypeVar("T", LiveQuery, LiveSubscription)
Create = Callable[[CorpusState, asyncio.Semaphore], T]


class LiveOperations:
    """Live operations by key, while they have clients. They follow the state of a corpus."""

    def __init__(self, corpus: CorpusState) -> None:
        self._corpus = corpus
        self._operations: dict[Hashable, LiveOperation] = {}
        self._clients: dict[Hashable, int] = {}
        self._turns = asyncio.Semaphore(CONCURRENT)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await asyncio.gather(*(operation.close() for operation in self._operations.values()))

    def __len__(self) -> int:
        return len(self._operations)

    @asynccontextmanager
    async def share(self, key: Hashable, create: Create[T]) -> AsyncIterator[T]:
        """Yield the live operation with this key. The first client creates it, the last one closes
        it.

        `key` identifies the operation, its variables and everything else that its result depends
        on except the corpus.
        """
        existing = self._operations.get(key)
        operation: T = create(self._corpus, self._turns) if existing is None else existing  # type: ignore[assignment]  # the key includes the type of the operation
        self._operations[key] = operation
        self._clients[key] = self._clients.get(key, 0) + 1
        try:
            yield operation
        finally:
            self._clients[key] -= 1
            if not self._clients[key]:
                del self._clients[key], self._operations[key]
                await operation.close()
