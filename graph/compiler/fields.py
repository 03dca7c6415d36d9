"""How the fields of a schema get their values: the compiler's view of the resolvers.

A *row* is a stored document as the database returned it. An object type is *row-backed* if its
resolvers need only a row. The compiler then creates an instance only for the fields that need one.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from graphql import GraphQLField, GraphQLObjectType

Arguments = dict[str, Any]
Paths = frozenset[str]


@dataclass(frozen=True, slots=True)
class Stored:
    """The value at a path (a single key) of the row; `empty` if it is missing or null.

    Nested objects are stored as their rows.
    """

    path: str
    empty: Any = None


@dataclass(frozen=True, slots=True)
class Attribute:
    """An attribute of the instance."""

    name: str


@dataclass(frozen=True, slots=True)
class Method:
    """A function: `call(instance, **arguments)`, plus `info` if `wants_info`.

    With `on_row` the function gets the row instead of the instance, if the type is row-backed, and
    returns rows for objects. `is_async` says whether it returns an awaitable: always, never, or
    depending on the arguments. `convert` turns coerced GraphQL arguments into Python arguments.
    Without arguments in the operation, the result is the value at `path` of the row.
    """

    call: Callable[..., Any]
    convert: Callable[[Arguments], Arguments]
    wants_info: bool = False
    is_async: bool | Callable[[Arguments], bool] = False
    on_row: bool = False
    path: str | None = None


@dataclass(frozen=True, slots=True)
class Stub:
    """The fields of an object that a reference to it already contains, as stored paths.

    The reference is the row itself or, with `key_path`, the value at that path of the row.
    """

    fields: Paths
    key_path: str | None = None

    def row(self, reference: Any) -> Any:
        """Return the row that a reference represents."""
        return reference if self.key_path is None else {self.key_path: reference}


@dataclass(frozen=True, slots=True)
class Reference:
    """How to load objects that are stored elsewhere, in one batch for a whole level.

    `load(context, keys, paths)` returns their rows by key. `key` computes the key of a reference;
    without it, the reference is the key. Nothing is loaded if all selected paths are in the stub.
    """

    load: Callable[[Any, Sequence[Any], Paths], Awaitable[Mapping[Any, Mapping[str, Any] | None]]]
    key: Callable[[Any], Hashable] | None = None
    stub: Stub | None = None

    def stub_for(self, paths: Paths) -> Stub | None:
        """Return the stub if it contains all of these paths, else None."""
        return self.stub if self.stub is not None and paths <= self.stub.fields else None

    def keys(self, references: Sequence[Any]) -> Sequence[Any]:
        """Return the key of each reference."""
        return references if self.key is None else list(map(self.key, references))


@dataclass(frozen=True, slots=True)
class Lookup:
    """The objects that references in the row point to: one object, a list of them, or None.

    `references` is the path of the references in the row, or a method on the row that returns them.
    """

    reference: Reference
    references: str | Method


FieldSource = Stored | Attribute | Method | Lookup


class Schema(Protocol):
    """What the compiler needs to know of the Python side of a schema."""

    def access(self, field: GraphQLField) -> FieldSource | None:
        """Return how a field gets its value; None if only the reference executor can run it."""

    def python_type(self, type_: GraphQLObjectType) -> type:
        """Return the Python class of an object type."""

    def is_row_backed(self, type_: GraphQLObjectType) -> bool:
        """Whether instances are created from a row alone: `cls(row=row)`."""

    def info(self, field: GraphQLField, raw: Any) -> Any:
        """Return the `info` argument of a resolver."""
