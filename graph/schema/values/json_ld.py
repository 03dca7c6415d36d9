"""Articles as JSON-LD: a `NewsArticle` of schema.org, for the pages that show them."""

from __future__ import annotations

import re
from typing import Any, Final

from graph.schema.values.image import SELECTION_PATHS, is_placeholder, url_of
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
        "image": _images(row),
        "datePublished": _date(row, "publishedDateTime"),
        "dateModified": _date(row, "updatedDateTime"),
        "author": [_named("Person", each["name"]) for each in row.get("authors") or ()],
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
    return next((url for url in urls if url and _ABSOLUTE.match(url)), None)


def _date(row: Row, name: str) -> str | None:
    date = row.get(name)
    return serialize_date(date) if date else None


def _publisher(provider: Row) -> dict[str, Any]:
    logo = max(_images(provider), key=lambda image: image.get("width", 0), default=None)
    domain = provider.get("domain")
    url = f"https://{domain}" if domain else None
    return _named("Organization", provider["name"], url=url, logo=logo)


def _images(row: Row) -> list[dict[str, Any]]:
    """Return the pictures that have an absolute URL and are no placeholders."""
    return [
        _filled(
            {
                "@type": "ImageObject",
                "url": url_of(image),
                "width": image.get("width"),
                "height": image.get("height"),
                "caption": image.get("title"),
                "creditText": image.get("attribution"),
            }
        )
        for image in row.get("images") or ()
        if _ABSOLUTE.match(url_of(image)) and not is_placeholder(image)
    ]
