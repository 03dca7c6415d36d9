"""The headers of a request to the endpoint."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from graph.web.http.headers import Header

_LISTS: Final = frozenset({b"accept", b"accept-encoding", b"if-none-match"})
"""Headers that may be sent in parts; RFC 9110, section 5.3, joins them by commas."""


class RequestHeaders:
    """The headers of a request that count for its answer."""

    __slots__ = ("_by_name", "_is_ambiguous")

    def __init__(self, raw: Sequence[Header]) -> None:
        self._by_name = dict(raw)
        self._is_ambiguous = False
        if len(self._by_name) != len(raw):
            self._join(raw)

    def _join(self, raw: Sequence[Header]) -> None:
        for name in _LISTS & self._by_name.keys():
            self._by_name[name] = b",".join([value for each, value in raw if each == name])
        self._is_ambiguous = [name for name, _ in raw].count(b"authorization") > 1

    @property
    def accept(self) -> bytes:
        """What it takes for an answer; empty where it does not say."""
        return self._by_name.get(b"accept", b"")

    @property
    def accept_encoding(self) -> bytes:
        """The codings that it takes; empty where it does not say."""
        return self._by_name.get(b"accept-encoding", b"")

    @property
    def authorization(self) -> str | None:
        """Its token. Of several, none: which one counts is not ours to guess."""
        value = self._by_name.get(b"authorization")
        return None if value is None or self._is_ambiguous else value.decode("latin-1")

    @property
    def has_authorization(self) -> bool:
        """Whether it sent any token."""
        return b"authorization" in self._by_name

    @property
    def content_length(self) -> bytes | None:
        """How long its body is, as it says."""
        return self._by_name.get(b"content-length")

    @property
    def content_type(self) -> bytes:
        """What its body is; empty where it does not say."""
        return self._by_name.get(b"content-type", b"")

    @property
    def if_none_match(self) -> bytes:
        """The tags of the answers that it has; empty where it has none."""
        return self._by_name.get(b"if-none-match", b"")

    @property
    def origin(self) -> bytes | None:
        """The site whose script asks."""
        return self._by_name.get(b"origin")

    @property
    def request_id(self) -> bytes | None:
        """What the client calls this request."""
        return self._by_name.get(b"x-request-id")

    @property
    def wants_cost(self) -> bool:
        """Whether the answer is to tell what the operation costs."""
        return self._by_name.get(b"x-newsgraph-cost") == b"1"
