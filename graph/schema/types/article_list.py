"""Lists of articles: filtered, searched, ordered, by page, and divided into facets."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Annotated, Any

import strawberry

from graph.fields.article_document import SEARCH_WEIGHTS
from graph.schema.execution.context import Info, returned_class
from graph.schema.execution.stored_fields import Inside, requires
from graph.schema.relay.connection import PageInfo, page_info
from graph.schema.types.facets import Facets, Most, facets_of
from graph.store.driver.read_commands import Row
from graph.store.queries import search
from graph.store.queries.articles import ArticleQuery
from graph.store.queries.pagination import Page, get_path
from graph.text.highlights import Highlight, Search, highlights, terms_of

if TYPE_CHECKING:
    from graph.schema.types.article import Article


@strawberry.type(description="One article of a page, with its cursor.")
class ArticleEdge:
    row: strawberry.Private[Row]
    """The `node`, which is a stored article; its `page`; and what was `looked_for`, if anything."""

    @strawberry.field(description="Where this article stands in the list.")
    def cursor(self) -> str:
        page: Page = self.row["page"]
        return page.cursor_of(self.row["node"])

    @strawberry.field(
        description="The article itself.",
        metadata=requires(through=Inside(lambda row: row["node"], plain="node")),
    )
    def node(self, info: Info) -> Annotated[Article, strawberry.lazy("graph.schema.types.article")]:
        article: Article = returned_class(info)(row=self.row["node"])
        return article

    @strawberry.field(
        description="How well the article fits the search, higher is better; null without one."
    )
    def score(self) -> float | None:
        return self.row["node"].get(search.SCORE) if self.row["looked_for"] else None

    @strawberry.field(
        description="Where the words of the search stand in the article; empty without a search.",
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

    @strawberry.field(
        description="The articles of the page, with their cursors.",
        metadata=requires(through=Inside(_edge_rows)),
    )
    def edges(self) -> list[ArticleEdge]:
        return [ArticleEdge(row=row) for row in _edge_rows(self)]

    @strawberry.field(
        description="The articles of the page, without their cursors.",
        metadata=requires(through=Inside(lambda connection: connection.page.rows)),
    )
    def nodes(
        self, info: Info
    ) -> list[Annotated[Article, strawberry.lazy("graph.schema.types.article")]]:
        article = returned_class(info)
        return [article(row=row) for row in self.page.rows]

    @strawberry.field(description="Where the page stands in the list.")
    def page_info(self) -> PageInfo:
        return page_info(self.page)

    @strawberry.field(description="How many articles the whole list has; counted only if selected.")
    async def total_count(self) -> int:
        return await self.count()

    @strawberry.field(description="How the whole list divides.")
    async def facets(
        self,
        info: Info,
        topics: Most = 10,
        providers: Most = 10,
        types: Most = 10,
        years: Most = 10,
        months: Most = 12,
    ) -> Facets:
        limits: dict[Any, int] = {
            "topics": topics,
            "providers": providers,
            "types": types,
            "years": years,
            "months": months,
        }
        return await facets_of(info, self.chosen, limits)


def _text(value: Any) -> str:
    return ", ".join(value) if isinstance(value, list) else value or ""
