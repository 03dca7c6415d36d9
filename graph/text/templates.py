"""Template tags in bodies: what a site's generator would have run, and a reader must not see.

Hugo's shortcodes, Liquid, Jinja and Nunjucks, MDX's imports, comments and components, the
attributes of kramdown and Pandoc, and the fences of Quarto's and Docusaurus' divisions. What code
shows stays as it is. One pass in linear time: bodies come from anywhere.
"""

from __future__ import annotations

import re
from html import escape
from typing import Final

from graph.text import link_tags
from graph.text.code import FENCE, CodeEnds

_REMOVED: Final = "\0"
"""Stands for a tag until it is known whether a link had no other target."""

_CLOSINGS: Final = {
    "{{<": ">}}",
    "{{%": "%}}",
    "{{": "}}",
    "{%": "%}",
    "{#": "#}",
    "{/*": "*/}",
}
_START: Final = re.compile(
    rf"(?P<fence>{FENCE})|(?P<span>`+)"
    r"""
    | (?P<code> <(?:pre|code|script|style)(?=[\s>]) )
    | (?P<attributes> \{:[^{}\n]{0,1000}\} | \{[#.][\w-]+[^{}\n]{0,1000}\}(?=[ \t]*$) )
    | (?P<tag> \{\{[<%]? | \{% | \{\# | \{/\* )
    | (?P<whole>
          ^import\ (?:[^'"\n]{1,1000}\ from\ )?(?:'[^'\n]*'|"[^"\n]*");?[ \t]*$
        | ^export\ (?:const|let|var|function|async|default)\b(?:.*\n)*?(?=\n|\Z)
        | ^[ \t]*:{3,}(?:[ \t{\w].*)?$
        | </?[A-Z][\w.]*(?:\s(?:[^<>{}]|\{(?:[^<{}]|\{[^<{}]*+\})*+\})*+)?/?>
      )
    """,
    re.MULTILINE | re.VERBOSE,
)
_NAME: Final = re.compile(r"[-\s]*(/?\w*)")
_IMAGE: Final = re.compile(r"!\[[^\[\]\n]{0,1000}\]\([ ]*\0[^)\n\0]{0,1000}\)")
_LINK: Final = re.compile(r"(?:\[([^\[\]\n]{0,1000}))?(\])\([ ]*\0[ ]*\)")
_TARGET: Final = re.compile(r"""(?:\]\(|\]:|\bhref\s*=\s*["']?)[\s<\0]*\Z""", re.IGNORECASE)
"""The end of a text after which the target of a link begins."""
_TARGET_LENGTH: Final = 40
_SIGNS: Final = ("{{", "{%", "{#", "{/*", "{:", ":::", "import ", "export ")
_COMPONENT: Final = re.compile(r"</?[A-Z]|\{[#.]")

_COMMENT: Final = "comment"
_RAW: Final = frozenset({"raw", "verbatim"})
_END_OF_RAW: Final = re.compile(r"\{%-?\s*end(?:raw|verbatim)\s*-?%\}[ \t]*\n?")
_HIGHLIGHT: Final = "highlight"


def strip_templates(source: str) -> str:
    """Remove the template tags from a body in Markdown or HTML.

    Text between an opening and a closing tag is kept, except comments; text between `highlight`
    tags becomes a code block. A tag that is never closed is text. A link whose target is a tag
    leads to the file that the tag names; if it names none, only the text of the link is kept.
    """
    if not any(sign in source for sign in _SIGNS) and not _COMPONENT.search(source):
        return source
    return _Stripper(source.replace(_REMOVED, "\ufffd")).strip()


class _Stripper:
    """One pass over a body; `place` is how far it got."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.place = 0
        self.parts: list[str] = []
        self.raw_until = 0
        self._next: dict[str, int] = {}
        self.ends = CodeEnds(source)

    def strip(self) -> str:
        while match := _START.search(self.source, self.place):
            self._keep(match.start())
            start, group = match.start(), match.lastgroup
            if group == "fence":
                self._code(self.ends.fence(match[0], match.end()))
            elif group == "span":
                self._code(self.ends.span(len(match[0]), match.end()))
            elif group == "code":
                self._code(self._after(f"</{match[0][1:]}", match.end()) or match.end())
            elif start < self.raw_until:
                self._keep(match.end())
            elif group == "tag":
                self._tag(match[0], start, match.end())
            else:
                self._drop(match.end())
        self._keep(len(self.source))
        return _without_empty_links("".join(self.parts))

    def _keep(self, end: int) -> None:
        self.parts.append(self.source[self.place : end])
        self.place = end

    def _code(self, end: int) -> None:
        """Keep code unchanged, except for a closing raw tag."""
        start = self.place
        self._keep(end)
        if start < self.raw_until < end:
            self.parts[-1] = _END_OF_RAW.sub("", self.parts[-1])

    def _drop(self, end: int) -> None:
        self.parts.append(_REMOVED)
        self.place = end

    def _tag(self, opening: str, start: int, inside: int) -> None:
        end = self._after(_CLOSINGS[opening], inside)
        if end is None or self.ends.blank_line(start) < end:
            self._keep(inside)
            return
        self._drop(end)
        name = _NAME.match(self.source, inside)
        if name is None or opening not in ("{%", "{{<", "{{%"):
            return
        if name[1] == _COMMENT:
            self._drop(self._closed_by(_COMMENT, end)[1])
        elif name[1] in _RAW:
            self.raw_until = self._closed_by(name[1], end)[0]
        elif name[1] in link_tags.NAMES:
            before = "".join(self.parts[-8:-1])[-_TARGET_LENGTH:]
            if _TARGET.search(before) and (path := link_tags.file_of(self.source[start:end])):
                self.parts.append(path)
        elif name[1] == _HIGHLIGHT:
            text_end, tag_end = self._closed_by(_HIGHLIGHT, end)
            code = escape(self.source[end:text_end].strip("\r\n"), quote=False)
            self.parts.append(f"\n<pre><code>{code}\n</code></pre>\n")
            self.place = tag_end

    def _closed_by(self, name: str, place: int) -> tuple[int, int]:
        """Return where the closing tag starts and ends; the end of the source if there is none."""
        closing = rf"\{{(?:%-?\s*end{name}\s*-?%|\{{[<%]\s*/\s*{name}\s*[>%]\}})\}}"
        if match := re.compile(closing).search(self.source, place):
            return match.start(), match.end()
        return len(self.source), len(self.source)

    def _after(self, text: str, place: int) -> int | None:
        """Return the index after the next `text`; None if there is none. Searches are cached, so
        the time is linear.
        """
        position = self._next.get(text, -1)
        if position != len(self.source) and position < place:
            position = self.source.find(text, place)
            position = self._next[text] = len(self.source) if position < 0 else position
        return None if position == len(self.source) else position + len(text)


def _without_empty_links(text: str) -> str:
    """Reduce links whose whole target was a tag to their text, and remove such pictures."""
    text = _LINK.sub(lambda link: link[2] if link[1] is None else link[1], _IMAGE.sub("", text))
    return text.replace(_REMOVED, "")
