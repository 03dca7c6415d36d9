"""URLs without what does not matter for the page that they lead to."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final
from urllib.parse import urlsplit

TRACKING: Final = re.compile(
    r"utm_[a-z0-9_]+|fbclid|gclid|dclid|msclkid|igshid|yclid|mc_cid|mc_eid|wt_mc|_hsenc|_hsmi",
    re.IGNORECASE,
)
"""The names of query parameters that say how a reader came to a page."""

_DEFAULT_PORTS: Final = {"http": "80", "https": "443", "": ""}


@lru_cache(maxsize=4096)  # the URLs of related stories come again and again
def url_key(url: str) -> str:
    """Return what is equal for URLs of the same page.

    The scheme is left out if it is http or https, and so are its default port, tracking parameters
    and slashes at the end of the path. The host is in lower case. URLs of other schemes, and those
    that cannot be parsed, stay as they are.

    >>> url_key("http://Gull.example/ferry/?utm_source=tern&page=2")
    '//gull.example/ferry?page=2'
    """
    url = url.strip()
    try:
        scheme, host, path, query, fragment = urlsplit(url)
    except ValueError:
        return url
    if scheme not in _DEFAULT_PORTS:
        return url
    name, colon, port = host.lower().rpartition(":")
    if colon and port in ("", _DEFAULT_PORTS[scheme]):
        host = name
    kept = "&".join(each for each in query.split("&") if each and not _is_tracking(each))
    key = f"//{host.lower()}{path.rstrip('/')}" if host else path.rstrip("/") or path[:1]
    return f"{key}{'?' if kept else ''}{kept}{'#' if fragment else ''}{fragment}"


def url_variants(url: str) -> tuple[str, ...]:
    """Return the ways to write a URL: with http or https, with a slash at its end or without."""
    key = url_key(url)
    if not key.startswith("//"):
        return (url,) if url else ()
    return tuple(f"{scheme}:{key}{slash}" for scheme in ("https", "http") for slash in ("", "/"))


def _is_tracking(parameter: str) -> bool:
    return TRACKING.fullmatch(parameter.partition("=")[0]) is not None
