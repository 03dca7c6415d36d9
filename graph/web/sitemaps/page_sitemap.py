"""The sitemap of the pages that are no articles: of topics, publishers, and their indexes."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from typing import Final

from graph.store.driver.read_commands import Reader, Row
from graph.store.queries.taxonomy import providers_with_articles, topics_with_articles
from graph.web.pages import page_paths
from graph.web.resources.resources import Begin
from graph.web.sitemaps.sitemap_xml import (
    BYTES,
    SITEMAP_END,
    SITEMAP_START,
    URLS,
    url_entry,
)

PAGES_PATH: Final = "/sitemaps/pages.xml"

_FIXED: Final = ("/", page_paths.TOPICS, page_paths.PROVIDERS)


_Read = Callable[[Reader, str, int], Awaitable[list[Row]]]

_LISTS: Final[tuple[tuple[_Read, Callable[[Row], str]], ...]] = (
    (topics_with_articles, lambda row: page_paths.topic_path(row["slug"])),
    (providers_with_articles, lambda row: page_paths.provider_path(row["domain"], row["name"])),
)


async def page_parts(base: str, begin: Begin) -> AsyncIterator[bytes]:
    """Yield the parts of the sitemap: topics and publishers with articles, as far as there is room
    for them.
    """
    part = _entries(base, _FIXED)
    room, left = BYTES - len(SITEMAP_START) - len(part) - len(SITEMAP_END), URLS - len(_FIXED)
    part = SITEMAP_START + part
    for read, to_path in _LISTS:
        after = ""
        while left:
            with begin() as operations:
                rows = await read(operations.passing, after, left)
            yield part
            part = _entries(base, map(to_path, rows))
            room, left = room - len(part), left - len(rows)
            if not rows or room < 0:
                part = b""
                break
            after = rows[-1]["_id"]
    yield part + SITEMAP_END


def _entries(base: str, paths: Iterable[str]) -> bytes:
    return "".join(url_entry(base + path, None) for path in paths).encode()
