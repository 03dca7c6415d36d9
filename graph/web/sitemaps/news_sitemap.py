"""The sitemap of the newest articles, for Google News."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from graph.locales import language_tag
from graph.schema.values.scalars import serialize_date
from graph.web.pages.page_paths import article_path
from graph.web.resources.resources import ServerOperations
from graph.web.sitemaps.sitemap_xml import news_entry, news_sitemap

_LARGEST: Final = 1_000
"""How many articles a news sitemap may have."""

_PERIOD: Final = timedelta(days=2)
_PAGE: Final = 100

_CHINESE: Final = frozenset({"zh-cn", "zh-tw"})
"""The languages that Google News distinguishes by region."""

_OPERATION: Final = """
query NewsSitemap($since: DateTime!, $first: Int!, $after: String) {
  articles(first: $first, after: $after, where: {publishedDateTime: {gte: $since}}) {
    nodes { slug title publishedDateTime language provider { name } }
    pageInfo { hasNextPage endCursor }
  }
}
"""


def beginning(now: datetime) -> datetime:
    """Return the time from which articles are included: at most two days ago, and the same for all
    requests within an hour, so that the sitemap can be cached.
    """
    hour = now.replace(minute=0, second=0, microsecond=0)
    return hour + timedelta(hours=1) - _PERIOD


async def make_news(
    base: str, language: str, since: datetime, operations: ServerOperations
) -> bytes:
    """Return the sitemap of the articles since a time, the newest first.

    Args:
        base: the URL of the site.
        language: of articles that do not say theirs.
    """
    entries: list[str] = []
    variables: dict[str, Any] = {"since": serialize_date(since), "first": _PAGE, "after": None}
    has_next = True
    while has_next and len(entries) < _LARGEST:
        page = (await operations.execute(_OPERATION, variables))["articles"]
        entries += [_entry(base, language, node) for node in page["nodes"]]
        has_next = page["pageInfo"]["hasNextPage"]
        variables["after"] = page["pageInfo"]["endCursor"]
    return news_sitemap(entries)


def _entry(base: str, language: str, node: dict[str, Any]) -> str:
    published = node["publishedDateTime"]
    return news_entry(
        base + article_path(node["slug"]),
        node["provider"]["name"],
        _news_language(language_tag(node["language"]) or language),
        published if isinstance(published, str) else serialize_date(published),
        node["title"],
    )


def _news_language(tag: str) -> str:
    """Return a language as Google News expects it: mostly without a region."""
    tag = tag.lower()
    return tag if tag in _CHINESE else tag.partition("-")[0]
