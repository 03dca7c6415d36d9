"""Feeds in Atom (RFC 4287)."""

from __future__ import annotations

from typing import Final
from xml.etree.ElementTree import Element

from graph.schema.values.scalars import serialize_date
from graph.web.feeds.feed import Entry, Feed
from graph.web.feeds.xml_tree import MEDIA, add, encoded

MEDIA_TYPE: Final = "application/atom+xml"

_LANGUAGE: Final = "xml:lang"


def to_atom(feed: Feed) -> bytes:
    """Return a feed as a document."""
    namespaces = {"xmlns": "http://www.w3.org/2005/Atom", "xmlns:media": MEDIA}
    root = Element("feed", {**namespaces, _LANGUAGE: feed.language})
    add(root, "id", feed.url)
    add(root, "title", feed.title)
    add(root, "subtitle", feed.description)
    add(root, "updated", serialize_date(feed.updated))
    add(root, "link", rel="self", type=MEDIA_TYPE, href=feed.url)
    add(root, "link", rel="alternate", type="text/html", href=feed.home)
    add(root, "icon", feed.icon)
    add(root, "generator", "newsgraph")
    for entry in feed.entries:
        _add_entry(root, entry)
    return encoded(root)


def _add_entry(root: Element, entry: Entry) -> None:
    element = add(root, "entry", **{_LANGUAGE: entry.language})
    add(element, "id", entry.id)
    add(element, "title", entry.title)
    add(element, "link", rel="alternate", type="text/html", href=entry.url)
    if entry.published is not None:
        add(element, "published", serialize_date(entry.published))
    add(element, "updated", serialize_date(entry.updated))
    for name in entry.authors:
        add(add(element, "author"), "name", name)
    for topic in entry.topics:
        add(element, "category", term=topic)
    if entry.summary:
        add(element, "summary", entry.summary)
    if entry.html:
        add(element, "content", entry.html, type="html")
    if picture := entry.picture:
        add(element, "link", rel="enclosure", type=picture.media_type, href=picture.url)
        size = {"width": picture.width, "height": picture.height}
        add(element, "media:thumbnail", url=picture.url, **size)
