"""Cross-origin resource sharing (CORS): the sites whose scripts may read responses."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, Self

from graph.config import Settings
from graph.web.http.headers import Header

ANY: Final = "*"

_EXPOSED: Final[Header] = (
    b"access-control-expose-headers",
    b"ETag, Retry-After, Server-Timing, X-Request-ID",
)
_REQUEST_HEADERS: Final = (
    "Authorization",
    "Content-Encoding",
    "Content-Type",
    "If-None-Match",
    "Last-Event-ID",
    "X-Newsgraph-Cost",
    "X-Request-ID",
)
"""The request headers that the API itself reads."""


class Cors:
    """The allowed origins; by default there are none.

    `headers` are the request headers that scripts may send besides those that the API reads.
    Credentials are never allowed: callers authenticate with a bearer token, which a script sets
    itself, not with cookies, which a browser adds to any request.
    """

    def __init__(self, origins: Iterable[str], headers: Iterable[str] = ()) -> None:
        allowed = frozenset(origins)
        self._allows_any = ANY in allowed
        self._allowed = frozenset(origin.encode() for origin in allowed)
        self._any = ((b"access-control-allow-origin", b"*"), _EXPOSED)
        self._preflight: Sequence[Header] = (
            (b"access-control-allow-methods", b"GET, POST, QUERY"),
            (b"access-control-allow-headers", ", ".join((*_REQUEST_HEADERS, *headers)).encode()),
            (b"access-control-max-age", b"7200"),
        )

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """Return the configured policy."""
        return cls(settings.cors_origins, settings.cors_headers)

    @property
    def varies(self) -> bool:
        """Whether a response depends on the Origin of its request."""
        return bool(self._allowed) and not self._allows_any

    def headers(self, origin: bytes | None) -> Sequence[Header]:
        """Return the headers that let scripts of this origin read a response.

        If any origin is allowed they do not depend on it, and it may be None.
        """
        if self._allows_any:
            return self._any
        if origin is not None and origin in self._allowed:
            return ((b"access-control-allow-origin", origin), _EXPOSED)
        return ()

    def preflight(self, origin: bytes | None) -> Sequence[Header]:
        """Return the additional headers of the response to a preflight; none if the origin is not
        allowed.
        """
        return self._preflight if origin is not None and self.headers(origin) else ()
