"""Feeds in RSS 2.0, as the RSS Advisory Board's specification and best practices describe it."""

from __future__ import annotations

from datetime import datetime
from email.utils import format_datetime
from typing import Final
from xml.etree.ElementTree import Element

from graph.schema.values.scalars import serialize_date
from graph.web.feeds.feed import Entry, Feed
from graph.web.feeds.xml_tree import MEDIA, add, encoded

MEDIA_TYPE: Final = "application/rss+xml"

_NAMESPACES: Final = {
    "xmlns:atom": "http://www.w3.org/2005/Atom",
    "xmlns:content": "http://purl.org/rss/1.0/modules/content/",
    "xmlns:dc": "http://purl.org/dc/elements/1.1/",
    "xmlns:media": MEDIA,
}

_UNKNOWN_LENGTH: Final = 0
"""The length of an enclosure whose size is not known, as the best practices say."""


def to_rss(feed: Feed) -> bytes:
    """Return a feed as a document."""
    root = Element("rss", {"version": "2.0", **_NAMESPACES})
    channel = add(root, "channel")
    add(channel, "title", feed.title)
    add(channel, "link", feed.home)
    add(channel, "description", feed.description)
    add(channel, "language", feed.language)
    add(channel, "lastBuildDate", _date(feed.updated))
    add(channel, "generator", "newsgraph")
    add(channel, "atom:link", rel="self", type=MEDIA_TYPE, href=feed.url)
    for entry in feed.entries:
        _add_item(channel, entry)
    return encoded(root)


def _add_item(channel: Element, entry: Entry) -> None:
    item = add(channel, "item")
    add(item, "guid", entry.id, isPermaLink="false")
    add(item, "title", entry.title)
    add(item, "link", entry.url)
    if entry.published is not None:
        add(item, "pubDate", _date(entry.published))
    add(item, "atom:updated", serialize_date(entry.updated))
    for name in entry.authors:
        add(item, "dc:creator", name)
    for topic in entry.topics:
        add(item, "category", topic)
    if entry.summary:
        add(item, "description", entry.summary)
    if entry.html:
        add(item, "content:encoded", entry.html)
    if picture := entry.picture:
        size = {"width": picture.width, "height": picture.height}
        if picture.media_type:
            length = _UNKNOWN_LENGTH
            add(item, "enclosure", url=picture.url, length=length, type=picture.media_type)
        kind = {"medium": "image", "type": picture.media_type}
        add(item, "media:content", url=picture.url, **kind, **size)
        add(item, "media:thumbnail", url=picture.url, **size)


def _date(timestamp: datetime) -> str:
    """Return a date as in RFC 822, with the four digits of the year that RSS prefers."""
    return format_datetime(timestamp)
