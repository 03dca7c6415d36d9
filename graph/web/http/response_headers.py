"""Response headers that depend on the request and so are never cached with a response."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from graph.config import Settings
from graph.web.http.cors import Cors
from graph.web.http.headers import DATA, MEDIA, Header
from graph.web.http.request.request_headers import RequestHeaders
from graph.web.http.request.request_id import CURRENT, RequestIds
from graph.web.http.request.root_path import route_path
from graph.web.http.response import Response

_ID: Final = b"x-request-id"
_MEDIA: Final = "/media/"


class ResponseHeaders:
    """The `X-Request-ID` and CORS headers of a server process's responses."""

    def __init__(self, settings: Settings) -> None:
        self._ids = RequestIds()
        self._cors = Cors.of(settings)
        self.varies = self._cors.varies

    def id_of(self, requested: bytes | None) -> bytes:
        """Return the id of a request: the one that the client requested, or a new one."""
        return self._ids.of(requested)

    def headers(self, request_id: bytes, origin: bytes | None) -> Sequence[Header]:
        """Return the headers of the response to a request with this id and Origin."""
        if origin is None:
            return ((_ID, request_id),)
        return ((_ID, request_id), *self._cors.headers(origin))

    def preflight(self, origin: bytes | None) -> Sequence[Header]:
        """Return the headers of the response to a preflight; none if the origin is not allowed."""
        return self._cors.preflight(origin)

    async def wrap(self, app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
        """Call another application, and add the headers that all responses have."""
        scope.pop("extensions", None)  # all responses are sent in messages, which are changed here
        request = RequestHeaders(scope["headers"])
        request_id = self.id_of(request.request_id)
        policy = MEDIA if route_path(scope).startswith(_MEDIA) else DATA
        vary: Sequence[Header] = ((b"vary", b"Origin"),) if self.varies else ()
        added = (*policy, *vary, *self.headers(request_id, request.origin))

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = message.get("headers", ())
                names = {name for name, _ in headers} - {b"vary"}  # fields of Vary add up
                more = [header for header in added if header[0] not in names]
                message = {**message, "headers": [*headers, *more]}
            await send(message)

        token = CURRENT.set(request_id)
        try:
            preflight = self.preflight(request.origin) if scope["method"] == "OPTIONS" else ()
            if preflight:
                app = Response(204, preflight, b"")
            await app(scope, receive, send_with_headers)
        finally:
            CURRENT.reset(token)
