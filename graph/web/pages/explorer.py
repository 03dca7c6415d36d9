"""What is served beside the API: the explorer, and the schema."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Final

from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.responses import Response as StarletteResponse
from starlette.routing import BaseRoute, Mount, Route

from graph.schema import print_schema
from graph.web.graphql.response import Response
from graph.web.http.headers import DATA, page_headers
from graph.web.pages.precompressed import PrecompressedBody
from graph.web.pages.static import PageFiles

EXPLORER: Final = Path(__file__).parents[2] / "static" / "explorer"
"""Where the explorer is, once it is built of graph/explorer."""

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


def explorer_route() -> BaseRoute:
    """The explorer; where it was not built, a page that says how to."""
    if (EXPLORER / "index.html").is_file():
        return Mount("/explorer", PageFiles(EXPLORER, POLICY))
    return Route("/explorer/", _not_built)


async def _not_built(request: Request) -> PlainTextResponse:
    return PlainTextResponse(
        "The explorer was not built. In a checkout, `make explorer` builds it: with Node 20.19 or "
        "newer and npm on the PATH, and npm's registry in reach. Packages of newsgraph have it.\n",
        503,
        page_headers(POLICY),
    )


def schema_route() -> BaseRoute:
    """The schema in the schema definition language."""
    schema = _schema()

    async def schema_text(request: Request) -> StarletteResponse:
        return schema.response(request)

    return Route("/schema.graphql", schema_text)


@cache
def _schema() -> PrecompressedBody:
    return PrecompressedBody(print_schema().encode(), "text/plain")


@cache
def to_explorer() -> Response:
    """The answer to a browser that asks the API for a page."""
    headers = [
        (b"location", b"/explorer/"),
        (b"content-length", b"0"),
        (b"vary", b"Accept, Accept-Encoding, Authorization, Origin"),
        *DATA,
    ]
    return Response(307, headers, b"")
