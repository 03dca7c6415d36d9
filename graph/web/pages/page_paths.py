"""The paths of the reader's pages."""

from __future__ import annotations

from typing import Final
from urllib.parse import quote, urlencode

TOPICS: Final = "/topics"
PROVIDERS: Final = "/providers"


def article_path(slug: str) -> str:
    """Return the path of the page of an article."""
    return f"/article/{quote(slug, safe='/')}"


def topic_path(slug: str) -> str:
    """Return the path of the page of a topic."""
    return f"/topic/{quote(slug, safe='')}"


def provider_path(domain: str, name: str | None) -> str:
    """Return the path of the page of a provider. The name matters where several share a domain."""
    path = f"/provider/{quote(domain, safe='')}"
    return f"{path}?{urlencode({'name': name})}" if name else path


def search_path(words: str) -> str:
    """Return the path of the page that shows what a search finds."""
    return f"/search?{urlencode({'q': words})}"
