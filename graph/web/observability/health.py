"""Health checks: whether the process is alive, and whether it is ready to answer queries."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse

from graph.search.index.service import SearchService
from graph.store.probe import Probe


async def livez(request: Request) -> JSONResponse:
    """Return 200 while the process runs."""
    return JSONResponse({"status": "alive"})


async def readyz(request: Request) -> JSONResponse:
    """Return 200 if queries can be answered, else 503 with the reason and Retry-After.

    The result is that of the last probe of the database. The request does not wait for another. It
    also says whether articles can be searched: `ready`, `building` or `failed`. Without search, all
    other queries can be answered.
    """
    probe: Probe | None = getattr(request.app.state, "probe", None)
    if probe is None:
        return _unready("the server is starting")
    result = probe.readiness
    if not result.is_ready:
        return _unready(result.reason)
    body = {"status": "ready", "revision": result.revision}
    search: SearchService | None = getattr(request.app.state, "search", None)
    if search is not None:
        body["search"] = search.status
    return JSONResponse(body)


def _unready(reason: str) -> JSONResponse:
    body = {"status": "unready", "reason": reason}
    return JSONResponse(body, status_code=503, headers={"Retry-After": "2"})
