"""The GraphQL schema: its types, its inputs, and the queries over them."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from typing import Any

import strawberry
from graphql import GraphQLError
from strawberry.schema.config import StrawberryConfig

from graph.errors import NewsgraphError
from graph.schema.execution.context import Context
from graph.schema.query import Query
from graph.schema.subscription import Subscription
from graph.schema.values.scalars import DateTime

__all__ = ["Context", "print_schema", "schema"]


class _Schema(strawberry.Schema):
    def process_errors(self, errors: list[GraphQLError], execution_context: Any = None) -> None:
        """Log unexpected errors only; clients receive the others."""
        unexpected = [error for error in errors if _is_unexpected(error)]
        if unexpected:
            super().process_errors(unexpected, execution_context)


def _is_unexpected(error: GraphQLError) -> bool:
    cause = error.original_error
    return cause is not None and not isinstance(cause, NewsgraphError | GraphQLError)


schema = _Schema(
    query=Query,
    subscription=Subscription,
    config=StrawberryConfig(scalar_map={datetime: DateTime}),
)


@cache
def print_schema() -> str:
    """Return the schema in the schema definition language, as in `schema.graphql`."""
    return schema.as_str() + "\n"
