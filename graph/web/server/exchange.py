"""A request that the application handles, and its response."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from typing import TypeAlias

from uvicorn._types import (
    ASGI3Application,
    ASGIReceiveCallable,
    ASGISendCallable,
    ASGISendEvent,
    Scope,
)
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, RequestResponseCycle

from graph.web.http.headers import Header, encoded
from graph.web.http.response import COMPLETE_RESPONSE
from graph.web.server.refusals import STOPPED, Refusal

RequestCycle: TypeAlias = RequestResponseCycle


class Exchange:
    """A request that the application handles, and its response."""

    __slots__ = ("_app", "_cycle", "_write_refusal")

    def __init__(
        self,
        cycle: RequestCycle,
        app: ASGI3Application,
        write_refusal: Callable[[Refusal, Iterable[Header]], None],
    ) -> None:
        self._write_refusal = write_refusal
        self._app = app
        self._cycle = cycle
        cycle.scope["extensions"] = {COMPLETE_RESPONSE: {"send": self.send_complete}}

    async def run(self, scope: Scope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
        """Call the application. Its cancellation is not an error."""
        if scope["type"] == "http" and scope["http_version"] == "1.0":
            send = self._without_chunks(send)
        try:
            await self._app(scope, receive, send)
        except asyncio.CancelledError:
            self._abort()
        finally:
            self._cycle.scope["extensions"] = {}  # breaks a reference cycle

    def _without_chunks(self, send: ASGISendCallable) -> ASGISendCallable:
        """Return a `send` for clients of HTTP/1.0, which has no chunks: the end of the connection
        is that of a body whose length is not known.
        """
        cycle = self._cycle
        is_open = False

        async def send_plain(message: ASGISendEvent) -> None:
            nonlocal is_open
            if message["type"] == "http.response.start":
                is_open = all(name != b"content-length" for name, _ in message["headers"])
                if is_open:
                    cycle.chunked_encoding = False
                    cycle.keep_alive = False
            elif message["type"] == "http.response.body" and is_open:
                cycle.expected_content_length = len(message.get("body", b""))
            await send(message)

        return send_plain

    def send_complete(self, status: int, head: bytes, body: bytes) -> bool:
        """Send a whole response. Return False if it must be sent in ASGI messages instead."""
        cycle = self._cycle
        if (
            cycle.response_started
            or cycle.disconnected
            or not cycle.keep_alive
            or cycle.flow.write_paused
            or cycle.scope["method"] == "HEAD"
        ):
            return False
        cycle.response_started = cycle.response_complete = True
        cycle.message_event.set()
        every = encoded(cycle.default_headers)
        cycle.transport.write(b"%b%b%b\r\n%b" % (STATUS_LINE[status], every, head, body))
        cycle.on_response()
        return True

    def _abort(self) -> None:
        """End a request whose client has disconnected, or that outlasts the grace period."""
        cycle = self._cycle
        if not cycle.response_started and not cycle.disconnected:
            self._write_refusal(STOPPED, cycle.scope["headers"])
        cycle.disconnected = True
        if cycle.response_started and not cycle.response_complete:
            cycle.transport.abort()  # what is buffered may never be read, and is no whole response
        else:
            cycle.transport.close()
