"""The GraphQL endpoint: an ASGI application from the bytes of a request to those of its answer."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any, Final

from starlette.datastructures import State
from starlette.types import Receive, Scope, Send

from graph.config import Settings
from graph.schema import Context, schema
from graph.schema.execution import Answer, Executor, Limits
from graph.store.cache import Cache
from graph.store.cached import CachedDatabase
from graph.store.database import Database
from graph.web.bodies import read_body, require_length
from graph.web.envelope import Envelope
from graph.web.errors import MASKED
from graph.web.headers import DATA, Header
from graph.web.observer import Observer
from graph.web.pages import explorer_page
from graph.web.request_ids import CURRENT
from graph.web.requests import (
    JSON,
    BadRequest,
    GraphQLRequest,
    from_body,
    from_query_string,
    media_type,
)
from graph.web.responses import Response, refusal_of, response_of
from graph.web.tokens import scopes_of

log = logging.getLogger("newsgraph")

_PRIVATE: Final[Header] = (b"cache-control", b"private, no-store")

Responses = Cache[bytes, Response]
"""Whole responses, by all that they depend on but the state of the corpus."""


class Endpoint:
    """Serves the schema at one path; a browser that asks for HTML gets GraphiQL."""

    def __init__(
        self, settings: Settings, envelope: Envelope, observer: Observer | None = None
    ) -> None:
        self._observer = observer
        self._limits = _limits_of(settings)
        self._executor = Executor(
            schema,
            limits=self._limits,
            introspection=settings.introspection == "on",
            suggestions=settings.suggestions == "on",
        )
        self._envelope = envelope
        self._limit = settings.body_limit
        vary = b"Accept, Authorization, Origin" if envelope.varies else b"Accept, Authorization"
        self._public = ((b"vary", vary), *DATA)
        self._private = (_PRIVATE, *self._public)
        self._tokens = settings.tokens
        self._video_hosts = settings.video_hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request; whatever goes wrong, something is sent."""
        headers = _Headers(scope["headers"])
        request_id = self._envelope.id_of(headers.request_id)
        token = CURRENT.set(request_id)
        try:
            answering = self._response(scope, receive, headers)
            if self._observer is None:
                response = await answering
            else:
                response = await self._observer.around(scope, answering)
            await _send(response, self._envelope.headers(request_id, headers.origin), send)
        finally:
            CURRENT.reset(token)

    async def _response(self, scope: Scope, receive: Receive, headers: _Headers) -> Response:
        if _wants_page(scope, headers):
            return explorer_page()
        if scope["method"] == "OPTIONS":
            preflight = self._envelope.preflight(headers.origin)
            if preflight:
                return Response(204, (*self._public, *preflight), b"")
        is_private = headers.has_authorization or headers.wants_cost
        common = self._private if is_private else self._public
        kind = JSON
        try:
            kind = media_type(*headers.accept)
            return await self._respond(scope, receive, headers, kind, common)
        except BadRequest as error:
            more = [(b"allow", error.allowed.encode())] if error.allowed else []
            return refusal_of(error, kind, [*common, *more])
        except Exception:
            log.exception("a request failed")
            return refusal_of(BadRequest(MASKED, 500, "INTERNAL_SERVER_ERROR"), kind, common)

    async def _respond(
        self,
        scope: Scope,
        receive: Receive,
        headers: _Headers,
        kind: str,
        common: Sequence[Header],
    ) -> Response:
        scopes = scopes_of(headers.authorization, self._tokens) if headers.authorization else _NONE
        method = scope["method"]
        if method == "POST":
            require_length(headers.content_length, self._limit)
            given = await read_body(receive, self._limit)
        elif method == "GET":
            given = scope["query_string"]
            if len(given) > self._limit:
                message = f"the query string has more than {self._limit:,} bytes: send a POST"
                raise BadRequest(message, 414, "URI_TOO_LONG")
        else:
            message = "send a GraphQL operation by POST or GET"
            raise BadRequest(message, 405, "METHOD_NOT_ALLOWED", allowed="GET, POST")
        state: State = scope["app"].state

        async def make() -> tuple[Response, bool]:
            request = (
                from_body(given, headers.content_type)
                if method == "POST"
                else from_query_string(given)
            )
            return await self._answer(request, state, scopes, kind, common, headers.wants_cost)

        responses: Responses | None = getattr(state, "responses", None)
        if responses is None:
            return (await make())[0]
        # All that an answer depends on: what the caller may see, how it is sent, what is asked.
        shown = f"{headers.has_authorization} {headers.wants_cost}"
        asked = f"{method} {kind} {headers.content_type} {sorted(scopes)} {shown}\n"
        key = asked.encode("latin-1", "replace") + given
        response = responses.get(key)
        if response is not None:
            return response

        async def kept() -> tuple[Response, int]:
            made, is_keepable = await make()
            return made, len(key) + made.size if is_keepable else responses.capacity

        return await responses.fetch(key, kept)

    async def _answer(
        self,
        request: GraphQLRequest,
        state: State,
        scopes: frozenset[str],
        kind: str,
        common: Sequence[Header],
        wants_cost: bool,
    ) -> tuple[Response, bool]:
        """The response to a request, and whether it may be kept."""
        database: Database = state.database
        if isinstance(database, CachedDatabase):
            database = database.for_operation()
        context = Context(database, scopes, self._video_hosts)
        answer = await self._executor.execute(
            request.query, request.variables, request.operation_name, context
        )
        extensions = self._cost(answer) if wants_cost else None
        response = response_of(answer, kind, common, extensions)
        if self._observer is not None:
            response = self._observer.labelled(response, answer, request.query)
        return response, response.is_keepable and getattr(database, "keepable", False)

    def _cost(self, answer: Answer) -> dict[str, Any] | None:
        """The extension that tells what an operation costs; an invalid one costs nothing."""
        if answer.cost is None:
            return None
        return {"cost": {"requested": answer.cost, "limit": self._limits.cost}}


_NONE: Final = frozenset[str]()


class _Headers:
    """The headers of a request that count here."""

    __slots__ = (
        "accept",
        "authorization",
        "content_length",
        "content_type",
        "has_authorization",
        "origin",
        "request_id",
        "wants_cost",
    )

    def __init__(self, raw: Sequence[Header]) -> None:
        self.content_length: bytes | None = None
        self.origin: bytes | None = None
        self.request_id: bytes | None = None
        self.accept: list[str] = []
        self.authorization: str | None = None
        self.content_type: str | None = None
        self.has_authorization = False
        self.wants_cost = False
        for name, value in raw:
            if name == b"accept":
                self.accept.append(value.decode("latin-1"))
            elif name == b"content-type":
                self.content_type = value.decode("latin-1")
            elif name == b"content-length":
                self.content_length = value
            elif name == b"origin":
                self.origin = value
            elif name == b"x-request-id":
                self.request_id = value
            elif name == b"x-newsgraph-cost":
                self.wants_cost = value == b"1"
            elif name == b"authorization":
                # Of several, none: which one counts is not ours to guess.
                first = not self.has_authorization
                self.authorization = value.decode("latin-1") if first else None
                self.has_authorization = True


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


def _wants_page(scope: Scope, headers: _Headers) -> bool:
    if scope["method"] != "GET" or b"query=" in scope["query_string"]:
        return False
    return any("text/html" in accepted for accepted in headers.accept)


async def _send(response: Response, own: Sequence[Header], send: Send) -> None:
    start: Any = {
        "type": "http.response.start",
        "status": response.status,
        "headers": [*response.headers, *own],
    }
    await send(start)
    await send({"type": "http.response.body", "body": response.body})
