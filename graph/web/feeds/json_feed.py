"""Feeds in JSON Feed 1.1."""

from __future__ import annotations

from typing import Any, Final

import orjson

from graph.schema.values.scalars import serialize_date
from graph.web.feeds.feed import Entry, Feed

MEDIA_TYPE: Final = "application/feed+json"


def to_json_feed(feed: Feed) -> bytes:
    """Return a feed as a document."""
    return orjson.dumps(
        {
            "version": "https://jsonfeed.org/version/1.1",
            "title": feed.title,
            "description": feed.description,
            "home_page_url": feed.home,
            "feed_url": feed.url,
            "icon": feed.icon,
            "language": feed.language,
            "items": [_item(entry) for entry in feed.entries],
        }
    )


def _item(entry: Entry) -> dict[str, Any]:
    item = {
        "id": entry.id,
        "url": entry.url,
        "title": entry.title,
        "content_html": entry.html or None,
        # An item needs a content: without the text it is the summary.
        "content_text": None if entry.html else entry.summary or entry.title,
        "summary": entry.summary if entry.html else None,
        "image": entry.picture.url if entry.picture else None,
        "date_published": serialize_date(entry.published) if entry.published else None,
        "date_modified": serialize_date(entry.updated),
        "authors": [{"name": name} for name in entry.authors],
        "tags": list(entry.topics),
        "language": entry.language,
    }
    return {name: value for name, value in item.items() if value is not None}
