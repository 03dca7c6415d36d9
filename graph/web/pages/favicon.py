"""The icon at `/favicon.ico`, where browsers and feed readers look for it."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Final

from starlette.routing import Route

from graph.web.http.response import PreparedResponse

PATH: Final = "/favicon.ico"

_FILE: Final = Path(__file__).with_name("favicon.ico")
_ONE_DAY: Final = (b"cache-control", b"public, max-age=86400")


def favicon_route() -> Route:
    """Return the route of the icon."""
    return Route(PATH, _prepared(), methods=["GET"])


@cache
def _prepared() -> PreparedResponse:
    return PreparedResponse(_FILE.read_bytes(), "image/vnd.microsoft.icon", [_ONE_DAY])
