"""An article: its text and pictures, and the stories that it leads on to."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from graph.web.pages.page_paths import article_path, topic_path
from graph.web.pages.views.view import Shown, Story, View, breadcrumbs
from graph.web.resources.public_url import uri_of

_FIELDS: Final = "article(slug: $slug) { jsonLd leadImage { url } }"
_BREAK: Final = re.compile(r"\n{2,}")


def article_view(slug: str, query: Mapping[str, str]) -> View:
    """Return the view of the article with a slug."""

    def show(data: Mapping[str, Any], base: str) -> Shown | None:
        story = data["article"]
        return story and _shown(story, base)

    return View(
        "Article",
        article_path(slug),
        {"slug": slug},
        show,
        fields=_FIELDS,
        slug=slug,
        without_index={"withSimilar": False},
    )


def _shown(story: Story, base: str) -> Shown:
    above = [(topic["name"], topic_path(topic["slug"])) for topic in story["topics"][:1]]
    way = breadcrumbs(base, (*above, (story["title"], article_path(story["slug"]))))
    content = {
        "story": story,
        "paragraphs": _paragraphs(story),
        "player": uri_of((story["featuredContent"] or {}).get("embedUrl")),
        "publisher_page": uri_of(story["webUrl"], base) or uri_of(story["originalUrl"], base),
        "onward": list(_onward(story)),
    }
    return Shown(
        title=story["title"],
        content=content,
        description=story["excerpt"],
        image=(story["leadImage"] or {}).get("url"),
        published=story["publishedDateTime"],
        json_ld=(story["jsonLd"], way),
    )


def _paragraphs(story: Story) -> list[str]:
    """Return the paragraphs of the text, except those that are shown above it."""
    above = {story["title"], story["excerpt"]}
    parts = _BREAK.split(story["body"] or "")
    return [part for part in parts if part.strip() and part not in above]


def _onward(story: Story) -> Iterator[tuple[str, list[Story]]]:
    """Yield headings and their stories: related ones, those that refer to it, and similar ones."""
    shown = {story["slug"]}
    parts: tuple[tuple[str, Iterable[Story]], ...] = (
        ("Related stories", story["related"]),
        ("Stories that lead here", story["relatedFrom"]["nodes"]),
        ("More like this", [each["article"] for each in story.get("similar", ())]),
    )
    for heading, stories in parts:
        fresh = []
        for each in stories:
            slug = each.get("slug") or (each.get("article") or {}).get("slug")
            if slug is None or slug not in shown:
                fresh.append(each)
                shown.add(slug)
        if fresh:
            yield heading, fresh
