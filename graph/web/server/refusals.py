"""Responses to requests that are rejected before the application sees them, as GraphQL errors."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

from graph.web.http.cors import Cors
from graph.web.http.headers import ALLOW, DATA, RETRY_AFTER, Header, encoded


@dataclass(frozen=True)
class Refusal:
    """An error response after which the connection is closed; `headers` are additional ones."""

    status: int
    code: str
    message: str
    headers: tuple[Header, ...] = ()

    def encoded(self, defaults: Sequence[Header]) -> bytes:
        """Return the whole response; `defaults` are the headers of every response."""
        error = {"message": self.message, "extensions": {"code": self.code}}
        body = json.dumps({"errors": [error]}).encode()
        headers = (
            *defaults,
            (b"content-type", b"application/json; charset=utf-8"),
            (b"content-length", str(len(body)).encode()),
            (b"connection", b"close"),
            (b"cache-control", b"no-store"),
            *DATA,
            *self.headers,
        )
        phrase = HTTPStatus(self.status).phrase.encode()
        return b"HTTP/1.1 %d %b\r\n%b\r\n%b" % (self.status, phrase, encoded(headers), body)


def response_to(
    request_headers: Iterable[Header],
    method: bytes,
    refusal: Refusal,
    defaults: Sequence[Header],
    cors: Cors,
) -> bytes:
    """Return the whole response to a rejected request; `defaults` are headers of every response.

    To a browser, a rejected preflight is a network error, and its script could not read the
    reason. So preflights are allowed, and the request itself is rejected.
    """
    fields = dict(request_headers)
    allowed = cors.headers(fields.get(b"origin"))
    is_preflight = method == b"OPTIONS" and b"access-control-request-method" in fields
    if is_preflight and (preflight := cors.preflight(fields.get(b"origin"))):
        headers = (*defaults, *preflight, *allowed, (b"connection", b"close"), *DATA)
        return b"HTTP/1.1 204 No Content\r\n%b\r\n" % encoded(headers)
    return refusal.encoded((*defaults, *allowed))


MALFORMED: Final = Refusal(400, "BAD_REQUEST", "the request is not HTTP/1.1, or not complete")
HOST: Final = Refusal(400, "BAD_REQUEST", "a request of HTTP/1.1 must have exactly one Host header")
CONNECT: Final = Refusal(
    405,
    "METHOD_NOT_ALLOWED",
    "CONNECT is for proxies: send a GraphQL operation by POST, GET or QUERY",
    (ALLOW,),
)
SLOW_HEADERS: Final = Refusal(
    408, "REQUEST_TIMEOUT", "the headers of the request took too long to arrive"
)
SLOW_BODY: Final = Refusal(
    408, "REQUEST_TIMEOUT", "the body of the request took too long to arrive"
)
FULL: Final = Refusal(
    503, "OVERLOADED", "the server has reached its maximum number of connections", (RETRY_AFTER,)
)
STOPPED: Final = Refusal(
    503, "SHUTTING_DOWN", "the server was stopped before the response was ready", (RETRY_AFTER,)
)
