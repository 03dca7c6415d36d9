"""The address of a page of a generator that has no preset of its own.

Hexo https://hexo.io/docs/permalinks MkDocs https://squidfunk.github.io/mkdocs-material/plugins/blog/
Docusaurus https://docusaurus.io/docs/create-doc Nuxt Content https://content.nuxt.com
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from loaders.sites.generators.pages.permalink_patterns import fill, slugified
from loaders.sites.generators.pages.site_page import SitePage, unnumbered

_ADDRESS_KEYS: Final = ("webUrl", "url", "permalink")
_OF_GATSBY: Final = ("path", "slug")
_READMES: Final = frozenset({"docusaurus", "mkdocs", "vuepress"})
"""Generators in which the README of a folder is its index."""

_NAMED_BY_FILE: Final = frozenset({"nikola", "hexo"})
"""Generators that make the slug of a page from the name of its file, and not from its title."""

_DATED_POST: Final = re.compile(r"(.*?)(\d{4})[-/](\d{1,2})[-/](\d{1,2})[-/]?(.*)", re.DOTALL)


def generic_permalink(page: SitePage) -> str | None:
    """Use the address in the front matter, or else the pattern of the folder, if it is known."""
    for key in _ADDRESS_KEYS:
        if (url := page.text(key)) is not None:
            return _path_of_address(page, url)
    if page.facts.variant == "gatsby":
        paths = filter(None, map(page.text, _OF_GATSBY))
        if (path := next((path for path in paths if path[0] == "/"), None)) is not None:
            return path
    start = _start(page)
    if start is None:
        return None
    below = page.inner_path.removeprefix(start).strip("/")
    pattern = page.facts.permalinks[start]
    if pattern.startswith(":path") and _is_index(page):
        folder = below.rpartition("/")[0]
        return f"/{folder}/" if folder else "/"
    words = {name: word(page, below) for name, word in _WORDS.items() if f":{name}" in pattern}
    filled = fill(pattern, lambda key, _: words.get(key), page.date)
    return None if filled is None else f"/{filled.lstrip('/')}"


def _start(page: SitePage) -> str | None:
    """Return the innermost folder of a page that has a pattern; drafts have no address."""
    folders = sorted(page.facts.permalinks, key=len, reverse=True)
    path = page.inner_path
    start = next((name for name in folders if not name or path.startswith(f"{name}/")), None)
    return None if path.startswith("_drafts/") else start


def _path_of_address(page: SitePage, url: str) -> str | None:
    """Return the path of an address in the front matter; None for templates and other sites."""
    site = (page.facts.settings.url or "").rstrip("/")
    path = url.removeprefix(site) if site else url
    is_template = "{" in path or ":" in path
    return None if is_template or path.startswith("//") else f"/{path.lstrip('/')}"


def _is_index(page: SitePage) -> bool:
    name = page.inner_path.rpartition("/")[2]
    return name == "index" or (name.lower() == "readme" and page.facts.variant in _READMES)


def _slug(page: SitePage, below: str) -> str | None:
    """Return the slug in the front matter, or else one of the title or of the file's name."""
    if (slug := page.text("slug")) is not None:
        return slug.strip("/")
    by_file = page.facts.variant in _NAMED_BY_FILE
    title = None if by_file else page.text("title") or page.heading
    return slugified(title) if title else page.slug


def _category(page: SitePage, below: str) -> str | None:
    category = page.text("category")
    return category and slugified(category)


def _doc(page: SitePage, below: str) -> str:
    """Return the address of a page of Docusaurus: its folders and name, without numbers."""
    *folders, name = map(unnumbered, below.split("/"))
    slug = page.text("slug")
    if slug is not None:
        return slug.lstrip("/") if slug.startswith("/") else "/".join((*folders, slug))
    if name.lower() in ("index", "readme", *map(str.lower, folders[-1:])):
        return "".join(f"{folder}/" for folder in folders)
    return "/".join((*folders, page.text("id") or name))


def _post(page: SitePage, below: str) -> str:
    """Return the address of a post of Docusaurus: its slug, or else its file's date and name."""
    if (slug := page.text("slug")) is not None:
        return slug.strip("/")
    name = below.removesuffix("/index")
    match = _DATED_POST.fullmatch(name)
    if match is None:
        return name
    folder, year, month, day, text = match.groups()
    return f"{year}/{month}/{day}/{folder}{text}".rstrip("/")


def _page(page: SitePage, below: str) -> str:
    """Return the address of a page of Nuxt: its folders and name, without numbers."""
    *folders, name = map(unnumbered, below.split("/"))
    return "/".join(folders if name == "index" else (*folders, name))


_WORDS: Final[dict[str, Callable[[SitePage, str], str | None]]] = {
    "path": lambda _, below: below,
    "title": lambda _, below: below,
    "name": lambda page, _: page.slug,
    "slug": _slug,
    "category": _category,
    "doc": _doc,
    "post": _post,
    "page": _page,
}
