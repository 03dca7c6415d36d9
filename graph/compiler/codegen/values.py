"""Expressions for single values of a response.

They follow CompleteValue of the GraphQL specification (October 2021, section 6.4.3). A value of the
expected Python type is used as it is. Any other value is serialized by a function call, which may
raise UnexpectedValue.
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
    # The JSON encoder writes whole seconds in UTC as the scalar does, with or without a zone.
    "DateTime": "type({read}) is datetime and not {v}.microsecond and {v}.tzinfo in ZONES",
}
"""The condition under which a value of a scalar type needs no serialization. Types that are not
listed are always serialized.
"""


class UnexpectedValue(Exception):
    """A value that violates the schema. The reference executor must produce the error."""


def native(leaf: Leaf, v: str, read: str, serialize: str) -> str:
    """Return an expression for a leaf: the value itself if it needs no serialization, else a call
    of the function `serialize`.

    `read` is the expression that reads the value, `v` the variable that it is assigned to.
    """
    test = _NATIVE.get(leaf.type.name)
    if test is None:
        expression = f"{serialize}({v if leaf.nullable else read})"
        return unless_none(v, read, expression) if leaf.nullable else expression
    if leaf.nullable:
        condition = f"{operand(v, read)} is None or {test.format(read=v, v=v)}"
    else:
        condition = test.format(read=_assigned(v, read), v=v)
    return f"{v} if {condition} else {serialize}({v})"


def unless_none(v: str, read: str, expression: str, otherwise: str = "None") -> str:
    """Return a conditional expression that is `otherwise` if the value is None."""
    return f"{otherwise} if {operand(v, read)} is None else {expression}"


def operand(v: str, read: str) -> str:
    """Return an operand for a comparison that also assigns the value to `v`."""
    return v if v == read else f"({_assigned(v, read)})"


def _assigned(v: str, read: str) -> str:
    return v if v == read else f"{v} := {read}"


def serializer(leaf: GraphQLLeafType, empty: Any) -> Callable[[Any], Any]:
    """Return a function that serializes a leaf. `empty` replaces None."""
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
    """Return a function that builds the response object of an abstract type, by class."""
    selections = objects.selections

    def one(value: Any, run: Any) -> Any:
        if isinstance(value, Exception):  # the error of one entry of a list
            raise value
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
"""The globals that every generated function has."""
