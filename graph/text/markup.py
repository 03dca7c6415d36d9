"""Markup: bodies in Markdown or HTML, made safe to show, or plain text.

What may stay is decided by `graph.text.allow_list`, which nh3 enforces. Before it, tags are put in
order in one pass: an HTML parser takes time and space that grow with the square of what is nested
or left open, and bodies come from anywhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape, unescape
from html.parser import HTMLParser
from typing import Final

import nh3
from markdown_it import MarkdownIt

from graph.text.allow_list import ATTRIBUTES, SCHEMES, TAGS
from graph.text.templates import strip_templates


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


MAX_MARKDOWN: Final = 100_000
"""The longest source, in characters, that is read as Markdown; what is longer is read as HTML."""

MAX_DEPTH: Final = 50
"""How deep elements may be nested; what is nested deeper stays, without its tags."""

MAX_ATTRIBUTES: Final = 10_000
"""The longest attributes of one tag, in characters; longer ones are left out."""

_PIECE: Final = 5_000
"""The longest text that nh3 reads at a stretch: its time grows with the square of the entities."""

_VOID: Final = frozenset({"br", "hr", "img"})
_HIDDEN: Final = _names(
    "iframe noembed noframes noscript plaintext script style template textarea title xmp"
)
"""What holds no words for readers, or is read by browsers as text until its end tag."""

_CELLS: Final = frozenset({"td", "th", "caption"})
_ROWS: Final = _CELLS | {"tr"}
_SECTIONS: Final = _ROWS | {"thead", "tbody", "tfoot"}
_WALLS: Final = _CELLS | {"table"}
"""What an end tag of something outside does not close."""

_BLOCKS: Final = _names(
    "blockquote div dl figcaption figure h1 h2 h3 h4 h5 h6 hr ol p pre table ul"
)
_LINES: Final = frozenset({"br", "li", "dt", "dd", "tr", "caption"})

_CLOSES: Final[dict[str, tuple[frozenset[str], frozenset[str]]]] = {
    "a": (frozenset({"a"}), _WALLS),
    "li": (frozenset({"li", "p"}), _WALLS | {"ul", "ol"}),
    "dt": (frozenset({"dt", "dd", "p"}), _WALLS | {"dl"}),
    "dd": (frozenset({"dt", "dd", "p"}), _WALLS | {"dl"}),
    "caption": (_SECTIONS, frozenset({"table"})),
    "td": (_CELLS, frozenset({"table"})),
    "th": (_CELLS, frozenset({"table"})),
    "tr": (_ROWS, frozenset({"table"})),
    "thead": (_SECTIONS, frozenset({"table"})),
    "tbody": (_SECTIONS, frozenset({"table"})),
    "tfoot": (_SECTIONS, frozenset({"table"})),
    **dict.fromkeys(_BLOCKS, (frozenset({"p"}), _WALLS)),
}
"""What a start tag ends, as HTML lets authors leave out end tags, and what it cannot reach past."""

_TAG: Final = re.compile(
    r"""<(?P<end>/?)(?P<name>[a-z][^\s/>]*+)
    (?P<attributes>(?:
        [\s/]++
      | =?[^\s/>=]++(?:\s*+=\s*+(?:"[^"]*+"|'[^']*+'|(?=>)|[^\s>"'][^\s>]*+))?+
      | =
    )*+)>""",
    re.IGNORECASE | re.VERBOSE,
)
_AMPERSAND: Final = re.compile(r"&(?!#?[a-z0-9]{1,32};)", re.IGNORECASE)
"""One that begins no entity."""
_COMMENT: Final = re.compile(r"<!--(?:-?>|.*?--!?>)", re.DOTALL)
_NAMED: Final = re.compile(r"</?[a-z]", re.IGNORECASE)
_MARKUP: Final = re.compile(r"<(?=[a-z!?/])", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Tag:
    """A tag as it stands in HTML; `name` in lower case, `attributes` as they are written."""

    name: str
    attributes: str = ""
    is_end: bool = False


def tokens(html: str) -> Iterator[Tag | str]:
    """Yield the tags and the text of HTML in order, in linear time, without comments and hidden
    content.

    The start tag of a hidden element is yielded, its content is not. If a tag, a comment or a
    hidden element is never closed, the rest of the text is left out, as browsers do.
    """
    place = 0
    while match := _MARKUP.search(html, place):
        if match.start() > place:
            yield html[place : match.start()]
        if tag := _TAG.match(html, match.start()):
            name = tag["name"].lower()
            yield Tag(name, tag["attributes"], bool(tag["end"]))
            place = tag.end()
            if name in _HIDDEN and not tag["end"]:
                place = _end_of(name, html, place)
        else:
            place = _end_of_comment(html, match.start())
    if place < len(html):
        yield html[place:]


def _end_of(name: str, html: str, place: int) -> int:
    match = re.compile(rf"</{name}(?=[\s/>])", re.IGNORECASE).search(html, place)
    return match.start() if match else len(html)


def _end_of_comment(html: str, place: int) -> int:
    """Return the end of the comment or declaration at `place`; the end of the text if it is not
    closed.
    """
    if html.startswith("<!--", place):
        comment = _COMMENT.match(html, place)
        return comment.end() if comment else len(html)
    if _NAMED.match(html, place):
        return len(html)  # a tag that does not end
    return html.find(">", place) + 1 or len(html)


class _Order:
    """Tags put in order: each is closed, none crosses another, none is nested too deep."""

    def __init__(self) -> None:
        self.open: list[str] = []
        self.parts: list[str] = []

    def start(self, tag: Tag) -> None:
        names, walls = _CLOSES.get(tag.name, (frozenset(), frozenset()))
        self.close(names, walls)
        if tag.name not in _VOID:
            if len(self.open) >= MAX_DEPTH:
                return
            self.open.append(tag.name)
        attributes = ""
        if tag.name in ATTRIBUTES and len(tag.attributes) <= MAX_ATTRIBUTES:
            attributes = _AMPERSAND.sub("&amp;", tag.attributes)
        self.parts.append(f"<{tag.name}{attributes}>")

    def text(self, text: str) -> None:
        if self.parts and self.parts[-1] == "<pre>":
            text = text.lstrip("\r\n")  # HTML drops the first of them each time that it is read
        text = unescape(text)
        pieces = [text[at : at + _PIECE] for at in range(0, len(text), _PIECE)]
        self.parts.append("<!---->".join(escape(piece, quote=False) for piece in pieces))

    def end(self, name: str) -> None:
        walls = frozenset({"table"}) if name in _SECTIONS | {"table"} else _WALLS
        self.close(frozenset({name}), walls)

    def close(self, names: frozenset[str], walls: frozenset[str]) -> None:
        """Close the outermost of `names` that is open within `walls`, and all that is in it."""
        depth = None
        for place in range(len(self.open) - 1, -1, -1):
            if self.open[place] in names:
                depth = place
            if self.open[place] in walls:
                break
        if depth is not None:
            self.parts += [f"</{name}>" for name in reversed(self.open[depth:])]
            del self.open[depth:]


def _in_order(html: str) -> str:
    order = _Order()
    for token in tokens(html):
        if isinstance(token, str):
            order.text(token)
        elif token.name not in TAGS:
            continue
        elif token.is_end:
            order.end(token.name)
        else:
            order.start(token)
    order.parts += [f"</{name}>" for name in reversed(order.open)]
    return "".join(order.parts)


def _allowed(tag: str, attribute: str, value: str) -> str | None:
    """Return the value of an attribute; None if it is the address of a picture outside the web."""
    if (tag, attribute) != ("img", "src"):
        return value
    scheme = re.match(r"[a-z][a-z0-9+.-]*(?=:)", re.sub(r"[\x00-\x20]", "", value), re.IGNORECASE)
    return value if scheme is None or scheme[0].lower() in {"http", "https"} else None


_MARKDOWN: Final = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
_CLEANER: Final = nh3.Cleaner(
    tags=TAGS,
    clean_content_tags=_HIDDEN,
    attributes=ATTRIBUTES,
    attribute_filter=_allowed,
    url_schemes=SCHEMES,
    link_rel="noopener noreferrer",
)


def sanitize(html: str) -> str:
    """Remove everything from HTML that is not on the allow list."""
    return _CLEANER.clean(_in_order(html))


def is_html_file(path: str) -> bool:
    """Whether the body of the file at this path is HTML, and not Markdown."""
    return path.lower().removesuffix(".gz").endswith((".html", ".htm"))


def render_html(source: str, *, is_html: bool = False) -> str:
    """Render a body, in Markdown or HTML, as HTML that is safe to show, without template tags.

    `is_html` says that it is from a file of HTML: in Markdown, indented lines are code.
    """
    source = strip_templates(source.encode(errors="replace").decode())
    if not is_html and len(source) <= MAX_MARKDOWN:
        source = _MARKDOWN.render(source)
    return sanitize(source)


def render_text(source: str, *, is_html: bool = False) -> str:
    """Render a body, in Markdown or HTML, as plain text, with an empty line between blocks."""
    reader = _Text()
    reader.feed(render_html(source, is_html=is_html))
    reader.close()
    return reader.text()


def element(name: str, attributes: dict[str, str | int | None]) -> str:
    """Return an empty element. Attributes that are None are left out; those that are "" have no
    value.
    """
    written = [
        key if value == "" else f'{key}="{escape(str(value))}"'
        for key, value in attributes.items()
        if value is not None
    ]
    return f"<{' '.join([name, *written])}></{name}>"


class _Text(HTMLParser):
    """The text of HTML that is sanitised already."""

    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []
        self.preformatted = 0

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.preformatted += tag == "pre"
        self.space(tag, opening=True)

    def handle_endtag(self, tag: str) -> None:
        self.preformatted -= tag == "pre"
        self.space(tag, opening=False)

    def space(self, tag: str, opening: bool) -> None:
        if tag in _BLOCKS:
            self.parts.append("\n\n")
        elif tag in _LINES and (tag == "br" or not self.parts or self.parts[-1][-1] != "\n"):
            self.parts.append("\n")
        elif tag in {"td", "th"} and not opening:
            self.parts.append(" ")

    def handle_data(self, data: str) -> None:
        if not self.preformatted:
            data = re.sub(r"\s+", " ", data)
            if not self.parts or self.parts[-1][-1].isspace():
                data = data.removeprefix(" ")
        if data:
            self.parts.append(data)

    def text(self) -> str:
        lines: list[str] = []
        for line in map(str.rstrip, "".join(self.parts).split("\n")):
            if line or (lines and lines[-1]):
                lines.append(line)
        return "\n".join(lines).strip("\n")
