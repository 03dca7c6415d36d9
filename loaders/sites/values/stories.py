"""Related stories: pages that a document links to or names."""

from __future__ import annotations

import posixpath
import re
from typing import Any, Final
from urllib.parse import unquote, urljoin, urlsplit

from graph.documents import Row
from graph.text.link_tags import HUGO_REF, LINK_TAG, POST_URL
from graph.text.outline import links
from loaders.files.places import has_extension, stem
from loaders.frontmatter.split import UnquotedScalar
from loaders.sites.generators.pages.permalinks import permalink
from loaders.sites.generators.pages.site_page import SitePage, with_base
from loaders.sites.values.booleans import boolean_value
from loaders.sites.values.shapes import host, text

# Each of these takes linear time, because no repetition can match the beginning of another.
_URL_FILTER: Final = re.compile(
    r"""\{\{\s*["']([^"'{}]+)["']\s*\|\s*(?:relative|absolute)_url\s*\}\}"""
)
_SITE_VARIABLE: Final = re.compile(r"\{\{-?\s*site\.(?:base_?url|url)\s*-?\}\}")
_SCHEME: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_FILE: Final = re.compile(r"\.[A-Za-z][A-Za-z0-9]{1,4}")
_PAGES: Final = (".html", ".htm")
_URL_KEYS: Final = ("webUrl", "url", "link", "href", "path", "slug")


def linked_stories(page: SitePage, own_permalink: str | None, body: str) -> list[Row] | None:
    """Return the pages of the site that a body links to, in order, without duplicates or the page
    itself.

    `own_permalink` is the page's permalink. A link to a file becomes the permalink of that file, as
    far as its path implies it. Returns None if there is no such page, or the address of the site is
    unknown.
    """
    site = page.facts.settings.url
    if site is None or ("](" not in body and "]:" not in body and "<" not in body):
        return None
    stories: dict[str, Row] = {}
    itself = {with_base(site, own_permalink)} if own_permalink else set()
    for target, words in links(body):
        url = _page_url(page, own_permalink, target)
        if url is not None and url not in itself and url not in stories:
            stories[url] = _story(page, words, url)
    return list(stories.values()) or None


def named_stories(page: SitePage, own_permalink: str | None, value: Any) -> list[Any] | None:
    """Return related stories from slugs, paths, URLs, or mappings with one of these or with a title
    and a provider.
    """
    entries = value if isinstance(value, list) else [value]
    stories = [entry and _named(page, own_permalink, entry) for entry in entries]
    return stories if any(stories) and stories.count(None) == entries.count(None) else None


def _named(page: SitePage, own_permalink: str | None, entry: Any) -> Row | None:
    if isinstance(entry, UnquotedScalar) and (entry.isdigit() or boolean_value(entry) is not None):
        return None
    if isinstance(entry, str):
        url = _named_url(page, own_permalink, entry)
        return _story(page, "", url) if url else None
    if not isinstance(entry, dict):
        return None
    key = _url_key(entry)
    url = key and _named_url(page, own_permalink, entry[key])
    if key is None or url is None:
        is_described = text(entry.get("title")) and isinstance(entry.get("provider"), dict)
        return entry if is_described else None
    words = text(entry.get("title")) or text(entry.get("name"))
    provider = entry.get("provider")
    story = entry.copy()
    del story[key]
    story["title"] = words or _title(url)
    story["webUrl"] = url
    story["provider"] = provider if isinstance(provider, dict) else _provider(page, url)
    return story


def _url_key(entry: Row) -> str | None:
    for key in _URL_KEYS:
        if key in entry and isinstance(entry[key], str) and entry[key].strip():
            return key
    return None


def _named_url(page: SitePage, own_permalink: str | None, name: str) -> str | None:
    """Return the URL for a name in front matter. Without any sign of a path, it is a slug."""
    name = name.strip()
    if _SCHEME.match(name) or name.startswith("//"):
        domain = host(name)
        is_own = domain is not None and domain == page.facts.domain
        return (_page_url(page, own_permalink, name) if is_own else None) or (domain and name)
    if page.facts.settings.url is None or not name:
        return None
    if name.startswith(("/", ".")) or "{" in name or has_extension(name):
        return _page_url(page, own_permalink, name)
    return _file_url(page, _of_content(page, name) if "/" in name else _beside(page, name))


def _story(page: SitePage, words: str, url: str) -> Row:
    return {"title": words or _title(url), "webUrl": url, "provider": _provider(page, url)}


def _provider(page: SitePage, url: str) -> Row:
    domain = host(url) or ""
    name = page.facts.settings.name if domain == page.facts.domain else None
    return {"name": name or domain, "domain": domain}


def _title(url: str) -> str:
    """Return the last part of a URL's path, without its extension; the URL if it has no path."""
    return stem(posixpath.basename(unquote(urlsplit(url).path).rstrip("/"))) or url


def _page_url(page: SitePage, own_permalink: str | None, target: str) -> str | None:
    """Return the absolute URL of a link, if it leads to a page of the site."""
    site = page.facts.settings.url
    assert site is not None or _SCHEME.match(target) or target.startswith("//")
    if (path := _tagged(page, target)) is not None:
        return _file_url(page, path)
    if "{" in target:
        target = _URL_FILTER.sub(r"\1", _SITE_VARIABLE.sub("", target))
    target = target.partition("#")[0].partition("?")[0].strip()
    if not target or "{" in target or site is None:
        return None
    if target.startswith("//") or _SCHEME.match(target):
        return _url_in_site(page, site, target)
    target = unquote(target)
    if has_extension(target) and not target.lower().endswith(_PAGES):
        is_of_root = target.startswith("/")
        return _file_url(page, _of_content(page, target) if is_of_root else _beside(page, target))
    if target.startswith("/"):
        return _address(page, with_base(site, target))
    return (
        _address(page, urljoin(with_base(site, own_permalink), target)) if own_permalink else None
    )


def _tagged(page: SitePage, target: str) -> str | None:
    """Return the path of the file that a generator's link tag refers to."""
    if target.startswith("@/"):
        return _of_content(page, target[2:].partition("#")[0])
    if "{" not in target:
        return None
    if (match := HUGO_REF.search(target)) is not None:
        name = match[1].partition("#")[0]
        is_of_root = "/" in name and not name.startswith(".")
        return _of_content(page, name) if is_of_root else _beside(page, name)
    if (match := POST_URL.search(target)) is not None:
        folder, slash, name = match[1].strip("/").rpartition("/")
        return f"_posts/{folder}{slash}{name}.md"
    if (match := LINK_TAG.search(target)) is not None:
        return match[1].lstrip("/")
    return None


def _url_in_site(page: SitePage, site: str, url: str) -> str | None:
    """Return a URL if it belongs to the site, in the spelling of the site's own URL."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    if parts.scheme not in ("", "http", "https") or host(url) != page.facts.domain:
        return None
    base = urlsplit(site).path.rstrip("/")
    path = unquote(parts.path)
    return _address(page, with_base(site, path)) if path.startswith(f"{base}/") else None


def _address(page: SitePage, url: str) -> str | None:
    """Return the URL of a page; None for the home page, a file or another site."""
    site = page.facts.settings.url or ""
    path = urlsplit(url).path
    if not url.startswith(f"{site.rstrip('/')}/") or url.rstrip("/") == site.rstrip("/"):
        return None
    ending = posixpath.splitext(path)[1]
    if ending and ending.lower() not in _PAGES and _FILE.fullmatch(ending):
        return None
    has_slash = page.facts.generator in ("hugo", "zola") and not ending
    return f"{url}/" if has_slash and not url.endswith("/") else url


def _file_url(page: SitePage, path: str) -> str | None:
    """Return the URL of a file, of which only the path is known."""
    site = page.facts.settings.url
    if site is None or path.startswith("../"):
        return None
    address = permalink(_in_language(page, SitePage(page.facts, path, {})))
    return _address(page, with_base(site, address)) if address else None


def _in_language(page: SitePage, target: SitePage) -> SitePage:
    """Return the translation that Hugo links to: that in the language of the linking page."""
    facts = page.facts
    if facts.generator != "hugo" or page.language is None or target.language is not None:
        return target
    if page.language in facts.language_folders:
        return target
    return SitePage(facts, f"{stem(target.path)}.{page.language}.md", {})


def _of_content(page: SitePage, path: str) -> str:
    """Return the path of a file that is relative to the content folder."""
    return posixpath.normpath(posixpath.join(page.facts.content, path.lstrip("/")))


def _beside(page: SitePage, path: str) -> str:
    """Return the path of a file that is relative to the folder of the page."""
    return posixpath.normpath(posixpath.join(posixpath.dirname(page.path), path))
