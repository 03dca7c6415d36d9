"""What the body of a document says about it: its first heading and its first paragraph."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:  # imported when a body is looked into, which most sites do not need
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

CHARACTERS: Final = 20_000
"""Of a body, that are searched for its first heading or paragraph."""

_FIRST_CHARACTERS: Final = 300
# Each of these takes linear time: what is repeated ends before another beginning.
_TEMPLATE_TAG: Final = re.compile(r"\{\{[^{}]*\}\}|\{%[^%]*%\}")
_MODULE_LINE: Final = re.compile(r"(?:import|export)\s.*(?:['\";{]|=)")
_HTML_HEADING: Final = re.compile(
    r"<h[1-6][^<>]*>((?:[^<]++|<(?!/?h[1-6]))*+)</h[1-6]>", re.IGNORECASE
)
_OPENING_PARAGRAPH: Final = re.compile(
    # Lines of text, the first of which begins with a capital letter and is no line of a module, up
    # to an empty one; no line among them that could end the paragraph or make a heading of it.
    r"\s*+(?!(?:import|export)\s)([A-Z][^\n{]*+(?:\n(?![ \t]*+(?:\n|\Z))[A-Za-z][^\n{]*+)*+)"
    r"(?:\n[ \t]*+\n|\n?\Z)"
)
_MARKS: Final = re.compile(r"[\\`*_\[\]<>&!~]")
_HTML_TAG: Final = re.compile(r"<[^>]*>")


def first_heading(body: str) -> str | None:
    """The text of the first heading, be it Markdown or HTML."""
    return _first(body, _heading)


def first_paragraph(body: str) -> str | None:
    """The text of the first paragraph that has any, and is not part of a list or a quotation."""
    opening = _OPENING_PARAGRAPH.match(body)
    if opening is not None:  # most bodies begin with one: it takes a quarter of the time
        return _text(opening[1])
    return _first(body, _paragraph)


def _first(body: str, find: Callable[[list[Token]], str | None]) -> str | None:
    """What is found in the blocks of a body, of which no more are parsed than it takes."""
    end = _FIRST_CHARACTERS
    while True:
        is_whole = end >= min(len(body), CHARACTERS)
        # The last block of a part may be cut anywhere, but not at an empty line.
        part = body[: end if is_whole else body.rfind("\n\n", 0, end) + 1]
        found = find(_parser(inline=False).parse(part)) if part else None
        if found is not None or is_whole:
            return found
        end = min(4 * end, CHARACTERS)


@cache
def _parser(*, inline: bool = True) -> MarkdownIt:
    from markdown_it import MarkdownIt

    parser = MarkdownIt("commonmark")
    return parser if inline else parser.disable("inline")


def _heading(tokens: list[Token]) -> str | None:
    for number, token in enumerate(tokens):
        if token.type == "heading_open":
            content = _TEMPLATE_TAG.sub("", tokens[number + 1].content)
            if text := _text(content):
                return text
        found = _HTML_HEADING.search(token.content) if token.type == "html_block" else None
        if found is not None:
            return _collapsed(_HTML_TAG.sub("", found[1])) or None
    return None


def _paragraph(tokens: list[Token]) -> str | None:
    for number, token in enumerate(tokens):
        if token.type == "paragraph_open" and token.level == 0:
            content = _TEMPLATE_TAG.sub("", tokens[number + 1].content)
            text = "" if _MODULE_LINE.match(content) else _text(content)
            if text:
                return text
    return None


def _text(markdown: str) -> str:
    """The text of inline Markdown, without its marks and without pictures."""
    if _MARKS.search(markdown) is None:
        return _collapsed(markdown)
    return _collapsed("".join(_pieces(_parser().parseInline(markdown))))


def _pieces(tokens: list[Token]) -> Iterator[str]:
    for token in tokens:
        for child in token.children or ():
            if child.type in ("text", "code_inline"):
                yield child.content
            elif child.type in ("softbreak", "hardbreak"):
                yield " "


def _collapsed(text: str) -> str:
    return " ".join(text.split())
