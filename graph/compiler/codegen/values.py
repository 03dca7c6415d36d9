"""Expressions: the Python that stands for a single value in the answer.

Follows CompleteValue of the GraphQL specification (October 2021, section 6.4.3). What is as the
schema promises takes the short way; for all else a function is called, which serializes it, or
raises UnexpectedValue.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from graphql import GraphQLLeafType, Undefined

from graph.compiler.plan import Leaf, Objects

_NATIVE: Final[Mapping[str, str]] = {
    "String": "type({read}) is str",
    "ID": "type({read}) is str",
    "Boolean": "type({read}) is bool",
    "Int": "type({read}) is int and -2147483648 <= {v} <= 2147483647",
    # Who writes the answer as JSON writes a date in UTC, be it without a zone, as the scalar does.
    "DateTime": "type({read}) is datetime and {v}.tzinfo in ZONES",
}
"""Where a value is one of these it is its own result; all others are serialized by their type."""


class UnexpectedValue(Exception):
    """What was found is not what the schema promises: the reference executor shall tell it."""


def native(leaf: Leaf, v: str, read: str, serialize: str) -> str:
    """A leaf's value: as it was read, where it is what it should be; else what `serialize` makes.

    `v` names what is read, once it was.
    """
    test = _NATIVE.get(leaf.type.name)
    if test is None:
        made = f"{serialize}({v if leaf.nullable else read})"
        return unless_none(v, read, made) if leaf.nullable else made
    if leaf.nullable:
        condition = f"{tested(v, read)} is None or {test.format(read=v, v=v)}"
    else:
        condition = test.format(read=_assigned(v, read), v=v)
    return f"{v} if {condition} else {serialize}({v})"


def unless_none(v: str, read: str, made: str, otherwise: str = "None") -> str:
    """What is made of `v`, unless nothing was read."""
    return f"{otherwise} if {tested(v, read)} is None else {made}"


def tested(v: str, read: str) -> str:
    """What is read, to be compared, under a name from then on."""
    return v if v == read else f"({_assigned(v, read)})"


def _assigned(v: str, read: str) -> str:
    return v if v == read else f"{v} := {read}"


def serializer(leaf: GraphQLLeafType, empty: Any) -> Callable[[Any], Any]:
    """A function that serializes a leaf's value; `empty` is what stands for none."""
    coerce = leaf.coerce_output_value

    def serialize(value: Any) -> Any:
        if value is None:
            value = empty
        result = None if value is None else coerce(value)
        if result is None or result is Undefined:
            raise UnexpectedValue(f"nothing where a {leaf.name} belongs")
        return result

    return serialize


def dispatcher(objects: Objects, names: Mapping[str, Any]) -> Callable[[Any, Any], Any]:
    """A function from an object of one of several types to its answer, by its class."""
    selections = objects.selections

    def one(value: Any, run: Any) -> Any:
        selection = selections[type(value)]
        source = value.row if selection.is_row_backed else value
        return names[selection.name](source, run)

    return one


def _listed(value: Any, empty: Any = None) -> Any:
    if type(value) is list or type(value) is tuple:
        return value
    if value is None and empty is not None:
        return empty
    raise UnexpectedValue(f"a {type(value).__name__} where a list belongs")


def _missing() -> Any:
    raise UnexpectedValue("nothing where an object belongs")


CONSTANTS: Final[Mapping[str, Any]] = {
    "ZONES": (None, UTC),
    "datetime": datetime,
    "listed": _listed,
    "missing": _missing,
}
"""What every generated function knows."""
