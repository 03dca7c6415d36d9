"""Health: alive, and ready to answer."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse

from graph.errors import DatabaseError
from graph.store.database import Database
from graph.store.indexes import missing_indexes
from graph.store.revision import read_corpus


async def livez(request: Request) -> JSONResponse:
    """200 while the process runs."""
    return JSONResponse({"status": "alive"})


async def readyz(request: Request) -> JSONResponse:
    """200 where queries can be answered; else 503 with the reason and Retry-After."""
    database: Database = request.app.state.database
    try:
        await database.ping()
        revision = (await read_corpus(database))["revision"]
        missing = [] if database.mock else await missing_indexes(database)
    except DatabaseError as error:
        return _unready(str(error))
    if missing:
        return _unready(
            f"indexes are missing: {', '.join(missing)}; run `newsgraph load` once to make them"
        )
    return JSONResponse({"status": "ready", "revision": revision})


def _unready(reason: str) -> JSONResponse:
    body = {"status": "unready", "reason": reason}
    return JSONResponse(body, status_code=503, headers={"Retry-After": "2"})
