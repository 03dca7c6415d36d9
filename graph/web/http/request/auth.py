"""Bearer tokens. The server knows only their SHA-256."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Iterable
from typing import Final

from graph.config import Token

_BEARER: Final = re.compile(r"[Bb][Ee][Aa][Rr][Ee][Rr] +([A-Za-z0-9._~+/=-]{1,1024})")
"""RFC 6750, with a maximum length."""


def scopes_of(authorization: str | None, tokens: Iterable[Token]) -> frozenset[str]:
    """Return the scopes of the token in an Authorization header; none if it is not in `tokens`.

    It is compared with all of them, so that the time taken reveals nothing about them.
    """
    match = _BEARER.fullmatch(authorization or "")
    if match is None:
        return frozenset()
    digest = token_digest(match[1])
    scopes: frozenset[str] = frozenset()
    for token in tokens:
        if hmac.compare_digest(digest, token.digest):
            scopes |= token.scopes
    return scopes


def new_token() -> str:
    """Create a token with 256 random bits. Secret scanners recognise it by its prefix."""
    return f"ng_{secrets.token_urlsafe(32)}"


def token_digest(token: str) -> str:
    """Return the SHA-256 of a token, as the server stores it."""
    return hashlib.sha256(token.encode()).hexdigest()
