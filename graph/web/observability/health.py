"""Health: alive, and ready to answer."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse

from graph.store.probe import Probe


async def livez(request: Request) -> JSONResponse:
    """200 while the process runs."""
    return JSONResponse({"status": "alive"})


async def readyz(request: Request) -> JSONResponse:
    """200 where queries can be answered; else 503 with the reason and Retry-After.

    It tells what the last look at the database found, and waits for none.
    """
    probe: Probe | None = getattr(request.app.state, "probe", None)
    if probe is None:
        return _unready("the server is starting")
    found = probe.found
    if not found.is_ready:
        return _unready(found.reason)
    return JSONResponse({"status": "ready", "revision": found.revision})


def _unready(reason: str) -> JSONResponse:
    body = {"status": "unready", "reason": reason}
    return JSONResponse(body, status_code=503, headers={"Retry-After": "2"})
