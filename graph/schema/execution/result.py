"""Answers: what operations come to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from graphql import GraphQLError


class Identity(NamedTuple):
    """An operation's name, if it has one, and its type as GraphQL writes it."""

    name: str | None
    type: str


class Answer(NamedTuple):
    """What an operation came to: GraphQL's `data`, and its errors.

    `cost` is how many objects it asked for, where that is limited and the operation valid.
    `operation` says which it was, where the text is valid.
    """

    data: dict[str, Any] | None
    errors: Sequence[GraphQLError] = ()
    cost: int | None = None
    operation: Identity | None = None

    @property
    def was_run(self) -> bool:
        """Whether the operation was begun: an error without a path is one of the request."""
        return self.data is not None or all(error.path for error in self.errors)
