"""The sitemaps of all published articles, and the index that names them."""

from __future__ import annotations

from typing import Final

from graph.store.queries.slug_ranges import read_range, slug_ranges
from graph.web.graphql.request import BadRequest
from graph.web.pages.page_paths import article_path
from graph.web.resources.resources import OwnOperations
from graph.web.sitemaps.sitemap_xml import index_entry, sitemap, sitemap_index, url_entry

NEWS_PATH: Final = "/sitemaps/news.xml"

URLS: Final = 10_000
"""How many URLs a sitemap has. The protocol allows 50,000, but a sitemap is made in memory."""


async def make_index(base: str, operations: OwnOperations) -> bytes:
    """Return the index of the sitemaps of the site at `base`."""
    ranges = await slug_ranges(operations.reader, URLS)
    entries = [
        index_entry(f"{base}/sitemaps/articles-{number}.xml", part.updated)
        for number, part in enumerate(ranges, 1)
    ]
    return sitemap_index([*entries, index_entry(base + NEWS_PATH)])


async def make_articles(base: str, number: int, operations: OwnOperations) -> bytes:
    """Return the sitemap with this number, counted from 1. Raises BadRequest if there is none."""
    ranges = await slug_ranges(operations.reader, URLS)
    if not 1 <= number <= len(ranges):
        raise BadRequest("There is no such sitemap: /sitemap.xml names all of them.", 404)
    entries: list[str] = []
    async for rows in read_range(operations.passing, ranges[number - 1]):
        entries += [
            url_entry(base + article_path(row["_id"]), row.get("updatedDateTime")) for row in rows
        ]
    return sitemap(entries)
