"""Lists of articles: filtered, searched, ordered, by page, and with facets."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Annotated, Any

import strawberry

from graph.fields.article_document import SEARCH_WEIGHTS
from graph.schema.execution.computed_fields import computed
from graph.schema.execution.context import Info
from graph.schema.execution.stored_fields import requires
from graph.schema.relay.connection import PageInfo, page_info
from graph.schema.types.facets import DEFAULT_BUCKETS, DEFAULT_MONTHS, Buckets, Facets, facets_of
from graph.store.driver.read_commands import Row
from graph.store.queries import search
from graph.store.queries.articles import ArticleQuery
from graph.store.queries.facets import Facet
from graph.store.queries.pagination import Page, get_path
from graph.text.highlights import Highlight, Search, highlights, terms_of

if TYPE_CHECKING:
    from graph.schema.types.article import Article


@strawberry.type(description="One article of a page, with its cursor.")
class ArticleEdge:
    row: strawberry.Private[Row]
    """The `node`, which is a stored article; its `page`; and what was `looked_for`, if anything."""

    cursor: str = computed(
        lambda row: row["page"].cursor_of(row["node"]),
        description="The position of the article in the list.",
    )
    node: Annotated[Article, strawberry.lazy("graph.schema.types.article")] = computed(
        lambda row: row["node"], path="node", description="The article itself."
    )
    score: float | None = computed(
        lambda row: row["node"].get(search.SCORE) if row["looked_for"] else None,
        description="The relevance of the article to the search, higher is better; null without a"
        " search.",
    )

    @strawberry.field(
        description="Where the article contains the words of the search; empty without a search.",
        metadata=requires(*SEARCH_WEIGHTS),
    )
    def highlights(self) -> list[Highlight]:
        looked_for: Search | None = self.row["looked_for"]
        if looked_for is None:
            return []
        node = self.row["node"]
        texts = ((name.partition(".")[0], _text(get_path(node, name))) for name in SEARCH_WEIGHTS)
        return highlights(texts, looked_for)


def _edge_rows(connection: ArticleConnection) -> list[Row]:
    page, text = connection.page, connection.chosen.text
    looked_for = terms_of(text) if text else None
    return [{"node": row, "page": page, "looked_for": looked_for} for row in page.rows]


@strawberry.type(description="A page of a list of articles.")
class ArticleConnection:
    page: strawberry.Private[Page]
    chosen: strawberry.Private[ArticleQuery]
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
        return await facets_of(info, self.chosen, limits)


def _text(value: Any) -> str:
    return ", ".join(value) if isinstance(value, list) else value or ""
