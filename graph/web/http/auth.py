"""Bearer tokens: made here, known to the server by their SHA-256 alone."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Iterable
from typing import Final

from graph.config import Token

_BEARER: Final = re.compile(r"[Bb][Ee][Aa][Rr][Ee][Rr] +([A-Za-z0-9._~+/=-]{1,1024})")
"""RFC 6750, with a bound."""


def scopes_of(authorization: str | None, tokens: Iterable[Token]) -> frozenset[str]:
    """What the token of an Authorization header allows: nothing, unless it is one of `tokens`.

    Every one of them is compared, whichever it is: the time tells nothing of them.
    """
    match = _BEARER.fullmatch(authorization or "")
    if match is None:
        return frozenset()
    digest = digest_of(match[1])
    scopes: frozenset[str] = frozenset()
    for token in tokens:
        if hmac.compare_digest(digest, token.digest):
            scopes |= token.scopes
    return scopes


def new_token() -> str:
    """A token with 256 random bits; its prefix lets scanners for secrets find it."""
    return f"ng_{secrets.token_urlsafe(32)}"


def digest_of(token: str) -> str:
    """The hash by which the server knows a token."""
    return hashlib.sha256(token.encode()).hexdigest()
