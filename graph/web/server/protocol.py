"""Connections with limits: timeouts for headers and bodies, and maximum sizes.

uvicorn itself waits indefinitely for the rest of a request, and reads it whatever its size.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from time import monotonic
from typing import Any, Final, NoReturn

import httptools
from uvicorn._types import (
    ASGI3Application,
    ASGIReceiveCallable,
    ASGISendCallable,
    ASGISendEvent,
    Scope,
)
from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import (
    STATUS_LINE,
    HttpToolsProtocol,
    RequestResponseCycle,
)
from uvicorn.server import ServerState

from graph.config import Settings
from graph.live.open_streams import STREAMS, Streams
from graph.web.http.cors import Cors
from graph.web.http.headers import Header, encoded
from graph.web.http.response import WHOLE
from graph.web.http.root_path import RootPaths
from graph.web.server.refusals import (
    CONNECT,
    FULL,
    HOST,
    MALFORMED,
    SLOW_BODY,
    SLOW_HEADERS,
    STOPPED,
    Refusal,
    allowing,
)

_LINGER_SECONDS: Final = 2.0
"""How long to wait before a rejected client is disconnected: closing the connection at once could
lose the response. A client over the limit of connections has as long for its headers.
"""


GRAPHQL_PATH: Final = "/graphql"


@dataclass(frozen=True)
class Bounds:
    """The limits of a connection, in seconds and bytes, and the maximum number of connections."""

    header_timeout: float
    body_timeout: float
    idle_timeout: float
    url_bytes: int
    header_bytes: int
    headers: int
    connections: int

    @classmethod
    def of(cls, settings: Settings) -> Bounds:
        return cls(
            header_timeout=settings.header_timeout,
            body_timeout=settings.body_timeout,
            idle_timeout=settings.idle_timeout,
            url_bytes=settings.max_url_bytes,
            header_bytes=settings.max_header_bytes,
            headers=settings.max_headers,
            connections=settings.max_connections,
        )


class _Rejected(Exception):
    """Ends the parsing of a request."""


class _Exchange:
    """A request that the application handles, and its response."""

    __slots__ = ("_app", "_connection", "cycle")

    def __init__(
        self, connection: HttpProtocol, cycle: RequestResponseCycle, app: ASGI3Application
    ) -> None:
        self._connection = connection
        self._app = app
        self.cycle = cycle
        cycle.scope["extensions"] = {WHOLE: {"send": self.send_whole}}

    async def run(self, scope: Scope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
        """Call the application. Its cancellation is not an error."""
        if scope["type"] == "http" and scope["http_version"] == "1.0":
            send = self._without_chunks(send)
        try:
            await self._app(scope, receive, send)
        except asyncio.CancelledError:
            self._abort()
        finally:
            self.cycle.scope["extensions"] = {}  # breaks a reference cycle

    def _without_chunks(self, send: ASGISendCallable) -> ASGISendCallable:
        """Return a `send` for clients of HTTP/1.0, which has no chunks: the end of the connection
        is that of a body whose length is not known.
        """
        cycle = self.cycle
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

    def send_whole(self, status: int, head: bytes, body: bytes) -> bool:
        """Send a whole response. Return False if it must be sent in ASGI messages instead."""
        cycle, connection = self.cycle, self._connection
        if (
            cycle.response_started
            or cycle.disconnected
            or not cycle.keep_alive
            or connection.flow.write_paused
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
        cycle = self.cycle
        if not cycle.response_started and not cycle.disconnected:
            self._connection.write(STOPPED, cycle.scope["headers"])
        cycle.disconnected = True
        if cycle.response_started and not cycle.response_complete:
            cycle.transport.abort()  # what is buffered may never be read, and is no whole response
        else:
            cycle.transport.close()


class _Part(Enum):
    """The part of a request that is being received."""

    HEAD = "head"
    BODY = "body"


class HttpProtocol(HttpToolsProtocol):
    """A connection with limits.

    A request that arrives in one read needs no timer. Any other has one deadline for its headers
    and one for its body, each from their beginning: trickling bytes does not extend them.

    The only supported upgrade is to a WebSocket at the GraphQL endpoint. Every other `Upgrade` is
    ignored (RFC 9110, section 7.8).
    """

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
        *,
        bounds: Bounds,
        cors: Cors,
        root_paths: RootPaths,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self._bounds = bounds
        self._cors = cors
        self._root_paths = root_paths
        self.url = b""
        self._part: _Part | None = _Part.HEAD
        self._timer: asyncio.TimerHandle | None = None
        self._running: asyncio.Task[None] | None = None
        self._rejection = MALFORMED
        self._is_rejected = False
        self._is_over_limit = False
        self._is_websocket_begun = False
        self._chunk = 0
        self._head_bytes = 0
        self.idle_since: float | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn's own
        is_full = len(self.connections) >= self._bounds.connections
        self._is_over_limit = is_full and not self._close_idle()
        super().connection_made(transport)
        # A client over the limit is rejected after its headers, since CORS needs its `Origin`.
        self._start_timer(_LINGER_SECONDS if self._is_over_limit else self._bounds.header_timeout)

    def connection_lost(self, exc: Exception | None) -> None:
        self._cancel_timer()
        self._unset_keepalive_if_required()
        super().connection_lost(exc)
        if self._running is not None and not self.cycle.response_complete:
            self._running.cancel()

    def shutdown(self) -> None:
        """Let the response in progress finish; event streams end at once."""
        super().shutdown()
        streams: Streams | None = self.app_state.get(STREAMS)
        if streams is not None:
            streams.stop()

    def data_received(self, data: bytes) -> None:
        if self._is_rejected:
            return
        self._unset_keepalive_if_required()
        self.idle_since = None
        self._chunk = len(data)
        if self._part is _Part.HEAD:
            self._head_bytes += len(data)
        try:
            self._parse(data)
            if self._is_websocket_begun:
                return
            if self._part is _Part.HEAD:
                self._require_end_of_head()
        except (httptools.HttpParserError, _Rejected):
            self._reject(self._rejection)
        if not (self._is_rejected or self._is_whole()):
            self._start_deadline()

    def _parse(self, data: bytes) -> None:
        """Parse received bytes, ignoring upgrades.

        httptools takes an `Upgrade` for the end of HTTP/1.1: it skips the body and stops. So a new
        parser parses the head again, without that field, and then reads on.
        """
        rest: bytes | memoryview = data
        while True:
            try:
                self.parser.feed_data(rest)
                return
            except httptools.HttpParserUpgrade as upgrade:
                if self._is_websocket():
                    self._is_websocket_begun = True
                    self._cancel_timer()
                    self.handle_websocket_upgrade()
                    return
                rest = memoryview(rest)[upgrade.args[0] :]
                self.parser = httptools.HttpRequestParser(self)
                self.parser.set_dangerous_leniencies(lenient_data_after_close=True)  # as uvicorn
                self.parser.feed_data(self._head_without_upgrade())

    def _is_websocket(self) -> bool:
        """Return whether a request begins a WebSocket with the endpoint."""
        path = self.url.partition(b"?")[0].decode("latin-1")
        scope: Any = self.scope  # the ASGI types of Starlette and uvicorn differ
        paths = (GRAPHQL_PATH, self._root_paths.of(scope) + GRAPHQL_PATH)
        return path in paths and self.scope["method"] == "GET" and self._should_upgrade()

    def _head_without_upgrade(self) -> bytes:
        """Return the head of the request that was just parsed, without its `Upgrade` fields."""
        version = self.scope["http_version"].encode()
        fields = [field for field in self.headers if field[0] != b"upgrade"]
        first = b"%b %b HTTP/%b\r\n" % (self.scope["method"].encode(), self.url, version)
        return first + encoded(fields) + b"\r\n"

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._part = _Part.HEAD
        self._head_bytes = self._chunk

    def on_headers_complete(self) -> None:
        self._require_head()
        if self.parser.should_upgrade():
            self._record_request_line()
            return
        self._part = _Part.BODY
        if self._timer is not None:
            self._cancel_timer()
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        if self.parser.should_upgrade():
            return  # its head is parsed once more
        self._part = None
        self._chunk = 0  # of what follows in this read, the length is not known
        if self._timer is not None:
            self._cancel_timer()
        super().on_message_complete()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if self.cycle.response_complete and self._part is None:
            self.idle_since = monotonic()

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: ASGI3Application) -> None:
        exchange = _Exchange(self, cycle, app)
        task = self.loop.create_task(cycle.run_asgi(exchange.run))
        task.add_done_callback(self.tasks.discard)
        self.tasks.add(task)
        self._running = task

    def _record_request_line(self) -> None:
        """Record the request line of a request with an `Upgrade`, for its second parse."""
        method = self.parser.get_method()
        if method == b"CONNECT":
            self._rejection = CONNECT
            raise _Rejected
        self.scope["method"] = method.decode()
        self.scope["http_version"] = self.parser.get_http_version()

    def _require_head(self) -> None:
        """Reject a request whose headers exceed a limit."""
        bounds, headers = self._bounds, self.headers
        if self._is_over_limit:
            self._rejection = FULL
            raise _Rejected
        self._require_url()
        if sum(len(name) + len(value) + 4 for name, value in headers) > bounds.header_bytes:
            self._reject_large_headers()
        if len(headers) > bounds.headers:
            self._reject_head(431, "HEADERS_TOO_LARGE", f"more than {bounds.headers} headers")
        hosts = [name for name, _ in headers].count(b"host")
        if hosts != 1 and (hosts or self.parser.get_http_version() != "1.0"):
            self._rejection = HOST
            raise _Rejected

    def _require_end_of_head(self) -> None:
        """Reject a head that is too large before it is complete.

        Up to twice the limits it is still read to its end: a browser shows the error only if the
        response allows the request's `Origin`, which may be the last header.
        """
        bounds = self._bounds
        if self._head_bytes > 2 * (bounds.url_bytes + bounds.header_bytes):
            self._require_url()
            self._reject_large_headers()

    def _require_url(self) -> None:
        limit = self._bounds.url_bytes
        if len(self.url) > limit:
            self._reject_head(
                414, "URI_TOO_LONG", f"a URL of more than {limit:,} bytes: send a POST"
            )

    def _reject_large_headers(self) -> NoReturn:
        limit = self._bounds.header_bytes
        self._reject_head(431, "HEADERS_TOO_LARGE", f"more than {limit:,} bytes of headers")

    def _reject_head(self, status: int, code: str, fault: str) -> NoReturn:
        self._rejection = Refusal(status, code, f"the request has {fault}")
        raise _Rejected

    def _is_whole(self) -> bool:
        """Return whether a request is complete and its response is not."""
        return self._part is None and self.cycle is not None and not self.cycle.response_complete

    def _start_deadline(self) -> None:
        """Start the timer for the part of a request that is being received."""
        if self._timer is None:
            in_body = self._part is _Part.BODY
            self._start_timer(self._bounds.body_timeout if in_body else self._bounds.header_timeout)

    def _start_timer(self, seconds: float) -> None:
        self._timer = self.loop.call_later(seconds, self._on_timeout)

    def _cancel_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _on_timeout(self) -> None:
        self._timer = None
        if self._is_rejected:
            self.transport.abort()
        elif self._is_over_limit:
            self._reject(FULL)
        elif self._is_reading_paused():
            self._start_deadline()
        elif self._part is _Part.HEAD and not self._head_bytes:
            self.transport.close()  # browsers open connections in advance
        else:
            self._reject(SLOW_BODY if self._part is _Part.BODY else SLOW_HEADERS)

    def _is_reading_paused(self) -> bool:
        """Return whether reading is paused until an earlier request has its response."""
        if self._part is _Part.BODY:
            return bool(self.pipeline)
        return self.cycle is not None and not self.cycle.response_complete

    def _reject(self, refusal: Refusal) -> None:
        """Stop reading. Send the reason, unless a response was or will be sent."""
        self._is_rejected = True
        self._cancel_timer()
        if self._part is _Part.BODY and not self.pipeline:
            self._end_body(refusal)
        elif self.cycle is not None and not self.cycle.response_complete:
            self.cycle.keep_alive = False
        else:
            self._send_rejection(refusal)

    def _end_body(self, refusal: Refusal) -> None:
        """Disconnect the application, and respond in its place."""
        cycle = self.cycle
        has_started = cycle.response_started
        cycle.disconnected = True
        cycle.message_event.set()
        if has_started:
            self.transport.close()
        else:
            self._send_rejection(refusal)

    def write(self, refusal: Refusal, request_headers: Iterable[Header]) -> None:
        """Send the response to a rejected request with these headers."""
        origin = next((value for name, value in request_headers if name == b"origin"), None)
        headers = (*self.server_state.default_headers, *self._cors.headers(origin))
        self.transport.write(refusal.encoded(headers))

    def _send_rejection(self, refusal: Refusal) -> None:
        allowed = self._preflight_headers()
        if allowed:
            self.transport.write(allowing((*self.server_state.default_headers, *allowed)))
        else:
            self.write(refusal, self.headers or ())
        if self.transport.can_write_eof():
            self.transport.write_eof()
            self._start_timer(_LINGER_SECONDS)
        else:
            self.transport.close()

    def _preflight_headers(self) -> Sequence[Header]:
        """Return the headers that permit the preflighted request; none if this is no preflight.

        To a browser, a rejected preflight is a network error, and its script could not read the
        reason. So preflights are allowed, and the request itself is rejected.
        """
        fields = dict(self.headers or ())
        is_preflight = b"access-control-request-method" in fields
        if not is_preflight or self.parser.get_method() != b"OPTIONS":
            return ()
        origin = fields.get(b"origin")
        preflight = self._cors.preflight(origin)
        return (*preflight, *self._cors.headers(origin)) if preflight else ()

    def _close_idle(self) -> bool:
        """Close the connection that has been idle longest. Return whether there was one."""
        idle = [
            (each.idle_since, each)
            for each in self.connections
            if isinstance(each, HttpProtocol) and each.idle_since is not None
        ]
        if not idle:
            return False
        _, oldest = min(idle, key=lambda pair: pair[0])
        oldest.idle_since = None
        oldest.transport.close()
        return True
