"""Fields of stored objects: how they are read, and which stored paths they require."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeVar

import strawberry
from graphql import GraphQLField
from strawberry.scalars import JSON

from graph.compiler import Requirements, Stored
from graph.fields.declaration import Shape, StoredField, fields_of
from graph.schema.execution.fields.strawberry_internals import field_definition

T = TypeVar("T")

_EMPTY: Final[dict[type, Any]] = {str: "", int: 0, bool: False, dict: {}}

_REQUIREMENTS = "requirements"
READING = "reading"
"""The key of a field's metadata that says how the compiler reads it, if not by its resolver: a
field source, or a function that makes one from the converter of its arguments.
"""


def stored(path: str, description: str, *, empty: Any = None) -> Any:
    """Return a field whose value is at a path of the stored object; `empty` if there is none."""

    def read(root: Any) -> Any:
        value = root.row.get(path)
        return empty if value is None else value

    metadata: dict[Any, Any] = {
        _REQUIREMENTS: Requirements(paths=(path,)),
        READING: Stored(path, empty),
    }
    return strawberry.field(resolver=read, description=description, metadata=metadata)


def declared_fields(shape: Shape) -> Callable[[type[T]], type[T]]:
    """Add to a type, below `strawberry.type`, the fields that the shape declares.

    A field that the class defines by a resolver is kept, and gets the declared description unless
    it has one. Objects, and lists of objects, need a resolver; else TypeError.
    """

    def add(kind: type[T]) -> type[T]:
        inherited = {
            name for base in kind.__mro__[1:] for name in getattr(base, "__dataclass_fields__", ())
        }
        annotations = kind.__annotations__
        kind.__annotations__ = {k: v for k, v in annotations.items() if k not in vars(kind)}
        for field in fields_of(shape):
            if not field.declaration.hidden and field.attribute not in inherited:
                _declare(kind, field)
        kind.__annotations__.update(annotations)  # computed fields come after the declared ones
        return kind

    return add


def _declare(kind: type[Any], field: StoredField) -> None:
    description = field.declaration.description
    if (resolver := vars(kind).get(field.attribute)) is not None:
        resolver.description = resolver.description or description
        return
    if field.is_object:
        raise TypeError(f"{kind.__name__}.{field.graphql} is an object, and needs a resolver")
    kind.__annotations__[field.attribute] = _graphql_type(field)
    setattr(kind, field.attribute, stored(field.name, description, empty=_empty(field)))


def _graphql_type(field: StoredField) -> Any:
    if field.is_list:
        return list[field.type]  # type: ignore[name-defined]  # the type exists only at run time
    scalar: Any = JSON if field.type is dict else field.type
    return scalar | None if field.is_nullable else scalar


def _empty(field: StoredField) -> Any:
    """Return the value for a field that is not stored, in a stub or in a damaged document."""
    if field.is_list:
        return ()
    return None if field.is_nullable else _EMPTY.get(field.type)


def requires(*paths: str, nested: str | None = None) -> dict[Any, Any]:
    """Return the metadata of a resolver that reads these paths; see
    `graph.compiler.Requirements`.
    """
    return {_REQUIREMENTS: Requirements(paths, nested)}


def requirements_of(field: GraphQLField) -> Requirements:
    """Return what a field of the schema reads from its parent's stored object."""
    definition = field_definition(field)
    required = definition.metadata.get(_REQUIREMENTS) if definition is not None else None
    return required if isinstance(required, Requirements) else Requirements()
