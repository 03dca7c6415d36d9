"""A list of articles as one state of the index has it: its pages, its size and its facets."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from tantivy import Query

from graph.errors import BadUserInput
from graph.fields.article_document import SEARCH_WEIGHTS
from graph.search.index.columns import IndexSchema, texts_at
from graph.search.index.engine_calls import run_read
from graph.search.index.index import IndexSnapshot
from graph.search.queries.corrections import Corrector
from graph.search.queries.filter_queries import all_of, filter_query, visible_query
from graph.search.queries.language import Hint, Search, parse_search
from graph.search.queries.word_queries import edits_of, search_query
from graph.search.results.facets import read_facets
from graph.search.results.matches import Matcher
from graph.search.results.ordering import Finder, Hit
from graph.store.queries.articles import PUBLISHED, ArticleQuery
from graph.store.queries.facets import Bucket, Facet
from graph.store.queries.pagination.keyset import PageQuery


class IndexedList:
    """The articles that a query selects; `in_index` makes one.

    If no published article contains the words of a search, it finds those with similar words.
    """

    def __init__(
        self,
        schema: IndexSchema,
        snapshot: IndexSnapshot,
        query: ArticleQuery,
        *,
        prefers_newer: bool,
    ) -> None:
        self._schema = schema
        self._searcher = snapshot.searcher
        self._finder = Finder(schema.schema, snapshot.searcher, prefers_newer=prefers_newer)
        self.search = parse_search(query.text, schema.languages) if query.text else None
        self.is_similar = False
        """Whether similar words are searched for."""
        parts = [self._visible(unpublished=query.visible != PUBLISHED)]
        parts += [filter_query(schema.schema, test) for test in query.tests]
        parts = [Query.const_score_query(part, 0.0) for part in parts]
        if self.search is not None:
            parts.append(self._words(self.search))
        self._query = all_of(parts)

    @property
    def hint(self) -> Hint | None:
        """The hint that explains the results; None if none is needed."""
        if self.is_similar:
            return Hint.SIMILAR_WORDS
        return self.search.hint if self.search else None

    async def page(self, query: PageQuery, size: int) -> list[Hit]:
        """Return the first `size` articles of a page. Raises BadUserInput for a forged cursor."""
        return await run_read(self._page, query, size)

    async def count(self) -> int:
        """Return the number of articles."""
        return await run_read(self._finder.count, self._query)

    async def facets(self, sizes: Mapping[Facet, int]) -> dict[Facet, list[Bucket]]:
        """Count these facets; `sizes` has the maximum number of buckets of each."""
        return await run_read(read_facets, self._searcher, self._query, sizes)

    def _page(self, query: PageQuery, size: int) -> list[Hit]:
        orders, argument = query.directed_orders, query.args.argument
        try:
            return self._finder.page(self._query, orders, query.position, size, query.args.offset)
        except (TypeError, ValueError, OverflowError) as error:
            if query.args.cursor is None:
                raise
            message = f"{argument}: not a cursor of this API"
            raise BadUserInput(argument, message) from error

    def corrected(self, texts: Iterable[str]) -> Search | None:
        """Return the search with misspelt words replaced by ones of these texts, or None."""
        if self.search is None or not self.is_similar:
            return None
        return Corrector(self._schema, self._searcher).corrected(self.search, texts)

    def matcher(self, texts: Sequence[str]) -> Matcher | None:
        """Return a matcher for the search's words in these texts; None without a search."""
        if self.search is None:
            return None
        search = self.corrected(texts) or self.search
        return Matcher(search, self._schema.languages)

    def _visible(self, *, unpublished: bool) -> Query:
        return visible_query(self._schema.schema, unpublished=unpublished)

    def _words(self, search: Search) -> Query:
        exact = search_query(self._schema, search)
        may_be_misspelt = any(part.is_word and edits_of(part.terms[0]) for part in search.parts)
        published = self._visible(unpublished=False)
        if not may_be_misspelt or self._finder.count(all_of([exact, published])):
            return exact
        similar = search_query(self._schema, search, similar=True)
        self.is_similar = self._finder.count(all_of([similar, published])) > 0
        return similar if self.is_similar else exact


async def in_index(
    schema: IndexSchema,
    snapshot: IndexSnapshot,
    query: ArticleQuery,
    *,
    prefers_newer: bool,
) -> IndexedList:
    """Return the articles that a query selects in a state of the index."""
    return await run_read(IndexedList, schema, snapshot, query, prefers_newer=prefers_newer)


def searched_texts(row: Any) -> list[str]:
    """Return the texts of an article in which searches look for words."""
    return [text for path in SEARCH_WEIGHTS for text in texts_at(row, path)]
