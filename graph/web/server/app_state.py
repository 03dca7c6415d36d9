"""What a server process answers from, as the application's state holds it while it runs."""

from __future__ import annotations

from typing import Any

from starlette.datastructures import State

from graph.store.cache.cached_reader import CachedReader
from graph.store.cache.corpus_state import CorpusState
from graph.store.cache.read_cache import ReadCache
from graph.store.driver.database import Database
from graph.store.driver.deadline_reader import DeadlineReader
from graph.store.driver.read_commands import Reader
from graph.store.probe import Probe
from graph.web.graphql.response_cache import Responses


class AppState(State):
    """Starlette's state, whose attributes have types, and are found as those of any object.

    There is no `database` before the application has begun; without caches there are none of the
    others, but for the probe.
    """

    database: Database
    responses: Responses | None = None
    reads: ReadCache | None = None
    epoch: CorpusState | None = None
    probe: Probe | None = None

    def reader(self, deadline: float | None = None) -> Reader:
        """What one operation reads from, until its time is over on the clock `time.monotonic`."""
        reader = DeadlineReader(self.database, deadline)
        return reader if self.reads is None else CachedReader(reader, self.reads)

    def __setattr__(self, key: str, value: Any) -> None:
        object.__setattr__(self, key, value)
