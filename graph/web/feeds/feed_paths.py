"""The paths of feeds, without the ending that names their format."""

from __future__ import annotations

from typing import Final, NamedTuple
from urllib.parse import quote, urlencode


class FeedPath(NamedTuple):
    """The path of a feed without its ending, and its query string, which may be empty."""

    path: str
    query: str = ""

    def __call__(self, ending: str) -> str:
        """Return the path of the feed in the format with this ending."""
        return f"{self.path}.{ending}{'?' if self.query else ''}{self.query}"


ALL: Final = FeedPath("/feeds/all")


def topic_feed(slug: str) -> FeedPath:
    """Return the path of the feed of a topic."""
    return FeedPath(f"/feeds/topics/{quote(slug)}")


def provider_feed(domain: str, name: str | None = None) -> FeedPath:
    """Return the path of the feed of a provider; see the field `provider` for the `name`."""
    return FeedPath(f"/feeds/providers/{quote(domain)}", urlencode({"name": name}) if name else "")


def author_feed(slug: str) -> FeedPath:
    """Return the path of the feed of an author."""
    return FeedPath(f"/feeds/authors/{quote(slug)}")


def search_feed(words: str) -> FeedPath:
    """Return the path of the feed of what a search finds."""
    return FeedPath("/feeds/search", urlencode({"q": words}))
