"""Arguments → MongoDB filter, sort and keyset. Pure functions.

Values come from clients and only ever stand where MongoDB takes a value: below an operator that
is chosen here. None of them becomes an operator or a regular expression.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from graph.store.database import Row, Sort

Operator = Literal["eq", "ne", "in", "nin", "gt", "gte", "lt", "lte", "any", "all", "none"]

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
    """One test of one stored field."""

    field: str
    operator: Operator
    value: Any


@dataclass(frozen=True, slots=True)
class Order:
    """One key of a sort order: a stored field and its direction."""

    field: str
    descending: bool = True

    @property
    def reversed(self) -> Order:
        return Order(self.field, not self.descending)

    def __str__(self) -> str:
        return f"{'-' if self.descending else '+'}{self.field}"


def match(base: Row, conditions: Iterable[Condition]) -> Row:
    """A filter for the documents that meet `base` and every condition."""
    clauses = [{c.field: {_OPERATORS[c.operator]: c.value}} for c in conditions]
    return {**base, "$and": clauses} if clauses else dict(base)


def within(field: str, values: Iterable[str] | None) -> Row:
    """A filter for the documents whose field is one of `values`; None is any."""
    return {} if values is None else {field: {"$in": sorted(values)}}


def with_tie_break(orders: Sequence[Order]) -> list[Order]:
    """The order made total by the unique `_id`, in the direction of the last key."""
    return [*orders, Order("_id", orders[-1].descending)]


def sort_of(orders: Sequence[Order]) -> Sort:
    """The MongoDB sort of a list of orders."""
    return [(order.field, -1 if order.descending else 1) for order in orders]


def beyond(orders: Sequence[Order], values: Sequence[Any]) -> Row:
    """A filter for the documents that come after the one with these `values`, in this order.

    The usual keyset expansion: equal in the first n keys and beyond in the next, for each n. A
    null, or a missing field, sorts before every other value, as MongoDB has it.
    """
    branches: list[Row] = []
    equal: Row = {}
    for order, value in zip(orders, values, strict=True):
        branches += [{**equal, **clause} for clause in _beyond_one(order, value)]
        equal = {**equal, order.field: value}
    return {"$or": branches} if branches else {"_id": {"$in": []}}


def _beyond_one(order: Order, value: Any) -> list[Row]:
    if order.descending:
        if value is None:
            return []
        lower: Row = {order.field: {"$lt": value}}
        return [lower] if order.field == "_id" else [lower, {order.field: None}]
    if value is None:
        return [{order.field: {"$ne": None}}]
    return [{order.field: {"$gt": value}}]


def both(left: Row, right: Row | None) -> Row:
    """A filter for what meets the two."""
    return {"$and": [left, right]} if right else left
