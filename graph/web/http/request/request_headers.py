"""The headers of a request."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from graph.web.http.headers import Header

_LISTS: Final = frozenset({b"accept", b"accept-encoding", b"content-encoding", b"if-none-match"})
"""Headers that may be sent on several lines, which are joined by commas (RFC 9110, section 5.3)."""


class RequestHeaders:
    """The headers of a request that its response depends on."""

    __slots__ = ("_by_name", "_is_ambiguous")

    def __init__(self, raw: Sequence[Header]) -> None:
        self._by_name = dict(raw)
        self._is_ambiguous = False
        if len(self._by_name) != len(raw):
            self._join(raw)

    def _join(self, raw: Sequence[Header]) -> None:
        for name in _LISTS & self._by_name.keys():
            self._by_name[name] = b",".join([value for header, value in raw if header == name])
        self._is_ambiguous = [name for name, _ in raw].count(b"authorization") > 1

    @property
    def accept(self) -> bytes:
        """The media types that the client accepts; empty without the header."""
        return self._by_name.get(b"accept", b"")

    @property
    def accept_encoding(self) -> bytes:
        """The content codings that the client accepts; empty without the header."""
        return self._by_name.get(b"accept-encoding", b"")

    @property
    def authorization(self) -> str | None:
        """The Authorization header; None if there are several, since any of them may be meant."""
        value = self._by_name.get(b"authorization")
        return None if value is None or self._is_ambiguous else value.decode("latin-1")

    @property
    def has_authorization(self) -> bool:
        """Whether the request has any Authorization header."""
        return b"authorization" in self._by_name

    @property
    def content_encoding(self) -> str:
        """The content codings of the body, in lower case; empty without the header."""
        return self._by_name.get(b"content-encoding", b"").decode("latin-1").strip().lower()

    @property
    def content_length(self) -> bytes | None:
        """The Content-Length, as sent."""
        return self._by_name.get(b"content-length")

    @property
    def content_type(self) -> bytes:
        """The media type of the body; empty without the header."""
        return self._by_name.get(b"content-type", b"")

    @property
    def host(self) -> bytes:
        """The host and port that the client connects to; empty without the header."""
        return self._by_name.get(b"host", b"")

    @property
    def if_none_match(self) -> bytes:
        """The entity tags of the responses that the client has cached; empty without the header."""
        return self._by_name.get(b"if-none-match", b"")

    @property
    def last_event_id(self) -> str:
        """The id of the last event that the client received; empty without the header."""
        return self._by_name.get(b"last-event-id", b"").decode("latin-1")

    @property
    def origin(self) -> bytes | None:
        """The origin of the script that sends the request; None without the header."""
        return self._by_name.get(b"origin")

    @property
    def request_id(self) -> bytes | None:
        """The request id that the client chose."""
        return self._by_name.get(b"x-request-id")

    @property
    def wants_cost(self) -> bool:
        """Whether the response should include the cost of the operation."""
        return self._by_name.get(b"x-newsgraph-cost") == b"1"

    @property
    def is_private(self) -> bool:
        """Whether the response is only for this client."""
        return self.has_authorization or self.wants_cost
