"""The context of a request: everything that its response depends on, read once."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Final, NamedTuple

from starlette.types import Receive, Scope

from graph.config import Settings
from graph.web.graphql.request import BadRequest, GraphQLRequest, from_body, from_query_string
from graph.web.http.request_headers import RequestHeaders

Key = tuple[Hashable, ...]

_DIGITS: Final = 15
"""The maximum length of a Content-Length: a longer one exceeds any limit and need not be converted.
"""


class RequestContext(NamedTuple):
    """A request to the endpoint.

    Args:
        media_type: of the response.
        coding: the content coding of the response; None for none.
        scopes: those of the token.
        payload: the body of a POST, or the query string of a GET.
    """

    method: str
    headers: RequestHeaders
    media_type: str
    coding: str | None
    scopes: frozenset[str]
    payload: bytes

    @property
    def is_get(self) -> bool:
        """Whether the operation is in the query string."""
        return self.method == "GET"

    @property
    def is_shared(self) -> bool:
        """Whether HTTP caches between server and client may store the response."""
        return self.method == "GET" and not self.headers.is_private

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
        if self.is_get:
            return from_query_string(self.payload, only_queries=not for_stream)
        return from_body(self.payload, self.headers.content_type)


async def read_payload(
    scope: Scope, receive: Receive, headers: RequestHeaders, settings: Settings
) -> bytes:
    """Return the body of a POST, or the query string of a GET.

    Raises BadRequest for other methods and if the payload is too large.
    """
    if scope["method"] == "POST":
        return await _read_body(receive, headers.content_length, settings.body_limit)
    if scope["method"] != "GET":
        message = "send a GraphQL operation by POST or GET"
        raise BadRequest(message, 405, "METHOD_NOT_ALLOWED", [(b"allow", b"GET, POST")])
    query_string: bytes = scope["query_string"]
    limit = settings.max_url_bytes
    if len(query_string) > limit:
        message = f"the query string has more than {limit:,} bytes: send a POST"
        raise BadRequest(message, 414, "URI_TOO_LONG")
    return query_string


async def _read_body(receive: Receive, length: bytes | None, limit: int) -> bytes:
    """Read the body of a request. Reject it as soon as its Content-Length or length exceeds the
    limit.
    """
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
