"""The state of the application: the database, the caches, the corpus state and the probe."""

from __future__ import annotations

from typing import Any

from starlette.datastructures import State

from graph.live.live_operations import LiveOperations
from graph.search.index.service import SearchService
from graph.store.cache.cached_reader import CachedReader
from graph.store.cache.corpus_state import CorpusState
from graph.store.cache.read_cache import ReadCache
from graph.store.driver.database import Database
from graph.store.driver.deadline_reader import DeadlineReader
from graph.store.driver.read_commands import Reader
from graph.store.probe import Probe
from graph.web.graphql.cache.stale_responses import Responses


class AppState(State):
    """Starlette's state with typed, plain attributes.

    `database` and `live` are set when the application starts; `responses`, `reads` and
    `corpus_state` are None if caching is off.
    """

    database: Database
    responses: Responses | None = None
    reads: ReadCache | None = None
    corpus_state: CorpusState | None = None
    probe: Probe | None = None
    search: SearchService | None = None
    live: LiveOperations

    def reader(self, deadline: float | None = None) -> Reader:
        """Return the reader of one operation; `deadline` is a time of `time.monotonic`."""
        reader = DeadlineReader(self.database, deadline)
        return reader if self.reads is None else CachedReader(reader, self.reads)

    def __setattr__(self, key: str, value: Any) -> None:
        object.__setattr__(self, key, value)
