"""The kinds of feeds: what each is about, and where its articles come from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from graph.web.feeds.feed_paths import (
    ALL,
    FeedPath,
    author_feed,
    provider_feed,
    search_feed,
    topic_feed,
)
from graph.web.feeds.operations import (
    ALL_FEED,
    AUTHOR_FEED,
    PROVIDER_FEED,
    SEARCH_FEED,
    TOPIC_FEED,
)
from graph.web.graphql.request import BadRequest
from graph.web.pages.page_paths import provider_path, search_path, topic_path


class FeedSource(NamedTuple):
    """Where a feed comes from.

    Args:
        path: of the feed.
        home: the path of the page with the same articles.
        operation: the text of the operation, with its `variables`.
        missing: says that its subject does not exist.
        words: those of its search.
    """

    path: FeedPath
    home: str
    operation: str
    variables: Mapping[str, Any]
    missing: str = ""
    words: str = ""


def all_articles(key: str, query: Mapping[str, str]) -> FeedSource:
    """Return the source of the feed of all articles."""
    return FeedSource(ALL, "/", ALL_FEED, {})


def of_topic(key: str, query: Mapping[str, str]) -> FeedSource:
    """Return the source of the feed of the topic with a slug, and of the topics below it."""
    missing = "There is no topic with this slug."
    return FeedSource(topic_feed(key), topic_path(key), TOPIC_FEED, {"slug": key}, missing)


def of_provider(key: str, query: Mapping[str, str]) -> FeedSource:
    """Return the source of the feed of the provider with a domain, and perhaps a `name`."""
    name = query.get("name") or None
    missing = f"There is no provider with this domain{' and name' if name else ''}."
    return FeedSource(
        provider_feed(key, name),
        provider_path(key, name),
        PROVIDER_FEED,
        {"domain": key, "name": name},
        missing,
    )


def of_author(key: str, query: Mapping[str, str]) -> FeedSource:
    """Return the source of the feed of the author with a slug. The reader has no page of them."""
    missing = "There is no author with this slug."
    return FeedSource(author_feed(key), "/", AUTHOR_FEED, {"slug": key}, missing)


def of_search(key: str, query: Mapping[str, str]) -> FeedSource:
    """Return the source of the feed of what a search finds. Raises BadRequest without words."""
    words = query.get("q", "").strip()
    if not words:
        raise BadRequest("Say what to search for: /feeds/search.atom?q=ferry")
    return FeedSource(
        search_feed(words), search_path(words), SEARCH_FEED, {"search": words}, words=words
    )
