"""The interface of all objects that have an id."""

from __future__ import annotations

import strawberry


@strawberry.interface(description="An object that `node` can fetch by its id.")
class Node:
    @strawberry.field(description="An opaque id, unique over all types; it stays the same.")
    def id(self) -> strawberry.ID:
        raise AssertionError("every type with an id resolves its own")
