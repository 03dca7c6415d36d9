"""The GraphQL endpoint: an ASGI application from the bytes of a request to those of its answer."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any, Final

from starlette.datastructures import State
from starlette.responses import HTMLResponse
from starlette.types import Receive, Scope, Send
from strawberry.http.ides import get_graphql_ide_html

from graph.config import Settings
from graph.schema import Context, schema
from graph.schema.execution import Executor
from graph.store.cache import Cache
from graph.store.cached import CachedDatabase
from graph.store.database import Database
from graph.web.errors import MASKED
from graph.web.requests import (
    JSON,
    BadRequest,
    GraphQLRequest,
    from_body,
    from_query_string,
    media_type,
)
from graph.web.responses import Header, Response, refusal_of, response_of
from graph.web.tokens import scopes_of

log = logging.getLogger("newsgraph")

_VARY: Final[Header] = (b"vary", b"Accept, Authorization")
_PUBLIC: Final[Sequence[Header]] = (_VARY,)
_PRIVATE: Final[Sequence[Header]] = (_VARY, (b"cache-control", b"private, no-store"))
_ALLOW: Final[Header] = (b"allow", b"GET, POST")

Responses = Cache[bytes, Response]
"""Whole responses, by all that they depend on but the state of the corpus."""


class Endpoint:
    """Serves the schema at one path; a browser that asks for HTML gets GraphiQL."""

    def __init__(self, settings: Settings) -> None:
        self._executor = Executor(schema)
        self._tokens = settings.tokens
        self._video_hosts = settings.video_hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request; whatever goes wrong, something is sent."""
        headers = _Headers(scope["headers"])
        if _wants_page(scope, headers):
            await HTMLResponse(get_graphql_ide_html())(scope, receive, send)
            return
        common = _PRIVATE if headers.has_authorization else _PUBLIC
        kind = JSON
        try:
            kind = media_type(*headers.accept)
            response = await self._respond(scope, receive, headers, kind, common)
        except BadRequest as error:
            more = [_ALLOW] if error.status == 405 else []
            response = refusal_of(error, kind, [*common, *more])
        except Exception:
            log.exception("a request failed")
            response = refusal_of(BadRequest(MASKED, 500, "INTERNAL_SERVER_ERROR"), kind, common)
        await _send(response, send)

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
            given = await _body(receive)
        elif method == "GET":
            given = scope["query_string"]
        else:
            raise BadRequest("send a GraphQL operation by POST or GET", 405, "METHOD_NOT_ALLOWED")
        state: State = scope["app"].state

        async def make() -> tuple[Response, bool]:
            request = (
                from_body(given, headers.content_type)
                if method == "POST"
                else from_query_string(given)
            )
            return await self._answer(request, state, scopes, kind, common)

        responses: Responses | None = getattr(state, "responses", None)
        if responses is None:
            return (await make())[0]
        # All that an answer depends on: what the caller may see, how it is sent, what is asked.
        asked = f"{method} {kind} {headers.content_type} {sorted(scopes)} {len(common)}\n"
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
    ) -> tuple[Response, bool]:
        """The response to a request, and whether it may be kept."""
        database: Database = state.database
        if isinstance(database, CachedDatabase):
            database = database.for_operation()
        context = Context(database, scopes, self._video_hosts)
        answer = await self._executor.execute(
            request.query, request.variables, request.operation_name, context
        )
        response = response_of(answer, kind, common)
        return response, response.is_keepable and getattr(database, "keepable", False)


_NONE: Final = frozenset[str]()


class _Headers:
    """The headers of a request that count here."""

    __slots__ = ("accept", "authorization", "content_type", "has_authorization")

    def __init__(self, raw: Sequence[Header]) -> None:
        self.accept: list[str] = []
        self.authorization: str | None = None
        self.content_type: str | None = None
        self.has_authorization = False
        for name, value in raw:
            if name == b"accept":
                self.accept.append(value.decode("latin-1"))
            elif name == b"content-type":
                self.content_type = value.decode("latin-1")
            elif name == b"authorization":
                # Of several, none: which one counts is not ours to guess.
                first = not self.has_authorization
                self.authorization = value.decode("latin-1") if first else None
                self.has_authorization = True


def _wants_page(scope: Scope, headers: _Headers) -> bool:
    if scope["method"] != "GET" or b"query=" in scope["query_string"]:
        return False
    return any("text/html" in accepted for accepted in headers.accept)


async def _body(receive: Receive) -> bytes:
    message = await receive()
    if message["type"] == "http.disconnect":
        raise BadRequest("the client went away", 499, "CLIENT_CLOSED_REQUEST")
    body: bytes = message.get("body", b"")
    if message.get("more_body"):
        parts = [body]
        while message.get("more_body"):
            message = await receive()
            if message["type"] == "http.disconnect":
                raise BadRequest("the client went away", 499, "CLIENT_CLOSED_REQUEST")
            parts.append(message.get("body", b""))
        body = b"".join(parts)
    return body


async def _send(response: Response, send: Send) -> None:
    start: Any = {
        "type": "http.response.start",
        "status": response.status,
        "headers": response.headers,
    }
    await send(start)
    await send({"type": "http.response.body", "body": response.body})
