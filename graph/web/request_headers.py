"""The headers of a request to the endpoint."""

from __future__ import annotations

from collections.abc import Sequence

from graph.web.headers import Header


class RequestHeaders:
    """The headers of a request that count for its answer."""

    __slots__ = (
        "accept",
        "accept_encoding",
        "authorization",
        "content_length",
        "content_type",
        "has_authorization",
        "if_none_match",
        "origin",
        "request_id",
        "wants_cost",
    )

    def __init__(self, raw: Sequence[Header]) -> None:
        self.content_length: bytes | None = None
        self.origin: bytes | None = None
        self.request_id: bytes | None = None
        self.accept: list[str] = []
        self.accept_encoding: bytes = b""
        self.authorization: str | None = None
        self.content_type: str | None = None
        self.has_authorization = False
        self.if_none_match: bytes = b""
        self.wants_cost = False
        for name, value in raw:
            if name == b"accept":
                self.accept.append(value.decode("latin-1"))
            elif name == b"accept-encoding":
                given = self.accept_encoding
                self.accept_encoding = b"%b,%b" % (given, value) if given else value
            elif name == b"content-type":
                self.content_type = value.decode("latin-1")
            elif name == b"content-length":
                self.content_length = value
            elif name == b"if-none-match":
                given = self.if_none_match
                self.if_none_match = b"%b,%b" % (given, value) if given else value
            elif name == b"origin":
                self.origin = value
            elif name == b"x-request-id":
                self.request_id = value
            elif name == b"x-newsgraph-cost":
                self.wants_cost = value == b"1"
            elif name == b"authorization":
                # Of several, none: which one counts is not ours to guess.
                first = not self.has_authorization
                self.authorization = value.decode("latin-1") if first else None
                self.has_authorization = True
