"""URLs that documents contain, as pages may have them."""

from __future__ import annotations

from typing import Final
from urllib.parse import urljoin, urlsplit

from graph.web.resources.public_url import uri_of

_PLACEHOLDER_ORIGIN: Final = "http://0.invalid"
"""Stands for the URL of this server, which relative URLs do not need."""


def web_url(url: str | None, root: str = "") -> str | None:
    """Return an http or https URL, without a host if it is this server's; None if it is none.

    A path of this server begins with its root path.
    """
    uri = uri_of(url, _PLACEHOLDER_ORIGIN + root)
    return uri and uri.removeprefix(_PLACEHOLDER_ORIGIN)


def picture_url(url: str | None, root: str = "") -> str | None:
    """Return the URL of a picture like `web_url`, with https: pages load no other."""
    uri = web_url(url, root)
    if uri is None or uri.startswith("/"):
        return uri
    return urlsplit(uri)._replace(scheme="https").geturl()


def joined(base: str | None, url: str) -> str | None:
    """Return a URL of a document, resolved against `base`; None if it is relative and `base`
    is unknown."""
    try:
        if base is not None:
            return urljoin(base, url)
        return url if urlsplit(url).scheme or url.startswith("/") else None
    except ValueError:  # of an invalid IPv6 address
        return None
