"""The open event streams of a server process: their limits, their number and their end."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from graph.errors import Overloaded, TooManyStreams

STREAMS: Final = "streams"
"""The key of the streams in the state of the application's lifespan."""


class Streams:
    """Counts streams and events, for the limits and the metrics.

    Args:
        limit: the maximum number of open streams.
        limit_per_client: the maximum number for each address.
    """

    def __init__(self, limit: int, limit_per_client: int) -> None:
        self.limit = limit
        self.limit_per_client = limit_per_client
        self.open = 0
        self.executions = 0
        self.events = 0
        self.dropped = Counter(dict.fromkeys(("limit", "client_limit", "slow"), 0))
        """Streams that were refused or ended by the server, by reason."""
        self._clients: Counter[str] = Counter()
        self._ends: set[asyncio.Future[None]] = set()
        self._is_stopping = False

    @contextmanager
    def stream(self, client: str) -> Iterator[asyncio.Future[None]]:
        """Count a stream of a client while it is open. The future is done when it must end.

        Raises Overloaded or TooManyStreams if there are too many.
        """
        if self.open >= self.limit:
            self.dropped["limit"] += 1
            raise Overloaded(self.limit, "event streams")
        if client and self._clients[client] >= self.limit_per_client:
            self.dropped["client_limit"] += 1
            raise TooManyStreams(self.limit_per_client)
        end = asyncio.get_running_loop().create_future()
        if self._is_stopping:
            end.set_result(None)
        self.open += 1
        self._clients[client] += 1
        self._ends.add(end)
        try:
            yield end
        finally:
            self._ends.discard(end)
            self.open -= 1
            self._clients[client] -= 1
            if not self._clients[client]:
                del self._clients[client]

    def stop(self) -> None:
        """End all streams: the server shuts down."""
        self._is_stopping = True
        for end in self._ends:
            if not end.done():
                end.set_result(None)
