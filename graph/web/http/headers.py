"""Header fields, and the security headers of responses."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

Header = tuple[bytes, bytes]


def encoded(headers: Iterable[Header]) -> bytes:
    """Encode headers as in HTTP/1.1."""
    return b"".join([b"%b: %b\r\n" % header for header in headers])


_EVERYWHERE: Final[Sequence[Header]] = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-frame-options", b"DENY"),
)

_NOTHING: Final = b"default-src 'none'; frame-ancestors 'none'"

_SAME_ORIGIN: Final[Header] = (b"cross-origin-resource-policy", b"same-origin")

DATA: Final[Sequence[Header]] = (
    *_EVERYWHERE,
    _SAME_ORIGIN,
    (b"content-security-policy", _NOTHING),
)
"""The security headers of data: browsers execute nothing in it."""

ALLOW: Final[Header] = (b"allow", b"GET, HEAD, OPTIONS, POST, QUERY")
"""The methods of the endpoint."""

RETRY_AFTER: Final[Header] = (b"retry-after", b"1")
"""For errors of an overloaded server: the same request may succeed a moment later."""

MEDIA: Final[Sequence[Header]] = (
    *_EVERYWHERE,
    (b"cross-origin-resource-policy", b"cross-origin"),
    (b"content-security-policy", _NOTHING + b"; style-src 'unsafe-inline'; sandbox"),
)
"""The security headers of media: other sites may embed them, and an SVG that is opened as a page
executes no script.
"""


def page_headers(policy: str) -> Sequence[Header]:
    """Return the security headers of a page with this content security policy."""
    return (
        *_EVERYWHERE,
        _SAME_ORIGIN,
        (b"cross-origin-opener-policy", b"same-origin"),
        (b"content-security-policy", policy.encode()),
    )
