"""What a response carries for its request's sake, whatever is in it: never kept with an answer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from graph.config import Settings
from graph.web.http.cors import Cors
from graph.web.http.headers import DATA, MEDIA, Header
from graph.web.http.request_id import CURRENT, RequestIds

_ID: Final = b"x-request-id"
_MEDIA: Final = "/media/"


class ResponseHeaders:
    """The request's id, and what its origin may read, for all that a server process sends."""

    def __init__(self, settings: Settings) -> None:
        self._ids = RequestIds()
        self._cors = Cors.of(settings)
        self.varies = self._cors.varies

    def id_of(self, given: bytes | None) -> bytes:
        """The id of a request whose client called it so."""
        return self._ids.of(given)

    def headers(self, request_id: bytes, origin: bytes | None) -> Sequence[Header]:
        """The headers of the response."""
        if origin is None:
            return ((_ID, request_id),)
        return ((_ID, request_id), *self._cors.headers(origin))

    def preflight(self, origin: bytes | None) -> Sequence[Header]:
        """The headers by which a browser learns that the origin may ask."""
        return self._cors.preflight(origin)

    async def around(self, app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
        """Let another application answer, and add the headers that all responses have."""
        given = dict(scope["headers"])
        origin = given.get(b"origin")
        request_id = self.id_of(given.get(_ID))
        guards = MEDIA if scope["path"].startswith(_MEDIA) else DATA
        vary: Sequence[Header] = ((b"vary", b"Origin"),) if self.varies else ()
        added = (*guards, *vary, *self.headers(request_id, origin))

        async def send_in_envelope(message: Message) -> None:
            if message["type"] == "http.response.start":
                own = message.get("headers", ())
                names = {name for name, _ in own} - {b"vary"}  # what varies adds up
                others = [header for header in added if header[0] not in names]
                message = {**message, "headers": [*own, *others]}
            await send(message)

        token = CURRENT.set(request_id)
        try:
            preflight = self.preflight(origin) if scope["method"] == "OPTIONS" else ()
            if preflight:
                start: Any = {"type": "http.response.start", "status": 204, "headers": preflight}
                await send_in_envelope(start)
                await send({"type": "http.response.body", "body": b""})
            else:
                await app(scope, receive, send_in_envelope)
        finally:
            CURRENT.reset(token)
