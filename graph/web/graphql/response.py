"""GraphQL → HTTP: the bytes of an answer, and its status."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import orjson

from graph.errors import OperationTimeout
from graph.schema.execution.result import Answer
from graph.schema.values.scalars import serialize_date
from graph.web.graphql.error_format import format_error
from graph.web.graphql.request import GRAPHQL, BadRequest
from graph.web.http.headers import Header, encoded
from graph.web.observability.operation_metrics import TIMEOUT, UNKNOWN, Label

_OPTIONS: Final = orjson.OPT_NAIVE_UTC | orjson.OPT_UTC_Z


@dataclass(slots=True)
class Response:
    """A response, ready to be sent, and not to be changed: it may be kept, and sent to many.

    `is_keepable` says that it may be sent again until the corpus changes; `label` is what an
    observer tells of its operation.
    """

    status: int
    headers: Sequence[Header]
    body: bytes
    has_errors: bool = False
    is_keepable: bool = False
    label: Label | None = None
    _head: bytes = field(default=b"", init=False)

    @property
    def head(self) -> bytes:
        """Its headers as HTTP/1.1 writes them: written once, however often it is sent."""
        if not self._head:
            self._head = encoded(self.headers)
        return self._head

    @property
    def size(self) -> int:
        """About how many bytes it takes in memory."""
        return len(self.body) + 64 * len(self.headers)


def response_of(
    answer: Answer,
    media_type: str,
    headers: Sequence[Header],
    extensions: Mapping[str, Any] | None = None,
    *,
    is_keepable: bool = False,
    label: Label | None = None,
) -> Response:
    """The response that carries an answer; one with errors is not kept.

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
    has_errors = bool(answer.errors)
    is_keepable = is_keepable and not has_errors
    return Response(status, *_written(content, media_type, headers), has_errors, is_keepable, label)


def refusal_of(error: BadRequest, media_type: str, headers: Sequence[Header]) -> Response:
    """The response to what is no GraphQL request."""
    content = {"errors": [{"message": str(error), "extensions": {"code": error.code}}]}
    return Response(error.status, *_written(content, media_type, headers), has_errors=True)


def timeout_of(error: OperationTimeout, media_type: str, headers: Sequence[Header]) -> Response:
    """The response to an operation that was begun, and came to nothing within its time."""
    content = {
        "errors": [{"message": str(error), "extensions": {"code": error.code}}],
        "data": None,
    }
    label = Label(UNKNOWN, UNKNOWN, TIMEOUT)
    return Response(200, *_written(content, media_type, headers), has_errors=True, label=label)


def _written(
    content: dict[str, Any], media_type: str, headers: Sequence[Header]
) -> tuple[list[Header], bytes]:
    """The headers and the body of what is answered."""
    body = _encoded(content)
    own: list[Header] = [
        (b"content-type", f"{media_type}; charset=utf-8".encode()),
        (b"content-length", str(len(body)).encode()),
        *headers,
    ]
    return own, body


def _encoded(content: dict[str, Any]) -> bytes:
    try:
        return orjson.dumps(content, option=_OPTIONS)
    except orjson.JSONEncodeError:  # half of a surrogate pair, or more than 254 levels
        return json.dumps(content, default=serialize_date, separators=(",", ":")).encode()
