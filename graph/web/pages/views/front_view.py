"""The front page: one large story, the newest beside it, topics, and all else by date."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from graph.web.pages.views.view import PageContent, StoryData, View

_BESIDE: Final = 4
_IN_A_TOPIC: Final = 4


def front_view(name: str, query: Mapping[str, str]) -> View:
    """Return the view of the front page."""
    return View("Front", "/", {}, _show)


def _show(data: Mapping[str, Any], base: str) -> PageContent:
    nodes: Sequence[StoryData] = data["articles"]["nodes"]
    first = nodes[:_BESIDE]
    hero = next((story for story in first if story["leadImage"]), first[0] if first else None)
    if hero is None:
        return PageContent("", {"hero": None})
    slugs = {hero["slug"]}

    def not_shown(stories: Iterable[StoryData]) -> list[StoryData]:
        return [story for story in stories if story["slug"] not in slugs]

    beside = not_shown(nodes)[:_BESIDE]
    slugs.update(story["slug"] for story in beside)
    topics = []
    for topic in data["topics"]["nodes"]:
        stories = not_shown(topic["articles"]["nodes"])[:_IN_A_TOPIC]
        if len(stories) == _IN_A_TOPIC:
            slugs.update(story["slug"] for story in stories)
            topics.append((topic, stories))
    content = {"hero": hero, "beside": beside, "topics": topics, "latest": not_shown(nodes)}
    names = ", ".join(topic["name"] for topic, _ in topics)
    description = f"The newest articles, and more on {names}." if names else "The newest articles."
    return PageContent("", content, description, (hero["leadImage"] or {}).get("url"))
