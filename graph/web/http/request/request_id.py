"""Request ids, which are in a response and in the log records about it."""

from __future__ import annotations

import re
import secrets
from contextvars import ContextVar
from itertools import count
from typing import Final

_VALID: Final = re.compile(rb"[A-Za-z0-9._-]{1,128}")

CURRENT: Final[ContextVar[bytes | None]] = ContextVar("request_id", default=None)
"""The id of the current request."""


class RequestIds:
    """The request ids of a server process: a random prefix and a number."""

    __slots__ = ("_numbers", "_prefix")

    def __init__(self) -> None:
        self._prefix = secrets.token_hex(8).encode()
        self._numbers = count(1)

    def of(self, requested: bytes | None) -> bytes:
        """Return the id that the client requested; a new one if it is missing or invalid.

        A long id, or one with line breaks, would garble the log.
        """
        if requested is not None and _VALID.fullmatch(requested):
            return requested
        return b"%b-%d" % (self._prefix, next(self._numbers))
