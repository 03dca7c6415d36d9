"""What is served beside the API."""

from __future__ import annotations

import base64
import hashlib
import re
from functools import cache
from typing import Final

from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse
from strawberry.http.ides import get_graphql_ide_html

from graph.schema import print_schema
from graph.web.headers import page_headers
from graph.web.responses import Response

_SCRIPT: Final = re.compile(r"<script\b([^>]*)>(.*?)</script>", re.DOTALL)
_SOURCE: Final = re.compile(r"\bsrc=\"([^\"]+)\"")
_STYLESHEET: Final = re.compile(r"<link\b[^>]*\bhref=\"(https:[^\"]+)\"")


async def explorer(request: Request) -> RedirectResponse:
    """The way to GraphiQL."""
    return RedirectResponse("/graphql")


async def schema_text(request: Request) -> PlainTextResponse:
    """The schema in the schema definition language."""
    return PlainTextResponse(print_schema())


@cache
def explorer_page() -> Response:
    """GraphiQL."""
    html = get_graphql_ide_html()
    body = html.encode()
    headers = [
        (b"content-type", b"text/html; charset=utf-8"),
        (b"content-length", b"%d" % len(body)),
        (b"vary", b"Accept, Accept-Encoding, Authorization, Origin"),
        *page_headers(policy_of(html)),
    ]
    return Response(200, headers, body)


def policy_of(html: str) -> str:
    """The content security policy of a page: the scripts that it names, and no others.

    A script of its own is known by its hash. Styles may stand in the page: editors write them.
    """
    scripts = []
    for attributes, text in _SCRIPT.findall(html):
        source = _SOURCE.search(attributes)
        scripts.append(source[1] if source else f"'{_digest_of(text)}'")
    styles = ["'unsafe-inline'", *_STYLESHEET.findall(html)]
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src {' '.join(scripts)}",
            f"style-src {' '.join(styles)}",
            "img-src 'self' data:",
            "font-src data:",
            "connect-src 'self'",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'none'",
        )
    )


def _digest_of(script: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}"
