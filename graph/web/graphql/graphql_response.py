"""The HTTP response to a GraphQL request: its status, and the result or errors as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson
from graphql import GraphQLSyntaxError

from graph.errors import DatabaseUnavailable, OperationTimeout
from graph.schema.execution.result import OperationResult
from graph.schema.values.scalars import serialize_date
from graph.web.graphql.error_format import format_error
from graph.web.graphql.request import GRAPHQL, BadRequest
from graph.web.http.headers import Header
from graph.web.http.response import Response
from graph.web.observability.metrics.operation_metrics import TIMEOUT, UNKNOWN, Label

PARTIAL_SUCCESS: Final = 294
"""The status of a result with data, even if that is null, and errors.

GraphQL over HTTP defines it, not IANA. HTTP clients that do not know it treat it as 200.
"""

_OPTIONS: Final = orjson.OPT_NAIVE_UTC | orjson.OPT_UTC_Z


@dataclass(slots=True)
class GraphQLResponse(Response):
    """A response of the endpoint.

    `is_cacheable` if it may be sent again until the corpus changes; `is_unavailable` if it has an
    error because the database could not be reached; `label` describes its operation to logs,
    metrics and traces.
    """

    has_errors: bool = False
    is_unavailable: bool = False
    is_cacheable: bool = False
    label: Label | None = None


def result_response(
    result: OperationResult,
    media_type: str,
    headers: Sequence[Header],
    extensions: Mapping[str, Any] | None = None,
    *,
    is_cacheable: bool = False,
    label: Label | None = None,
) -> GraphQLResponse:
    """Return the response with the result of an operation; one with errors is not cacheable.

    With `application/json`, the status is always 200, as older clients expect.
    """
    content: dict[str, Any] = {}
    if result.errors:
        content["errors"] = [format_error(error) for error in result.errors]
    if result.was_run:
        content["data"] = result.data
    if extensions:
        content["extensions"] = extensions
    return _json_response(
        content,
        media_type,
        headers,
        _status(result) if media_type == GRAPHQL else 200,
        has_errors=bool(result.errors),
        is_unavailable=any(
            isinstance(error.original_error, DatabaseUnavailable) for error in result.errors or ()
        ),
        is_cacheable=is_cacheable and not result.errors,
        label=label,
    )


def error_response(
    error: BadRequest, media_type: str, headers: Sequence[Header]
) -> GraphQLResponse:
    """Return the response to a request without an operation to execute."""
    content = {"errors": [_formatted(error)]}
    headers = (*headers, *error.headers)
    status = error.status(media_type)
    return _json_response(content, media_type, headers, status, has_errors=True)


def timeout_response(
    error: OperationTimeout, media_type: str, headers: Sequence[Header]
) -> GraphQLResponse:
    """Return the response to an operation that exceeded its time limit."""
    content = {"errors": [_formatted(error)], "data": None}
    status = PARTIAL_SUCCESS if media_type == GRAPHQL else 200
    label = Label(UNKNOWN, UNKNOWN, TIMEOUT)
    return _json_response(content, media_type, headers, status, has_errors=True, label=label)


def _status(result: OperationResult) -> int:
    """Return the status of a result, from which proxies and logs see how the operation ended."""
    if not result.errors:
        return 200
    if result.was_run:
        return PARTIAL_SUCCESS
    is_parsed = not any(isinstance(error, GraphQLSyntaxError) for error in result.errors)
    return 422 if is_parsed else 400


def _formatted(error: BadRequest | OperationTimeout) -> dict[str, Any]:
    return {"message": str(error), "extensions": {"code": error.code}}


def _json_response(
    content: dict[str, Any],
    media_type: str,
    headers: Sequence[Header],
    status: int = 200,
    **attributes: Any,
) -> GraphQLResponse:
    body = _encoded(content)
    content_headers: tuple[Header, ...] = (
        (b"content-type", f"{media_type}; charset=utf-8".encode()),
        (b"content-length", b"%d" % len(body)),
    )
    return GraphQLResponse(status, (*content_headers, *headers), body, **attributes)


def _encoded(content: dict[str, Any]) -> bytes:
    try:
        return orjson.dumps(content, option=_OPTIONS)
    except orjson.JSONEncodeError:  # half of a surrogate pair, or more than 254 levels
        return json.dumps(content, default=serialize_date, separators=(",", ":")).encode()
