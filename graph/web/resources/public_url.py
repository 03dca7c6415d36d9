"""Absolute URLs: of this server as its readers reach it, and those that documents contain."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import quote, urljoin, urlsplit, urlunsplit

from starlette.types import Scope

from graph.config import Settings
from graph.schema.values.image import decode_entities
from graph.web.http.request.root_path import root_path

_HOST: Final = re.compile(r"(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(:\d{1,5})?", re.IGNORECASE)
_NETLOC: Final = re.compile(r"[A-Za-z0-9\-._~!$&'()*+,;=:@%\[\]]+")
_RESERVED: Final = "%/:?@!$&'()*+,;=~"
"""Characters that are left as they are: documents may have quoted their URLs already."""


def public_url(settings: Settings, scope: Scope, origin: str | None = None) -> str:
    """Return the URL of this server with its root path, without a slash at its end.

    Its origin is the configured one, or else `origin`, or else what the request says: its scheme,
    or that of a trusted proxy, and its `Host`.
    """
    return (settings.public_url or origin or _origin(scope)) + root_path(scope)


def _origin(scope: Scope) -> str:
    hosts = [value.decode("latin-1") for name, value in scope["headers"] if name == b"host"]
    host = hosts[0] if hosts and _HOST.fullmatch(hosts[0]) else _address(scope)
    return f"{scope['scheme']}://{host.lower()}"


def _address(scope: Scope) -> str:
    host, port = scope.get("server") or ("localhost", None)
    return host if port is None else f"{host}:{port}"


def uri_of(text: str | None, base: str = "") -> str | None:
    """Return an http or https URL of a document as a URI (RFC 3986); None if it is none.

    A path that begins with a slash is one of the site at `base`. Documents may have written
    ampersands as HTML entities.
    """
    url = decode_entities((text or "").strip())
    if url.startswith("/") and not url.startswith("//"):
        url = base + url
    try:
        parts = urlsplit(url)
        netloc = parts.netloc if parts.netloc.isascii() else parts.netloc.encode("idna").decode()
    except ValueError:  # of an invalid IPv6 address or host name
        return None
    if parts.scheme.lower() not in {"http", "https"} or not _NETLOC.fullmatch(netloc):
        return None
    rest = (quote(part, _RESERVED, errors="replace") for part in parts[2:])
    return urlunsplit((parts.scheme, netloc, *rest))


def picture_uri(url: str | None, page: str | None, base: str) -> str | None:
    """Return the URL of an article's picture as a URI; None if it is not known.

    A relative URL is relative to `page`, the article's own, or to the site at `base` if it begins
    with a slash.
    """
    uri, page_uri = uri_of(url, base), uri_of(page)
    if uri is not None or not url or page_uri is None:
        return uri
    try:
        return uri_of(urljoin(page_uri, url.strip()))
    except ValueError:  # of an invalid IPv6 address
        return None
