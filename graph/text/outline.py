"""What a body says of itself: its heading, its first paragraph, and where it links to.

Read without rendering the whole, for a loader does this with each of a hundred thousand bodies.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from typing import Final, NamedTuple

from graph.text.code import without_code
from graph.text.markup import render_text
from graph.text.templates import strip_templates

_HEADING: Final = re.compile(
    r"^(?:[ ]{0,3}\#{1,6}[ \t]+(?P<atx>[^\n]{1,1000}?)[ \t]*\#*[ \t]*$"
    r"|(?P<setext>[^\s\-=#>][^\n]{0,1000})\n(?:=+|-{2,})[ \t]*$)"
    r"|<h[1-6](?=[\s>])[^>]{0,1000}>(?P<html>.{1,1000}?)</h",
    re.MULTILINE | re.IGNORECASE,
)
_NO_PARAGRAPH: Final = re.compile(
    r"[ ]{0,3}(?:\#{1,6}(?:\s|$)|[-*_=](?:[ \t]*[-*_=]){2,}[ \t]*(?:\n|$)|!\[[^\]]*\]\([^)]*\)\s*$"
    r"|<(?:h[1-6]|pre|script|style|table|ul|ol|nav|figure)\b|`{3}|~{3}|\||[-*+][ \t]|\d+[.)][ \t])"
    r"|[ ]{4}|[^\n]*\n[ ]{0,3}(?:=+|-+)[ \t]*$",
    re.IGNORECASE,
)
_BLANK_LINES: Final = re.compile(r"\n[ \t]*\n")
_LONGEST: Final = 10_000
"""How many characters are looked at for a heading and a paragraph."""

_INLINE: Final = r"""
    (?<!!)\[ (?P<text> (?: !\[[^\[\]]{0,500}\]\([^()\s]{0,2000}\) | [^\[\]] ){0,500}+ ) \]
    \([ \t]*
    (?: <(?P<angle>[^<>\n]{1,2000})>
      | (?P<inline> (?: \{[{%].{1,500}?[%}]\} | \([^\s()]{0,500}\) | [^\s()<>] ){1,2000}? ) )
    (?: [ \t\n]+ (?: "[^"]{0,500}" | '[^']{0,500}' ) )? [ \t]*\)
"""
_DEFINITION: Final = r"""
    ^[ ]{0,3} \[ (?P<label> [^\]\n^][^\]\n]{0,500} ) \]: [ \t]*
    (?: <(?P<bracketed>[^<>\n]{1,2000})> | (?P<bare>[^\s<>]{1,2000}) ) (?=\s|$)
"""
_ANCHOR: Final = r"""
    <a\s (?: [^<>]{0,1000}?\s )? href \s*=\s*
    (?: "(?P<double>[^"<>]{1,2000})" | '(?P<single>[^'<>]{1,2000})' )
    [^<>]{0,1000}> (?P<content>[^<]{0,500})
"""
_AUTOLINK: Final = r"<(?P<auto>https?://[^\s<>]{1,2000})>"
_LINKS: Final = re.compile(
    "|".join([_INLINE, _DEFINITION, _ANCHOR, _AUTOLINK]),
    re.MULTILINE | re.IGNORECASE | re.VERBOSE,
)
_TARGETS: Final = ("angle", "inline", "bracketed", "bare", "double", "single", "auto")


class BodyLink(NamedTuple):
    """A link of a body: where to, as it is written there, and the text that one clicks."""

    target: str
    text: str


def heading(body: str) -> str | None:
    """The first heading, as plain text; None where there is none."""
    found = _HEADING.search(strip_templates(without_code(body[:_LONGEST], spans=False)))
    if found is None:
        return None
    words = found["atx"] or found["setext"] or found["html"] or ""
    return " ".join(render_text(words).split()) or None


def first_paragraph(body: str) -> str | None:
    """The first paragraph of words, as plain text on one line; None where there is none."""
    for block in _BLANK_LINES.split(strip_templates(without_code(body[:_LONGEST], spans=False))):
        block = block.strip("\n")
        if not block.strip() or _NO_PARAGRAPH.match(block):
            continue
        if words := " ".join(render_text(block).split()):
            return words
    return None


def links(body: str) -> Iterator[BodyLink]:
    """The links of a body, in order, code aside; the same target may come again."""
    for found in _LINKS.finditer(without_code(body)):
        target = next(filter(None, (found[name] for name in _TARGETS)))
        words = found["text"] or found["label"] or found["content"] or ""
        yield BodyLink(unescape(target), " ".join(unescape(words).split()))
