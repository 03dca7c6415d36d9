"""Links of a body that lead to other articles: by their URLs, or by the paths of their files."""

from __future__ import annotations

import posixpath
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Final, NamedTuple
from urllib.parse import unquote, urldefrag, urlsplit

from graph.store.driver.read_commands import Reader
from graph.store.queries.articles import PUBLISHED, by_slugs, by_web_urls
from graph.web.pages.content.document_urls import joined

MAX_LINKS: Final = 500
"""How many links of a body are looked up."""

_EXTENSION: Final = re.compile(r"\.[A-Za-z][A-Za-z0-9]{0,8}$")
_SOURCE: Final = re.compile(r"\.(?:md|markdown|mdx|qmd)$", re.IGNORECASE)
_INDEXES: Final = frozenset({"index", "_index"})


class LinkOrigin(NamedTuple):
    """The location of an article, against which its links are resolved.

    Args:
        slug: the path of its file without the extension, or the folder of its file.
        url: its own, if it is absolute.
    """

    slug: str
    url: str | None


async def linked_articles(
    targets: Iterable[str], origin: LinkOrigin, reader: Reader
) -> Mapping[str, str]:
    """Return the slugs of the published articles that the links of an article lead to, by target.

    A target is a URL, absolute or relative to that of the article, or the path of a file, relative
    to that of the article or, after a slash, to a folder above it.
    """
    first = list(islice(dict.fromkeys(filter(None, map(_document, targets))), MAX_LINKS))
    urls = {target: url for target in first if (url := joined(origin.url, target))}
    by_url = await by_web_urls(reader, list(set(urls.values())), {}, PUBLISHED) if urls else {}
    slugs_by_target = {target: by_url[url]["_id"] for target, url in urls.items() if url in by_url}
    slugs = {
        target: list(_slugs(target, origin.slug))
        for target in first
        if target not in slugs_by_target and not _has_host(target)
    }
    requested = sorted({slug for candidates in slugs.values() for slug in candidates})
    articles = await by_slugs(reader, requested, {}, PUBLISHED) if requested else {}
    for target, possible in slugs.items():
        if slug := next(filter(articles.__contains__, possible), None):
            slugs_by_target[target] = slug
    return slugs_by_target


def target_of(link: str, slugs_by_target: Mapping[str, str]) -> str | None:
    """Return the slug that a link leads to, of those that `linked_articles` has found."""
    return slugs_by_target.get(_document(link))


def is_source_file(link: str) -> bool:
    """Return whether a link leads to the file of a document, which no site publishes as it is."""
    document = _document(link)
    if not document or _has_host(document):
        return False
    return bool(_SOURCE.search(urlsplit(document).path))


def _document(link: str) -> str:
    """Return a link without its fragment; empty if it cannot lead to an article."""
    try:
        document = urldefrag(link.strip()).url
        is_web = urlsplit(document).scheme.lower() in {"", "http", "https"}
    except ValueError:
        return ""
    return document if is_web else ""


def _has_host(target: str) -> bool:
    parts = urlsplit(target)
    return bool(parts.scheme or parts.netloc)


def _slugs(target: str, origin: str) -> Iterator[str]:
    """Yield what the slug of the file at a path may be, the most likely first.

    `origin` is the slug of the article that links to it.
    """
    name = unicodedata.normalize("NFC", unquote(urlsplit(target).path)).removeprefix("@")
    folder = posixpath.dirname(origin)
    for above in _folders(folder) if name.startswith("/") else (folder, origin):
        full = posixpath.normpath(posixpath.join(above, name.lstrip("/")))
        stem = _EXTENSION.sub("", full)
        for slug in dict.fromkeys((stem, full)):
            yield slug
            if posixpath.basename(slug) in _INDEXES:
                yield posixpath.dirname(slug)
        yield f"{full}/index"


def _folders(folder: str) -> Iterator[str]:
    """Yield the folders above a file, from the root on: a link may start at any of them."""
    yield ""
    parts = folder.split("/") if folder else []
    for depth in range(1, len(parts) + 1):
        yield "/".join(parts[:depth])
