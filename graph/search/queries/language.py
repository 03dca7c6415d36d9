"""Parse the text of a search. Any text is valid: nothing in it is an error.

harbour ferry          both words
harbour OR port        one of them; OR binds closer than a space
-ferry                 not this word
"new ferry"            these words next to each other
harb*                  words that begin so
title:ferry            only in the title; also excerpt:, body:, topic:, provider:
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from enum import Enum
from typing import Final, NamedTuple

from graph.search.analysis import is_stop_word, terms_of

FIELDS: Final = {
    "title": "title",
    "excerpt": "excerpt",
    "body": "body",
    "topic": "topics",
    "provider": "provider.name",
}
"""What may stand before a colon, and the stored path that is then searched."""

MAX_PARTS: Final = 32
"""How many different words and phrases count; a beginning of a word counts as `BEGINNING` of them.

Further ones are left out, excluded ones first, so that a long search costs little more than a short
one.
"""

BEGINNING: Final = 4
_PHRASE_TERMS: Final = 64
"""How many words of a phrase count."""

_QUOTES: Final = str.maketrans(dict.fromkeys("“”„‟«»＂", '"'))
_PIECE: Final = re.compile(
    rf"(?P<minus>(?<!\S)[-−])?(?:(?P<field>{'|'.join(FIELDS)}):)?"
    r'(?:"(?P<phrase>[^"]*)"?|(?P<word>[^\s"]+))',
    re.IGNORECASE,
)


class Hint(Enum):
    """Why a search finds nothing, or other than what was typed."""

    NO_WORDS = "no_words"
    ONLY_COMMON_WORDS = "only_common_words"
    ONLY_EXCLUDED_WORDS = "only_excluded_words"
    SIMILAR_WORDS = "similar_words"


class Part(NamedTuple):
    """A word, a phrase or the beginning of a word. `path` is None for any field."""

    terms: tuple[str, ...]
    path: str | None = None
    is_prefix: bool = False

    @property
    def is_word(self) -> bool:
        """Whether it is a single whole word."""
        return len(self.terms) == 1 and not self.is_prefix


class Clause(NamedTuple):
    """Parts of which one must match, or, if `excluded`, none may."""

    parts: tuple[Part, ...]
    excluded: bool = False


class Search(NamedTuple):
    """A search: all clauses must hold. With a `hint` it finds nothing."""

    clauses: tuple[Clause, ...]
    hint: Hint | None = None

    @property
    def parts(self) -> Iterator[Part]:
        """The parts that articles are found by."""
        return (part for clause in self.clauses if not clause.excluded for part in clause.parts)


def parse_search(text: str, languages: Sequence[str]) -> Search:
    """Parse a text. `languages` are those whose common words are left out of searches."""
    clauses = _counted(_clauses(text))
    included = [clause for clause in clauses if not clause.excluded]
    if not included:
        return Search((), Hint.ONLY_EXCLUDED_WORDS if clauses else Hint.NO_WORDS)
    significant = [clause for clause in clauses if not _is_common(clause, languages)]
    if all(clause.excluded for clause in significant):
        return Search((), Hint.ONLY_COMMON_WORDS)
    return Search(tuple(significant))


def _counted(clauses: Iterable[Clause]) -> list[Clause]:
    """Return the clauses within the maximum size of a search, each once."""
    different = (clause._replace(parts=tuple(dict.fromkeys(clause.parts))) for clause in clauses)
    places = enumerate(dict.fromkeys(different))
    counted: dict[int, Clause] = {}
    room = MAX_PARTS
    for place, clause in sorted(places, key=lambda placed: placed[1].excluded):
        parts = []
        for part in clause.parts:
            room -= BEGINNING if part.is_prefix else 1
            if room >= 0:
                parts.append(part)
        if parts:
            counted[place] = clause._replace(parts=tuple(parts))
    return [counted[place] for place in sorted(counted)]


def _clauses(text: str) -> Iterator[Clause]:
    alternatives: list[Part] = []
    joins = False
    for piece in _PIECE.finditer(text.translate(_QUOTES)):
        if piece[0] == "OR":
            joins = bool(alternatives)
            continue
        part = _part(piece)
        if part is None:
            continue
        if piece["minus"]:
            yield Clause((part,), excluded=True)
            continue
        if alternatives and not joins:
            yield Clause(tuple(alternatives))
            alternatives = []
        alternatives.append(part)
        joins = False
    if alternatives:
        yield Clause(tuple(alternatives))


def _part(piece: re.Match[str]) -> Part | None:
    written = piece["phrase"] if piece["word"] is None else piece["word"]
    terms = tuple(terms_of(written)[:_PHRASE_TERMS])
    if not terms:
        return None
    path = FIELDS[piece["field"].lower()] if piece["field"] else None
    return Part(terms, path, piece["word"] is not None and written.endswith("*"))


def _is_common(clause: Clause, languages: Sequence[str]) -> bool:
    return not clause.excluded and all(
        part.is_word and part.path is None and is_stop_word(part.terms[0], languages)
        for part in clause.parts
    )
