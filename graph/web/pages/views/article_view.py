"""An article: its text and pictures, and the stories that it leads on to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from graph.locales import language_tag
from graph.schema.values.json_ld import image_objects
from graph.store.driver.read_commands import Reader
from graph.web.pages.content.body import body_of
from graph.web.pages.content.document_urls import picture_url, web_url
from graph.web.pages.page_paths import article_path, topic_path
from graph.web.pages.views.view import PageContent, StoryData, View, breadcrumbs
from graph.web.resources.public_url import picture_uri, uri_of

_FIELDS: Final = "article(slug: $slug) { jsonLd leadImage { url } }"


def article_view(slug: str, query: Mapping[str, str]) -> View:
    """Return the view of the article with a slug."""

    def show(data: Mapping[str, Any], base: str) -> PageContent | None:
        return _content(data, base) if data["article"] else None

    return View(
        "Article",
        article_path(slug),
        {"slug": slug},
        show,
        fields=_FIELDS,
        slug=slug,
        without_index={"withSimilar": False},
        complete=_with_body,
    )


async def _with_body(data: Mapping[str, Any], reader: Reader, root: str) -> Mapping[str, Any]:
    story = data["article"]
    if story is None:
        return data
    body = await body_of(story, reader, root)
    images = [
        {**image, "url": _picture(image["url"], story["webUrl"])} for image in story["images"]
    ]
    shown = [image for image in images if picture_url(image["url"], root) not in body.pictures]
    return {**data, "body": body.html, "images": shown}


def _picture(url: str, page: str | None) -> str:
    """Return the URL of a picture, absolute if it is relative to the article's own page."""
    return url if web_url(url) else picture_uri(url, page, "") or url


def _content(data: Mapping[str, Any], base: str) -> PageContent:
    story: StoryData = data["article"]
    above = [(topic["name"], topic_path(topic["slug"])) for topic in story["topics"][:1]]
    way = breadcrumbs(base, (*above, (story["title"], article_path(story["slug"]))))
    content = {
        "story": story,
        "body": data["body"],
        "language": language_tag(story["language"]),
        "images": data["images"],
        "player": uri_of((story["featuredContent"] or {}).get("embedUrl")),
        "publisher_page": uri_of(story["webUrl"], base) or uri_of(story["originalUrl"], base),
        "onward": list(_onward(story)),
    }
    return PageContent(
        title=story["title"],
        variables=content,
        description=story["excerpt"],
        image=picture_uri((story["leadImage"] or {}).get("url"), story["webUrl"], base),
        published=story["publishedDateTime"],
        json_ld=(_json_ld(story, base), way),
    )


def _json_ld(story: StoryData, base: str) -> Mapping[str, Any]:
    """Return the JSON-LD of an article with its pictures, of which the API leaves out those on this
    server: it does not know the server's URL.
    """
    images = image_objects(story["images"], lambda url: picture_uri(url, story["webUrl"], base))
    return {**story["jsonLd"], "image": images} if images else story["jsonLd"]


def _onward(story: StoryData) -> Iterator[tuple[str, list[StoryData]]]:
    """Yield headings and their stories: related ones, those that refer to it, and similar ones."""
    slugs = {story["slug"]}
    parts: tuple[tuple[str, Iterable[StoryData]], ...] = (
        ("Related stories", story["related"]),
        ("Stories that lead here", story["relatedFrom"]["nodes"]),
        ("More like this", [similar["article"] for similar in story.get("similar", ())]),
    )
    for heading, stories in parts:
        unseen = []
        for other in stories:
            slug = other.get("slug") or (other.get("article") or {}).get("slug")
            if slug is None or slug not in slugs:
                unseen.append(other)
                slugs.add(slug)
        if unseen:
            yield heading, unseen
