"""Suggestions of titles for the beginning of a search."""

from __future__ import annotations

import re
from typing import Final

import tantivy
from tantivy import Occur, Query

from graph.search.analysis import PLAIN, terms_of
from graph.search.index.columns import IndexSchema
from graph.search.queries.filter_queries import visible_query
from graph.search.results.ordering import Finder
from graph.store.queries.filters import Order

NEWEST_FIRST: Final = (Order("publishedDateTime"), Order("_id"))

_SHORT: Final = 3
"""Up to which length the beginning of a word stands for its most frequent words only."""

_FREQUENT: Final = 50


def find_titles(
    schema: IndexSchema, searcher: tantivy.Searcher, prefix: str, size: int
) -> list[str]:
    """Return the slugs of the articles of `title_query`, the newest first."""
    query = title_query(schema, searcher, prefix)
    if query is None:
        return []
    finder = Finder(schema.schema, searcher, prefers_newer=False)
    return [hit.slug for hit in finder.page(query, NEWEST_FIRST, None, size)]


def title_query(schema: IndexSchema, searcher: tantivy.Searcher, prefix: str) -> Query | None:
    """Return a query for the published articles with a title in which all words of a prefix occur,
    the last of them at least begun; None if the prefix contains no word.
    """
    terms = terms_of(prefix)
    if not terms:
        return None
    *words, begun = terms
    name = f"title_{PLAIN}"
    queries = [Query.term_query(schema.schema, name, word) for word in words]
    queries.append(_beginning_with(schema, searcher, name, begun))
    queries.append(visible_query(schema.schema, unpublished=False))
    return Query.boolean_query([(Occur.Must, query) for query in queries])


def _beginning_with(
    schema: IndexSchema, searcher: tantivy.Searcher, name: str, begun: str
) -> Query:
    if len(begun) > _SHORT:
        return Query.regex_query(schema.schema, name, f"{re.escape(begun)}.*")
    frequent = searcher.terms_with_prefix(name, begun, None, _FREQUENT)
    return Query.term_set_query(schema.schema, name, [term for term, _ in frequent])
