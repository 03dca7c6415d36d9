"""Errors as clients see them. This module alone decides how much of an error is sent."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable
from typing import Any, Final

from graphql import GraphQLError, GraphQLSyntaxError

from graph.errors import DatabaseError, NewsgraphError

log = logging.getLogger("newsgraph")

MASKED: Final = "Internal server error"

MAX_MESSAGE: Final = 1_000
"""The maximum length of a message in characters. Messages describe a fault; they do not repeat the
request.
"""

_VARIABLE: Final = re.compile(r"Variable '\$\w+' has invalid ")
_LONG_WORD: Final = re.compile(r"[^\s\"']{101,}")


def format_error(error: GraphQLError) -> dict[str, Any]:
    """Return an error as an entry of GraphQL's `errors`, with `extensions.code`.

    Syntax errors, validation errors and errors of `graph.errors` are sent with their message, a
    DatabaseError only with its `public` text. All others are masked and logged.
    """
    formatted: dict[str, Any] = dict(error.formatted)
    cause = error.original_error
    if isinstance(cause, NewsgraphError):
        extensions = {"code": cause.code, **cause.details}
        if cause.code == NewsgraphError.code:
            formatted["message"] = MASKED
        elif isinstance(cause, DatabaseError):
            formatted["message"] = cause.public
    elif isinstance(cause, ValueError) and error.path is None:
        # A literal that its scalar cannot hold, such as an integer of 5,000 digits.
        formatted["message"] = error.message.replace(f", but encountered error '{cause}'", "")
        extensions = {"code": _code_of_request_error(error), **(error.extensions or {})}
    elif cause is None or isinstance(cause, GraphQLError):
        extensions = {"code": _code_of_request_error(error), **(error.extensions or {})}
    else:
        formatted["message"] = MASKED
        extensions = {"code": NewsgraphError.code}
    formatted["message"] = _shortened(formatted["message"])
    formatted["extensions"] = extensions
    return formatted


def log_withheld(errors: Iterable[GraphQLError]) -> None:
    """Log the messages of `graph.errors` that are withheld from clients, each text once."""
    causes = [error.original_error for error in errors]
    texts = {
        str(cause)
        for cause in causes
        if isinstance(cause, DatabaseError)
        or (isinstance(cause, NewsgraphError) and cause.code == NewsgraphError.code)
    }
    for text in sorted(texts):
        log.warning("an operation failed: %s", text)


def _shortened(message: str) -> str:
    """Replace long words, which come from the request, by their length."""
    if len(message) <= 100:
        return message
    short = _LONG_WORD.sub(lambda match: f"[{len(match[0]):,} characters]", message)
    return short if len(short) <= MAX_MESSAGE else f"{short[:MAX_MESSAGE]} …"


def _code_of_request_error(error: GraphQLError) -> str:
    if isinstance(error, GraphQLSyntaxError):
        return "GRAPHQL_PARSE_FAILED"
    if _VARIABLE.match(error.message):  # graphql-core's: a variable's value does not fit
        return "BAD_USER_INPUT"
    if error.path is None:
        return "GRAPHQL_VALIDATION_FAILED"
    return NewsgraphError.code if error.original_error is None else "BAD_USER_INPUT"
