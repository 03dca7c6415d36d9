"""One page of a collection, forwards or backwards from a cursor."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from graph.errors import BadUserInput
from graph.store import cursors
from graph.store.database import Database, Projection, Row
from graph.store.filters import Order, beyond, both, sort_of, with_tie_break

MAXIMUM_PAGE = 100
DEFAULT_PAGE = 20


@dataclass(frozen=True, slots=True)
class Window:
    """Which page: the Relay arguments, checked. `cursor` is `after` or, backwards, `before`."""

    size: int = DEFAULT_PAGE
    cursor: str | None = None
    backwards: bool = False

    @property
    def argument(self) -> str:
        return "before" if self.backwards else "after"


@dataclass(frozen=True, slots=True)
class Page:
    """The documents of a page in the order asked for, and the cursor of each."""

    rows: Sequence[Row]
    cursors: Sequence[str]
    has_next: bool
    has_previous: bool


def bounded(argument: str, value: int, maximum: int = MAXIMUM_PAGE, minimum: int = 1) -> int:
    """The value, if it is within bounds; else BadUserInput that names them."""
    if minimum <= value <= maximum:
        return value
    message = f"{argument}: {value} is not between {minimum} and {maximum}"
    raise BadUserInput(argument, message, minimum=minimum, maximum=maximum)


def window(first: int | None, after: str | None, last: int | None, before: str | None) -> Window:
    """The window that the four Relay arguments describe."""
    if last is None:
        if before is not None:
            raise BadUserInput("before", "before: goes with last, not with first")
        size = DEFAULT_PAGE if first is None else bounded("first", first)
        return Window(size, after)
    if first is not None:
        raise BadUserInput("last", "last: give first or last, not both")
    if after is not None:
        raise BadUserInput("after", "after: goes with first, not with last")
    return Window(bounded("last", last), before, backwards=True)


async def read_page(
    database: Database,
    collection: str,
    query: Row,
    orders: Sequence[Order],
    part: Window,
    projection: Projection,
) -> Page:
    """Read one page in one command; one document more than the page tells whether more follow."""
    total = with_tie_break(orders)
    ways = [order.reversed for order in total] if part.backwards else total
    start = (
        beyond(ways, cursors.decode(part.argument, part.cursor, total))
        if part.cursor is not None
        else None
    )
    rows = await database.find(
        collection,
        both(query, start),
        projection={**projection, **dict.fromkeys((o.field for o in total), 1)},
        sort=sort_of(ways),
        limit=part.size + 1,
    )
    more, rows = len(rows) > part.size, rows[: part.size]
    if part.backwards:
        rows.reverse()
    marks = [cursors.encode(total, [dig(row, o.field) for o in total]) for row in rows]
    came_from = part.cursor is not None
    return Page(
        rows,
        marks,
        has_next=came_from if part.backwards else more,
        has_previous=more if part.backwards else came_from,
    )


def dig(row: Mapping[str, Any], path: str) -> Any:
    """The value at a dotted path, None where there is none."""
    value: Any = row
    for key in path.split("."):
        value = value.get(key) if isinstance(value, Mapping) else None
    return value
