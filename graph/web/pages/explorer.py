"""The explorer, and the schema as text."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Final

from starlette.requests import Request
from starlette.routing import BaseRoute, Mount, Route

from graph.schema import print_schema
from graph.web.http.headers import page_headers
from graph.web.http.response import PreparedResponse, Response, response_with
from graph.web.pages.static import PageFiles

EXPLORER: Final = Path(__file__).parents[2] / "static" / "explorer"
"""The folder of the built explorer."""

POLICY: Final = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "worker-src 'self'",
        "connect-src 'self'",
        "style-src 'self' 'unsafe-inline'",  # the editor writes styles
        "font-src 'self'",
        "img-src 'self' data:",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)


_NOT_BUILT: Final = (
    b"The explorer was not built. In a checkout, `make explorer` builds it: with Node 20.19 or "
    b"newer and npm on the PATH, and npm's registry in reach. Packages of newsgraph have it.\n"
)


def explorer_route() -> BaseRoute:
    """Return the route of the explorer, or of a page that says how to build it."""
    if (EXPLORER / "index.html").is_file():
        return Mount("/explorer", PageFiles(EXPLORER, POLICY))
    return Route("/explorer/", _not_built)


async def _not_built(request: Request) -> Response:
    return response_with(_NOT_BUILT, "text/plain", page_headers(POLICY), 503)


def schema_route() -> BaseRoute:
    """Return the route of the schema in the schema definition language (SDL)."""
    return Route("/schema.graphql", _schema(), methods=["GET"])


@cache
def _schema() -> PreparedResponse:
    return PreparedResponse(print_schema().encode(), "text/plain")
