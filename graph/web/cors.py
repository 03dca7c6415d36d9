"""Cross-origin requests: which sites' scripts may read answers in a browser."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from graph.web.headers import Header

ANY: Final = "*"

_EXPOSED: Final[Header] = (b"access-control-expose-headers", b"X-Request-ID, Retry-After")
_PREFLIGHT: Final[Sequence[Header]] = (
    (b"access-control-allow-methods", b"GET, POST"),
    (
        b"access-control-allow-headers",
        b"Authorization, Content-Type, X-Newsgraph-Cost, X-Request-ID",
    ),
    (b"access-control-max-age", b"7200"),
)


class Cors:
    """The origins that the operator allows; none is the default.

    Credentials are never allowed: the API knows callers by the bearer token that a script sends of
    its own, not by what a browser adds to any request.
    """

    def __init__(self, origins: Iterable[str]) -> None:
        allowed = frozenset(origins)
        self._takes_any = ANY in allowed
        self._allowed = frozenset(origin.encode() for origin in allowed)
        self._any = ((b"access-control-allow-origin", b"*"), _EXPOSED)

    @property
    def varies(self) -> bool:
        """Whether a response depends on the Origin of its request."""
        return bool(self._allowed) and not self._takes_any

    def headers(self, origin: bytes | None) -> Sequence[Header]:
        """What a response to this origin needs so that its scripts can read it."""
        if origin is None or not self._allowed:
            return ()
        if self._takes_any:
            return self._any
        if origin in self._allowed:
            return ((b"access-control-allow-origin", origin), _EXPOSED)
        return ()

    def preflight(self, origin: bytes | None) -> Sequence[Header]:
        """What the answer to a preflight has beside them: nothing for an origin not allowed."""
        return _PREFLIGHT if self.headers(origin) else ()
