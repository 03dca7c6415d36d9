"""XML 1.0: elements with text that any parser accepts."""

from __future__ import annotations

from typing import Final
from xml.etree.ElementTree import Element, SubElement, tostring

from graph.web.resources.xml_text import clean

MEDIA: Final = "http://search.yahoo.com/mrss/"
"""The namespace of Media RSS, for pictures."""


def add(
    parent: Element, tag: str, text: str | None = None, /, **attributes: str | int | None
) -> Element:
    """Append an element. Attributes that are None are left out."""
    written = {name: clean(str(value)) for name, value in attributes.items() if value is not None}
    element = SubElement(parent, tag, written)
    if text is not None:
        element.text = clean(text)
    return element


def encoded(root: Element) -> bytes:
    """Return a document."""
    return b'<?xml version="1.0" encoding="utf-8"?>\n' + tostring(root, encoding="unicode").encode()
