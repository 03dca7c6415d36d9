"""The sitemaps of all published articles, and the index that names them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Final

from graph.store.queries.slug_ranges import SlugRange, read_batch, slug_ranges
from graph.web.graphql.request import BadRequest
from graph.web.pages.page_paths import article_path
from graph.web.resources.resources import Begin, ServerOperations
from graph.web.sitemaps.page_sitemap import PAGES_PATH
from graph.web.sitemaps.sitemap_xml import (
    BYTES,
    SITEMAP_END,
    SITEMAP_START,
    URLS,
    index_entry,
    sitemap_index,
    url_entry,
)

NEWS_PATH: Final = "/sitemaps/news.xml"

_LONGEST_DATE: Final = datetime(9999, 12, 31, 23, 59, 59, 999_999, UTC)

_QUOTED: Final = 3
"""How many bytes of a URL a byte of a slug becomes at most."""


async def make_index(base: str, operations: ServerOperations) -> bytes:
    """Return the index of the sitemaps of the site at `base`."""
    entries = [
        index_entry(f"{base}/sitemaps/articles-{number}.xml", part.updated)
        for number, part in enumerate(await _ranges(base, operations), 1)
    ]
    others = [index_entry(base + path) for path in (PAGES_PATH, NEWS_PATH)]
    return sitemap_index([*entries, *others])


async def article_parts(base: str, number: int, begin: Begin) -> AsyncIterator[bytes]:
    """Yield the parts of the sitemap with this number, counted from 1.

    Raises BadRequest before the first part if there is none.
    """
    with begin() as operations:
        ranges = await _ranges(base, operations)
        if not 1 <= number <= len(ranges):
            raise BadRequest("There is no such sitemap: /sitemap.xml lists all of them.", 404)
        part = ranges[number - 1]
        rows = await read_batch(operations.passing, part, part.after)
    yield SITEMAP_START
    while rows:
        yield "".join(
            url_entry(base + article_path(row["_id"]), row.get("updatedDateTime")) for row in rows
        ).encode()
        after = rows[-1]["_id"]
        if after == part.last:
            break
        with begin() as operations:
            rows = await read_batch(operations.passing, part, after)
    yield SITEMAP_END


async def _ranges(base: str, operations: ServerOperations) -> list[SlugRange]:
    """Return the articles of each sitemap: fewer than allowed if their URLs are long."""
    entry = len(url_entry(base + article_path(""), _LONGEST_DATE))
    most = BYTES - len(SITEMAP_START) - len(SITEMAP_END)

    def fits(count: int, slug_bytes: int) -> bool:
        return count * entry + slug_bytes * _QUOTED <= most

    return await slug_ranges(operations.reader, URLS, fits)
