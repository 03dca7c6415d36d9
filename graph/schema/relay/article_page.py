"""Reads a page of a list of articles: from a field's arguments to a query to its rows."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from graph.errors import BadUserInput
from graph.schema.execution.context import Info, Paths, projection, returned_class
from graph.schema.inputs.input_types import ArticleOrder, ArticleWhere, orders_of, text
from graph.schema.inputs.where import compile_where, topics_with_descendants
from graph.schema.relay.connection import EMPTY, listing
from graph.store.driver.read_commands import Row
from graph.store.queries import articles, search
from graph.store.queries.articles import EVERYTHING, PUBLISHED, ArticleQuery
from graph.store.queries.filters import Order, Test, match
from graph.store.queries.pagination import Page, PageQuery
from graph.text.highlights import terms_of

ALL: Final = articles.selection([], asked=[match(PUBLISHED, []), None, []])

MAXIMUM_SEARCH: Final = 200


@dataclass(slots=True, kw_only=True)
class ArticleListArgs:
    """The arguments of a list of articles."""

    first: int | None = None
    after: str | None = None
    last: int | None = None
    before: str | None = None
    offset: int | None = None
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
) -> Any:
    """The ArticleConnection with a page of the articles that meet `tests` and the arguments.

    `counted` says how many meet `tests`, where that is known without counting. `named` stands for
    `tests` in the list's cursors, where they follow from more than what the client asked for.
    """
    wanted = listing(
        info, "Article", asked.first, asked.after, asked.last, asked.before, asked.offset
    )
    looked_for = None if asked.search is None else _searched(asked.search)
    orders = _orders(asked.order_by, is_search=looked_for is not None)
    chosen = await _selection(info, tests, asked.where, looked_for, named)
    page = EMPTY
    if wanted.wanted:
        part = articles.slice_for(chosen, orders, wanted.part)
        page = await _page(info, chosen, part, wanted.paths)
    count: Callable[[], Awaitable[int]] = partial(articles.count, info.context.database, chosen)
    if counted is not None and asked.where is None and looked_for is None:
        count = counted
    return returned_class(info)(page=page, chosen=chosen, count=count)


async def neighbour(
    info: Info,
    row: Row,
    where: ArticleWhere | None,
    order_by: Sequence[ArticleOrder] | None,
    *,
    backwards: bool,
) -> Row | None:
    """The article after this one in the list of `where` and `order_by`, or before it."""
    orders = _orders(order_by, is_search=False)
    chosen = await _selection(info, [], where, None, None)
    part = articles.neighbour_of(row, chosen, orders, backwards=backwards)
    page = await info.context.page(part, info.context.paths(info, "Article"))
    return page.rows[0] if page.rows else None


def _orders(order_by: Sequence[ArticleOrder] | None, *, is_search: bool) -> list[Order]:
    orders = orders_of(order_by)
    if not is_search and any(order.field == search.SCORE for order in orders):
        raise BadUserInput("orderBy", "orderBy: RELEVANCE goes with a search")
    return orders


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
