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
    """The value at a path of the row, which is a key of it; `empty` where there is none."""

    path: str
    empty: Any = None


@dataclass(frozen=True, slots=True)
class Attribute:
    """An attribute of the object."""

    name: str


@dataclass(frozen=True, slots=True)
class Method:
    """A resolver: `call(object, **arguments)`, with `info` too where it asks for it.

    `convert` makes its arguments of coerced GraphQL ones.
    """

    call: Callable[..., Any]
    convert: Callable[[Arguments], Arguments]
    wants_info: bool = False
    is_async: bool = False


@dataclass(frozen=True, slots=True)
class Embedded:
    """What stands within the object: `read(row, **arguments)`, objects being given as their rows.

    An object that is not row-backed is read as it is. Without arguments it is what stands at the
    path `plain`. `resolver` does it where `covers` says that `read` does not for these arguments.
    """

    read: Callable[..., Any]
    resolver: Method
    can_inline: Callable[[Arguments], bool] | None = None
    plain: str | None = None


@dataclass(frozen=True, slots=True)
class Stub:
    """What a reference says of its object, so that nothing is read where that is all it takes.

    `make_row` makes the row of a reference where no paths are wanted but `fields`. Where none are
    but those in `inline_fields`, the reference itself is the row; where it is but the one at
    `key_path`, the reference is what stands there.
    """

    fields: Paths
    make_row: Callable[[Any], Row]
    inline_fields: Paths = frozenset()
    key_path: str | None = None

    def rows(self, references: Sequence[Any]) -> list[Any]:
        """The row for each of these references."""
        return list(map(self.make_row, references))


@dataclass(frozen=True, slots=True)
class Reference:
    """References to objects that are stored elsewhere, read for a whole level at once.

    `references(row, **arguments)` finds one in a row, or several, or None; so does the path `path`,
    where there is one. `read(context, keys, paths)` reads; `key` makes what a reference is read by,
    which else it is itself. `default_row` makes the row for one that is not found, if there is one.
    `resolver` converts the arguments, if there are any.
    """

    references: Callable[..., Any]
    read: Callable[[Any, Sequence[Any], Paths], Awaitable[Mapping[Any, Row | None]]]
    key: Callable[[Any], Hashable] | None = None
    default_row: Callable[[Any], Row] | None = None
    stub: Stub | None = None
    path: str | None = None
    resolver: Method | None = None

    def stub_for(self, paths: Paths) -> Stub | None:
        """The stub, where it has all of these paths."""
        return self.stub if self.stub is not None and paths <= self.stub.fields else None

    def keys(self, references: Sequence[Any]) -> Sequence[Any]:
        """What each of these references is read by."""
        return references if self.key is None else list(map(self.key, references))

    def rows(
        self, found: Mapping[Any, Row | None], keys: Sequence[Any], references: Sequence[Any]
    ) -> list[Any]:
        """The row or None for each of these references, out of what was found by their keys."""
        if self.default_row is None:
            return list(map(found.get, keys))
        default_row = self.default_row
        return [
            found.get(key) or default_row(each) for key, each in zip(keys, references, strict=True)
        ]


FieldSource = Stored | Attribute | Method | Embedded | Reference


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
