"""Find keys that are probably misspelt."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import lru_cache
from itertools import islice
from typing import Final

from loaders.records.values.scalar_values import Finding

LONG: Final = 6
"""The length from which a key with one letter too many, too few or wrong counts as misspelt."""

MAX_KEYS: Final = 100
"""The maximum number of unknown keys of a document that are compared with the known ones."""


def misspelt_keys(
    keys: Iterable[str], known: frozenset[str], folding: Callable[[str], str] | None = None
) -> dict[str, Finding]:
    """Return a warning for each of the first unknown keys that resembles a known one.

    `folding` returns the form in which keys are compared; by default they are as they are.
    """
    spellings = known if folding is None else frozenset(map(folding, known))
    unknown = (key for key in keys if (folding(key) if folding else key) not in spellings)
    return {
        key: Finding((key,), f"unknown key: did you mean {right!r}?")
        for key in islice(unknown, MAX_KEYS)
        if (right := _right_name(key, known)) is not None
    }


@lru_cache(maxsize=4096)
def _right_name(key: str, known: frozenset[str]) -> str | None:
    for name in sorted(known):
        if _is_misspelt(key.lower(), name.lower()):
            return name
    return None


def _is_misspelt(key: str, name: str) -> bool:
    """Return whether a key differs from a name in case, two swapped letters or, if it is long, one
    letter.

    A plural is a different word.
    """
    if key == name:
        return True
    if f"{key}s" == name or f"{name}s" == key or abs(len(key) - len(name)) > 1:
        return False
    start = _common(key, name)
    end = _common(key[start:][::-1], name[start:][::-1])
    left, right = key[start : len(key) - end], name[start : len(name) - end]
    if len(left) == len(right) == 2:
        return left == right[::-1]
    return max(len(left), len(right)) == 1 and min(len(key), len(name)) >= LONG


def _common(one: str, other: str) -> int:
    """Return the length of the common prefix of two texts."""
    length = 0
    for mine, theirs in zip(one, other, strict=False):
        if mine != theirs:
            break
        length += 1
    return length
