"""Responses whose results are streamed: live queries and subscriptions over server-sent events."""

from __future__ import annotations

import re
from contextlib import AsyncExitStack
from typing import Final

from starlette.types import Receive, Scope

from graph.config import Settings
from graph.errors import TooManyStreams
from graph.web.graphql.persisted import PersistedOperations
from graph.web.graphql.request import BadRequest
from graph.web.graphql.request_context import RequestContext
from graph.web.http.headers import Header
from graph.web.http.negotiation import accepts
from graph.web.http.request.client_address import ClientAddresses
from graph.web.live.event_stream import (
    EVENTS,
    STREAM_HEADERS,
    EventStreamResponse,
    prefers_events,
)
from graph.web.live.live_execution import LiveExecutor, LiveRequest

_MAY_BE_SUBSCRIPTION: Final = re.compile(rb"subscription|persistedQuery|documentId")
"""What the payload contains that has a subscription, or the id of a persisted one."""


class Streaming:
    """Responds to requests for event streams."""

    def __init__(
        self, settings: Settings, executor: LiveExecutor, persisted: PersistedOperations
    ) -> None:
        self._settings = settings
        self._executor = executor
        self._persisted = persisted
        self._clients = ClientAddresses()

    def wants_stream(self, context: RequestContext) -> bool:
        """Return whether a request is for a stream: it prefers one, or accepts one and is for a
        subscription.
        """
        accept = context.headers.accept
        if prefers_events(accept):
            return True
        if not accepts(accept, EVENTS) or not _MAY_BE_SUBSCRIPTION.search(context.payload):
            return False
        request = context.parse(for_stream=True)
        try:
            text = request.query or self._persisted.text_of(request, is_safe=False)
        except BadRequest:  # an unknown id, which the single response reports
            return False
        return self._executor.is_subscription(text, request.operation_name)

    async def respond(
        self, context: RequestContext, scope: Scope, receive: Receive, headers: tuple[Header, ...]
    ) -> EventStreamResponse:
        """Return the stream of an operation's results, once the first of them is known.

        Errors of the GraphQL operation are events. Raises BadRequest if there is none, and what
        the first execution raises.
        """
        request = context.parse(for_stream=True)
        text = self._persisted.text_of(request, is_safe=False)
        live = LiveRequest(request, text, context.scopes, context.headers.last_event_id)
        client = await self._clients.of(scope)
        resources = AsyncExitStack()
        try:
            end = resources.enter_context(self._executor.streams.stream(client))
            results = await self._executor.open(live, scope["app"].state, resources)
        except TooManyStreams as error:
            raise BadRequest(str(error), 429, error.code) from None
        except BaseException:
            await resources.aclose()
            raise
        return EventStreamResponse(
            200,
            (*STREAM_HEADERS, *headers),
            b"",
            label=self._executor.label(live, is_refused=results.is_refused),
            results=results,
            receive=receive,
            streams=self._executor.streams,
            end=end,
            resources=resources,
            heartbeat=self._settings.heartbeat,
            patience=self._settings.stream_timeout,
        )
