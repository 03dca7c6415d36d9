"""Background followers of the database, stopped at any moment by a single cancellation."""

from __future__ import annotations

import asyncio
from contextlib import AbstractAsyncContextManager
from functools import partial
from typing import Any, Final, Protocol

import pytest

from graph.store.cache.corpus_state import follow_corpus
from graph.store.driver.database import Database
from graph.store.probe import probing

MOMENTS: Final = 30
STEP_SECONDS: Final = 0.0004
"""The last moment is after all of them have read the database."""


class Follower(Protocol):
    def __call__(self, database: Database) -> AbstractAsyncContextManager[Any]: ...


@pytest.mark.parametrize(
    "follower",
    [partial(probing, seconds=0.001), follow_corpus],
    ids=["probe", "corpus"],
)
async def test_a_follower_ends_whenever_it_is_stopped(server: Database, follower: Follower) -> None:
    async with asyncio.timeout(20):
        for moment in range(MOMENTS):
            async with follower(server):
                await asyncio.sleep(moment * STEP_SECONDS)
