"""Where in a text the words of a search are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from graph.search.analysis import PLAIN, LocatedTerm, analyzer, located_terms
from graph.search.queries.language import Part, Search

MAX_TEXT: Final = 100_000
"""How many characters of a text are looked at."""

MatchSpan = tuple[int, int]


class Matcher:
    """Finds the matches of a search in which no word is misspelt."""

    def __init__(self, search: Search, languages: Sequence[str]) -> None:
        self._parts = list(search.parts)
        self._analyzers = [analyzer(language) for language in languages]
        self._stems: dict[str, frozenset[str]] = {}

    def spans(self, path: str, text: str) -> list[MatchSpan]:
        """Return the spans of the matches in the text of a field, in order; those that touch are
        merged.
        """
        parts = [part for part in self._parts if part.path in (None, path)]
        terms = located_terms(text[:MAX_TEXT], PLAIN) if parts else []
        return _merged(span for part in parts for span in self._occurrences(part, terms))

    def _occurrences(self, part: Part, terms: Sequence[LocatedTerm]) -> Iterator[MatchSpan]:
        size = len(part.terms)
        if part.is_word:
            stems = self._forms(part.terms[0])
            yield from (
                (term.start, term.end)
                for term in terms
                if term.text == part.terms[0] or not stems.isdisjoint(self._forms(term.text))
            )
            return
        for place in range(len(terms) - size + 1):
            run = terms[place : place + size]
            if self._is_run(part, [term.text for term in run]):
                yield run[0].start, run[-1].end

    def _is_run(self, part: Part, run: list[str]) -> bool:
        if not part.is_prefix:
            return tuple(run) == part.terms
        return tuple(run[:-1]) == part.terms[:-1] and run[-1].startswith(part.terms[-1])

    def _forms(self, term: str) -> frozenset[str]:
        """Return the stems of a term in each language."""
        if term not in self._stems:
            self._stems[term] = frozenset(
                f"{place} {stem}"
                for place, analyzer in enumerate(self._analyzers)
                for stem in analyzer.analyze(term)
            )
        return self._stems[term]


def _merged(spans: Iterator[MatchSpan]) -> list[MatchSpan]:
    merged: list[MatchSpan] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged
