"""Corrections of misspelt words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import tantivy

from graph.search.analysis import PLAIN, terms_of
from graph.search.index.columns import IndexSchema
from graph.search.queries.language import Clause, Part, Search
from graph.search.queries.word_queries import edits_of


class Corrector:
    """Finds the words of the index that misspelt ones may stand for."""

    def __init__(self, schema: IndexSchema, searcher: tantivy.Searcher) -> None:
        self._searcher = searcher
        self._names = [text.name for text in schema.texts if text.analyzer == PLAIN]

    def corrected(self, search: Search, texts: Iterable[str]) -> Search | None:
        """Return the search with its unknown words replaced by the nearest ones of these texts;
        None if nothing can be replaced.

        `texts` are those of articles that a search for similar words found.
        """
        words = {term for text in texts for term in terms_of(text)}
        clauses = tuple(self._corrected(clause, words) for clause in search.clauses)
        return None if clauses == search.clauses else Search(clauses, search.hint)

    def _corrected(self, clause: Clause, words: set[str]) -> Clause:
        if clause.excluded:
            return clause
        return Clause(tuple(self._nearest(part, words) for part in clause.parts))

    def _nearest(self, part: Part, words: set[str]) -> Part:
        if not part.is_word or self._frequency(part.terms[0]):
            return part
        term = part.terms[0]
        similar = [word for word in words if 0 < distance(term, word) <= edits_of(term)]
        if not similar:
            return part
        best = min(similar, key=lambda word: (distance(term, word), -self._frequency(word), word))
        return part._replace(terms=(best,))

    def _frequency(self, term: str) -> int:
        return sum(self._searcher.doc_freq(name, term) for name in self._names)


def distance(one: str, other: str, most: int = 2) -> int:
    """Return how many letters must be changed, added, dropped or swapped with the next to get from
    one word to the other; `most` + 1 if these are more than `most`.
    """
    if abs(len(one) - len(other)) > most:
        return most + 1
    before: Sequence[int] = ()
    above: Sequence[int] = range(len(other) + 1)
    for row, letter in enumerate(one, 1):
        below = [row]
        for column, match in enumerate(other, 1):
            cost = min(above[column] + 1, below[-1] + 1, above[column - 1] + (letter != match))
            if row > 1 and column > 1 and one[row - 2] == match and letter == other[column - 2]:
                cost = min(cost, before[column - 2] + 1)
            below.append(cost)
        before, above = above, below
    return min(above[-1], most + 1)


def query_text(search: Search) -> str:
    """Return a search as a user could type it."""
    return " ".join(_clause_texts(search))


def _clause_texts(search: Search) -> Iterator[str]:
    for clause in search.clauses:
        text = " OR ".join(map(_part_text, clause.parts))
        yield f"-{text}" if clause.excluded else text


def _part_text(part: Part) -> str:
    names = {"topics": "topic", "provider.name": "provider"}
    path = f"{names.get(part.path, part.path)}:" if part.path else ""
    if part.is_prefix:
        return f"{path}{'-'.join(part.terms)}*"
    text = " ".join(part.terms)
    return f'{path}"{text}"' if len(part.terms) > 1 else f"{path}{text}"
