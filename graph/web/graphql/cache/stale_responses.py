"""Responses of earlier corpus states, for the time in which the database is unreachable."""

from __future__ import annotations

from dataclasses import replace
from time import monotonic
from typing import Final

from graph.store.cache.corpus_cache import CorpusCache
from graph.store.cache.lru import ENTRY_BYTES, LRUCache
from graph.web.graphql.graphql_response import GraphQLResponse
from graph.web.graphql.request_context import Key
from graph.web.http.headers import Header

HIT: Final = "hit"
"""The response was sent without asking the database, which is known to be unreachable."""

FORWARDED: Final = "fwd=stale"
"""The database was asked first, and could not be reached."""

_OF_ITS_STATE: Final = frozenset({b"etag", b"cache-control"})


class Responses(CorpusCache[Key, GraphQLResponse]):
    """Cached responses.

    Those of earlier corpus states are kept for `stale_seconds` after the state was last confirmed,
    in the space that those of the current one leave.
    """

    __slots__ = ("_stale", "_stale_seconds", "is_lost")

    def __init__(self, capacity: int, stale_seconds: float = 0) -> None:
        super().__init__(capacity)
        self.is_lost = False
        """Whether the database is known to be unreachable."""
        self._stale_seconds = stale_seconds
        self._stale: LRUCache[Key, tuple[GraphQLResponse, float]] = LRUCache(capacity)

    def put(self, key: Key, value: GraphQLResponse, size: int) -> bool:
        is_stored = super().put(key, value, size)
        self._stale.evict(self.capacity - self.bytes)
        return is_stored

    def stale(self, key: Key, how: str) -> GraphQLResponse | None:
        """Return a stale response, with headers that say so; None if there is none. `how` is HIT or
        FORWARDED.
        """
        entry = self._stale.get(key)
        if entry is None:
            return None
        response, confirmed = entry
        age = monotonic() - confirmed
        return _marked(response, int(age), how) if age <= self._stale_seconds else None

    def clear(self) -> None:
        self._set_aside(monotonic())
        super().clear()

    def suspend(self) -> None:
        super().suspend()
        self.is_lost = False

    def resume(self) -> None:
        super().resume()
        self.is_lost = False

    def mark_unreachable(self, confirmed: float) -> None:
        self._set_aside(confirmed)
        super().mark_unreachable(confirmed)
        self.is_lost = self._stale_seconds > 0

    def _set_aside(self, confirmed: float) -> None:
        """Move all responses to the stale ones."""
        if self._stale_seconds:
            for key, (response, size) in self._entries.items():
                self._stale.put(key, (response, confirmed), size - ENTRY_BYTES)
        LRUCache.clear(self)


def _marked(response: GraphQLResponse, age: int, how: str) -> GraphQLResponse:
    """Return the response as a stale one (RFC 9111, section 5.1, and RFC 9211)."""
    is_private = any(
        name == b"cache-control" and value.startswith(b"private")
        for name, value in response.headers
    )
    headers: list[Header] = [
        header for header in response.headers if header[0] not in _OF_ITS_STATE
    ]
    status = f"newsgraph; {how}; ttl={-age}; detail=database-unavailable"
    return replace(
        response,
        headers=[
            *headers,
            (b"cache-control", b"private, no-store" if is_private else b"no-store"),
            (b"age", b"%d" % age),
            (b"cache-status", status.encode()),
        ],
    )
