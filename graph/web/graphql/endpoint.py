"""The GraphQL endpoint: an ASGI application that executes operations and caches their responses."""

from __future__ import annotations

import logging
import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Final

from starlette.types import Receive, Scope, Send

from graph.config import Settings
from graph.errors import OperationTimeout, Overloaded
from graph.live.open_streams import Streams
from graph.schema import Context, schema
from graph.schema.execution.executor import Executor, Limits
from graph.schema.execution.result import OperationResult
from graph.search.index_reader import IndexReader
from graph.web.graphql.cache.etags import NO_STORE, ETags
from graph.web.graphql.cache.response_cache import get_or_create
from graph.web.graphql.error_format import MASKED, log_withheld
from graph.web.graphql.graphql_response import (
    GraphQLResponse,
    error_response,
    result_response,
    timeout_response,
)
from graph.web.graphql.persisted import PersistedOperations, is_registration
from graph.web.graphql.request import GRAPHQL, JSON, BadRequest, media_type
from graph.web.graphql.request_context import RequestContext, read_payload
from graph.web.http.compression import coding_of
from graph.web.http.headers import ALLOW, DATA, RETRY_AFTER, Header
from graph.web.http.negotiation import accepts
from graph.web.http.request.auth import scopes_of
from graph.web.http.request.request_headers import RequestHeaders
from graph.web.http.request.request_id import CURRENT
from graph.web.http.request.root_path import root_path
from graph.web.http.response_headers import ResponseHeaders
from graph.web.live.event_stream import prefers_events
from graph.web.live.live_execution import LiveExecutor
from graph.web.live.streaming import Streaming
from graph.web.live.websocket import WebSocketEndpoint
from graph.web.observability.observer import Observer
from graph.web.server.app_state import AppState
from graph.web.server.operation_limiter import OperationLimiter

log = logging.getLogger("newsgraph")

_PRIVATE: Final[Header] = (b"cache-control", b"private, no-store")


class Endpoint:
    """Serves the schema at one path. Browsers, which accept HTML, are sent to the explorer."""

    def __init__(
        self,
        settings: Settings,
        response_headers: ResponseHeaders,
        observer: Observer | None = None,
        *,
        streams: Streams,
    ) -> None:
        self._settings = settings
        self._observer = observer
        self._limits = _limits_of(settings)
        self._executor = Executor(
            schema,
            compiler=settings.compiler,
            limits=self._limits,
            introspection=settings.introspection == "on",
            suggestions=settings.suggestions == "on",
        )
        self._response_headers = response_headers
        self._operations = OperationLimiter(settings.max_in_flight, settings.operation_timeout)
        self._persisted = PersistedOperations(settings, self._executor)
        live = LiveExecutor(self._executor, self._operations, streams, settings.video_hosts)
        self._streaming = Streaming(settings, live, self._persisted)
        self.websocket = WebSocketEndpoint(settings, live, self._persisted)
        self._etags = ETags(settings, self._persisted.fingerprint)
        self._compresses = settings.compression == "on"
        vary = (b"vary", _vary(settings, response_headers))
        self._public = (vary, _ACCEPT_QUERY, *DATA)
        self._private = (_PRIVATE, *self._public)

    @property
    def limiter(self) -> OperationLimiter:
        """The limits that all operations of the server share."""
        return self._operations

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Respond to a request; every error becomes a response."""
        headers = RequestHeaders(scope["headers"])
        request_id = self._response_headers.id_of(headers.request_id)
        token = CURRENT.set(request_id)
        try:
            responding = self._response(scope, receive, headers)
            if self._observer is None:
                response = await responding
            else:
                response = await self._observer.observe(scope, responding)
            more = self._response_headers.headers(request_id, headers.origin)
            await response.send(scope, send, more)
        finally:
            CURRENT.reset(token)

    async def _response(
        self, scope: Scope, receive: Receive, headers: RequestHeaders
    ) -> GraphQLResponse:
        method = "GET" if scope["method"] == "HEAD" else scope["method"]  # a server omits the body
        if method == "GET" and _wants_page(scope, headers):
            return _to_explorer(root_path(scope))
        if method == "OPTIONS":
            preflight = self._response_headers.preflight(headers.origin)
            return GraphQLResponse(204, (*self._public, ALLOW, *preflight), b"")
        accepted = JSON
        try:
            accepted = GRAPHQL if prefers_events(headers.accept) else media_type(headers.accept)
            token, encodings = headers.authorization, headers.accept_encoding
            context = RequestContext(
                method,
                headers,
                accepted,
                coding_of(encodings) if encodings and self._compresses else None,
                scopes_of(token, self._settings.tokens) if token else _NONE,
                await read_payload(method, scope, receive, headers, self._settings),
            )
            if self._streaming.wants_stream(context):
                return await self._streaming.respond(context, scope, receive, self._public)
            return await self._respond(context, scope["app"].state)
        except Exception as error:
            common = self._private if headers.is_private else self._public
            if method != "POST" and not headers.is_private:
                common = (NO_STORE, *common)
            return _failure(error, accepted, common)

    async def _respond(self, context: RequestContext, state: AppState) -> GraphQLResponse:
        """Return the response to a request, from the cache if possible."""
        corpus, is_shared = state.corpus_state, context.is_shared
        resource = context.media_type, context.resource
        tag = self._etags.tag(corpus, *resource) if is_shared else b""
        if tag and tag in context.headers.if_none_match:
            return self._etags.not_modified(tag, self._public)

        async def create() -> GraphQLResponse:
            response = await self._execute(context, state)
            if not is_shared:
                return response
            # If the corpus changed in the meantime, the response belongs to neither state.
            is_current = response.is_cacheable and corpus and await corpus.is_current()
            holds = is_current and tag == self._etags.tag(corpus, *resource)
            return self._etags.with_validators(response, tag if holds else b"")

        if state.responses is not None:
            return await get_or_create(state.responses, context.cache_key, context.coding, create)
        response = await create()
        if context.coding is None:
            return response
        return await response.compressed(context.coding, is_cached=False)

    async def _execute(self, context: RequestContext, state: AppState) -> GraphQLResponse:
        """Execute the operation of a request within the limits."""
        with self._operations.begin() as operation:
            request = context.parse()
            text = self._persisted.text_of(request, is_safe=context.is_safe)
            reader, index = state.reader(operation.deadline), IndexReader(state.search)
            result = await self._executor.execute(
                text,
                request.variables,
                request.operation_name,
                Context(reader, context.scopes, self._settings.video_hosts, index),
            )
            if result.errors:
                log_withheld(result.errors)
            is_private = context.headers.is_private
            return result_response(
                result,
                context.media_type,
                self._private if is_private else self._public,
                self._cost(result) if context.headers.wants_cost else None,
                # A registration is executed each time, since its text may be evicted.
                is_cacheable=reader.is_cacheable
                and index.is_cacheable
                and not is_registration(request),
                label=None if self._observer is None else self._observer.label(result, text),
            )

    def _cost(self, result: OperationResult) -> dict[str, Any] | None:
        """Return the cost extension of an operation; None for an invalid one."""
        if result.cost is None:
            return None
        return {"cost": {"requested": result.cost, "limit": self._limits.cost}}


_NONE: Final = frozenset[str]()
_OPERATION: Final = re.compile(rb"\b(query|documentId|extensions)=")
_ACCEPT_QUERY: Final[Header] = (b"accept-query", b"application/json")
"""The media type of the bodies of QUERY requests (RFC 10008)."""


@lru_cache(maxsize=8)
def _to_explorer(root: str) -> GraphQLResponse:
    """Return the redirect to the explorer below a root path."""
    headers = (
        (b"location", f"{root}/explorer/".encode()),
        (b"content-length", b"0"),
        (b"vary", b"Accept, Accept-Encoding, Authorization, Origin"),
        _ACCEPT_QUERY,
        *DATA,
    )
    return GraphQLResponse(307, headers, b"")


def _limits_of(settings: Settings) -> Limits:
    return Limits(
        tokens=settings.max_tokens,
        depth=settings.max_depth,
        aliases=settings.max_aliases,
        root_fields=settings.max_root_fields,
        directives=settings.max_directives,
        selections=settings.max_selections,
        cost=settings.max_cost,
    )


def _vary(settings: Settings, response_headers: ResponseHeaders) -> bytes:
    """Return the request headers that a response depends on."""
    names = [b"Accept", b"Authorization"]
    if settings.compression == "on":
        names.insert(1, b"Accept-Encoding")
    if response_headers.varies:
        names.append(b"Origin")
    return b", ".join(names)


def _wants_page(scope: Scope, headers: RequestHeaders) -> bool:
    return not _OPERATION.search(scope["query_string"]) and accepts(headers.accept, "text/html")


def _failure(error: Exception, accepted: str, headers: Sequence[Header]) -> GraphQLResponse:
    """Return the response to a request that raised an error."""
    if isinstance(error, OperationTimeout):
        return timeout_response(error, accepted, headers)
    if isinstance(error, Overloaded):
        error = BadRequest(str(error), 503, error.code, [RETRY_AFTER])
    elif not isinstance(error, BadRequest):
        log.error("a request failed", exc_info=error)
        error = BadRequest(MASKED, 500, "INTERNAL_SERVER_ERROR")
    return error_response(error, accepted, headers)
