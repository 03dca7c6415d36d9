"""The address of a page within its site, as its generator forms it.

Hugo https://gohugo.io/configuration/permalinks/ Jekyll https://jekyllrb.com/docs/permalinks/ Zola
https://www.getzola.org/documentation/content/page/ Eleventy https://www.11ty.dev/docs/permalinks/
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final
from unicodedata import combining, normalize

from loaders.sites.generators.pages.generic_permalinks import generic_permalink
from loaders.sites.generators.pages.permalink_patterns import fill, slugified
from loaders.sites.generators.pages.site_page import SitePage, is_false

_NOT_IN_HUGO_PATHS: Final = re.compile(r"[^\w\s./\\+~%#@-]")
_HUGO_PATH: Final = re.compile(r"[\w./\\+~%#@-]*")
_JEKYLL_STYLES: Final = {
    "date": "/:categories/:year/:month/:day/:title:output_ext",
    "pretty": "/:categories/:year/:month/:day/:title/",
    "ordinal": "/:categories/:year/:y_day/:title:output_ext",
    "weekdate": "/:categories/:year/W:week/:short_day/:title:output_ext",
    "none": "/:categories/:title:output_ext",
}


def permalink(page: SitePage) -> str | None:
    """Return the path of a page, beginning with a slash; None if it is unknown."""
    rule = _RULES.get(page.facts.generator)
    return None if rule is None else rule(page)


def _hugo(page: SitePage) -> str | None:
    """Use `url`, or else the section's pattern, or else the path with `slug` as its last part."""
    path, prefix = page.inner_path, _language(page)
    folder, _, name = path.rpartition("/")
    if (url := page.text("url")) is not None:
        return _hugo_url(page, url, prefix, folder)
    if name in ("index", "_index"):
        is_section, path = name == "_index", folder
        folder, _, name = path.rpartition("/")
    else:
        is_section = False
    if not path:
        return f"{prefix}/"
    section = path.partition("/")[0]
    pattern = None if is_section else page.facts.permalinks.get(section)
    if pattern is not None:
        day = page.date
        words = _hugo_words(page, folder, name)
        filled = fill(pattern, lambda key, slice_: _sliced(words.get(key), slice_), day)
        return filled and f"{prefix}/{re.sub('//+', '/', filled).strip('/')}{_hugo_ending(page)}"
    last = name if is_section else page.text("slug") or name
    ending = "/" if is_section else _hugo_ending(page)
    return f"{prefix}/{_hugo_path(f'{folder}/{last}').strip('/')}{ending}"


def _hugo_ending(page: SitePage) -> str:
    return ".html" if page.facts.has_ugly_urls else "/"


def _hugo_url(page: SitePage, url: str, prefix: str, folder: str) -> str | None:
    """Return the address that `url` in the front matter says. It may be a pattern, and with a slash
    at its beginning is the same in all languages.
    """
    if "://" in url:
        return None
    words = _hugo_words(page, folder, page.name)
    filled = fill(url, lambda key, slice_: _sliced(words.get(key), slice_), page.date)
    return filled and (filled if filled.startswith("/") else f"{prefix}/{filled}")


def _hugo_words(page: SitePage, folder: str, name: str) -> dict[str, str]:
    title = _hugo_path(page.text("title") or name).replace("/", "-")
    slug = page.text("slug")
    return {
        "title": title,
        "slug": slug or title,
        "slugorfilename": slug or name,
        "slugorcontentbasename": slug or name,
        "filename": name,
        "contentbasename": name,
        "section": folder.partition("/")[0],
        "sections": folder,
    }


def _hugo_path(path: str) -> str:
    """Return a path as Hugo writes it: white space becomes a hyphen, unless it is next to one."""
    if _HUGO_PATH.fullmatch(path):  # as most are
        return path.lower()
    words = " ".join(_NOT_IN_HUGO_PATHS.sub("", path).split())
    return words.replace(" -", "-").replace("- ", "-").replace(" ", "-").lower()


def _sliced(value: str | None, slice_: str | None) -> str | None:
    """Return the parts of a path that a slice of Hugo names: `[1:]`, `[last]`."""
    if value is None or slice_ is None:
        return value
    parts = value.split("/")
    match = re.fullmatch(r"\[(\d*)(:?)(\d*|last)\]", slice_)
    if match is None:
        return None
    first, colon, end = match.groups()
    if end == "last" and not colon:
        return parts[-1]
    begin = int(first or 0)
    if not colon:
        return parts[begin] if begin < len(parts) else ""
    return "/".join(parts[begin : len(parts) - 1 if end == "last" else int(end) if end else None])


def _jekyll(page: SitePage) -> str | None:
    """Use `permalink`, or else the collection's, or else the site's style."""
    collection = _collection(page)
    pattern = page.text("permalink") or page.facts.permalinks.get(collection or "")
    pattern = _JEKYLL_STYLES.get(pattern or "", pattern)
    if collection is None:
        return _jekyll_page(page, pattern)
    if collection in page.facts.unwritten:
        return None
    if pattern is None:
        pattern = f"/:collection/:path{_ending(page)}"
        pattern = _JEKYLL_STYLES["date"] if collection == "posts" else pattern
    words = _jekyll_words(page, collection)
    filled = fill(pattern, lambda key, _: words.get(key), page.date)
    return filled and re.sub("//+", "/", f"/{filled}")


def _jekyll_page(page: SitePage, pattern: str | None) -> str | None:
    if pattern is not None and ":" not in pattern:
        return f"/{pattern.lstrip('/')}"
    folder, _, name = page.inner_path.rpartition("/")
    start = f"/{folder}/" if folder else "/"
    if name == "index":
        return start
    return f"{start}{name}{_ending(page)}"


def _ending(page: SitePage) -> str:
    """Return the ending that the site's style gives to the addresses of all that are no posts."""
    style = page.facts.permalinks.get("", "date")
    pattern = _JEKYLL_STYLES.get(style, style)
    if pattern.endswith("/"):
        return "/"
    return ".html" if pattern.endswith((":output_ext", ".html")) else ""


def _collection(page: SitePage) -> str | None:
    folders = page.inner_path.split("/")[:-1]
    if "_posts" in folders or "_drafts" in folders:
        return "posts"
    for name, folder in page.facts.collections.items():
        if page.inner_path.startswith(f"{folder}/"):
            return name
    return None


def _jekyll_words(page: SitePage, collection: str) -> dict[str, str]:
    folder = page.facts.collections.get(collection, f"_{collection}")
    slug = page.text("slug") or (page.slug if collection == "posts" else page.name)
    return {
        "title": slug,
        "slug": slugified(slug),
        "name": slugified(page.name),
        "path": page.inner_path.removeprefix(f"{folder}/"),
        "collection": collection,
        "output_ext": ".html",
        "categories": "/".join(map(slugified, _categories(page))),
        "slugified_categories": "/".join(map(slugified, _categories(page))),
    }


def _categories(page: SitePage) -> list[str]:
    """Return the folders above `_posts`, and the categories of the front matter."""
    folders = page.inner_path.split("/")
    above = folders[: folders.index("_posts")] if "_posts" in folders else []
    named: Any = page.front.get("category") or page.front.get("categories") or []
    if isinstance(named, str):
        named = [named] if page.front.get("category") else named.split()
    texts = [name for name in named if isinstance(name, str)] if isinstance(named, list) else []
    return list(dict.fromkeys([*above, *texts]))


def _zola(page: SitePage) -> str | None:
    """Use `path`, or else the folder with `slug` as its last part."""
    if (path := page.text("path")) is not None:
        return f"/{path.strip('/')}/"
    path, prefix = page.inner_path, _language(page)
    folder, _, name = path.rpartition("/")
    is_section = name == "_index"
    if name in ("index", "_index"):
        folder, _, name = folder.rpartition("/")
    if not name:
        return f"{prefix}/"
    slug = None if is_section else page.text("slug")
    last = slug or (name if is_section else page.undated(name))
    parts = [_zola_slug(part) for part in (*folder.split("/"), last) if part]
    return f"{prefix}/{'/'.join(filter(None, parts))}/" if all(parts) else None


def _zola_slug(text: str) -> str | None:
    """Return a part of a path as Zola writes it, in ASCII; None if more than accents would
    be lost.
    """
    plain = "".join(sign for sign in normalize("NFKD", text) if not combining(sign))
    return slugified(plain) if plain.isascii() else None


def _eleventy(page: SitePage) -> str | None:
    """Use `permalink` unless it is a template, or else the path without the date in its name.

    A page with `permalink: false` is not written.
    """
    if is_false(page.front.get("permalink")):
        return None
    if (pattern := page.text("permalink")) is not None:
        return None if "{" in pattern else f"/{pattern.lstrip('/')}"
    folder = page.inner_path.rpartition("/")[0]
    if page.is_bundle or page.name == folder.rpartition("/")[2]:
        return f"/{folder}/" if folder else "/"
    return f"/{folder}/{page.slug}/" if folder else f"/{page.slug}/"


def _astro(page: SitePage) -> str | None:
    """Use the path below `src/pages` or `src/content`, although collections may have other
    routes.
    """
    if (pattern := page.text("permalink")) is not None:
        return f"/{pattern.lstrip('/')}"
    if page.facts.content == "src/content" and page.inner_path.startswith("src/data/"):
        return None  # the route of such a collection is part of a program
    inner = page.inner_path.removeprefix("src/pages/")
    folder, _, name = inner.rpartition("/")
    path = folder if name == "index" else inner
    if (slug := page.text("slug")) is not None:
        path = f"{path.partition('/')[0]}/{slug}" if "/" in path else slug
    return f"/{path}/" if path else "/"


def _language(page: SitePage) -> str:
    """Return the path prefix of a page's language."""
    facts = page.facts
    return facts.languages.get(page.language or facts.default_language or "", "")


_RULES: Final[dict[str, Callable[[SitePage], str | None]]] = {
    "hugo": _hugo,
    "jekyll": _jekyll,
    "zola": _zola,
    "eleventy": _eleventy,
    "astro": _astro,
    "generic": generic_permalink,
}
