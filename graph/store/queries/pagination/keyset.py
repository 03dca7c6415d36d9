"""Keyset pagination: read a page of a collection, forwards or backwards from a cursor."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final, NamedTuple

from graph.store.driver.read_commands import Projection, Reader, Row, Sort
from graph.store.queries.filters import (
    Order,
    both,
    either,
    range_beyond,
    ranges_beyond,
    reverse,
    sort_of,
)
from graph.store.queries.pagination import cursors
from graph.store.queries.pagination.page_args import PageArgs

_COMMON: Final = frozenset({"articleCount", "heat", "quality", "updatedDateTime"})
"""Fields with few distinct values. Sorted by these, the documents after a cursor are read range by
range. For other fields a single find is cheaper, as it scans only a few equal keys.
"""

_SHORT_LIST_KEY: Final = 512
"""The maximum size in bytes of a list key whose cursors are cached."""

_LIST_NUMBER: Final = "list"
"""The key of a row that holds the number of the list that it belongs to."""


class Page(NamedTuple):
    """The documents of a page, in the requested order. `cursor_of` returns the cursor of a
    document.
    """

    rows: Sequence[Row]
    cursor_of: Callable[[Row], str]
    has_next: bool
    has_previous: bool

    @property
    def cursors(self) -> list[str]:
        """The cursors of all documents."""
        return [self.cursor_of(row) for row in self.rows]


@dataclass(unsafe_hash=True, slots=True)
class PageQuery:
    """The query for a page. Queries with the same `key` are equal."""

    key: tuple[bytes, str | None, int]
    list_key: bytes = field(compare=False)
    orders: tuple[Order, ...] = field(compare=False)
    args: PageArgs = field(compare=False)
    filter: Row = field(compare=False)
    """The filter of the list."""
    keyset_ranges: Sequence[Row] = field(compare=False)
    """The filters of `beyond` for the cursor; empty without a cursor."""

    @property
    def order_key(self) -> str:
        """Order and page size, which pages must share to be read together."""
        return f"{self.args.size} {self.sort}"

    @property
    def sort(self) -> Sort:
        return sort_of(self.directed_orders)

    @property
    def directed_orders(self) -> tuple[Order, ...]:
        """The order in which the rows of the page are read."""
        return _direction_of(self.orders, self.args)

    @property
    def position(self) -> list[Any] | None:
        """The sort keys in the cursor; None without a cursor."""
        argument, cursor = self.args.argument, self.args.cursor
        return (
            None if cursor is None else cursors.decode(argument, cursor, self.orders, self.list_key)
        )

    @property
    def limit(self) -> int:
        """One more than the page size, to find out whether there is a next page."""
        return self.args.size + 1

    @property
    def skip(self) -> list[Row]:
        """The stages that leave out what is before the page."""
        return [{"$skip": self.args.offset}] if self.args.offset else []

    @property
    def filters(self) -> Sequence[Row]:
        """The filters whose documents, one after the other, are the list after the cursor."""
        return [both(self.filter, start) for start in self.keyset_ranges] or [self.filter]

    def projection(self, fields: Projection) -> dict[str, Any]:
        """Return the projection, with the sort keys added."""
        return {**fields, **dict.fromkeys((order.field for order in self.orders), 1)}

    def page(self, rows: Sequence[Row]) -> Page:
        """Return the page with these rows."""
        has_more, page_rows = len(rows) > self.args.size, list(rows[: self.args.size])
        if self.args.backwards:
            page_rows.reverse()
        is_inside = self.args.cursor is not None or self.args.offset > 0
        return Page(
            page_rows,
            self._cursor_of,
            has_next=is_inside if self.args.backwards else has_more,
            has_previous=has_more if self.args.backwards else is_inside,
        )

    def _cursor_of(self, row: Row) -> str:
        values = [get_path(row, order.field) for order in self.orders]
        return cursors.encode(self.orders, values, self.list_key)


def page_query(query: Row, orders: tuple[Order, ...], args: PageArgs, list_key: bytes) -> PageQuery:
    """Return the query for a page of a list in a total order. `list_key` identifies the list.

    Raises BadUserInput for a cursor that belongs to another list.
    """
    keyset_ranges: Sequence[Row] = ()
    if args.cursor is not None:
        make = _cached_ranges if len(list_key) <= _SHORT_LIST_KEY else _ranges
        keyset_ranges = make(args, orders, list_key)
    return PageQuery(
        (list_key, args.cursor, args.offset), list_key, orders, args, query, keyset_ranges
    )


def neighbour_query(
    query: Row, orders: tuple[Order, ...], row: Row, list_key: bytes, *, backwards: bool
) -> PageQuery:
    """Return the query for the one document after this row, or before it, in a total order.

    The row has all fields of the order. It need not be in the list itself.
    """
    cursor = cursors.encode(orders, [get_path(row, order.field) for order in orders], list_key)
    return page_query(query, orders, PageArgs(1, cursor, backwards), list_key)


def _ranges(args: PageArgs, orders: tuple[Order, ...], list_key: bytes) -> Sequence[Row]:
    """Return the immutable `keyset_ranges` of a page after a cursor."""
    assert args.cursor is not None
    values = cursors.decode(args.argument, args.cursor, orders, list_key)
    direction = _direction_of(orders, args)
    is_common = orders[0].field in _COMMON
    return ranges_beyond(direction, values) if is_common else [range_beyond(direction, values)]


_cached_ranges = lru_cache(maxsize=1024)(_ranges)
"""The same cursors are used again and again: every page but the first needs one."""


def _direction_of(orders: tuple[Order, ...], args: PageArgs) -> tuple[Order, ...]:
    return reverse(orders) if args.backwards else orders


async def read_page(
    database: Reader, collection: str, query: PageQuery, projection: Projection
) -> Page:
    """Read a page in one command."""
    filters = query.filters
    if len(filters) > 1 and "$unionWith" not in database.lacks:
        return query.page(
            await database.aggregate(collection, _stages(query, collection, projection))
        )
    rows = await database.find(
        collection,
        either(filters),
        projection=query.projection(projection),
        sort=query.sort,
        limit=query.limit,
        skip=query.args.offset,
    )
    return query.page(rows)


async def read_pages(
    database: Reader, collection: str, queries: Sequence[PageQuery], projection: Projection
) -> list[Page]:
    """Read one page of each of several lists, in one command. Each list uses its own index."""
    if len(queries) == 1 or "$unionWith" in database.lacks:
        return [await read_page(database, collection, query, projection) for query in queries]
    numbered = [
        [*_stages(query, collection, projection), {"$set": {_LIST_NUMBER: {"$literal": number}}}]
        for number, query in enumerate(queries)
    ]
    rows: list[list[Row]] = [[] for _ in queries]
    for row in await database.aggregate(collection, _joined(numbered, collection)):
        rows[row[_LIST_NUMBER]].append(row)
    return [query.page(list_rows) for query, list_rows in zip(queries, rows, strict=True)]


def _stages(query: PageQuery, collection: str, projection: Projection) -> list[Row]:
    """Return the pipeline for a page. After a cursor, ranges are read in turn until the page is
    full.

    With one filter for all ranges, the server would scan all documents with an equal first key, or
    merge and sort.
    """
    pipelines: list[list[Row]] = [
        [
            {"$match": each},
            {"$sort": dict(query.sort)},
            *query.skip,
            {"$limit": query.limit},
            {"$project": query.projection(projection)},
        ]
        for each in query.filters
    ]
    return [*_joined(pipelines, collection), {"$limit": query.limit}]


def _joined(pipelines: Sequence[list[Row]], collection: str) -> list[Row]:
    """Return the pipelines in sequence. The later ones run only if more rows are needed."""
    stages, *later_pipelines = pipelines
    unions = [{"$unionWith": {"coll": collection, "pipeline": later}} for later in later_pipelines]
    return [*stages, *unions]


def get_path(row: Mapping[str, Any], path: str) -> Any:
    """Return the value at a dotted path; None if there is none."""
    if "." not in path:
        return row.get(path)
    value: Any = row
    for key in path.split("."):
        value = value.get(key) if isinstance(value, Mapping) else None
    return value
