"""One page of a collection, forwards or backwards from a cursor."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final, NamedTuple

from graph.errors import BadUserInput
from graph.store.driver.read_commands import Projection, Reader, Row, Sort
from graph.store.queries import cursors
from graph.store.queries.filters import (
    Order,
    beyond,
    beyond_at_once,
    both,
    either,
    reverse,
    sort_of,
)

MAXIMUM_PAGE: Final = 100
DEFAULT_PAGE: Final = 20

_COMMON: Final = frozenset({"articleCount", "heat", "quality"})
"""Fields of which many documents have the same value. By these, what comes after a cursor is read
range by range; by others in one find, which is cheaper as long as it walks over few."""

_SHORT_SCOPE: Final = 512
"""Bytes of a list's name up to which what its cursors stand for is remembered."""

_NUMBER: Final = "list"
"""The key under which a row says which of several lists it belongs to."""


class PageArgs(NamedTuple):
    """Which page: the Relay arguments, checked. `cursor` is `after` or, backwards, `before`."""

    size: int = DEFAULT_PAGE
    cursor: str | None = None
    backwards: bool = False

    @property
    def argument(self) -> str:
        return "before" if self.backwards else "after"


class Page(NamedTuple):
    """The documents of a page in the order asked for; `cursor_of` is the cursor of one of them."""

    rows: Sequence[Row]
    cursor_of: Callable[[Row], str]
    has_next: bool
    has_previous: bool

    @property
    def cursors(self) -> list[str]:
        """The cursor of each document."""
        return [self.cursor_of(row) for row in self.rows]


def bounded(argument: str, value: int, maximum: int = MAXIMUM_PAGE, minimum: int = 1) -> int:
    """The value, if it is within bounds; else BadUserInput that names them."""
    if minimum <= value <= maximum:
        return value
    message = f"{argument}: {value} is not between {minimum} and {maximum}"
    raise BadUserInput(argument, message, minimum=minimum, maximum=maximum)


def window(first: int | None, after: str | None, last: int | None, before: str | None) -> PageArgs:
    """The window that the four Relay arguments describe."""
    if last is None:
        if before is not None:
            raise BadUserInput("before", "before: goes with last, not with first")
        size = DEFAULT_PAGE if first is None else bounded("first", first)
        return PageArgs(size, after)
    if first is not None:
        raise BadUserInput("last", "last: give first or last, not both")
    if after is not None:
        raise BadUserInput("after", "after: goes with first, not with last")
    return PageArgs(bounded("last", last), before, backwards=True)


@dataclass(unsafe_hash=True, slots=True)
class PageQuery:
    """A page as the database is asked for it. Two of the same `key` are the same."""

    key: tuple[bytes, str | None]
    scope: bytes = field(compare=False)
    orders: tuple[Order, ...] = field(compare=False)
    part: PageArgs = field(compare=False)
    query: Row = field(compare=False)
    """The filter of the list."""
    keyset_ranges: Sequence[Row] = field(compare=False)
    """The filters of what comes after the cursor, the nearest first; none from the beginning."""

    @property
    def order_key(self) -> str:
        """What pages that are read together have in common: their order and size."""
        return f"{self.part.size} {self.sort}"

    @property
    def sort(self) -> Sort:
        return sort_of(_ways(self.orders, self.part))

    @property
    def limit(self) -> int:
        """One document more than the page: it tells whether more follow."""
        return self.part.size + 1

    @property
    def parts(self) -> Sequence[Row]:
        """The filters whose documents, one after the other, are the list from the cursor on."""
        return [both(self.query, start) for start in self.keyset_ranges] or [self.query]

    def projection(self, wanted: Projection) -> dict[str, Any]:
        """What the page's nodes want, and the keys of its order."""
        return {**wanted, **dict.fromkeys((order.field for order in self.orders), 1)}

    def page(self, rows: Sequence[Row]) -> Page:
        """The page that these rows make, with their cursors."""
        more, kept = len(rows) > self.part.size, list(rows[: self.part.size])
        if self.part.backwards:
            kept.reverse()
        came_from = self.part.cursor is not None
        return Page(
            kept,
            self._cursor_of,
            has_next=came_from if self.part.backwards else more,
            has_previous=more if self.part.backwards else came_from,
        )

    def _cursor_of(self, row: Row) -> str:
        values = [get_path(row, order.field) for order in self.orders]
        return cursors.encode(self.orders, values, self.scope)


def page_query(query: Row, orders: tuple[Order, ...], part: PageArgs, scope: bytes) -> PageQuery:
    """The slice of a list in a total order; `scope` is a name for the list's filter.

    Raises BadUserInput for a cursor that does not belong to this list.
    """
    keyset_ranges: Sequence[Row] = ()
    if part.cursor is not None:
        make = _remembered_starts if len(scope) <= _SHORT_SCOPE else _starts
        keyset_ranges = make(part, orders, scope)
    return PageQuery((scope, part.cursor), scope, orders, part, query, keyset_ranges)


def _starts(part: PageArgs, orders: tuple[Order, ...], scope: bytes) -> Sequence[Row]:
    """The filters of what comes after the cursor, as `PageQuery.keyset_ranges`: never changed."""
    assert part.cursor is not None
    values = cursors.decode(part.argument, part.cursor, orders, scope)
    ways = _ways(orders, part)
    is_common = orders[0].field in _COMMON
    return beyond(ways, values) if is_common else [beyond_at_once(ways, values)]


_remembered_starts = lru_cache(maxsize=1024)(_starts)
"""Cursors come back: of every page but the first somebody was handed one to ask with."""


def _ways(orders: tuple[Order, ...], part: PageArgs) -> tuple[Order, ...]:
    return reverse(orders) if part.backwards else orders


async def read_page(
    database: Reader, collection: str, part: PageQuery, projection: Projection
) -> Page:
    """Read one page in one command."""
    parts = part.parts
    if len(parts) > 1 and "$unionWith" not in database.lacks:
        return part.page(
            await database.aggregate(collection, _stages(part, collection, projection))
        )
    rows = await database.find(
        collection,
        either(parts),
        projection=part.projection(projection),
        sort=part.sort,
        limit=part.limit,
    )
    return part.page(rows)


async def read_pages(
    database: Reader, collection: str, parts: Sequence[PageQuery], projection: Projection
) -> list[Page]:
    """Read a page of each of several lists, in one command; each runs on an index of its own."""
    if len(parts) == 1 or "$unionWith" in database.lacks:
        return [await read_page(database, collection, part, projection) for part in parts]
    numbered = [
        [*_stages(part, collection, projection), {"$set": {_NUMBER: {"$literal": number}}}]
        for number, part in enumerate(parts)
    ]
    rows: list[list[Row]] = [[] for _ in parts]
    for row in await database.aggregate(collection, _joined(numbered, collection)):
        rows[row[_NUMBER]].append(row)
    return [part.page(found) for part, found in zip(parts, rows, strict=True)]


def _stages(part: PageQuery, collection: str, projection: Projection) -> list[Row]:
    """A page. What comes after a cursor is read part by part, until the page is full.

    One filter for all parts would make the server walk over those that have the first key of the
    cursor, or merge and sort.
    """
    pipelines: list[list[Row]] = [
        [
            {"$match": each},
            {"$sort": dict(part.sort)},
            {"$limit": part.limit},
            {"$project": part.projection(projection)},
        ]
        for each in part.parts
    ]
    return [*_joined(pipelines, collection), {"$limit": part.limit}]


def _joined(pipelines: Sequence[list[Row]], collection: str) -> list[Row]:
    """One after the other; the later ones run only as long as more is wanted."""
    first, *others = pipelines
    return [*first, *({"$unionWith": {"coll": collection, "pipeline": each}} for each in others)]


def get_path(row: Mapping[str, Any], path: str) -> Any:
    """The value at a dotted path, None where there is none."""
    if "." not in path:
        return row.get(path)
    value: Any = row
    for key in path.split("."):
        value = value.get(key) if isinstance(value, Mapping) else None
    return value
