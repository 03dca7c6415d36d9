"""Lists of articles: filtered, searched, ordered, by page, and with facets."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Annotated, Any

import strawberry

from graph.fields.article_document import SEARCH_WEIGHTS
from graph.schema.execution.context import Info
from graph.schema.execution.fields.computed_fields import computed
from graph.schema.execution.fields.stored_fields import requires
from graph.schema.relay.connection import PageInfo, page_info
from graph.schema.types.lists.article_search import ArticleSearch
from graph.schema.types.lists.facets import (
    DEFAULT_BUCKETS,
    DEFAULT_MONTHS,
    Buckets,
    Facets,
    facets_of,
)
from graph.search.results.indexed_list import IndexedList, searched_texts
from graph.search.results.matches import MAX_TEXT
from graph.store.driver.read_commands import Row
from graph.store.queries.articles import SCORE, ArticleQuery
from graph.store.queries.facets import Facet
from graph.store.queries.pagination.keyset import Page, get_path
from graph.text.highlights import Highlight, highlights

if TYPE_CHECKING:
    from graph.schema.types.article import Article


@strawberry.type(description="One article of a page, with its cursor.")
class ArticleEdge:
    row: strawberry.Private[Row]
    """The `node`, which is a stored article; its `page`; and the list in the index, `indexed`, if
    it is that of a search.
    """

    cursor: str = computed(
        lambda row: row["page"].cursor_of(row["node"]),
        description="The position of the article in the list.",
    )
    node: Annotated[Article, strawberry.lazy("graph.schema.types.article")] = computed(
        lambda row: row["node"], path="node", description="The article itself."
    )
    score: float | None = computed(
        lambda row: row["node"][SCORE] if row["indexed"] else None,
        description="The relevance of the article to the search, higher is better; null without a"
        " search.",
    )

    @strawberry.field(
        description="Where the article contains the words of the search; empty without a search.",
        metadata=requires(*SEARCH_WEIGHTS),
    )
    def highlights(self) -> list[Highlight]:
        indexed: IndexedList | None = self.row["indexed"]
        node = self.row["node"]
        matcher = indexed.matcher(searched_texts(node)) if indexed else None
        if matcher is None:
            return []
        texts = ((path, _text(get_path(node, path))[:MAX_TEXT]) for path in SEARCH_WEIGHTS)
        return highlights(texts, matcher.spans)


def _edge_rows(connection: ArticleConnection) -> list[Row]:
    page, indexed = connection.page, connection.indexed
    return [{"node": row, "page": page, "indexed": indexed} for row in page.rows]


@strawberry.type(description="A page of a list of articles.")
class ArticleConnection:
    page: strawberry.Private[Page]
    query: strawberry.Private[ArticleQuery]
    indexed: strawberry.Private[IndexedList | None]
    count: strawberry.Private[Callable[[], Awaitable[int]]]

    edges: list[ArticleEdge] = computed(
        _edge_rows, description="The articles of the page, with their cursors."
    )
    nodes: list[Annotated[Article, strawberry.lazy("graph.schema.types.article")]] = computed(
        lambda connection: list(connection.page.rows),
        description="The articles of the page, without their cursors.",
    )

    @strawberry.field(description="The position of the page in the list.")
    def page_info(self) -> PageInfo:
        return page_info(self.page)

    @strawberry.field(description="Hints about the search; null without a search.")
    def search(self) -> ArticleSearch | None:
        if self.indexed is None:
            return None
        return ArticleSearch(query=self.query, indexed=self.indexed)

    @strawberry.field(description="How many articles the whole list has; counted only if selected.")
    async def total_count(self) -> int:
        return await self.count()

    @strawberry.field(description="Counts over the whole list.")
    async def facets(
        self,
        info: Info,
        topics: Buckets = DEFAULT_BUCKETS,
        providers: Buckets = DEFAULT_BUCKETS,
        authors: Buckets = DEFAULT_BUCKETS,
        types: Buckets = DEFAULT_BUCKETS,
        years: Buckets = DEFAULT_BUCKETS,
        months: Buckets = DEFAULT_MONTHS,
    ) -> Facets:
        limits: dict[Facet, int | None] = {
            "topics": topics,
            "providers": providers,
            "authors": authors,
            "types": types,
            "years": years,
            "months": months,
        }
        return await facets_of(info, self.query, limits)


def _text(value: Any) -> str:
    values = value if isinstance(value, list) else [value]
    return ", ".join(value for value in values if isinstance(value, str))
