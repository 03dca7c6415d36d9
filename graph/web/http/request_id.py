"""Request ids: by which a response and the lines of the log about it find each other."""

from __future__ import annotations

import re
import secrets
from contextvars import ContextVar
from itertools import count
from typing import Final

_VALID: Final = re.compile(rb"[A-Za-z0-9._-]{1,128}")

CURRENT: Final[ContextVar[bytes | None]] = ContextVar("request_id", default=None)
"""The id of the request that is being answered."""


class RequestIds:
    """The ids of a server process: a random prefix and a number."""

    __slots__ = ("_numbers", "_prefix")

    def __init__(self) -> None:
        self._prefix = secrets.token_hex(8).encode()
        self._numbers = count(1)

    def of(self, given: bytes | None) -> bytes:
        """The id that a client gave its request; a new one where it gave none that can be used.

        What would make two lines of one, or of a log a dump, is not taken.
        """
        if given is not None and _VALID.fullmatch(given):
            return given
        return b"%b-%d" % (self._prefix, next(self._numbers))
