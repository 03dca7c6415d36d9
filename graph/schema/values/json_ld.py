"""Articles as JSON-LD: a `NewsArticle` of schema.org, for the pages that show them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, Final
from urllib.parse import urljoin

from graph.schema.values.image import SELECTION_PATHS, decode_entities, is_placeholder, url_of
from graph.schema.values.scalars import serialize_date
from graph.store.driver.read_commands import Row

_ABSOLUTE: Final = re.compile(r"https?://[^/?#\s]", re.IGNORECASE)

JSON_LD_PATHS: Final = (
    "title",
    "excerpt",
    "publishedDateTime",
    "updatedDateTime",
    "language",
    "category",
    "topics",
    "authors.name",
    "provider.name",
    "provider.domain",
    *(f"provider.{path}" for path in SELECTION_PATHS),
    *SELECTION_PATHS,
    "images.title",
    "images.attribution",
    "webUrl",
    "originalUrl",
)
"""The stored paths that it is made of."""


def json_ld_of(row: Row) -> dict[str, Any]:
    """Return the JSON-LD of an article: properties without a value are left out."""
    url = _url_of(row)
    properties = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": row["title"],
        "description": row.get("excerpt"),
        "url": url,
        "mainEntityOfPage": url and {"@type": "WebPage", "@id": url},
        "image": image_objects(row.get("images") or (), partial(_absolute, row.get("webUrl"))),
        "datePublished": _date(row, "publishedDateTime"),
        "dateModified": _date(row, "updatedDateTime"),
        "author": [_named("Person", author["name"]) for author in row.get("authors") or ()],
        "publisher": _publisher(row["provider"]),
        "articleSection": row.get("category"),
        "keywords": list(row.get("topics") or ()),
        "inLanguage": row.get("language"),
    }
    return _filled(properties)


def _filled(properties: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in properties.items() if value not in (None, "", [])}


def _named(type_: str, name: str, **more: Any) -> dict[str, Any]:
    return _filled({"@type": type_, "name": name, **more})


def _url_of(row: Row) -> str | None:
    """Return the URL of the article's own page, or else of the place where it was found."""
    urls = (row.get("webUrl"), row.get("originalUrl"))
    return next((decode_entities(url) for url in urls if url and _ABSOLUTE.match(url)), None)


def _date(row: Row, name: str) -> str | None:
    date = row.get(name)
    return serialize_date(date) if date else None


def _publisher(provider: Row) -> dict[str, Any]:
    logos = image_objects(provider.get("images") or (), partial(_absolute, None))
    logo = max(logos, key=lambda image: image.get("width", 0), default=None)
    domain = provider.get("domain")
    url = f"https://{domain}" if domain else None
    return _named("Organization", provider["name"], url=url, logo=logo)


def image_objects(
    images: Iterable[Row], absolute: Callable[[str], str | None]
) -> list[dict[str, Any]]:
    """Return the pictures that have an absolute URL, which `absolute` makes of it, and are no
    placeholders.
    """
    return [
        _filled(
            {
                "@type": "ImageObject",
                "url": url,
                "width": image.get("width"),
                "height": image.get("height"),
                "caption": image.get("title"),
                "creditText": image.get("attribution"),
            }
        )
        for image in images
        if (url := absolute(url_of(image))) and not is_placeholder(image)
    ]


def _absolute(page: str | None, url: str) -> str | None:
    """Return an absolute URL; None if it is not known.

    A relative one is relative to the article's own page. One that begins with a slash may belong to
    any server that shows the article.
    """
    if url and not _ABSOLUTE.match(url) and page and _ABSOLUTE.match(page):
        is_path = url.startswith("/") and not url.startswith("//")
        try:
            url = url if is_path else urljoin(page, url)
        except ValueError:  # of an invalid IPv6 address
            return None
    return url if _ABSOLUTE.match(url) else None
