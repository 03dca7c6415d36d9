"""Build MongoDB filters, sorts and keyset ranges. All functions are pure.

Values from clients only ever appear where MongoDB expects a value: below an operator that is chosen
here. They never become operators, and in a regular expression they are escaped.
"""

from __future__ import annotations

import re
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
    "isNotEmpty",
    "startsWith",
    "contains",
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
    """A test of one stored field. Null and missing fields meet neither `lt` nor `gt`."""

    field: str
    operator: Operator
    value: Any

    def query(self) -> Row:
        if self.operator == "exists":
            return {self.field: {"$ne": None} if self.value else None}
        if self.operator == "isNotEmpty":  # a comparison would test the entries
            return {f"{self.field}.0": {"$exists": self.value}}
        if self.operator == "startsWith":
            return {self.field: _prefixed(self.value)}
        if self.operator == "contains":
            return {self.field: {"$regex": re.escape(self.value)}}
        return {self.field: {_OPERATORS[self.operator]: self.value}}


@dataclass(frozen=True, slots=True)
class Group:
    """A combination of tests: all must hold (`$and`), at least one (`$or`), or none (`$nor`)."""

    operator: Literal["$and", "$or", "$nor"]
    tests: tuple[Test, ...]

    def query(self) -> Row:
        if not self.tests:  # MongoDB rejects empty lists: $and and $nor match all, $or none
            return {"_id": {"$in": []}} if self.operator == "$or" else {}
        return {self.operator: [test.query() for test in self.tests]}


Test = Condition | Group


def _prefixed(prefix: str) -> Row:
    """Return the range of strings with this prefix. MongoDB compares strings by code point."""
    start = prefix.rstrip("\U0010ffff")
    if not start:
        return {"$gte": prefix}
    following = ord(start[-1]) + 1
    if following == 0xD800:  # skip the surrogates
        following = 0xE000
    return {"$gte": prefix, "$lt": start[:-1] + chr(following)}


class Order(NamedTuple):
    """A key of a sort order: a stored field and a direction."""

    field: str
    descending: bool = True

    @property
    def reversed(self) -> Order:
        return Order(self.field, not self.descending)

    def __str__(self) -> str:
        return f"{'-' if self.descending else '+'}{self.field}"


def match(base: Row, tests: Iterable[Test]) -> Row:
    """Return a filter for the documents that meet `base` and all tests."""
    clauses = [test.query() for test in tests]
    return {**base, "$and": clauses} if clauses else dict(base)


def within(field: str, values: Iterable[str] | None) -> Row:
    """Return a filter for the documents whose field is one of `values`; None stands for all."""
    return {} if values is None else {field: {"$in": sorted(values)}}


@lru_cache(maxsize=256)
def total(orders: tuple[Order, ...], *ties: str) -> tuple[Order, ...]:
    """Return a total order: `ties` and the unique `_id` are added, in the direction of the last
    key.
    """
    descending = orders[-1].descending
    present = {order.field for order in orders}
    return (*orders, *(Order(name, descending) for name in (*ties, "_id") if name not in present))


@lru_cache(maxsize=256)
def reverse(orders: tuple[Order, ...]) -> tuple[Order, ...]:
    """Return the opposite order."""
    return tuple(order.reversed for order in orders)


@lru_cache(maxsize=256)
def sort_of(orders: tuple[Order, ...]) -> Sort:
    """Return the order as a MongoDB sort."""
    return tuple((order.field, -1 if order.descending else 1) for order in orders)


def ranges_beyond(orders: Sequence[Order], values: Sequence[Any]) -> list[Row]:
    """Return filters for the documents that follow the one with these `values` in this order.

    This is the usual keyset expansion, nearest first: the documents that are equal in all keys but
    the last, then those that are equal in all but the last two, and so on. All documents of one
    filter come before those of the next. As in MongoDB, null and missing fields sort before all
    other values.
    """
    ranges: list[Row] = []
    for index in reversed(range(len(orders))):
        equal = {order.field: values[i] for i, order in enumerate(orders[:index])}
        ranges += [{**equal, **clause} for clause in _beyond_one(orders[index], values[index])]
    return ranges


def range_beyond(orders: Sequence[Order], values: Sequence[Any]) -> Row:
    """Return `beyond` as one filter. The server scans all documents with an equal first key."""
    after = either(ranges_beyond(orders, values))
    # Without a bound the planner scans the index from its start, or merges and sorts.
    bound = _bound(orders[0], values[0])
    return both(bound, after) if bound else after


def _bound(order: Order, value: Any) -> Row:
    """Return the range of the first key. `$not` includes nulls, which `$lte` would exclude."""
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
    """Return a filter for the documents that match both filters."""
    return {"$and": [left, right]}


def either(parts: Sequence[Row]) -> Row:
    """Return a filter for the documents that match any of these filters, at least one."""
    return {"$or": list(parts)} if len(parts) > 1 else parts[0]
