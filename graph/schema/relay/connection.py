"""Connections: lists by page, as in Relay's cursor connections specification."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Annotated, Any, Generic, NamedTuple, TypeVar

import strawberry
from graphql import FieldNode

from graph.compiler import Paths, without_redundant
from graph.schema.execution.context import Info, selected
from graph.schema.execution.fields.strawberry_internals import resolve_info
from graph.store.queries.pagination.keyset import Page
from graph.store.queries.pagination.page_args import PageArgs, page_args_of

T = TypeVar("T")

First = Annotated[
    int | None,
    strawberry.argument(
        description="The size of the page, from the start of the list or after `after`: 1 to 100."
        " Null means the default."
    ),
]
After = Annotated[
    str | None,
    strawberry.argument(
        description="The cursor after which the page starts. An empty string means no cursor."
    ),
]
Last = Annotated[
    int | None,
    strawberry.argument(
        description="The size of the page, at the end of the list or before `before`: 1 to 100; "
        "not together with `first`."
    ),
]
Before = Annotated[
    str | None,
    strawberry.argument(
        description="The cursor before which the page ends. An empty string means no cursor."
    ),
]

Offset = Annotated[
    int | None,
    strawberry.argument(
        description="How many entries to skip at the start of the list, for numbered pages: 0 to "
        "10000; not together with `after`, `before` or `last`. The database has to read the "
        "skipped entries, so `after` is faster far down the list. The cursors of the page are "
        "valid as `after` and `before` of other pages."
    ),
]


@strawberry.type(description="The position of a page in its list.")
class PageInfo:
    page: strawberry.Private[Page]

    has_next_page: bool = strawberry.field(
        description="Whether the list continues after this page."
    )
    has_previous_page: bool = strawberry.field(
        description="Whether the list has entries before this page."
    )

    @strawberry.field(description="The cursor of the first edge.")
    def start_cursor(self) -> str | None:
        return self.page.cursor_of(self.page.rows[0]) if self.page.rows else None

    @strawberry.field(
        description="The cursor of the last edge: pass it as `after` to get the next page."
    )
    def end_cursor(self) -> str | None:
        return self.page.cursor_of(self.page.rows[-1]) if self.page.rows else None


def page_info(page: Page) -> PageInfo:
    """Return the PageInfo of a page."""
    return PageInfo(page=page, has_next_page=page.has_next, has_previous_page=page.has_previous)


@strawberry.type(description="One entry of a page, with its cursor.")
class Edge(Generic[T]):
    cursor: str = strawberry.field(description="The position of the entry in the list.")
    node: T = strawberry.field(description="The entry itself.")


@strawberry.type(description="A page of a list.")
class Connection(Generic[T]):
    content: strawberry.Private[Sequence[object]]
    page: strawberry.Private[Page]
    count: strawberry.Private[Callable[[], Awaitable[int]]]

    @strawberry.field(description="The entries of the page, with their cursors.")
    def edges(self) -> list[Edge[T]]:
        return [
            Edge(cursor=cursor, node=node)  # type: ignore[arg-type]
            for cursor, node in zip(self.page.cursors, self.content, strict=True)
        ]

    @strawberry.field(description="The entries of the page, without their cursors.")
    def nodes(self) -> list[T]:
        return list(self.content)  # type: ignore[arg-type]

    @strawberry.field(description="The position of the page in the list.")
    def page_info(self) -> PageInfo:
        return page_info(self.page)

    @strawberry.field(description="How many entries the whole list has; counted only if selected.")
    async def total_count(self) -> int:
        return await self.count()


def size_argument(maximum: int) -> Any:
    """Return the argument, such as `first`, that limits a list without pages; at most `maximum`."""
    return strawberry.argument(
        description=f"The maximum number: 1 to {maximum}. Null means the default."
    )


class PageRequest(NamedTuple):
    """The page arguments and the selected paths of a connection field."""

    args: PageArgs
    paths: Paths
    """The stored paths that the selected nodes need."""
    is_page_selected: bool
    """Whether anything of the page itself is selected."""


EMPTY = Page((), lambda row: "", has_next=False, has_previous=False)


def page_request(
    info: Info,
    type_name: str,
    first: int | None,
    after: str | None,
    last: int | None,
    before: str | None,
    offset: int | None = None,
) -> PageRequest:
    """Return the page arguments and the stored paths of a connection of this type."""
    key = ("page_request", type_name, *map(id, resolve_info(info).field_nodes))
    paths, is_page_selected = info.context.memoized(key, partial(_needed_paths, info, type_name))
    return PageRequest(page_args_of(first, after, last, before, offset), paths, is_page_selected)


def _needed_paths(info: Info, type_name: str) -> tuple[Paths, bool]:
    """Return the paths that a connection's nodes need, and whether any field of the page is
    selected.
    """
    fields = selected(info, f"{type_name}Connection")
    nodes: list[FieldNode] = list(fields.get("nodes", ()))
    paths: Paths = frozenset()
    if edges := fields.get("edges"):
        edge = f"{type_name}Edge"
        nodes += selected(info, edge, edges).get("node", [])
        paths = info.context.paths(info, edge, edges)
    paths = without_redundant(paths | info.context.paths(info, type_name, nodes))
    return paths, not fields.keys().isdisjoint({"edges", "nodes", "pageInfo"})
