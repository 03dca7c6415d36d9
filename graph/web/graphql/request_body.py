"""Bodies of requests: read no further than the operator allows."""

from __future__ import annotations

from typing import Final

from starlette.types import Receive

from graph.web.graphql.request import BadRequest

_DIGITS: Final = 15
"""Of a Content-Length: with more it is beyond any limit, and not worth the conversion."""


def require_length(length: bytes | None, limit: int) -> None:
    """Refuse a body by the length that it claims to have, before anything of it is read."""
    if length is not None and length.isdigit() and (len(length) > _DIGITS or int(length) > limit):
        raise _too_large(limit)


async def read_body(receive: Receive, limit: int) -> bytes:
    """The body of a request; what passes the limit is refused as soon as it does."""
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
