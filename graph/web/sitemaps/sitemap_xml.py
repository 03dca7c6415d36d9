"""Sitemaps as XML (sitemaps.org, protocol 0.9), with Google's extension for news."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from html import escape
from typing import Final

from graph.schema.values.scalars import serialize_date
from graph.web.resources.xml_text import clean

MEDIA_TYPE: Final = "application/xml"

URLS: Final = 50_000
"""How many URLs a sitemap may have."""

BYTES: Final = 50 * 1024**2
"""How large a sitemap may be, uncompressed."""

LONGEST_URL: Final = 2_047
"""The maximum length of a URL in a sitemap."""

_DECLARATION: Final = '<?xml version="1.0" encoding="utf-8"?>\n'
_NAMESPACE: Final = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'

SITEMAP_START: Final = f"{_DECLARATION}<urlset {_NAMESPACE}>".encode()
SITEMAP_END: Final = b"</urlset>"
"""What a sitemap begins and ends with; the entries between are made by `url_entry`."""

_NEWS: Final = 'xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"'


def sitemap_index(entries: Iterable[str]) -> bytes:
    """Return an index of sitemaps; `entries` are made by `index_entry`."""
    content = "".join(entries)
    return f"{_DECLARATION}<sitemapindex {_NAMESPACE}>{content}</sitemapindex>".encode()


def news_sitemap(entries: Iterable[str]) -> bytes:
    """Return a sitemap of news; `entries` are made by `news_entry`."""
    return f"{_DECLARATION}<urlset {_NAMESPACE} {_NEWS}>{''.join(entries)}</urlset>".encode()


def index_entry(url: str, modified: datetime | None = None) -> str:
    """Return the entry of a sitemap."""
    return f"<sitemap>{_location(url, modified)}</sitemap>\n"


def url_entry(url: str, modified: datetime | None) -> str:
    """Return the entry of a page; nothing if its URL is longer than the protocol allows."""
    return f"<url>{_location(url, modified)}</url>\n" if len(url) <= LONGEST_URL else ""


def news_entry(url: str, publication: str, language: str, published: str, title: str) -> str:
    """Return the entry of a news article; nothing if its URL is longer than allowed."""
    if len(url) > LONGEST_URL:
        return ""
    return (
        f"<url>{_location(url, None)}<news:news><news:publication>"
        f"<news:name>{_text(publication)}</news:name>"
        f"<news:language>{_text(language)}</news:language></news:publication>"
        f"<news:publication_date>{published}</news:publication_date>"
        f"<news:title>{_text(title)}</news:title></news:news></url>\n"
    )


def _location(url: str, modified: datetime | None) -> str:
    location = f"<loc>{_text(url)}</loc>"
    if modified is None:
        return location
    return f"{location}<lastmod>{serialize_date(modified)}</lastmod>"


def _text(text: str) -> str:
    return escape(clean(text))
