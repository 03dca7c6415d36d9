"""The results of operations."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Any, NamedTuple

from graphql import GraphQLError


class Identity(NamedTuple):
    """An operation's name, if it has one, and its type as GraphQL writes it."""

    name: str | None
    type: str


class Fallback(StrEnum):
    """Why graphql-core ran an operation although the compiler is on."""

    NOT_COMPILED = "not_compiled"
    """It selects what the compiler does not know, or too much."""
    TOO_LONG = "too_long"
    """Its text is too long to be cached."""
    TOO_MANY_VARIANTS = "too_many_variants"
    """It came with more choices of `@skip` and `@include` than are compiled."""
    ERRORS = "errors"
    """The result has errors, which are always graphql-core's."""
    COMPILER_BUG = "compiler_bug"
    """The compiled run failed, or differed under `verify`, where graphql-core found no error."""


class OperationResult(NamedTuple):
    """The result of an operation: GraphQL's `data`, and its errors.

    `cost` is the number of objects that it can return, if that is limited and the operation is
    valid. `operation` identifies it, if the text is valid; `fallback` says why graphql-core ran it.
    """

    data: dict[str, Any] | None
    errors: Sequence[GraphQLError] = ()
    cost: int | None = None
    operation: Identity | None = None
    fallback: Fallback | None = None

    @property
    def was_run(self) -> bool:
        """Whether execution began: an error without a path is a request error."""
        return self.data is not None or all(error.path for error in self.errors)
