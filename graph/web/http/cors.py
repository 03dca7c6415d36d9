"""Cross-origin requests: which sites' scripts may read answers in a browser."""

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
_UNDERSTOOD: Final = (
    "Authorization",
    "Content-Type",
    "If-None-Match",
    "X-Newsgraph-Cost",
    "X-Request-ID",
)
"""The request headers that the API itself reads."""


class Cors:
    """The origins that the operator allows; none is the default.

    `headers` are those that scripts may send besides the ones that the API reads. Credentials are
    never allowed: the API knows callers by the bearer token that a script sends of its own, not by
    what a browser adds to any request.
    """

    def __init__(self, origins: Iterable[str], headers: Iterable[str] = ()) -> None:
        allowed = frozenset(origins)
        self._takes_any = ANY in allowed
        self._allowed = frozenset(origin.encode() for origin in allowed)
        self._any = ((b"access-control-allow-origin", b"*"), _EXPOSED)
        self._preflight: Sequence[Header] = (
            (b"access-control-allow-methods", b"GET, POST"),
            (b"access-control-allow-headers", ", ".join((*_UNDERSTOOD, *headers)).encode()),
            (b"access-control-max-age", b"7200"),
        )

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """What the settings say."""
        return cls(settings.cors_origins, settings.cors_headers)

    @property
    def varies(self) -> bool:
        """Whether a response depends on the Origin of its request."""
        return bool(self._allowed) and not self._takes_any

    def headers(self, origin: bytes | None) -> Sequence[Header]:
        """What a response needs so that scripts of this origin can read it.

        Where any origin is allowed, the answer is the same for one that is not known: None.
        """
        if self._takes_any:
            return self._any
        if origin is not None and origin in self._allowed:
            return ((b"access-control-allow-origin", origin), _EXPOSED)
        return ()

    def preflight(self, origin: bytes | None) -> Sequence[Header]:
        """What the answer to a preflight has beside them: nothing for an origin not allowed."""
        return self._preflight if origin is not None and self.headers(origin) else ()
