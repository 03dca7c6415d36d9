"""Responses, ready to be sent in the content coding that a client accepts."""

from __future__ import annotations

import gzip
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, Self

from starlette.types import Receive, Scope, Send

from graph.web.http.compression import GZIP, MINIMUM, coding_of, compress
from graph.web.http.headers import Header, encoded
from graph.web.http.request.request_headers import RequestHeaders

COMPLETE_RESPONSE: Final = "newsgraph.response.complete"
"""The ASGI extension with which an application sends a complete response at once.

Its `send` takes the status, the headers encoded as in HTTP/1.1 with the content length, and the
body. It returns whether the response was sent; if not, it must be sent in ASGI messages. uvicorn
checks and joins the headers of each response, which is most of the work for a cached one.
Middleware that reads the messages does not see such a response: it must replace this `send` by its
own or remove the extension from the scope.
"""


@dataclass(slots=True)
class Response:
    """A status, headers and a body. It must not be changed, since it may be cached and sent many
    times.

    It is an ASGI application, so that a Starlette route can return it.
    """

    status: int
    headers: Sequence[Header]
    body: bytes
    _head: bytes = field(default=b"", init=False)

    @property
    def head(self) -> bytes:
        """The headers encoded as in HTTP/1.1; encoded only once."""
        if not self._head:
            self._head = encoded(self.headers)
        return self._head

    @property
    def size(self) -> int:
        """The approximate size in memory, in bytes."""
        return len(self.body) + 64 * len(self.headers)

    async def compressed(self, coding: str, *, is_cached: bool) -> Self:
        """Return this response with its body compressed; the response itself if that is not
        shorter.
        """
        if len(self.body) < MINIMUM:
            return self
        return self.in_coding(coding, await compress(self.body, coding, is_cached=is_cached))

    def in_coding(self, coding: str, body: bytes) -> Self:
        """Return this response with an already compressed body; the response itself if that is not
        shorter.
        """
        if len(body) >= len(self.body):
            return self
        headers = [header for header in self.headers if header[0] != b"content-length"]
        headers += [(b"content-length", b"%d" % len(body)), (b"content-encoding", coding.encode())]
        return replace(self, headers=headers, body=body)

    async def send(self, scope: Scope, send: Send, more: Sequence[Header] = ()) -> None:
        """Send the response; `more` are additional headers for this request only."""
        complete = scope.get("extensions", {}).get(COMPLETE_RESPONSE)
        if complete and complete["send"](self.status, self.head + encoded(more), self.body):
            return
        start: Any = {
            "type": "http.response.start",
            "status": self.status,
            "headers": [*self.headers, *more],
        }
        await send(start)
        await send({"type": "http.response.body", "body": self.body})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the response, whatever the request."""
        await self.send(scope, send)


def response_with(
    body: bytes, media_type: str, headers: Sequence[Header] = (), status: int = 200
) -> Response:
    """Return a response with this body; text is UTF-8."""
    charset = "; charset=utf-8" if media_type.startswith("text/") else ""
    content: tuple[Header, ...] = (
        (b"content-length", b"%d" % len(body)),
        (b"content-type", f"{media_type}{charset}".encode()),
    )
    return Response(status, (*headers, *content), body)


class PreparedResponse:
    """A response that stays the same while the server runs, compressed in advance.

    Its only content coding is gzip: code generators download the schema, and some claim to accept
    zstd on a version of Node that cannot read it.
    """

    def __init__(self, body: bytes, media_type: str, headers: Sequence[Header] = ()) -> None:
        shorter = gzip.compress(body, 9, mtime=0) if len(body) >= MINIMUM else body
        if len(shorter) < len(body):
            headers = (*headers, (b"vary", b"Accept-Encoding"))
        self._plain = response_with(body, media_type, headers)
        self._gzip = self._plain.in_coding("gzip", shorter)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the response according to the request's `Accept-Encoding`."""
        accepted = RequestHeaders(scope["headers"]).accept_encoding
        await (self._gzip if coding_of(accepted, GZIP) else self._plain).send(scope, send)
