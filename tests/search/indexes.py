"""Indexes in memory that the tests search."""

from __future__ import annotations

from collections.abc import Sequence

from tantivy import Query

from graph.search.index.columns import IndexSchema
from graph.search.index.index import IndexState, SearchIndex
from graph.search.index.service import SearchService
from graph.search.queries.filter_queries import all_of, visible_query
from graph.search.queries.language import parse_search
from graph.search.queries.word_queries import search_query
from graph.search.results.ordering import Finder
from graph.store.cache.corpus_state import CorpusState
from graph.store.driver.database import Database
from graph.store.queries.articles import SCORE
from graph.store.queries.filters import Order
from graph.store.revision import read_corpus
from tests.builders import Row

SCHEMA = IndexSchema(("en", "fr"))
RELEVANCE = (Order(SCORE), Order("publishedDateTime"), Order("_id"))


def index_of(rows: Sequence[Row], schema: IndexSchema = SCHEMA) -> SearchIndex:
    """An index in memory with these articles."""
    index = SearchIndex(schema, None)
    assert index.lock()
    index.add(rows)
    index.commit(IndexState("corpus", 1))
    return index


def finder_of(index: SearchIndex, *, prefers_newer: bool = False) -> Finder:
    assert index.snapshot is not None
    return Finder(index.schema.schema, index.snapshot.searcher, prefers_newer=prefers_newer)


def query_of(text: str, *, similar: bool = False, schema: IndexSchema = SCHEMA) -> Query:
    """The published articles that a search finds."""
    search = parse_search(text, schema.languages)
    visible = Query.const_score_query(visible_query(schema.schema, unpublished=False), 0.0)
    return all_of([search_query(schema, search, similar=similar), visible])


def found(index: SearchIndex, text: str, *, similar: bool = False, size: int = 100) -> list[str]:
    """The slugs of the articles that a search finds, the best first."""
    query = query_of(text, similar=similar, schema=index.schema)
    return [hit.slug for hit in finder_of(index).page(query, RELEVANCE, None, size)]


async def service_over(database: Database) -> SearchService:
    """The index of a database as it is now."""
    state = CorpusState()
    state.update(await read_corpus(database))
    service = SearchService(database, SCHEMA, None, state)
    await service.update()
    return service
