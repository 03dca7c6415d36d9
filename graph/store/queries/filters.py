"""Arguments → MongoDB filter, sort and keyset. Pure functions.

Values come from clients and only ever stand where MongoDB takes a value: below an operator that
is chosen here. None of them becomes an operator or a regular expression.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, Literal, NamedTuple

from graph.store.driver.read_commands import Row, Sort

Operator = Literal[
    "eq",
    "ne",
    "in",
    "nin",
    "gt",
    "gte",
    "lt",
    "lte",
    "any",
    "all",
    "none",
    "exists",
    "holds",
    "startsWith",
]

_OPERATORS: Final[dict[Operator, str]] = {
    "eq": "$eq",
    "ne": "$ne",
    "in": "$in",
    "nin": "$nin",
    "gt": "$gt",
    "gte": "$gte",
    "lt": "$lt",
    "lte": "$lte",
    "any": "$in",
    "all": "$all",
    "none": "$nin",
}


@dataclass(frozen=True, slots=True)
class Condition:
    """One test of one stored field. A field that is null or missing is met by no bound."""

    field: str
    operator: Operator
    value: Any

    def query(self) -> Row:
        if self.operator == "exists":
            return {self.field: {"$ne": None} if self.value else None}
        if self.operator == "holds":  # any entry; a comparison would look into each of them
            return {f"{self.field}.0": {"$exists": self.value}}
        if self.operator == "startsWith":
            return {self.field: _prefixed(self.value)}
        return {self.field: {_OPERATORS[self.operator]: self.value}}


@dataclass(frozen=True, slots=True)
class Group:
    """Tests that must all hold (`$and`), of which one must (`$or`), or none may (`$nor`)."""

    operator: Literal["$and", "$or", "$nor"]
    tests: tuple[Test, ...]

    def query(self) -> Row:
        if not self.tests:  # which MongoDB does not take: all of none holds, one of none does not
            return {"_id": {"$in": []}} if self.operator == "$or" else {}
        return {self.operator: [test.query() for test in self.tests]}


Test = Condition | Group


def _prefixed(prefix: str) -> Row:
    """The range of the texts that begin with a prefix: MongoDB compares texts by code point."""
    start = prefix.rstrip("\U0010ffff")
    if not start:
        return {"$gte": prefix}
    following = ord(start[-1]) + 1
    if following == 0xD800:  # surrogates are no characters
        following = 0xE000
    return {"$gte": prefix, "$lt": start[:-1] + chr(following)}


class Order(NamedTuple):
    """One key of a sort order: a stored field and its direction."""

    field: str
    descending: bool = True

    @property
    def reversed(self) -> Order:
        return Order(self.field, not self.descending)

    def __str__(self) -> str:
        return f"{'-' if self.descending else '+'}{self.field}"


def match(base: Row, tests: Iterable[Test]) -> Row:
    """A filter for the documents that meet `base` and every test."""
    clauses = [test.query() for test in tests]
    return {**base, "$and": clauses} if clauses else dict(base)


def within(field: str, values: Iterable[str] | None) -> Row:
    """A filter for the documents whose field is one of `values`; None is any."""
    return {} if values is None else {field: {"$in": sorted(values)}}


@lru_cache(maxsize=256)
def total(orders: tuple[Order, ...], *ties: str) -> tuple[Order, ...]:
    """The order made total: by `ties` and the unique `_id`, in the direction of the last key."""
    down = orders[-1].descending
    known = {order.field for order in orders}
    return (*orders, *(Order(name, down) for name in (*ties, "_id") if name not in known))


@lru_cache(maxsize=256)
def reverse(orders: tuple[Order, ...]) -> tuple[Order, ...]:
    """The orders, each the other way."""
    return tuple(order.reversed for order in orders)


@lru_cache(maxsize=256)
def sort_of(orders: tuple[Order, ...]) -> Sort:
    """The MongoDB sort of some orders."""
    return tuple((order.field, -1 if order.descending else 1) for order in orders)


def beyond(orders: Sequence[Order], values: Sequence[Any]) -> list[Row]:
    """Filters for the documents that come after the one with these `values`, in this order.

    The usual keyset expansion, the nearest first: those that are equal in all keys but the last,
    in all but the last two, and so on. All that the first filter meets come before all that the
    second meets. A null, or a missing field, sorts before every other value, as MongoDB has it.
    """
    parts: list[Row] = []
    for place in reversed(range(len(orders))):
        equal = {order.field: values[at] for at, order in enumerate(orders[:place])}
        parts += [{**equal, **clause} for clause in _beyond_one(orders[place], values[place])]
    return parts


def beyond_at_once(orders: Sequence[Order], values: Sequence[Any]) -> Row:
    """The same as one filter. The server walks over all that have the first of the values."""
    after = either(beyond(orders, values))
    # Without it the planner would walk the index from its start, or merge and sort.
    bound = _bound(orders[0], values[0])
    return both(bound, after) if bound else after


def _bound(order: Order, value: Any) -> Row:
    """The range of the first key; `$not` keeps nulls, which `$lte` would leave out."""
    if value is None:
        return {order.field: None} if order.descending else {}
    return {order.field: {"$not": {"$gt" if order.descending else "$lt": value}}}


def _beyond_one(order: Order, value: Any) -> list[Row]:
    if order.descending:
        if value is None:
            return []
        lower: Row = {order.field: {"$lt": value}}
        return [lower] if order.field == "_id" else [lower, {order.field: None}]
    if value is None:
        return [{order.field: {"$ne": None}}]
    return [{order.field: {"$gt": value}}]


def both(left: Row, right: Row) -> Row:
    """A filter for what meets the two."""
    return {"$and": [left, right]}


def either(parts: Sequence[Row]) -> Row:
    """A filter for what meets any of these; there is at least one."""
    return {"$or": list(parts)} if len(parts) > 1 else parts[0]
