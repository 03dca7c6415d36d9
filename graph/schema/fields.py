"""Fields over stored objects: how they read, and what they need."""

from __future__ import annotations

from typing import Any

import strawberry
from graphql import GraphQLField

from graph.compiler import Needs
from graph.store.pages import dig

_NEEDS = "needs"


def stored(path: str, description: str, *, empty: Any = None) -> Any:
    """A field that is the value at a path of the stored object; `empty` where there is none."""

    def read(root: Any) -> Any:
        value = dig(root.row, path)
        return empty if value is None else value

    return strawberry.field(
        resolver=read, description=description, metadata={_NEEDS: Needs(paths=(path,))}
    )


def reads(*paths: str, nested: str | None = None) -> dict[Any, Any]:
    """The metadata of a resolver that reads these paths; see `graph.compiler.Needs`."""
    return {_NEEDS: Needs(paths, nested)}


def needs_of(field: GraphQLField) -> Needs:
    """What a field of the schema reads of its parent's stored object."""
    definition = field.extensions.get("strawberry-definition")
    needs = definition.metadata.get(_NEEDS) if definition is not None else None
    return needs if isinstance(needs, Needs) else Needs()
