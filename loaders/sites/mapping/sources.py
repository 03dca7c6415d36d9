"""The sources of a field in documents with the same keys."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from loaders.sites.rules.rules import FieldType
from loaders.sites.rules.terms import KeyPath, Term

Spelling = Mapping[str, str]
"""The top-level keys of a document, by the form in which keys are compared."""

Folding = Callable[[str], str] | None
"""Returns the form in which keys are compared; None if they are as they are."""

_BESIDE: Final = {"alt": ("_alt", "Alt", "-alt"), "title": ("_caption", "Caption", "-caption")}
"""The endings that make of a picture's key those of its alternative text and its caption."""


def spelling_of(keys: Iterable[str], folding: Folding) -> Spelling:
    """Return the spelling of these keys. Of keys that are the same, the last one counts."""
    return {folding(key) if folding else key: key for key in keys}


@dataclass(frozen=True, slots=True)
class TermSource:
    """A term, with its keys as the documents spell them; they are empty for a built-in source.

    `beside` are the keys that may hold the alternative text (`alt`) or the caption (`title`) of a
    picture.
    """

    keys: KeyPath
    builtin: str | None
    adds: bool
    negates: bool
    beside: tuple[tuple[str, KeyPath], ...] = ()

    @classmethod
    def of(cls, term: Term, type_: FieldType, spelling: Spelling, folding: Folding) -> TermSource:
        """Return the source that a term is in documents of this spelling, which has its first
        key.
        """
        if term.builtin is not None:
            return cls((), term.builtin, term.adds, term.negates)
        keys = (spelling[term.keys[0]], *term.keys[1:])
        beside = tuple(_beside(keys, spelling, folding)) if type_ == "pictures" else ()
        return cls(keys, None, term.adds, term.negates, beside)


def _beside(keys: KeyPath, spelling: Spelling, folding: Folding) -> Iterator[tuple[str, KeyPath]]:
    *before, last = keys
    for word, endings in _BESIDE.items():
        for ending in endings:
            name = f"{last}{ending}"
            if before:
                yield word, (*before, name)
            elif (key := spelling.get(folding(name) if folding else name)) is not None:
                yield word, (key,)
