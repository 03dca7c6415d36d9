"""The GraphQL endpoint: an ASGI application from the bytes of a request to those of its answer."""

from __future__ import annotations

import logging
import re
from collections.abc import Sequence
from typing import Any, Final

from starlette.types import Receive, Scope, Send

from graph.config import Settings
from graph.errors import OperationTimeout, Overloaded
from graph.schema import Context, schema
from graph.schema.execution.executor import Executor, Limits
from graph.schema.execution.result import Answer
from graph.store.driver.read_commands import Reader
from graph.web.graphql.error_format import MASKED, log_withheld
from graph.web.graphql.etags import NO_STORE, ETags
from graph.web.graphql.persisted import Persisted, is_registration
from graph.web.graphql.request import (
    JSON,
    BadRequest,
    GraphQLRequest,
    accepts_page,
    from_body,
    from_query_string,
    media_type,
)
from graph.web.graphql.request_body import read_body, require_length
from graph.web.graphql.response import Response, refusal_of, response_of, timeout_of
from graph.web.graphql.response_cache import key_of, respond
from graph.web.http.auth import scopes_of
from graph.web.http.compression import coding_of, compressed
from graph.web.http.headers import DATA, RETRY_AFTER, Header, encoded
from graph.web.http.request_headers import RequestHeaders
from graph.web.http.request_id import CURRENT
from graph.web.http.response_headers import ResponseHeaders
from graph.web.observability.observer import Observer
from graph.web.pages.explorer import to_explorer
from graph.web.server.app_state import AppState
from graph.web.server.operation_limiter import OperationLimiter
from graph.web.server.protocol import WHOLE

log = logging.getLogger("newsgraph")

_PRIVATE: Final[Header] = (b"cache-control", b"private, no-store")


class Endpoint:
    """Serves the schema at one path; a browser that asks for HTML is led to the explorer."""

    def __init__(
        self, settings: Settings, envelope: ResponseHeaders, observer: Observer | None = None
    ) -> None:
        self._observer = observer
        self._limits = _limits_of(settings)
        self._executor = Executor(
            schema,
            compiler=settings.compiler,
            limits=self._limits,
            introspection=settings.introspection == "on",
            suggestions=settings.suggestions == "on",
        )
        self._envelope = envelope
        self._operations = OperationLimiter(settings.max_in_flight, settings.operation_timeout)
        self._limit = settings.body_limit
        self._longest_url = settings.max_url_bytes
        self._persisted = Persisted(settings, self._executor)
        self._validators = ETags(settings, self._persisted.fingerprint)
        self._compresses = settings.compression == "on"
        self._public = ((b"vary", _vary(settings, envelope)), *DATA)
        self._private = (_PRIVATE, *self._public)
        self._tokens = settings.tokens
        self._video_hosts = settings.video_hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request; whatever goes wrong, something is sent."""
        headers = RequestHeaders(scope["headers"])
        request_id = self._envelope.id_of(headers.request_id)
        token = CURRENT.set(request_id)
        try:
            answering = self._response(scope, receive, headers)
            if self._observer is None:
                response = await answering
            else:
                response = await self._observer.around(scope, answering)
            own = self._envelope.headers(request_id, headers.origin)
            await _send(response, own, scope, send)
        finally:
            CURRENT.reset(token)

    async def _response(self, scope: Scope, receive: Receive, headers: RequestHeaders) -> Response:
        if _wants_page(scope, headers):
            return to_explorer()
        if scope["method"] == "OPTIONS":
            preflight = self._envelope.preflight(headers.origin)
            if preflight:
                return Response(204, (*self._public, *preflight), b"")
        is_private = headers.has_authorization or headers.wants_cost
        common = self._private if is_private else self._public
        by_get = scope["method"] == "GET"
        refused = (NO_STORE, *common) if by_get and not is_private else common
        kind = JSON
        try:
            kind = media_type(headers.accept)
            return await self._respond(scope, receive, headers, kind, common)
        except BadRequest as error:
            more = [(b"allow", error.allowed.encode())] if error.allowed else []
            return refusal_of(error, kind, [*refused, *more])
        except OperationTimeout as error:
            return timeout_of(error, kind, refused)
        except Overloaded as error:
            overload = BadRequest(str(error), 503, error.code)
            return refusal_of(overload, kind, [*refused, RETRY_AFTER])
        except Exception:
            log.exception("a request failed")
            return refusal_of(BadRequest(MASKED, 500, "INTERNAL_SERVER_ERROR"), kind, refused)

    async def _respond(
        self,
        scope: Scope,
        receive: Receive,
        headers: RequestHeaders,
        kind: str,
        common: Sequence[Header],
    ) -> Response:
        token = headers.authorization
        scopes = scopes_of(token, self._tokens) if token else _NONE
        by_get = scope["method"] == "GET"
        given = await self._given(scope, receive, headers)
        served: AppState = scope["app"].state
        epoch = served.epoch
        is_shared = by_get and common is self._public
        tag = self._validators.tag(epoch, kind, given) if is_shared else b""
        if tag and tag in headers.if_none_match:
            return self._validators.unchanged(tag, common)

        async def make() -> Response:
            with self._operations.begin() as operation:
                request = (
                    from_query_string(given) if by_get else from_body(given, headers.content_type)
                )
                text = self._persisted.text_of(request, kind, by_get=by_get)
                database = served.reader(operation.until)
                response = await self._answer(
                    request, text, database, scopes, kind, common, headers
                )
            if not is_shared:
                return response
            # What was begun in one state of the corpus and ended in another is of neither.
            lasts = response.is_keepable and tag == self._validators.tag(epoch, kind, given)
            return self._validators.marked(response, tag if lasts else b"")

        coding = self._coding(headers)
        if served.responses is None:
            response = await make()
            return response if coding is None else await compressed(response, coding, is_kept=False)
        key = key_of(scope["method"], kind, headers, scopes, given)
        return await respond(served.responses, key, coding, make)

    async def _given(self, scope: Scope, receive: Receive, headers: RequestHeaders) -> bytes:
        """What a request asks: its body, or its query string."""
        if scope["method"] == "POST":
            require_length(headers.content_length, self._limit)
            return await read_body(receive, self._limit)
        if scope["method"] != "GET":
            message = "send a GraphQL operation by POST or GET"
            raise BadRequest(message, 405, "METHOD_NOT_ALLOWED", allowed="GET, POST")
        given: bytes = scope["query_string"]
        if len(given) > self._longest_url:
            message = f"the query string has more than {self._longest_url:,} bytes: send a POST"
            raise BadRequest(message, 414, "URI_TOO_LONG")
        return given

    async def _answer(
        self,
        request: GraphQLRequest,
        text: str,
        database: Reader,
        scopes: frozenset[str],
        kind: str,
        common: Sequence[Header],
        headers: RequestHeaders,
    ) -> Response:
        """The response to a request for this operation."""
        context = Context(database, scopes, self._video_hosts)
        name = request.operation_name
        answer = await self._executor.execute(text, request.variables, name, context)
        if answer.errors:
            log_withheld(answer.errors)
        extensions = self._cost(answer) if headers.wants_cost else None
        label = None if self._observer is None else self._observer.label(answer, text)
        # Were a registration kept, its text would not be learned once it was forgotten.
        keepable = database.is_cacheable and not is_registration(request)
        return response_of(answer, kind, common, extensions, is_keepable=keepable, label=label)

    def _coding(self, headers: RequestHeaders) -> str | None:
        given = headers.accept_encoding
        return coding_of(given) if given and self._compresses else None

    def _cost(self, answer: Answer) -> dict[str, Any] | None:
        """The extension that tells what an operation costs; an invalid one costs nothing."""
        if answer.cost is None:
            return None
        return {"cost": {"requested": answer.cost, "limit": self._limits.cost}}


_NONE: Final = frozenset[str]()
_OPERATION: Final = re.compile(rb"\b(query|documentId|extensions)=")


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


def _vary(settings: Settings, envelope: ResponseHeaders) -> bytes:
    """The headers of a request that its response depends on."""
    names = [b"Accept", b"Authorization"]
    if settings.compression == "on":
        names.insert(1, b"Accept-Encoding")
    if envelope.varies:
        names.append(b"Origin")
    return b", ".join(names)


def _wants_page(scope: Scope, headers: RequestHeaders) -> bool:
    if scope["method"] != "GET" or _OPERATION.search(scope["query_string"]):
        return False
    return accepts_page(headers.accept)


async def _send(response: Response, own: Sequence[Header], scope: Scope, send: Send) -> None:
    whole = scope.get("extensions", {}).get(WHOLE)
    if whole and whole["send"](response.status, response.head + encoded(own), response.body):
        return
    start: Any = {
        "type": "http.response.start",
        "status": response.status,
        "headers": [*response.headers, *own],
    }
    await send(start)
    await send({"type": "http.response.body", "body": response.body})
