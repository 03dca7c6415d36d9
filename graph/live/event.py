"""Events of the stream format of HTML (server-sent events), as graphql-sse names them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Final

HEARTBEAT: Final = b":\n\n"
"""A comment, which clients ignore."""

COMPLETE: Final = b"event: complete\ndata:\n\n"
"""There will be no more results."""


@dataclass
class NextResult:
    """A result, as JSON without line breaks, and the id of its event, if it has one.

    It is shared by all clients, so it is encoded once.
    """

    body: bytes
    id: str | None = None

    @cached_property
    def event(self) -> bytes:
        """The result as an event."""
        id_ = b"" if self.id is None else b"id: %b\n" % self.id.encode()
        return b"event: next\n%bdata: %b\n\n" % (id_, self.body)


def retry(milliseconds: int) -> bytes:
    """Return the field that says how long a client waits before it connects again."""
    return b"retry: %d\n\n" % milliseconds
