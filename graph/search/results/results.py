"""The results of a search: what the index finds, as the database has it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from graph.fields.article_document import SEARCH_WEIGHTS
from graph.search.queries.language import Search
from graph.search.results.indexed_list import IndexedList, searched_texts
from graph.search.results.ordering import Hit
from graph.store.driver.read_commands import Projection, Reader, Row
from graph.store.queries.articles import PUBLISHED, SCORE, ArticleQuery, by_slugs, page_query_of
from graph.store.queries.pagination.keyset import Page, PageQuery
from graph.store.queries.pagination.page_args import PageArgs

_CORRECTION_RESULTS: Final = 10
"""How many results are read for the words that misspelt ones may stand for."""


async def read_results(
    database: Reader,
    indexed: IndexedList,
    query: ArticleQuery,
    page_query: PageQuery,
    projection: Projection,
) -> Page:
    """Read a page of results. Each row has its score.

    The database decides what is shown: articles that do not match any more, because the index is
    behind, are left out, and others take their place.
    """
    size = page_query.limit
    while True:
        hits = await indexed.page(page_query, size)
        rows = await _rows(database, query, hits, page_query.projection(projection))
        if len(rows) >= page_query.limit or len(hits) < size:
            return page_query.page(rows[: page_query.limit])
        size += page_query.limit


async def read_correction(
    database: Reader, indexed: IndexedList, query: ArticleQuery
) -> Search | None:
    """Return the search with its misspelt words corrected; None if there are none."""
    if not indexed.is_similar:
        return None
    page_query = page_query_of(query, [], PageArgs(_CORRECTION_RESULTS))
    hits = await indexed.page(page_query, _CORRECTION_RESULTS)
    rows = await _rows(database, query, hits, dict.fromkeys(SEARCH_WEIGHTS, 1))
    texts = [text for row in rows for text in searched_texts(row)]
    return indexed.corrected(texts)


async def read_titles(database: Reader, slugs: Sequence[str]) -> list[str]:
    """Read the titles of these articles, in this order and without repetitions."""
    rows = await by_slugs(database, slugs, {"title": 1}, PUBLISHED) if slugs else {}
    return list(dict.fromkeys(rows[slug]["title"] for slug in slugs if slug in rows))


async def _rows(
    database: Reader, query: ArticleQuery, hits: list[Hit], projection: Projection
) -> list[Row]:
    """Read the articles that were found, and still match."""
    slugs = [hit.slug for hit in hits]
    stored = {path: value for path, value in projection.items() if path != SCORE}
    rows = await by_slugs(database, slugs, stored, query.filter)
    return [{**rows[hit.slug], SCORE: hit.score} for hit in hits if hit.slug in rows]
