"""Connections with limits: timeouts for headers and bodies, and maximum sizes.

uvicorn itself waits indefinitely for the rest of a request, and reads it whatever its size.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from enum import Enum
from time import monotonic
from typing import Any, Final

import httptools
from uvicorn._types import ASGI3Application
from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from graph.config import Settings
from graph.live.open_streams import STREAMS, Streams
from graph.web.http.cors import Cors
from graph.web.http.headers import Header
from graph.web.http.request.root_path import RootPaths
from graph.web.server import request_head
from graph.web.server.exchange import Exchange, RequestCycle
from graph.web.server.refusals import (
    CONNECT,
    FULL,
    MALFORMED,
    SLOW_BODY,
    SLOW_HEADERS,
    Refusal,
    response_to,
)

_LINGER_SECONDS: Final = 2.0
"""How long to wait before a rejected client is disconnected: closing the connection at once could
lose the response. A client over the limit of connections has as long for its headers.
"""


class _Rejected(Exception):
    """Ends the parsing of a request."""


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
        settings: Settings,
        cors: Cors,
        root_paths: RootPaths,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self._settings = settings
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
        is_full = len(self.connections) >= self._settings.max_connections
        self._is_over_limit = is_full and not self._close_idle()
        super().connection_made(transport)
        # A client over the limit is rejected after its headers, since CORS needs its `Origin`.
        self._start_timer(_LINGER_SECONDS if self._is_over_limit else self._settings.header_timeout)

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
                size = self._head_bytes
                self._require(request_head.partial_refusal(self._settings, self.url, size))
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
                    # Nothing else ends the cycle of references between this and the parser.
                    self.parser = None  # type: ignore[assignment]  # as uvicorn
                    return
                rest = memoryview(rest)[upgrade.args[0] :]
                self.parser = httptools.HttpRequestParser(self)
                self.parser.set_dangerous_leniencies(lenient_data_after_close=True)  # as uvicorn
                head = request_head.without_upgrade(self.scope, self.url, self.headers)
                self.parser.feed_data(head)

    def _is_websocket(self) -> bool:
        """Return whether a request begins a WebSocket with the endpoint."""
        path = self.url.partition(b"?")[0].decode("latin-1")
        scope: Any = self.scope  # the ASGI types of Starlette and uvicorn differ
        is_endpoint = self._root_paths.is_endpoint(path, scope)
        return is_endpoint and self.scope["method"] == "GET" and self._should_upgrade()

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._part = _Part.HEAD
        self._head_bytes = self._chunk

    def on_headers_complete(self) -> None:
        version = self.parser.get_http_version()
        refusal = request_head.refusal_of(self._settings, self.url, self.headers, version)
        self._require(FULL if self._is_over_limit else refusal)
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

    def _start_asgi_task(self, cycle: RequestCycle, app: ASGI3Application) -> None:
        exchange = Exchange(cycle, app, self._write_refusal)
        task = self.loop.create_task(cycle.run_asgi(exchange.run))
        task.add_done_callback(self.tasks.discard)
        self.tasks.add(task)
        self._running = task

    def _record_request_line(self) -> None:
        """Record the request line of a request with an `Upgrade`, for its second parse."""
        method = self.parser.get_method()
        if method == b"CONNECT":
            self._require(CONNECT)
        self.scope["method"] = method.decode()
        self.scope["http_version"] = self.parser.get_http_version()

    def _require(self, refusal: Refusal | None) -> None:
        """End the parsing if there is a refusal."""
        if refusal is not None:
            self._rejection = refusal
            raise _Rejected

    def _is_whole(self) -> bool:
        """Return whether a request is complete and its response is not."""
        return self._part is None and self.cycle is not None and not self.cycle.response_complete

    def _start_deadline(self) -> None:
        """Start the timer for the part of a request that is being received."""
        if self._timer is None:
            settings, in_body = self._settings, self._part is _Part.BODY
            self._start_timer(settings.body_timeout if in_body else settings.header_timeout)

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
        cycle.disconnected = True
        cycle.message_event.set()
        if cycle.response_started:
            self.transport.close()
        else:
            self._send_rejection(refusal)

    def _write_refusal(
        self, refusal: Refusal, request_headers: Iterable[Header], method: bytes = b""
    ) -> None:
        defaults = self.server_state.default_headers
        self.transport.write(response_to(request_headers, method, refusal, defaults, self._cors))

    def _send_rejection(self, refusal: Refusal) -> None:
        self._write_refusal(refusal, self.headers or (), self.parser.get_method())
        if self.transport.can_write_eof():
            self.transport.write_eof()
            self._start_timer(_LINGER_SECONDS)
        else:
            self.transport.close()

    def _close_idle(self) -> bool:
        """Close the connection that has been idle longest. Return whether there was one."""
        idle = {
            connection.idle_since: connection
            for connection in self.connections
            if isinstance(connection, HttpProtocol) and connection.idle_since is not None
        }
        if not idle:
            return False
        oldest = idle[min(idle)]
        oldest.idle_since = None
        oldest.transport.close()
        return True
