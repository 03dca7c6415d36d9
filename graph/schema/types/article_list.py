"""Lists of articles: filtered, searched, ordered, by page, and divided into facets."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any, Final

import strawberry

from graph.errors import BadUserInput
from graph.schema.execution.context import Info, Paths, projection
from graph.schema.execution.stored_fields import Inside, requires
from graph.schema.inputs.input_types import ArticleOrder, ArticleWhere, orders_of, text
from graph.schema.inputs.where import compile_where, topics_with_descendants
from graph.schema.relay.connection import EMPTY, PageInfo, listing, page_info
from graph.schema.types.facets import Facets, Most, facets_of
from graph.store.driver.read_commands import Row
from graph.store.queries import articles, search
from graph.store.queries.articles import EVERYTHING, PUBLISHED, ArticleQuery
from graph.store.queries.filters import Test, match
from graph.store.queries.pagination import Page, PageQuery, get_path
from graph.text.highlights import Highlight, Search, highlights, terms_of

if TYPE_CHECKING:
    from graph.schema.types.article import Article

ALL: Final = articles.selection([], asked=[match(PUBLISHED, []), None, []])

MAXIMUM_SEARCH: Final = 200

_SEARCHED: Final = ("title", "topics", "provider.name", "excerpt", "body")


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
    def node(self) -> Annotated[Article, strawberry.lazy("graph.schema.types.article")]:
        return _article(self.row["node"])

    @strawberry.field(
        description="How well the article fits the search, higher is better; null without one."
    )
    def score(self) -> float | None:
        return self.row["node"].get(search.SCORE) if self.row["looked_for"] else None

    @strawberry.field(
        description="Where the words of the search stand in the article; empty without a search.",
        metadata=requires(*_SEARCHED),
    )
    def highlights(self) -> list[Highlight]:
        looked_for: Search | None = self.row["looked_for"]
        if looked_for is None:
            return []
        node = self.row["node"]
        texts = ((name.partition(".")[0], _text(get_path(node, name))) for name in _SEARCHED)
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
    def nodes(self) -> list[Annotated[Article, strawberry.lazy("graph.schema.types.article")]]:
        return [_article(row) for row in self.page.rows]

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


@dataclass(slots=True, kw_only=True)
class ArticleListArgs:
    """The arguments of a list of articles."""

    first: int | None = None
    after: str | None = None
    last: int | None = None
    before: str | None = None
    where: ArticleWhere | None = None
    order_by: Sequence[ArticleOrder] | None = None
    search: str | None = None


async def article_connection(
    info: Info,
    tests: Sequence[Test],
    asked: ArticleListArgs,
    *,
    counted: Callable[[], Awaitable[int]] | None = None,
    named: str | None = None,
) -> ArticleConnection:
    """A page of the articles that meet `tests` and what is asked for.

    `counted` says how many meet `tests`, where that is known without counting. `named` stands for
    `tests` in the list's cursors, where they follow from more than what the client asked for.
    """
    wanted = listing(info, "Article", asked.first, asked.after, asked.last, asked.before)
    looked_for = None if asked.search is None else _searched(asked.search)
    orders = orders_of(asked.order_by)
    if looked_for is None and any(order.field == search.SCORE for order in orders):
        raise BadUserInput("orderBy", "orderBy: RELEVANCE goes with a search")
    chosen = await _selection(info, tests, asked.where, looked_for, named)
    page = EMPTY
    if wanted.wanted:
        part = articles.slice_for(chosen, orders, wanted.part)
        page = await _page(info, chosen, part, wanted.paths)
    count: Callable[[], Awaitable[int]] = partial(articles.count, info.context.database, chosen)
    if counted is not None and asked.where is None and looked_for is None:
        count = counted
    return ArticleConnection(page=page, chosen=chosen, count=count)


async def _page(info: Info, chosen: ArticleQuery, part: PageQuery, paths: Paths) -> Page:
    if chosen.text:
        database = info.context.database
        return await articles.found_page(database, part, projection(paths))
    return await info.context.page(part, paths)


async def _selection(
    info: Info,
    tests: Sequence[Test],
    where: ArticleWhere | None,
    looked_for: str | None,
    named: str | None,
) -> ArticleQuery:
    if where is None and looked_for is None and not tests:
        return ALL
    scopes = info.context.scopes
    branching = topics_with_descendants(where)
    plain = compile_where(where, scopes, {})
    visible = EVERYTHING if plain.of_unpublished else PUBLISHED
    asked = match(visible, plain.tests if named else [*tests, *plain.tests])
    meaning = plain
    if branching:
        subtrees = await info.context.subtrees(branching)
        meaning = compile_where(where, scopes, subtrees)
    return articles.selection(
        [*tests, *meaning.tests],
        visible=visible,
        text=looked_for,
        asked=[asked, named, sorted(branching)],
    )


def _searched(argument: str) -> str:
    """The text to search for; raises BadUserInput for one that can find nothing."""
    looked_for = text("search", argument).strip()
    if len(looked_for) > MAXIMUM_SEARCH:
        message = f"search: {len(looked_for)} characters, at most {MAXIMUM_SEARCH}"
        raise BadUserInput("search", message, maximum=MAXIMUM_SEARCH)
    if not terms_of(looked_for).wanted:
        raise BadUserInput("search", "search: give at least one word to look for")
    return looked_for


def _text(value: Any) -> str:
    return ", ".join(value) if isinstance(value, list) else value or ""


def _article(row: Row) -> Article:
    from graph.schema.types.article import Article

    return Article(row=row)
