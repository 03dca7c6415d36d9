"""Bodies of articles in their pages: safe HTML whose links, pictures and headings fit the page."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from html import escape
from html.parser import HTMLParser
from typing import Any, Final, NamedTuple

from markupsafe import Markup

from graph.store.driver.read_commands import Reader
from graph.web.pages.content.body_links import (
    LinkOrigin,
    is_source_file,
    linked_articles,
    target_of,
)
from graph.web.pages.content.document_urls import joined, picture_url, web_url
from graph.web.pages.page_paths import article_path

_LONG: Final = 4_000
"""The length in characters from which a body is parsed in a thread, not to delay other requests."""

_HEADINGS: Final = ("h1", "h2", "h3", "h4", "h5", "h6")
_VOID: Final = frozenset({"br", "hr", "img"})
_ALLOWED: Final[tuple[str, ...]] = (
    *("title", "start", "colspan", "rowspan"),
    *("alt", "width", "height"),
)

_Attributes = list[tuple[str, str | None]]


class PageBody(NamedTuple):
    """The body of an article for its page, and the URLs of the pictures in it."""

    html: Markup
    pictures: frozenset[str]


async def body_of(story: Mapping[str, Any], reader: Reader, root: str) -> PageBody:
    """Return the body of an article, whose field `body` is sanitised HTML.

    Headings and paragraphs that only repeat the title or the excerpt are left out.
    """
    html = story["body"] or ""
    origin = LinkOrigin(story["slug"], _absolute(story["webUrl"]))
    slugs = await linked_articles(_link_targets(html), origin, reader) if "<a " in html else {}
    above = frozenset(_words(text) for text in (story["title"], story["excerpt"]) if text)
    writer = _Writer(origin, slugs, above, root)
    if len(html) < _LONG:
        return writer.write(html)
    return await asyncio.to_thread(writer.write, html)


def _absolute(url: str | None) -> str | None:
    uri = web_url(url)
    return None if uri is None or uri.startswith("/") else uri


def _words(text: str) -> str:
    return " ".join(text.split())


def _link_targets(html: str) -> Iterable[str]:
    targets = _Targets()
    targets.feed(html)
    targets.close()
    return targets.hrefs


class _Targets(HTMLParser):
    """Collects where links lead."""

    def __init__(self) -> None:
        super().__init__()
        self.hrefs: list[str] = []

    def handle_starttag(self, tag: str, attrs: _Attributes) -> None:
        if tag == "a":
            self.hrefs += [value for name, value in attrs if name == "href" and value]


class _Block(NamedTuple):
    """A heading or paragraph that may be left out: what was written before it."""

    parts: int
    outline: tuple[int, ...]


class _Writer(HTMLParser):
    """Writes sanitised HTML, in which each element is closed, anew."""

    def __init__(
        self, origin: LinkOrigin, slugs: Mapping[str, str], above: frozenset[str], root: str
    ) -> None:
        super().__init__()
        self._root = root
        self._origin = origin
        self._slugs = slugs
        self._above = above
        self._parts: list[str] = []
        self._closings: list[str] = []
        self._outline: tuple[int, ...] = ()
        self._block: _Block | None = None
        self._text: list[str] = []
        self._pictures: set[str] = set()

    def write(self, html: str) -> PageBody:
        self.feed(html)
        self.close()
        return PageBody(Markup("".join(self._parts)), frozenset(self._pictures))

    def handle_starttag(self, tag: str, attrs: _Attributes) -> None:
        attributes = {name: value or "" for name, value in attrs}
        if not self._closings and tag in ("p", *_HEADINGS):
            self._block, self._text = _Block(len(self._parts), self._outline), []
        if tag == "img":
            self._picture(attributes)
        elif tag in _VOID:
            self._parts.append(f"<{tag}>")
        else:
            opening, closing = self._element(tag, attributes)
            self._parts.append(opening)
            self._closings.append(closing)

    def handle_data(self, data: str) -> None:
        self._parts.append(escape(data, quote=False))
        self._text.append(data)

    def handle_endtag(self, tag: str) -> None:
        self._parts.append(self._closings.pop())
        if self._block is not None and not self._closings:
            text = _words("".join(self._text))
            if text in self._above or not (
                text or "<img" in "".join(self._parts[self._block[0] :])
            ):
                del self._parts[self._block.parts :]
                self._outline = self._block.outline
            self._block = None

    def _element(self, tag: str, attributes: dict[str, str]) -> tuple[str, str]:
        """Return the start and the end of an element."""
        allowed = {name: attributes[name] for name in _ALLOWED if name in attributes}
        if tag == "a":
            return self._link(attributes.get("href", ""), allowed)
        if tag in _HEADINGS:
            tag = self._heading(int(tag[1]))
        if tag == "pre":  # it may be scrolled: with the keyboard, too
            allowed["tabindex"] = "0"
        start, end = _tag(tag, allowed), f"</{tag}>"
        if tag == "table":
            around = {"class": "scroll", "role": "region", "aria-label": "Table", "tabindex": "0"}
            return _tag("div", around) + start, f"{end}</div>"
        return start, end

    def _heading(self, level: int) -> str:
        """Return the heading that leaves out no level below that of the page's title."""
        above = tuple(higher for higher in self._outline if higher < level)
        self._outline = (*above, level)
        return _HEADINGS[min(len(self._outline), 5)]

    def _link(self, href: str, allowed: dict[str, str]) -> tuple[str, str]:
        if slug := target_of(href, self._slugs):
            return _tag("a", {"href": self._root + article_path(slug), **allowed}), "</a>"
        if href.lower().startswith("mailto:"):
            return _tag("a", {"href": href, **allowed}), "</a>"
        leads_nowhere = href.startswith("#") or is_source_file(href)
        url = None if leads_nowhere else web_url(joined(self._origin.url, href), self._root)
        if url is None:
            return "", ""
        rel = {} if url.startswith("/") else {"rel": "external noopener noreferrer"}
        return _tag("a", {"href": url, **allowed, **rel}), "</a>"

    def _picture(self, attributes: dict[str, str]) -> None:
        source = attributes.get("src", "")
        is_own = source.startswith("/media/")
        url = picture_url(source if is_own else joined(self._origin.url, source), self._root)
        if url is None:
            return
        self._pictures.add(url)
        allowed = {name: attributes[name] for name in _ALLOWED if name in attributes}
        how = {"loading": "lazy", "referrerpolicy": "no-referrer", "src": url}
        self._parts.append(_tag("img", {"alt": "", **allowed, **how}))


def _tag(name: str, attributes: Mapping[str, str]) -> str:
    return "".join(
        [f"<{name}", *(f' {key}="{escape(value)}"' for key, value in attributes.items()), ">"]
    )
