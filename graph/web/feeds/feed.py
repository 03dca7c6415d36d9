"""A feed, whatever its format: made of the data of an operation."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple
from urllib.parse import urlsplit
from uuid import UUID, uuid5

from graph.locales import language_tag
from graph.web.pages.page_paths import article_path
from graph.web.resources.public_url import picture_uri, uri_of
from graph.web.resources.timestamps import timestamp_of

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
"""When a feed without articles was last updated."""

_NAMESPACE: Final = UUID("5f0b7a9e-3c55-4f0c-9d0e-6d1f2a4b8c37")
"""The namespace of the ids of entries. It must never change, or readers see every entry again."""

# Not those of the module mimetypes, which depend on the host.
_IMAGE_TYPES: Final = {
    "avif": "image/avif",
    "gif": "image/gif",
    "jpeg": "image/jpeg",
    "jpg": "image/jpeg",
    "png": "image/png",
    "svg": "image/svg+xml",
    "webp": "image/webp",
}


class Picture(NamedTuple):
    """A picture: width and height in pixels. The media type is guessed from the URL."""

    url: str
    media_type: str | None
    width: int | None
    height: int | None


class Entry(NamedTuple):
    """An article in a feed. `url` is that of its page at the publisher, or else in the reader."""

    id: str
    title: str
    url: str
    summary: str | None
    html: str | None
    published: datetime | None
    updated: datetime
    authors: tuple[str, ...]
    topics: tuple[str, ...]
    language: str | None
    picture: Picture | None


class Feed(NamedTuple):
    """A feed: `url` is its own, `home` that of the page with the same articles."""

    title: str
    description: str
    url: str
    home: str
    icon: str
    language: str
    entries: tuple[Entry, ...]

    @property
    def updated(self) -> datetime:
        """When an entry was last updated."""
        return max((entry.updated for entry in self.entries), default=EPOCH)


def entry_of(node: Mapping[str, Any], base: str) -> Entry:
    """Return the entry of an article, as an operation selects it, on the site at `base`."""
    published = timestamp_of(node["publishedDateTime"])
    authors = tuple(author["name"] for author in node["authors"])
    return Entry(
        id=uuid5(_NAMESPACE, node["slug"]).urn,
        title=node["title"],
        url=uri_of(node["webUrl"], base) or base + article_path(node["slug"]),
        summary=node["excerpt"],
        html=node.get("body"),
        published=published,
        updated=timestamp_of(node["updatedDateTime"]) or published or EPOCH,
        authors=authors or (node["provider"]["name"],),
        topics=tuple(topic["name"] for topic in node["topics"]),
        language=language_tag(node["language"]),
        picture=_picture(node["leadImage"], node["webUrl"], base),
    )


def _picture(image: Mapping[str, Any] | None, page: str | None, base: str) -> Picture | None:
    url = picture_uri(image["url"], page, base) if image else None
    if image is None or url is None:
        return None
    ending = urlsplit(url).path.rpartition(".")[2].lower()
    return Picture(url, _IMAGE_TYPES.get(ending), image["width"], image["height"])
