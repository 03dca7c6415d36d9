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
        found = data["topic"]
        if found is None:
            return None
        above = [found["parent"]] if found["parent"] else []
        tree = {near["slug"] for near in (*above, *found["children"])}
        often = [other["topic"] for other in found["coOccurring"]]
        content = {
            "topic": found,
            "above": above,
            "beside": [other for other in often if other["slug"] not in tree],
        }
        steps = [(near["name"], topic_path(near["slug"])) for near in above]
        way = breadcrumbs(base, (*steps, (found["name"], topic_path(slug))))
        description = found["description"] or f"The newest articles: {found['name']}"
        return PageContent(found["name"], content, description, json_ld=(way,))

    return View("Topic", topic_path(slug), {"slug": slug}, show, topic_feed(slug), _FIELDS)


def provider_view(domain: str, query: Mapping[str, str]) -> View:
    """Return the view of the provider with a domain, and perhaps a `name`."""
    name = query.get("name") or None

    def show(data: Mapping[str, Any], base: str) -> PageContent | None:
        found = data["provider"]
        if found is None:
            return None
        content = {"provider": found, "domain": domain}
        description = found["description"] or f"The newest articles: {found['name']}"
        return PageContent(found["name"], content, description, (found["logo"] or {}).get("url"))

    return View(
        "Provider",
        provider_path(domain, name),
        {"domain": domain, "name": name},
        show,
        provider_feed(domain, name),
    )
