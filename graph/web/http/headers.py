"""The headers of responses that keep browsers from doing what nobody meant them to do."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

Header = tuple[bytes, bytes]


def encoded(headers: Iterable[Header]) -> bytes:
    """Headers as HTTP/1.1 writes them."""
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
"""For answers: whatever is in them, no browser runs it."""

RETRY_AFTER: Final[Header] = (b"retry-after", b"1")
"""For refusals of what would be answered a moment later."""

MEDIA: Final[Sequence[Header]] = (
    *_EVERYWHERE,
    (b"cross-origin-resource-policy", b"cross-origin"),
    (b"content-security-policy", _NOTHING + b"; style-src 'unsafe-inline'; sandbox"),
)
"""For media: other sites may show them, and an SVG that is opened as a page runs nothing."""


def page_headers(policy: str) -> dict[str, str]:
    """For a page that may do what its content security policy says."""
    headers = (
        *_EVERYWHERE,
        _SAME_ORIGIN,
        (b"cross-origin-opener-policy", b"same-origin"),
        (b"content-security-policy", policy.encode()),
    )
    return {name.decode(): value.decode() for name, value in headers}
