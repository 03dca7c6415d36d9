"""The head of a request, which is the request line and the headers: its limits and its encoding."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from graph.config import Settings
from graph.web.http.headers import Header, encoded
from graph.web.server.refusals import HOST, Refusal


def refusal_of(
    settings: Settings, url: bytes, headers: Sequence[Header], http_version: str
) -> Refusal | None:
    """Return why the head of a request is refused; None if it is within the limits."""
    if refusal := _url_refusal(settings, url):
        return refusal
    if sum(len(name) + len(value) + 4 for name, value in headers) > settings.max_header_bytes:
        return _too_large(f"{settings.max_header_bytes:,} bytes of headers")
    if len(headers) > settings.max_headers:
        return _too_large(f"{settings.max_headers} headers")
    hosts = [name for name, _ in headers].count(b"host")
    return HOST if hosts != 1 and (hosts or http_version != "1.0") else None


def partial_refusal(settings: Settings, url: bytes, size: int) -> Refusal | None:
    """Return why a head is refused before it is complete, of which `size` bytes have arrived.

    Up to twice the limits it is still read to its end: a browser shows the error only if the
    response allows the request's `Origin`, which may be the last header.
    """
    limit = settings.max_header_bytes
    if size <= 2 * (settings.max_url_bytes + limit):
        return None
    return _url_refusal(settings, url) or _too_large(f"{limit:,} bytes of headers")


def without_upgrade(scope: Mapping[str, Any], url: bytes, headers: Sequence[Header]) -> bytes:
    """Return the head of a request as in HTTP/1.1, without its `Upgrade` fields."""
    method, version = scope["method"].encode(), scope["http_version"].encode()
    fields = [field for field in headers if field[0] != b"upgrade"]
    return b"%b %b HTTP/%b\r\n%b\r\n" % (method, url, version, encoded(fields))


def _url_refusal(settings: Settings, url: bytes) -> Refusal | None:
    if len(url) <= settings.max_url_bytes:
        return None
    reason = f"the request has a URL of more than {settings.max_url_bytes:,} bytes: send a POST"
    return Refusal(414, "URI_TOO_LONG", reason)


def _too_large(limit: str) -> Refusal:
    return Refusal(431, "HEADERS_TOO_LARGE", f"the request has more than {limit}")
