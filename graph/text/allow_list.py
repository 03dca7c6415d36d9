"""The elements, attributes and URL schemes of HTML that may be shown."""

from __future__ import annotations

from typing import Final

_TAGS: Final = """
    a abbr b blockquote br caption cite code dd del div dl dt em figcaption figure h1 h2 h3 h4 h5
    h6 hr i img ins kbd li mark ol p pre q s samp small span strong sub sup table tbody td tfoot
    th thead tr u ul var
"""
TAGS: Final = frozenset(_TAGS.split())
ATTRIBUTES: Final = {
    "a": {"href", "title"},
    "abbr": {"title"},
    "img": {"src", "alt", "title", "width", "height"},
    "ol": {"start"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan"},
}
SCHEMES: Final = frozenset({"http", "https", "mailto"})
