"""What a server process answers from, as the application's state holds it while it runs."""

from __future__ import annotations

from typing import Any

from starlette.datastructures import State

from graph.store.cache.cached_reader import Reads
from graph.store.cache.corpus_state import CorpusState
from graph.store.driver.database import Database
from graph.store.probe import Probe
from graph.web.graphql.response_cache import Responses


class AppState(State):
    """Starlette's state, whose attributes have types, and are found as those of any object.

    There is no `database` before the application has begun; without caches there are none of the
    others, but for the probe.
    """

    database: Database
    responses: Responses | None = None
    reads: Reads | None = None
    epoch: CorpusState | None = None
    probe: Probe | None = None

    def __setattr__(self, key: str, value: Any) -> None:
        object.__setattr__(self, key, value)
