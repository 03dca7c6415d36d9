"""Lists of stories: of a topic with all below it, and of a provider."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from graph.web.feeds.feed_paths import provider_feed, topic_feed
from graph.web.pages.page_paths import provider_path, topic_path
from graph.web.pages.views.view import PageContent, View, breadcrumbs

_FIELDS: Final = "topic(slug: $slug) { description }"


def topic_view(slug: str, query: Mapping[str, str]) -> View:
    """Return the view of the topic with a slug."""

    def show(data: Mapping[str, Any], base: str) -> PageContent | None:
        topic = data["topic"]
        if topic is None:
            return None
        above = [topic["parent"]] if topic["parent"] else []
        tree = {relative["slug"] for relative in (*above, *topic["children"])}
        often = [other["topic"] for other in topic["coOccurring"]]
        content = {
            "topic": topic,
            "above": above,
            "beside": [other for other in often if other["slug"] not in tree],
        }
        steps = [(ancestor["name"], topic_path(ancestor["slug"])) for ancestor in above]
        way = breadcrumbs(base, (*steps, (topic["name"], topic_path(slug))))
        description = topic["description"] or f"The newest articles: {topic['name']}"
        return PageContent(topic["name"], content, description, json_ld=(way,))

    return View("Topic", topic_path(slug), {"slug": slug}, show, topic_feed(slug), _FIELDS)


def provider_view(domain: str, query: Mapping[str, str]) -> View:
    """Return the view of the provider with a domain, and perhaps a `name`."""
    name = query.get("name") or None

    def show(data: Mapping[str, Any], base: str) -> PageContent | None:
        provider = data["provider"]
        if provider is None:
            return None
        content = {"provider": provider, "domain": domain}
        description = provider["description"] or f"The newest articles: {provider['name']}"
        return PageContent(
            provider["name"], content, description, (provider["logo"] or {}).get("url")
        )

    return View(
        "Provider",
        provider_path(domain, name),
        {"domain": domain, "name": name},
        show,
        provider_feed(domain, name),
    )
