"""Find the first heading and the first paragraph of a body, and the text of inline Markdown."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache
from html import unescape
from typing import Final

from markdown_it import MarkdownIt
from markdown_it.token import Token

from graph.text.allow_list import TAGS

CHARACTERS: Final = 20_000
"""The length of a body's beginning that is searched, and the maximum length of an excerpt that is
parsed."""

_FIRST_CHARACTERS: Final = 300
# Each of these takes linear time, because no repetition can match the beginning of another.
# The last alternative is a line of attributes of kramdown, such as `{: .lead}`.
_TEMPLATE_TAG: Final = re.compile(r"\{\{[^{}]*\}\}|\{%[^%]*%\}|^\{:[^{}\n]*\}$", re.MULTILINE)
_HEADING_ATTRIBUTES: Final = re.compile(r"\{:?[ ]*[#.][^{}]*\}\Z")
_NO_PARAGRAPH: Final = re.compile(r"(?:!!!|\?\?\?|===|:::)|\[\[?_?toc_?\]?\]\Z", re.IGNORECASE)
"""The first line of a note or of tabs (`!!! note`, `:::tip`), or the place of a table of contents.
"""

_MODULE_LINE: Final = re.compile(r"(?:import|export)\s.*(?:['\";{]|=)")
_HTML_HEADING: Final = re.compile(
    r"<h[1-6][^<>]*>((?:[^<]++|<(?!/?h[1-6]))*+)</h[1-6]>", re.IGNORECASE
)
_HTML_PARAGRAPH: Final = re.compile(
    r"<p(?:\s[^<>]*)?>((?:[^<]++|<(?!/?p[\s>]))*+)</p>", re.IGNORECASE
)
_OPENING_PARAGRAPH: Final = re.compile(
    # Lines of text up to an empty one. The first begins with a capital letter and is no import or
    # export; none of them could end the paragraph or turn it into a heading.
    r"\s*+(?!(?:import|export)\s)([A-Z][^\n{]*+(?:\n(?![ \t]*+(?:\n|\Z))[A-Za-z][^\n{]*+)*+)"
    r"(?:\n[ \t]*+\n|\n?\Z)"
)
_WIKI_LINK: Final = re.compile(
    r"(?P<embeds>!?)\[\[(?P<page>[^\[\]|]+)(?:\|(?P<words>[^\[\]|]*))?\]\]"
)
_MARKS: Final = re.compile(r"[\\`*_\[\]<>&!~]")
_TAG_NAME: Final = re.compile(r"</?([A-Za-z][A-Za-z0-9]*)")
_HTML_TAG: Final = re.compile(r"</?[A-Za-z!][^<>]*>")
_HTML: Final = re.compile(
    r"&(?:#\d{1,7}|#x[0-9a-f]{1,6}|[a-z]{2,31}\d{0,2});|</[a-z][a-z0-9]*>|<br ?/?>", re.IGNORECASE
)
_HTML_LINE_BREAK: Final = re.compile(r"<br\b", re.IGNORECASE)


def first_heading(body: str) -> str | None:
    """Return the text of the first heading, in Markdown or HTML."""
    return _first(body, _heading)


def first_paragraph(body: str) -> str | None:
    """Return the text of the first paragraph that is not empty, or part of a list or a
    quotation.
    """
    opening = _OPENING_PARAGRAPH.match(body)
    if opening is not None:  # most bodies begin with one: it takes a quarter of the time
        return _text(opening[1])
    return _first(body, _paragraph)


def without_markup(markdown: str) -> str:
    """Return the text of inline Markdown and HTML, on one line.

    What has no markup stays as it is. So does what is longer than CHARACTERS, and what has tags
    that are not HTML: in `List<String>`, they are words.
    """
    if len(markdown) > CHARACTERS or _MARKS.search(markdown) is None:
        return markdown
    tokens = _parser().parseInline(markdown)
    inline = [child for token in tokens for child in token.children or ()]
    names = (_TAG_NAME.match(child.content) for child in inline if child.type == "html_inline")
    if not all(name is not None and name[1].lower() in TAGS for name in names):
        return markdown
    text = _collapsed("".join(_pieces(tokens)))
    return text if text and text != _collapsed(markdown) else markdown


def without_html(text: str) -> str:
    """Return a text without HTML tags and with its entities decoded, on one line.

    What has neither stays as it is, and so does what has tags that are not HTML or are not closed.
    """
    if _HTML.search(text) is None:
        return text
    if not all(name.lower() in TAGS for name in _TAG_NAME.findall(text)):
        return text
    return _html_text(text) or text


def _first(body: str, find: Callable[[list[Token]], str | None]) -> str | None:
    """Return what is found in the blocks of a body, parsing no more of them than necessary."""
    end = _FIRST_CHARACTERS
    while True:
        is_whole = end >= min(len(body), CHARACTERS)
        # The last block of a part may be cut anywhere, but not at an empty line.
        part = body[: end if is_whole else body.rfind("\n\n", 0, end) + 1]
        text = find(_parser(inline=False).parse(part)) if part else None
        if text is not None or is_whole:
            return text
        end = min(4 * end, CHARACTERS)


@cache
def _parser(*, inline: bool = True) -> MarkdownIt:
    parser = MarkdownIt("commonmark")
    return parser if inline else parser.disable("inline")


def _heading(tokens: list[Token]) -> str | None:
    for number, token in enumerate(tokens):
        if token.type == "heading_open":
            content = _TEMPLATE_TAG.sub("", tokens[number + 1].content)
            if text := _text(_HEADING_ATTRIBUTES.sub("", content.rstrip())):
                return text
        match = _HTML_HEADING.search(token.content) if token.type == "html_block" else None
        if match is not None:
            return _html_text(match[1]) or None
    return None


def _paragraph(tokens: list[Token]) -> str | None:
    for number, token in enumerate(tokens):
        if token.type == "paragraph_open" and token.level == 0:
            content = _TEMPLATE_TAG.sub("", tokens[number + 1].content)
            is_other = _MODULE_LINE.match(content) or _NO_PARAGRAPH.match(content)
            text = "" if is_other else _text(content)
            if text:
                return text
        elif token.type == "html_block" and token.level == 0 and token.content[:2].lower() == "<p":
            texts = (_html_text(match[1]) for match in _HTML_PARAGRAPH.finditer(token.content))
            if text := next(filter(None, texts), ""):
                return text
    return None


def _html_text(markup: str) -> str:
    return _collapsed(unescape(_HTML_TAG.sub("", _HTML_LINE_BREAK.sub(" <br", markup))))


def _text(markdown: str) -> str:
    """Return the text of inline Markdown, without its markup and images."""
    if _MARKS.search(markdown) is None:
        return _collapsed(markdown)
    if "[[" in markdown:
        markdown = _WIKI_LINK.sub(_words_of_link, markdown)
    return _collapsed("".join(_pieces(_parser().parseInline(markdown))))


def _words_of_link(link: re.Match[str]) -> str:
    """Return the words of a link as in Obsidian; none if it embeds a file."""
    return "" if link["embeds"] else link["words"] or link["page"]


def _pieces(tokens: list[Token]) -> Iterator[str]:
    for token in tokens:
        for child in token.children or ():
            if child.type in ("text", "code_inline"):
                yield child.content
            elif child.type in ("softbreak", "hardbreak") or _is_line_break(child):
                yield " "


def _is_line_break(token: Token) -> bool:
    return token.type == "html_inline" and token.content.lower().startswith("<br")


def _collapsed(text: str) -> str:
    return " ".join(text.split())
