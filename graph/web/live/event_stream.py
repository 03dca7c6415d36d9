"""Responses that are event streams, sent for as long as the client reads them."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from starlette.types import Receive, Scope, Send

from graph.live.event import COMPLETE, HEARTBEAT, NextResult, retry
from graph.live.open_streams import Streams
from graph.web.graphql.graphql_response import GraphQLResponse
from graph.web.http.headers import Header
from graph.web.http.negotiation import Preference, preferences

EVENTS: Final = "text/event-stream"

STREAM_HEADERS: Final[tuple[Header, ...]] = (
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),  # nginx passes each event on at once
)

STREAM_EVENTS: Final = "newsgraph.stream_events"
"""The key of the number of events that were sent to a request, in its ASGI scope."""

_RETRY_MILLISECONDS: Final = (1_000, 5_000)
"""Clients connect again after a random time, so that they do not all come at once."""


def prefers_events(accept: bytes) -> bool:
    """Return whether an `Accept` header prefers an event stream to a single response.

    Wildcards do not mean it, and of media types with the same weight, the first counts: some
    clients name it last with each request.
    """
    best: Preference | None = None
    for preference in preferences(accept):
        if best is None or preference.weight > best.weight:
            best = preference
    return best is not None and best.name == EVENTS and best.weight > 0


class Results(Protocol):
    """The results of an operation."""

    async def next(self) -> NextResult | None:
        """Return the next result; None after the last one. Raises nothing, and may be
        cancelled.
        """


@dataclass(slots=True, kw_only=True)
class EventStreamResponse(GraphQLResponse):
    """A response with an event for each result; `resources` are released at its end.

    Args:
        end: done when the server wants the stream to end.
        heartbeat: seconds between two comments, which tell proxies that the stream is alive.
        patience: seconds that a client has to read an event.
    """

    results: Results
    receive: Receive
    streams: Streams
    end: asyncio.Future[None]
    resources: AsyncExitStack
    heartbeat: float
    patience: float
    _event_count: int = field(default=0, init=False)

    async def send(self, scope: Scope, send: Send, more: Sequence[Header] = ()) -> None:
        """Send events until the operation, the client or the server ends the stream.

        A HEAD gets none.
        """
        start: Any = {
            "type": "http.response.start",
            "status": self.status,
            "headers": [*self.headers, *more],
        }
        disconnect = asyncio.ensure_future(self._wait_for_disconnect())
        try:
            async with self.resources:
                await send(start)
                if scope["method"] != "HEAD":
                    await self._write(send, retry(random.randint(*_RETRY_MILLISECONDS)))
                    await self._send_events(send, disconnect)
            if not disconnect.done():
                await send({"type": "http.response.body", "body": b"", "more_body": False})
        finally:
            scope[STREAM_EVENTS] = self._event_count
            disconnect.cancel()

    async def _send_events(self, send: Send, disconnect: asyncio.Future[None]) -> None:
        pending: asyncio.Future[NextResult | None] | None = None
        try:
            while True:
                pending = pending or asyncio.ensure_future(self.results.next())
                first: set[asyncio.Future[Any]] = {pending, disconnect, self.end}
                await asyncio.wait(
                    first, timeout=self.heartbeat, return_when=asyncio.FIRST_COMPLETED
                )
                if disconnect.done() or self.end.done():
                    return
                if not pending.done():
                    await self._write(send, HEARTBEAT)
                    continue
                result, pending = pending.result(), None
                await self._write(send, COMPLETE if result is None else result.event)
                if result is None:
                    return
                self._event_count += 1
                self.streams.events += 1
        finally:
            if pending is not None:
                pending.cancel()

    async def _write(self, send: Send, data: bytes) -> None:
        """Send a part of the body. A client that does not read it in time is disconnected."""
        message = {"type": "http.response.body", "body": data, "more_body": True}
        try:
            async with asyncio.timeout(self.patience):
                await send(message)
        except TimeoutError:
            self.streams.dropped["slow"] += 1
            raise asyncio.CancelledError("the client does not read its events") from None

    async def _wait_for_disconnect(self) -> None:
        while (await self.receive())["type"] != "http.disconnect":
            pass
