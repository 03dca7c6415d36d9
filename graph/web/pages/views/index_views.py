"""Indexes of all topics and of all publishers, by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple
from urllib.parse import urlencode

from graph.web.pages.page_paths import PROVIDERS, TOPICS, provider_path, topic_path
from graph.web.pages.views.view import PageContent, View


class _Entry(NamedTuple):
    """A line of an index; `near` is where it belongs to: a text, and perhaps a path."""

    name: str
    path: str
    articles: int
    near: str | None
    near_path: str | None = None


def topics_view(name: str, query: Mapping[str, str]) -> View:
    """Return the view of the topics by name, after the cursor `after`."""
    return _index("Topics", "topics", TOPICS, query, _topic)


def providers_view(name: str, query: Mapping[str, str]) -> View:
    """Return the view of the publishers by name, after the cursor `after`."""
    return _index("Providers", "publishers", PROVIDERS, query, _provider)


def _topic(topic: Mapping[str, Any]) -> _Entry:
    parent = topic["parent"] or {"name": None, "slug": ""}
    above = topic_path(parent["slug"])
    path = topic_path(topic["slug"])
    return _Entry(topic["name"], path, topic["articleCount"], parent["name"], above)


def _provider(provider: Mapping[str, Any]) -> _Entry:
    name, domain = provider["name"], provider["domain"]
    return _Entry(name, provider_path(domain, name), provider["articleCount"], domain)


def _index(
    operation: str,
    things: str,
    path: str,
    query: Mapping[str, str],
    entry: Callable[[Mapping[str, Any]], _Entry],
) -> View:
    after = query.get("after") or None

    def show(data: Mapping[str, Any], base: str) -> PageContent:
        connection = data[operation.lower()]
        pages = connection["pageInfo"]
        more = _path(path, pages["endCursor"]) if pages["hasNextPage"] else None
        content = {
            "things": things,
            "total": connection["totalCount"],
            "entries": [entry(node) for node in connection["nodes"]],
            "first": path if after else None,
            "more": more,
        }
        return PageContent(things.capitalize(), content, f"All {things}, by name.")

    return View(operation, _path(path, after), {"after": after}, show, template="index.html")


def _path(path: str, after: str | None) -> str:
    return f"{path}?{urlencode({'after': after})}" if after else path
