"""The limits of connections, and of the heads of their requests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from graph.config import Settings
from graph.web.http.headers import Header
from graph.web.server.refusals import HOST, Refusal


@dataclass(frozen=True)
class ConnectionLimits:
    """The limits of a connection, in seconds and bytes, and the maximum number of connections."""

    header_timeout: float
    body_timeout: float
    idle_timeout: float
    url_bytes: int
    header_bytes: int
    headers: int
    connections: int

    @classmethod
    def of(cls, settings: Settings) -> ConnectionLimits:
        return cls(
            header_timeout=settings.header_timeout,
            body_timeout=settings.body_timeout,
            idle_timeout=settings.idle_timeout,
            url_bytes=settings.max_url_bytes,
            header_bytes=settings.max_header_bytes,
            headers=settings.max_headers,
            connections=settings.max_connections,
        )

    def refusal_of_head(
        self, url: bytes, headers: Sequence[Header], http_version: str
    ) -> Refusal | None:
        """Return why the head of a request is refused; None if it is within the limits."""
        if refusal := self._refusal_of_url(url):
            return refusal
        if sum(len(name) + len(value) + 4 for name, value in headers) > self.header_bytes:
            return self._refuse_headers(f"{self.header_bytes:,} bytes of headers")
        if len(headers) > self.headers:
            return self._refuse_headers(f"{self.headers} headers")
        hosts = [name for name, _ in headers].count(b"host")
        return HOST if hosts != 1 and (hosts or http_version != "1.0") else None

    def refusal_of_partial_head(self, url: bytes, size: int) -> Refusal | None:
        """Return why a head is refused before it is complete, of which `size` bytes have arrived.

        Up to twice the limits it is still read to its end: a browser shows the error only if the
        response allows the request's `Origin`, which may be the last header.
        """
        if size <= 2 * (self.url_bytes + self.header_bytes):
            return None
        too_long = self._refuse_headers(f"{self.header_bytes:,} bytes of headers")
        return self._refusal_of_url(url) or too_long

    def _refusal_of_url(self, url: bytes) -> Refusal | None:
        if len(url) <= self.url_bytes:
            return None
        fault = f"a URL of more than {self.url_bytes:,} bytes: send a POST"
        return Refusal(414, "URI_TOO_LONG", f"the request has {fault}")

    def _refuse_headers(self, limit: str) -> Refusal:
        return Refusal(431, "HEADERS_TOO_LARGE", f"the request has more than {limit}")
