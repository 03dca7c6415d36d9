"""The context of a request: everything that its response depends on, read once."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Final, NamedTuple

from starlette.types import Receive, Scope

from graph.config import Settings
from graph.web.graphql.request import (
    BadRequest,
    GraphQLRequest,
    from_body,
    from_query_string,
    require_query,
)
from graph.web.http.compression import decompress
from graph.web.http.headers import ALLOW
from graph.web.http.request.request_headers import RequestHeaders

Key = tuple[Hashable, ...]

_CODINGS: Final = ("", "identity", "gzip", "x-gzip")
"""The content codings of requests: none, and gzip with its older name."""

_DIGITS: Final = 15
"""The maximum length of a Content-Length: a longer one exceeds any limit and need not be converted.
"""


class RequestContext(NamedTuple):
    """A request to the endpoint.

    Args:
        method: GET, POST or QUERY; a HEAD is handled as a GET.
        media_type: of the response.
        coding: the content coding of the response; None for none.
        scopes: those of the token.
        payload: the body of a POST or QUERY, or the query string of a GET.
    """

    method: str
    headers: RequestHeaders
    media_type: str
    coding: str | None
    scopes: frozenset[str]
    payload: bytes

    @property
    def is_safe(self) -> bool:
        """Whether the method only allows queries."""
        return self.method != "POST"

    @property
    def is_shared(self) -> bool:
        """Whether HTTP caches between server and client may store the response."""
        return self.is_safe and not self.headers.is_private

    @property
    def resource(self) -> bytes:
        """What identifies a response that may be shared, except its media type and the corpus."""
        if self.method == "GET":
            return self.payload
        return b"%b\n%b\n%b" % (self.method.encode(), self.headers.content_type, self.payload)

    @property
    def cache_key(self) -> Key:
        """Everything that the response depends on, except its content coding and the corpus."""
        headers = self.headers
        return (
            self.method,
            self.media_type,
            headers.content_type,
            self.scopes,
            headers.has_authorization,
            headers.wants_cost,
            self.payload,
        )

    def parse(self, *, for_stream: bool = False) -> GraphQLRequest:
        """Return the GraphQL request in the payload. Raises BadRequest if there is none.

        A GET may contain a subscription only if its response is a stream: links and images do not
        accept one.
        """
        if self.method == "GET":
            request = from_query_string(self.payload)
        else:
            request = from_body(self.payload, self.headers.content_type)
        if self.is_safe and not for_stream:
            require_query(request.query, request.operation_name)
        return request


async def read_payload(
    method: str, scope: Scope, receive: Receive, headers: RequestHeaders, settings: Settings
) -> bytes:
    """Return the body of a POST or QUERY, or the query string of a GET.

    Raises BadRequest for other methods and if the payload is too large.
    """
    if method in ("POST", "QUERY"):
        return await _read_body(receive, headers, settings.body_limit)
    if method != "GET":
        message = "send a GraphQL operation by POST, GET or QUERY"
        raise BadRequest(message, 405, "METHOD_NOT_ALLOWED", [ALLOW])
    query_string: bytes = scope["query_string"]
    limit = settings.max_url_bytes
    if len(query_string) > limit:
        message = f"the query string has more than {limit:,} bytes: send a POST"
        raise BadRequest(message, 414, "URI_TOO_LONG")
    return query_string


async def _read_body(receive: Receive, headers: RequestHeaders, limit: int) -> bytes:
    """Read the body of a request and decompress it. Both forms are subject to the limit."""
    coding = headers.content_encoding
    if coding not in _CODINGS:
        message = f"Content-Encoding: {coding[:100]!r} is not supported: send gzip, or no coding"
        accepted = [(b"accept-encoding", b"gzip")]
        raise BadRequest(message, 415, "UNSUPPORTED_MEDIA_TYPE", accepted)
    body = await _receive_body(receive, headers.content_length, limit)
    if "gzip" not in coding:
        return body
    try:
        content = decompress(body, limit)
    except ValueError as error:
        raise BadRequest(f"the body is not gzip: {error}") from None
    if len(content) > limit:
        raise _too_large(limit)
    return content


async def _receive_body(receive: Receive, length: bytes | None, limit: int) -> bytes:
    """Receive a body. Reject it as soon as its Content-Length or length exceeds the limit."""
    if length is not None and length.isdigit() and (len(length) > _DIGITS or int(length) > limit):
        raise _too_large(limit)
    parts: list[bytes] = []
    size, is_whole = 0, False
    while not is_whole:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise BadRequest("the client went away", 499, "CLIENT_CLOSED_REQUEST")
        part: bytes = message.get("body", b"")
        size += len(part)
        if size > limit:
            raise _too_large(limit)
        parts.append(part)
        is_whole = not message.get("more_body", False)
    return b"".join(parts)


def _too_large(limit: int) -> BadRequest:
    return BadRequest(f"the body has more than {limit:,} bytes", 413, "CONTENT_TOO_LARGE")
