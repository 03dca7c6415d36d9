"""GraphQL → HTTP: the bytes of an answer, and its status."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

import orjson

from graph.errors import OperationTimeout
from graph.schema.execution import Answer
from graph.schema.scalars import serialize_date
from graph.web.errors import format_error
from graph.web.headers import Header
from graph.web.outcomes import TIMEOUT, UNKNOWN, Label
from graph.web.requests import GRAPHQL, BadRequest

_OPTIONS: Final = orjson.OPT_NAIVE_UTC | orjson.OPT_UTC_Z


class Response(NamedTuple):
    """A response, ready to be sent.

    `is_keepable` says that it may be sent again until the corpus changes; `label` is what an
    observer tells of its operation.
    """

    status: int
    headers: Sequence[Header]
    body: bytes
    has_errors: bool = False
    is_keepable: bool = False
    label: Label | None = None

    @property
    def size(self) -> int:
        """About how many bytes it takes in memory."""
        return len(self.body) + 64 * len(self.headers)


def response_of(
    answer: Answer,
    media_type: str,
    headers: Sequence[Header],
    extensions: Mapping[str, Any] | None = None,
) -> Response:
    """The response that carries an answer.

    An operation that could not be begun has no `data`: with the newer media type its status is 400,
    with `application/json` it is 200, as older clients expect.
    """
    content: dict[str, Any] = {}
    if answer.errors:
        content["errors"] = [format_error(error) for error in answer.errors]
    if answer.was_run:
        content["data"] = answer.data
    if extensions:
        content["extensions"] = extensions
    status = 400 if media_type == GRAPHQL and not answer.was_run else 200
    return _response(status, content, media_type, headers, has_errors=bool(answer.errors))


def refusal_of(error: BadRequest, media_type: str, headers: Sequence[Header]) -> Response:
    """The response to what is no GraphQL request."""
    content = {"errors": [{"message": str(error), "extensions": {"code": error.code}}]}
    return _response(error.status, content, media_type, headers, has_errors=True)


def timeout_of(error: OperationTimeout, media_type: str, headers: Sequence[Header]) -> Response:
    """The response to an operation that was begun, and came to nothing within its time."""
    content = {
        "errors": [{"message": str(error), "extensions": {"code": error.code}}],
        "data": None,
    }
    response = _response(200, content, media_type, headers, has_errors=True)
    return response._replace(label=Label(UNKNOWN, UNKNOWN, TIMEOUT))


def _response(
    status: int,
    content: dict[str, Any],
    media_type: str,
    headers: Sequence[Header],
    *,
    has_errors: bool,
) -> Response:
    body = _encoded(content)
    own: list[Header] = [
        (b"content-type", f"{media_type}; charset=utf-8".encode()),
        (b"content-length", str(len(body)).encode()),
        *headers,
    ]
    return Response(status, own, body, has_errors)


def _encoded(content: dict[str, Any]) -> bytes:
    try:
        return orjson.dumps(content, option=_OPTIONS)
    except orjson.JSONEncodeError:  # half of a surrogate pair, or more than 254 levels
        return json.dumps(content, default=serialize_date, separators=(",", ":")).encode()
