"""Environment variables that look like misspelt settings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from typing import Final

FOREIGN_VARIABLES: Final = frozenset(
    {
        "NEWSGRAPH_DOCUMENTS",  # docker-compose.yml
        "NEWSGRAPH_SCHEMA",  # examples/
        "NEWSGRAPH_URL",  # examples/
    }
)
"""Variables that other programs read."""


def misspelt(environment: Mapping[str, str], prefix: str, known: Iterable[str]) -> Iterator[str]:
    """Yield a warning for each unknown variable with the prefix, and the most similar setting."""
    names = set(known)
    for name in sorted(environment):
        if name.upper().startswith(prefix) and name.upper() not in names | FOREIGN_VARIABLES:
            hint = _hint(name.upper(), prefix, names)
            yield f"warning: {name} is not a setting and has no effect; {hint}"


def _hint(name: str, prefix: str, names: Iterable[str]) -> str:
    """Return the most similar name, compared without the shared prefix."""
    stem = name.removeprefix(prefix)
    others = [other.removeprefix(prefix) for other in names]
    similar = get_close_matches(stem, others, n=3, cutoff=0.6)
    if not similar:
        return "docs/settings.md lists them all"
    nearest = min(similar, key=lambda other: sorted(other) != sorted(stem))  # two letters swapped
    return f"did you mean {prefix}{nearest}?"
