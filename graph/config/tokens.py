"""Bearer tokens: the entries of `NEWSGRAPH_TOKENS`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from pydantic_core import PydanticCustomError

_ENTRY: Final = re.compile(r"sha256:([0-9a-fA-F]{64})=(.*)")


class Scope(StrEnum):
    """A right that a token can grant."""

    UNPUBLISHED = "read:unpublished"
    SECURED = "read:secured"


@dataclass(frozen=True)
class Token:
    """A token that the server accepts: its SHA-256 in lower-case hex digits, and its scopes."""

    digest: str
    scopes: frozenset[Scope]

    def __str__(self) -> str:
        """Return the entry of NEWSGRAPH_TOKENS."""
        return f"sha256:{self.digest}={','.join(sorted(self.scopes))}"


def read_tokens(entries: list[str]) -> tuple[Token, ...]:
    """Parse entries. Errors identify an entry only by its number, since its text may be secret."""
    numbers: dict[str, int] = {}
    tokens: list[Token] = []
    faults: list[str] = []
    for number, entry in enumerate(entries, start=1):
        try:
            token = _token(entry, numbers)
        except ValueError as error:
            faults.append(f"entry {number} {error}")
        else:
            numbers[token.digest] = number
            tokens.append(token)
    if faults:
        raise PydanticCustomError("tokens", "{faults}", {"faults": "; ".join(faults)})
    return tuple(tokens)


def _token(entry: str, numbers: Mapping[str, int]) -> Token:
    """Parse an entry; `numbers` maps the digests of the entries before it to their numbers."""
    match = _ENTRY.fullmatch(entry)
    if match is None:
        raise ValueError(
            "is not of the form sha256:<64 hex digits>=<scope>[,<scope>]; `newsgraph token` makes "
            "a token and prints its entry"
        )
    digest = match[1].lower()
    if digest in numbers:
        raise ValueError(f"is for the same token as entry {numbers[digest]}; add its scopes there")
    try:
        return Token(digest, frozenset(map(Scope, match[2].split(","))))
    except ValueError:
        raise ValueError(f"has an unknown scope; there are {' and '.join(Scope)}") from None
