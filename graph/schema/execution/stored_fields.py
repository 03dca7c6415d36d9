"""Fields over stored objects: how they read, and what they need."""

from __future__ import annotations

from typing import Any

import strawberry
from graphql import GraphQLField

from graph.compiler import Requirements, Stored
from graph.schema.execution.strawberry_internals import field_definition

_NEEDS = "needs"
READING = "reading"
"""The key under which a field's metadata says how the compiler reads it, if not by its resolver: a
field source, or what makes one of the converter of its arguments."""


def stored(path: str, description: str, *, empty: Any = None) -> Any:
    """A field that is the value at a path of the stored object; `empty` where there is none."""

    def read(root: Any) -> Any:
        value = root.row.get(path)
        return empty if value is None else value

    metadata: dict[Any, Any] = {_NEEDS: Requirements(paths=(path,)), READING: Stored(path, empty)}
    return strawberry.field(resolver=read, description=description, metadata=metadata)


def requires(*paths: str, nested: str | None = None) -> dict[Any, Any]:
    """The metadata of a resolver that reads these paths; see `graph.compiler.Requirements`."""
    return {_NEEDS: Requirements(paths, nested)}


def requirements_of(field: GraphQLField) -> Requirements:
    """What a field of the schema reads of its parent's stored object."""
    definition = field_definition(field)
    needs = definition.metadata.get(_NEEDS) if definition is not None else None
    return needs if isinstance(needs, Requirements) else Requirements()
