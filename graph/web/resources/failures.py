"""Errors of a resource as plain text: resources are not GraphQL, and have no list of errors."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Final

from graph.errors import (
    BadUserInput,
    DatabaseError,
    NewsgraphError,
    OperationTimeout,
    Overloaded,
    SearchUnavailable,
    Unsupported,
)
from graph.web.graphql.cache.etags import NO_STORE
from graph.web.graphql.error_format import MASKED
from graph.web.graphql.request import BadRequest
from graph.web.http.headers import RETRY_AFTER, Header
from graph.web.http.response import Response, response_with

log = logging.getLogger("newsgraph")

_STATUSES: Final[dict[type[NewsgraphError], int]] = {
    BadUserInput: 400,
    Unsupported: 501,
    Overloaded: 503,
    SearchUnavailable: 503,
    OperationTimeout: 503,
    DatabaseError: 503,
}


def failure(error: Exception) -> Response:
    """Return the response to a request that raised an error."""
    status, message, headers = failed(error)
    return response_with(f"{message}\n".encode(), "text/plain", headers, status)


def failed(error: Exception) -> tuple[int, str, Sequence[Header]]:
    """Return the status, the public message and the headers of the response to an error."""
    if isinstance(error, BadRequest):
        status, message = error.status("text/plain"), str(error)
    else:
        status = next((_STATUSES[kind] for kind in _STATUSES if isinstance(error, kind)), 500)
        message = error.public if isinstance(error, DatabaseError) else str(error)
    if status == 500:
        log.error("a request failed", exc_info=error)
        message = MASKED
    return status, message, (NO_STORE, RETRY_AFTER) if status == 503 else (NO_STORE,)
