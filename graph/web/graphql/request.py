"""GraphQL requests, parsed from the body of a POST or QUERY or from the query string of a GET.

Follows the edition of September 2026 of the GraphQL over HTTP specification.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from types import MappingProxyType
from typing import Any, Final, NamedTuple
from urllib.parse import parse_qsl

import orjson
from graphql import GraphQLError, OperationType, get_operation_ast

from graph.schema.syntax import parse_text
from graph.web.http.headers import Header
from graph.web.http.negotiation import Preference, parameters_of, preferences

GRAPHQL: Final = "application/graphql-response+json"
JSON: Final = "application/json"

_PARAMETERS: Final = ("query", "documentId", "operationName", "variables", "extensions")
_NONE: Final[Mapping[str, Any]] = MappingProxyType({})
_OTHER: Final = re.compile(r"\b(mutation|subscription)\b")


class BadRequest(Exception):
    """A request without an operation to execute.

    The response has the HTTP status and `headers`, and the `code` in the error's extensions.
    `json_status` is the status of a response of the type `application/json`, if it is another.
    """

    def __init__(
        self,
        message: str,
        status: int = 400,
        code: str = "BAD_REQUEST",
        headers: Sequence[Header] = (),
        *,
        json_status: int | None = None,
    ) -> None:
        super().__init__(message)
        self._status = status
        self._json_status = status if json_status is None else json_status
        self.code = code
        self.headers = headers

    def status(self, media_type: str) -> int:
        """Return the HTTP status of a response of this media type."""
        return self._json_status if media_type == JSON else self._status


def unprocessable(message: str, code: str = "BAD_REQUEST") -> BadRequest:
    """Return the error for a request that could be parsed, but is not well-formed."""
    return BadRequest(message, 422, code, json_status=400)


class GraphQLRequest(NamedTuple):
    """A GraphQL document, and how to execute it.

    `query` is empty if `document_id`, or a hash in the extensions, identifies the document.
    """

    query: str
    variables: Mapping[str, Any] | None = None
    operation_name: str | None = None
    extensions: Mapping[str, Any] = _NONE
    document_id: str | None = None


def from_body(body: bytes, content_type: bytes) -> GraphQLRequest:
    """Parse the body of a POST or QUERY. Raises BadRequest if it is no GraphQL request."""
    _require_json(content_type)
    try:
        parameters = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise BadRequest(f"the body is not JSON: {error}") from None
    if isinstance(parameters, list):
        raise unprocessable("the body is a list: send operations one by one, not in batches")
    if not isinstance(parameters, dict):
        raise unprocessable("the body is not a JSON object with a query")
    return from_parameters(parameters)


def from_query_string(text: bytes) -> GraphQLRequest:
    """Parse the query string of a GET. Raises BadRequest if it is no GraphQL request."""
    parameters: dict[str, Any] = {}
    for name, value in _pairs(text):
        if name not in _PARAMETERS:
            continue
        if name in parameters:
            raise unprocessable(f"{name}: given twice")
        parameters[name] = value
    for name in ("variables", "extensions"):
        if parameters.get(name):
            parameters[name] = _parsed(name, parameters[name])
        else:
            parameters.pop(name, None)
    for name in ("operationName", "documentId"):
        if not parameters.get(name):
            parameters.pop(name, None)
    return from_parameters(parameters)


@lru_cache(maxsize=256)
def media_type(accepted: bytes) -> str:
    """Return the media type of the response: of the two, the one with the higher weight in
    `Accept`.

    If both have the same weight, it is the one named first, or `application/json` if a wildcard
    matches both. Without the header it is `application/json`, as the specification says for older
    clients. Raises BadRequest if the client accepts neither.
    """
    ranges = preferences(accepted)
    if not ranges:
        return JSON
    weights = {offered: _weight(offered, ranges) for offered in (JSON, GRAPHQL)}
    best = max(weights, key=lambda offered: weights[offered])
    if weights[best][0] > 0:
        return best
    message = f"the response is {GRAPHQL} or {JSON}, but the Accept header allows neither"
    raise BadRequest(message, 406, "NOT_ACCEPTABLE")


def _weight(offered: str, ranges: Sequence[Preference]) -> tuple[float, int]:
    """Return a media type's weight and its negated index in the header.

    The most specific range counts (RFC 9110, section 12.5.1); of several equally specific ones, the
    one with the highest weight.
    """
    for name in (offered, "application/*", "*/*"):
        matching = [
            (preference.weight, -place)
            for place, preference in enumerate(ranges)
            if preference.name == name and _is_utf8(preference.parameters)
        ]
        if matching:
            return max(matching)
    return 0.0, 0


def _is_utf8(parameters: Mapping[str, str]) -> bool:
    return parameters.get("charset", "utf-8") in {"utf-8", "utf8"}


@lru_cache(maxsize=256)
def _require_json(content_type: bytes) -> None:
    name, parameters = parameters_of(content_type.decode("latin-1"))
    if name != JSON or not _is_utf8(parameters):
        message = f"Content-Type: send the request as {JSON}, in UTF-8"
        raise BadRequest(message, 415, "UNSUPPORTED_MEDIA_TYPE")


def _pairs(text: bytes) -> list[tuple[str, str]]:
    try:
        return parse_qsl(text.decode(), keep_blank_values=True, errors="strict")
    except UnicodeDecodeError:
        raise BadRequest("the query string is not UTF-8") from None


def require_query(query: str, operation_name: str | None) -> None:
    """Raise BadRequest for a mutation or subscription, which a safe method must not execute."""
    if _OTHER.search(query) is None:
        return
    try:
        operation = get_operation_ast(parse_text(query), operation_name)
    except (GraphQLError, RecursionError):
        return  # it cannot be run; its execution reports why
    if operation is not None and operation.operation is not OperationType.QUERY:
        message = f"send a {operation.operation.value} by POST: the other methods are for queries"
        raise BadRequest(message, 405, "METHOD_NOT_ALLOWED", [(b"allow", b"POST")])


def from_parameters(parameters: Mapping[str, Any]) -> GraphQLRequest:
    """Return the request with these parameters. Raises BadRequest if it is none."""
    extensions = _object(parameters, "extensions") or _NONE
    document_id = parameters.get("documentId")
    if document_id is not None and not (isinstance(document_id, str) and document_id):
        raise unprocessable("documentId: not a text")
    query = parameters.get("query")
    if query in (None, "") and (document_id is not None or "persistedQuery" in extensions):
        query = ""
    elif not isinstance(query, str) or not query:
        raise unprocessable("query: send the text of a GraphQL operation")
    elif document_id is not None:
        raise unprocessable("documentId: send either this or a query, not both")
    variables = _object(parameters, "variables")
    name = parameters.get("operationName")
    if name is not None and not isinstance(name, str):
        raise unprocessable("operationName: not a text")
    return GraphQLRequest(query, variables, name, extensions, document_id)


def _object(parameters: Mapping[str, Any], name: str) -> Mapping[str, Any] | None:
    value = parameters.get(name)
    if value is not None and not isinstance(value, dict):
        raise unprocessable(f"{name}: not a JSON object")
    return value


def _parsed(name: str, text: str) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise BadRequest(f"{name}: not JSON: {error}") from None
