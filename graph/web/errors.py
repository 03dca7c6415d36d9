"""Errors → the wire. The one place that decides what of an error a client sees."""

from __future__ import annotations

from typing import Any, Final

from graphql import GraphQLError, GraphQLSyntaxError

from graph.errors import NewsgraphError

MASKED: Final = "Internal server error"


def format_error(error: GraphQLError) -> dict[str, Any]:
    """An error as GraphQL's `errors` list holds it, with `extensions.code`.

    Messages that are written for the caller pass: syntax, validation, and the tree of
    `graph.errors`. Everything else is masked; its story is in the log.
    """
    formatted: dict[str, Any] = dict(error.formatted)
    cause = error.original_error
    if isinstance(cause, NewsgraphError):
        extensions = {"code": cause.code, **cause.details}
        if cause.code == NewsgraphError.code:
            formatted["message"] = MASKED
    elif cause is None or isinstance(cause, GraphQLError):
        extensions = {"code": _code_of_request_error(error)}
    else:
        formatted["message"] = MASKED
        extensions = {"code": NewsgraphError.code}
    formatted["extensions"] = extensions
    return formatted


def _code_of_request_error(error: GraphQLError) -> str:
    if isinstance(error, GraphQLSyntaxError):
        return "GRAPHQL_PARSE_FAILED"
    if error.message.startswith("Variable "):  # graphql-core: a variable's value does not fit
        return "BAD_USER_INPUT"
    if error.path is None:
        return "GRAPHQL_VALIDATION_FAILED"
    return NewsgraphError.code if error.original_error is None else "BAD_USER_INPUT"
