"""The links of a body, found without rendering it: a loader does this with each document."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from typing import Final, NamedTuple

from graph.text.code import without_code

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


def links(body: str) -> Iterator[BodyLink]:
    """Yield the links of a body in order, except those in code. Targets may be repeated."""
    for match in _LINKS.finditer(without_code(body)):
        target = next(filter(None, (match[name] for name in _TARGETS)))
        words = match["text"] or match["label"] or match["content"] or ""
        yield BodyLink(unescape(target), " ".join(unescape(words).split()))
