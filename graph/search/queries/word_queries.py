"""Searches as queries of the index: which articles match, and how well.

The score of an article is the sum over the words, phrases and beginnings that are searched for:
BM25 (k1 = 1.2, b = 0.75) in each field, times the weight of the field. The best field counts in
full, each other one by `_TIE`. The index multiplies the sum by the recency of the article.
Beginnings and similar words have no BM25: each match counts as 1.

`bench/relevance.py` measures the order of results. With equal weights for all fields its nDCG falls
from 0.984 to 0.954. Halving or doubling a weight of this module changes it by less than 0.001.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from tantivy import Occur, Query

from graph.search.analysis import PLAIN, analyzer
from graph.search.index.columns import IndexSchema, Text
from graph.search.queries.language import Clause, Part, Search

_PHRASE: Final = 2.0
"""The weight of a match of all words near each other, in addition to that of each word."""

_SLOP: Final = 2
"""By how many places the words of such a match may be moved in total."""

_TIE: Final = 0.2
"""How much a match in another field than the best one adds."""

_EDITS: Final = ((7, 2), (4, 1))
"""From which length on a word may be misspelt, and by how many letters.

With 2 letters from 8 on, as with 1 letter for all, `brannok` does not find `brannoch`.
"""

_FUZZY: Final = 0.5
"""The weight of a similar word beside that of the word itself."""

_HEBREW: Final = re.compile("[\u05d0-\u05ea]+")
_ARABIC: Final = re.compile("[\u0621-\u064a]+")
_PREFIXES: Final = (
    (_HEBREW, "הובלמשכ"),
    (_ARABIC, ("ال", "وال", "بال", "فال", "كال", "لل", "و", "ب", "ل", "ف", "ك")),
)
_SHORTEST_STEM: Final = 3


def search_query(schema: IndexSchema, search: Search, *, similar: bool = False) -> Query:
    """Return a query for what a search finds. With `similar`, words may be misspelt."""
    required = [clause for clause in search.clauses if not clause.excluded]
    if not required:
        return Query.empty_query()
    subqueries = [(Occur.Must, _clause(schema, clause, similar)) for clause in required]
    subqueries += [
        (Occur.MustNot, _clause(schema, clause, False))
        for clause in search.clauses
        if clause.excluded
    ]
    subqueries += [(Occur.Should, query) for query in _near_each_other(schema, required)]
    return Query.boolean_query(subqueries)


def edits_of(term: str) -> int:
    """Return by how many letters a word may be misspelt."""
    return next((edits for length, edits in _EDITS if len(term) >= length), 0)


def _clause(schema: IndexSchema, clause: Clause, similar: bool) -> Query:
    parts = [_part(schema, part, similar) for part in clause.parts]
    return parts[0] if len(parts) == 1 else Query.disjunction_max_query(parts)


def _part(schema: IndexSchema, part: Part, similar: bool) -> Query:
    texts = [text for text in schema.texts if part.path in (None, text.path)]
    queries = [
        Query.boost_query(query, text.weight)
        for text in texts
        for query in _in_text(schema, text, part, similar)
    ]
    return Query.disjunction_max_query(queries, _TIE)


def _in_text(schema: IndexSchema, text: Text, part: Part, similar: bool) -> Iterator[Query]:
    inner = schema.schema
    if not part.is_word:
        if text.analyzer == PLAIN:
            yield _run(schema, text, part)
        return
    (term,) = part.terms
    if text.analyzer != PLAIN:
        for stem in analyzer(text.analyzer).analyze(term):
            yield Query.term_query(inner, text.name, stem, "freq")
        return
    for form in _with_prefixes(term):
        yield Query.term_query(inner, text.name, form)
    if similar and (edits := edits_of(term)):
        yield Query.boost_query(Query.fuzzy_term_query(inner, text.name, term, edits), _FUZZY)


def _run(schema: IndexSchema, text: Text, part: Part) -> Query:
    """Return a query for the terms of a part next to each other; the last may be the beginning of a
    word.
    """
    inner = schema.schema
    if not part.is_prefix:
        return Query.phrase_query(inner, text.name, list(part.terms))
    *others, last = part.terms
    beginning = Query.regex_query(inner, text.name, f"{re.escape(last)}.*")
    if not others:
        return beginning
    return Query.phrase_prefix_query(inner, text.name, list(part.terms))


def _near_each_other(schema: IndexSchema, clauses: Sequence[Clause]) -> Iterator[Query]:
    """Yield queries that raise the score of articles in which all words are near each other, in
    this order.
    """
    words = [clause.parts[0].terms[0] for clause in clauses if _is_unrestricted_word(clause)]
    if len(words) < 2 or len(words) < len(clauses):
        return
    for text in schema.texts:
        if text.analyzer == PLAIN:
            nearby = Query.phrase_query(schema.schema, text.name, list(words), _SLOP)
            yield Query.boost_query(nearby, text.weight * _PHRASE)


def _is_unrestricted_word(clause: Clause) -> bool:
    return len(clause.parts) == 1 and clause.parts[0].is_word and clause.parts[0].path is None


def _with_prefixes(term: str) -> list[str]:
    """Return a word with and without the prefixes that Hebrew and Arabic attach to it."""
    for script, prefixes in _PREFIXES:
        if script.fullmatch(term):
            stems = [
                term.removeprefix(prefix)
                for prefix in prefixes
                if term.startswith(prefix) and len(term) - len(prefix) >= _SHORTEST_STEM
            ]
            bases = [term, *stems]
            return [*bases, *(prefix + base for base in bases for prefix in prefixes)]
    return [term]
