"""URLs without what does not matter for the page that they lead to."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final
from urllib.parse import quote, quote_from_bytes, unquote_to_bytes, urlsplit

TRACKING: Final = re.compile(
    r"utm_[a-z0-9_]+|fbclid|gclid|dclid|msclkid|igshid|yclid|mc_cid|mc_eid|wt_mc|_hsenc|_hsmi",
    re.IGNORECASE,
)
"""The names of query parameters that say how a reader came to a page."""

_ENCODED: Final = re.compile(r"(?:%[0-9A-Fa-f]{2})+")
_UNSAFE: Final = re.compile(r'[\x00-\x1f"<>\\^`{|}\x7f-\x9f]|\s')
"""What a URL must not contain as it is, and browsers encode."""

_UNRESERVED: Final = re.compile(r"[A-Za-z0-9._~-]|[^\s\x00-\x9f\ud800-\udfff]")
"""What is the same with and without percent-encoding (RFC 3986, section 6.2.2, and RFC 3987)."""

_DEFAULT_PORTS: Final = {"http": "80", "https": "443", "": ""}


@lru_cache(maxsize=4096)  # the URLs of related stories come again and again
def url_key(url: str) -> str:
    """Return what is equal for URLs of the same page.

    The scheme is left out if it is http or https, and so are its default port, tracking parameters
    and slashes at the end of the path. The host is in lower case, and Unicode if it is an
    internationalised name. Letters are not percent-encoded. URLs of other schemes, and those that
    cannot be parsed, stay as they are.

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
    host = _unicode_host(host.lower())
    query = "&".join(
        parameter for parameter in query.split("&") if parameter and not _is_tracking(parameter)
    )
    key = f"//{host}{path.rstrip('/')}" if host else path.rstrip("/") or path[:1]
    return _normalised(f"{key}{'?' if query else ''}{query}{'#' if fragment else ''}{fragment}")


def _normalised(text: str) -> str:
    """Return a part of a URL with each character in one form."""
    text = _UNSAFE.sub(lambda match: quote(match[0], safe=""), text)
    return _ENCODED.sub(_decoded, text) if "%" in text else text


def _decoded(match: re.Match[str]) -> str:
    characters = unquote_to_bytes(match[0]).decode("utf-8", "surrogateescape")
    return "".join(
        character
        if _UNRESERVED.fullmatch(character)
        else quote_from_bytes(character.encode("utf-8", "surrogateescape"), safe="")
        for character in characters
    )


def _unicode_host(host: str) -> str:
    if "xn--" not in host:
        return host
    try:
        return host.encode("ascii").decode("idna")
    except UnicodeError:
        return host


def url_variants(url: str) -> tuple[str, ...]:
    """Return the ways to write a URL: with http or https, with a slash at its end or without."""
    key = url_key(url)
    if not key.startswith("//"):
        return (url,) if url else ()
    return tuple(f"{scheme}:{key}{slash}" for scheme in ("https", "http") for slash in ("", "/"))


def _is_tracking(parameter: str) -> bool:
    return TRACKING.fullmatch(parameter.partition("=")[0]) is not None
