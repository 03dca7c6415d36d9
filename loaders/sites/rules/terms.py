"""Source terms: where the value of a field comes from.

A term is one of these, perhaps with an operator before it:

    cover.image         the value of a key, or of a key in a mapping
    :heading            the first heading of the body
    :first-paragraph    the first paragraph of the body, as text
    :filename           the name of the file as a title; for a date, the date it begins with
    :slug               the name of the file, or of its folder if it is an index, without a date
    :language           the language of the file's name or folder, if the site has several
    :permalink          the address that the generator gives to the page
    :links              the pages of the site that the body links to

`+key` is added to the value of the terms before it, `!key` is the opposite of a boolean.
"""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import Final, NamedTuple

BUILTINS: Final = (
    "filename",
    "first-paragraph",
    "heading",
    "language",
    "links",
    "permalink",
    "slug",
)

_TERM: Final = re.compile(r"(?P<operator>[+!]?)(?:(?P<colon>:)(?P<builtin>.*)|(?P<keys>[^:].*))")


KeyPath = tuple[str, ...]
"""The keys that lead to a value: one for each level."""


class InvalidTerm(ValueError):
    """An invalid source term; the message says why."""


class Term(NamedTuple):
    """A source term: the keys that lead to a value, or the name of a built-in source."""

    keys: KeyPath
    builtin: str | None = None
    adds: bool = False
    negates: bool = False

    @classmethod
    def parse(cls, text: str) -> Term:
        """Parse a term. Raises InvalidTerm."""
        match = _TERM.fullmatch(text)
        if match is None:
            raise InvalidTerm(f"{text!r} is not a source: expected a key or one of {_builtins()}")
        adds, negates = match["operator"] == "+", match["operator"] == "!"
        if match["colon"] is None:
            if match["keys"] in ("+", "!"):
                raise InvalidTerm(f"{text!r} is not a source: a key must follow")
            if ", " in text:
                raise InvalidTerm(f'{text!r} is not a source: write a list such as ["a", "b"]')
            keys = tuple(match["keys"].split("."))
            if not all(key.strip() for key in keys):
                raise InvalidTerm(f"{text!r} is not a source: a part of the key is empty")
            return cls(keys, None, adds, negates)
        if match["builtin"] not in BUILTINS:
            raise InvalidTerm(f"{text!r} is not a source{nearest(match['builtin'], BUILTINS, ':')}")
        return cls((), match["builtin"], adds, negates)


def nearest(name: str, names: tuple[str, ...] | list[str], prefix: str = "") -> str:
    """Return the end of a message about an unknown name: the most similar name, or all names."""
    by_lower = {candidate.lower(): candidate for candidate in reversed(names)}
    if close := get_close_matches(name.lower(), by_lower, n=1, cutoff=0.7):
        return f": did you mean {prefix + by_lower[close[0]]!r}?"
    return f": expected one of {', '.join(prefix + known for known in sorted(names))}"


def _builtins() -> str:
    return ", ".join(f":{name}" for name in BUILTINS)
