"""Lists of articles: their arguments, and the query for a page of them."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any, Final

import strawberry

from graph.compiler import Paths
from graph.errors import BadUserInput
from graph.schema.execution.context import Info, projection, returned_class
from graph.schema.execution.fields.computed_fields import make_field, row_of
from graph.schema.execution.fields.stored_fields import requires
from graph.schema.inputs.input_types import ArticleWhere, OrderBy, Where, orders_of, text
from graph.schema.inputs.where import compile_where, topics_with_descendants
from graph.schema.relay.connection import EMPTY, After, Before, First, Last, Offset, page_request
from graph.search.results.results import read_results
from graph.store.driver.read_commands import Row
from graph.store.queries import articles
from graph.store.queries.articles import EVERYTHING, PUBLISHED, SCORE, ArticleQuery
from graph.store.queries.filters import Order, Test, match
from graph.store.queries.pagination.keyset import Page, PageQuery
from graph.store.queries.pagination.page_args import DEFAULT_PAGE

if TYPE_CHECKING:
    from graph.schema.types.lists.article_list import ArticleConnection

ALL: Final = articles.selection([], list_key=[match(PUBLISHED, []), None, []])

MAX_SEARCH: Final = 200


@dataclass(slots=True, kw_only=True)
class ArticleSet:
    """The articles that a list consists of: those that meet all `tests` and are found by `search`.

    `count` returns how many meet `tests`, if that is known without counting. `name` replaces
    `tests` in the cursors of the list, so that these stay valid when the tests change.
    """

    tests: Sequence[Test] = ()
    search: str | None = None
    count: Callable[[], Awaitable[int]] | None = None
    name: str | None = None


async def _connection(
    info: Info,
    article_set: ArticleSet,
    first: First = DEFAULT_PAGE,
    after: After = None,
    last: Last = None,
    before: Before = None,
    offset: Offset = None,
    where: Where = None,
    order_by: OrderBy = None,
) -> Any:
    """Return the ArticleConnection with a page of these articles."""
    request = page_request(info, "Article", first, after, last, before, offset)
    search_text = _search_text(article_set.search) if article_set.search else None
    orders = _orders(order_by, is_search=search_text is not None)
    query = await _selection(info, article_set.tests, where, search_text, article_set.name)
    page = EMPTY
    if request.is_page_selected or request.args.cursor is not None:  # a cursor is always checked
        page_query = articles.page_query_of(query, orders, request.args)
        if request.is_page_selected:
            page = await _page(info, query, page_query, request.paths)
    count: Callable[[], Awaitable[int]] = partial(_count, info, query)
    if article_set.count is not None and where is None and search_text is None:
        count = article_set.count
    indexed = await info.context.index.search(query) if query.text else None
    return returned_class(info)(page=page, query=query, indexed=indexed, count=count)


_, _, *_ARGUMENTS = inspect.signature(_connection, eval_str=True).parameters.values()
"""The arguments that all lists of articles have."""

_ARTICLES: Final[Any] = Annotated[
    "ArticleConnection", strawberry.lazy("graph.schema.types.lists.article_list")
]


def article_list(
    select: Callable[..., ArticleSet | Awaitable[ArticleSet]],
    *paths: str,
    description: str,
    graphql_type: Any = _ARTICLES,
) -> Any:
    """Return a field with a paginated list of articles, and the arguments that all such lists have.

    `select(row, **arguments)` returns the articles that the list consists of, or an awaitable. Its
    further parameters become arguments of the field, aside from `info`. It reads `paths` of the
    row.
    """
    _, *select_names = inspect.signature(select).parameters
    takes_info = "info" in select_names

    async def resolve(root: Any, info: Info, **arguments: Any) -> Any:
        selecting = {name: arguments.pop(name) for name in select_names if name in arguments}
        if takes_info:
            selecting["info"] = info
        article_set = select(row_of(root), **selecting)
        if not isinstance(article_set, ArticleSet):
            article_set = await article_set
        return await _connection(info, article_set, **arguments)

    return make_field(resolve, select, requires(*paths), description, graphql_type, _ARGUMENTS)


async def stored_count(info: Info, row: Row, collection: str, key: str) -> int:
    """Return the `articleCount` of a topic, provider or author; it is read if the row lacks it."""
    stored: Row | None = row
    if "articleCount" not in row:
        stored = await info.context.taxonomy_row(collection, key, frozenset({"articleCount"}))
    return stored["articleCount"] if stored else 0


async def neighbour(
    info: Info,
    row: Row,
    where: ArticleWhere | None,
    order_by: OrderBy,
    *,
    backwards: bool,
) -> Row | None:
    """Return the article after this one in the list of `where` and `order_by`, or before it."""
    orders = _orders(order_by, is_search=False)
    query = await _selection(info, [], where, None, None)
    page_query = articles.neighbour_of(row, query, orders, backwards=backwards)
    page = await info.context.page(page_query, info.context.paths(info, "Article"))
    return page.rows[0] if page.rows else None


def _orders(order_by: OrderBy, *, is_search: bool) -> list[Order]:
    orders = orders_of(order_by)
    if not is_search and any(order.field == SCORE for order in orders):
        raise BadUserInput("orderBy", "orderBy: RELEVANCE needs the argument search")
    return orders


async def _page(info: Info, query: ArticleQuery, page_query: PageQuery, paths: Paths) -> Page:
    if not query.text:
        return await info.context.page(page_query, paths)
    indexed = await info.context.index.search(query)
    return await read_results(info.context.database, indexed, query, page_query, projection(paths))


async def _count(info: Info, query: ArticleQuery) -> int:
    if query.is_all:
        return await articles.count(info.context.database, query)
    indexed = await info.context.index.indexed_list(query)
    if indexed is None:
        return await articles.count(info.context.database, query)
    return await indexed.count()


async def _selection(
    info: Info,
    tests: Sequence[Test],
    where: ArticleWhere | None,
    search_text: str | None,
    name: str | None,
) -> ArticleQuery:
    if where is None and search_text is None and not tests:
        return ALL
    scopes = info.context.scopes
    parents = topics_with_descendants(where)
    compiled = compile_where(where, scopes, {})
    visible = EVERYTHING if compiled.includes_unpublished else PUBLISHED
    base = match(visible, compiled.tests if name else [*tests, *compiled.tests])
    if parents:
        compiled = compile_where(where, scopes, await info.context.subtrees(parents))
    return articles.selection(
        [*tests, *compiled.tests],
        visible=visible,
        text=search_text,
        list_key=[base, name, sorted(parents)],
    )


def _search_text(argument: str) -> str | None:
    """Return the text to search for; None if it is blank."""
    search_text = text("search", argument).strip()
    if not search_text:
        return None
    if len(search_text) > MAX_SEARCH:
        message = f"search: {len(search_text)} characters, at most {MAX_SEARCH}"
        raise BadUserInput("search", message, maximum=MAX_SEARCH)
    return search_text
