"""How the fields of a schema read their values: what the compiler is told about resolvers.

A *row* is a stored object, as the database gave it. An object type is *row-backed* where its
resolvers need nothing but a row; the compiler then makes objects only for those who ask for one.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from graphql import GraphQLField, GraphQLObjectType

Row = Mapping[str, Any]
Arguments = dict[str, Any]
Paths = frozenset[str]


@dataclass(frozen=True, slots=True)
class Stored:
    """The value at a path of the row, which is a key of it; `empty` where there is none.

    Objects stand there as their rows.
    """

    path: str
    empty: Any = None


@dataclass(frozen=True, slots=True)
class Attribute:
    """An attribute of the object."""

    name: str


@dataclass(frozen=True, slots=True)
class Method:
    """A function: `call(object, **arguments)`, with `info` too where it takes one.

    With `on_row` it is called with the object's row, where the object is row-backed, and returns
    rows for objects. What it returns is awaited where `is_async` says so, of all calls or of those
    with certain arguments. `convert` makes its arguments of coerced GraphQL ones. If none are
    written in the operation, its result is what stands at `path` of the row.
    """

    call: Callable[..., Any]
    convert: Callable[[Arguments], Arguments]
    wants_info: bool = False
    is_async: bool | Callable[[Arguments], bool] = False
    on_row: bool = False
    path: str | None = None


@dataclass(frozen=True, slots=True)
class Stub:
    """The part of an object that a reference to it holds: these stored paths.

    The reference is the row, or, with a `key_path`, what stands at this path of it.
    """

    fields: Paths
    key_path: str | None = None

    def row(self, reference: Any) -> Any:
        """The row that a reference stands for."""
        return reference if self.key_path is None else {self.key_path: reference}


@dataclass(frozen=True, slots=True)
class Reference:
    """How objects that are stored elsewhere are loaded, for a whole level at once.

    `load(context, keys, paths)` finds their rows by their keys. `key` makes the key of a reference,
    which else is its own key. Where no paths are wanted but those of the stub, nothing is loaded.
    """

    load: Callable[[Any, Sequence[Any], Paths], Awaitable[Mapping[Any, Row | None]]]
    key: Callable[[Any], Hashable] | None = None
    stub: Stub | None = None

    def stub_for(self, paths: Paths) -> Stub | None:
        """The stub, where it has all of these paths."""
        return self.stub if self.stub is not None and paths <= self.stub.fields else None

    def keys(self, references: Sequence[Any]) -> Sequence[Any]:
        """The key of each of these references."""
        return references if self.key is None else list(map(self.key, references))


@dataclass(frozen=True, slots=True)
class Lookup:
    """The objects that references in the row point at: one, a list of them, or None.

    `references` is the path at which they stand, or a method on the row that finds them.
    """

    reference: Reference
    references: str | Method


FieldSource = Stored | Attribute | Method | Lookup


class Schema(Protocol):
    """What the compiler has to know of a schema's Python side."""

    def access(self, field: GraphQLField) -> FieldSource | None:
        """How a field reads; None for what only the reference executor can run."""

    def python_type(self, type_: GraphQLObjectType) -> type:
        """The class of a type's objects."""

    def is_row_backed(self, type_: GraphQLObjectType) -> bool:
        """Whether the class is made of a row alone, `cls(row=row)`, and has it as `row`."""

    def info(self, field: GraphQLField, raw: Any) -> Any:
        """What a resolver gets as `info`."""
