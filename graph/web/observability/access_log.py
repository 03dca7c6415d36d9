"""The access log: a line for each request, where the operator wants one."""

from __future__ import annotations

import logging
import time

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from graph.web.observability.observer import OBSERVED, Observed

log = logging.getLogger("newsgraph.access")


async def logged(app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
    """Let an application answer, and log what came of it.

    The path alone is logged: query strings and headers hold what is nobody else's affair.
    """
    scope.pop("extensions", None)  # of a response that is sent at once nothing would be seen
    started = time.perf_counter()
    status, request_id = 0, b""

    async def noting(message: Message) -> None:
        nonlocal status, request_id
        if message["type"] == "http.response.start":
            status = message["status"]
            request_id = dict(message["headers"]).get(b"x-request-id", b"")
        await send(message)

    try:
        await app(scope, receive, noting)
    finally:
        milliseconds = (time.perf_counter() - started) * 1000
        log.info(
            "%s %r %d in %.1f ms",
            scope["method"],
            scope["path"],
            status,
            milliseconds,
            extra={"request_id": request_id, **_told(scope)},
        )


def _told(scope: Scope) -> dict[str, str]:
    """What was observed of the operation, if the request was for one."""
    observed: Observed | None = scope.get(OBSERVED)
    if observed is None:
        return {}
    label = observed.label
    return {
        "operation": label.name,
        "outcome": label.outcome,
        "trace_id": "" if observed.span is None else observed.span.trace_id,
    }
