"""Events of the stream format of HTML (server-sent events), as graphql-sse names them."""

from __future__ import annotations

from typing import Final

HEARTBEAT: Final = b":\n\n"
"""A comment, which clients ignore."""

COMPLETE: Final = b"event: complete\ndata:\n\n"
"""There will be no more results."""


def next_event(body: bytes, id_: str | None = None) -> bytes:
    """Return the event of a result, which is JSON without line breaks."""
    line = b"" if id_ is None else b"id: %b\n" % id_.encode()
    return b"event: next\n%bdata: %b\n\n" % (line, body)


def retry(milliseconds: int) -> bytes:
    """Return the field that says how long a client waits before it connects again."""
    return b"retry: %d\n\n" % milliseconds
