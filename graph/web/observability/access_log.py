"""The access log: a record for each request and each WebSocket, if enabled."""

from __future__ import annotations

import logging
import time
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from graph.web.live.event_stream import STREAM_EVENTS
from graph.web.observability.observer import OPERATION_STATS, OperationStats

log = logging.getLogger("newsgraph.access")

_STARTS: Final = frozenset({"http.response.start", "websocket.http.response.start"})


async def log_access(app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
    """Call an application and log its response; a WebSocket when it ends.

    Of the URL only the path is logged: query strings and headers may contain personal data.
    """
    if scope["type"] == "http":
        scope.pop("extensions", None)  # a response that is sent whole would not be seen here
    started = time.perf_counter()
    status, request_id = 0, b""

    async def send_logged(message: Message) -> None:
        nonlocal status, request_id
        if message["type"] in _STARTS:
            status = message["status"]
            request_id = dict(message["headers"]).get(b"x-request-id", b"")
        elif message["type"] == "websocket.accept":
            status = 101
        elif message["type"] == "websocket.close" and not status:
            status = 403  # which the server sends for it
        await send(message)

    try:
        await app(scope, receive, send_logged)
    finally:
        events = {"events": scope[STREAM_EVENTS]} if STREAM_EVENTS in scope else {}
        milliseconds = (time.perf_counter() - started) * 1000
        log.info(
            "%s %r %d in %.1f ms",
            scope.get("method", "GET"),
            scope["path"],
            status,
            milliseconds,
            extra={"request_id": request_id, **_operation_fields(scope), **events},
        )


def _operation_fields(scope: Scope) -> dict[str, str]:
    """Return the fields of a log record that describe the operation; none if there was none."""
    stats: OperationStats | None = scope.get(OPERATION_STATS)
    if stats is None:
        return {}
    label = stats.label
    return {
        "operation": label.name,
        "outcome": label.outcome,
        "trace_id": "" if stats.span is None else stats.span.trace_id,
    }
