"""Related stories: copies that an article holds, and the articles behind them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import Enum
from itertools import islice
from typing import TYPE_CHECKING, Annotated, Any, Final

import strawberry

from graph.schema.execution.context import Info, Paths, returned_class, selected
from graph.schema.execution.references import ARTICLE_OF_STORY
from graph.schema.execution.stored_fields import requires
from graph.schema.types.story import Story
from graph.store.driver.read_commands import Row
from graph.store.queries.pagination import MAXIMUM_PAGE, bounded

if TYPE_CHECKING:
    from graph.schema.types.article import Article

# The fields of a copy that are compared with the article; a URL is what the two have in common.
_COMPARED: Final = (
    "title",
    "excerpt",
    "publishedDateTime",
    "type",
    "ampWebUrl",
    "cdnAmpWebUrl",
    "quality",
    "provider",
    "images",
)
_COMPARED_PATHS: Final = frozenset({*_COMPARED[:-1], "images.url"})


@strawberry.enum(description="Which of the stories that an article points at.")
class RelatedResolution(Enum):
    ANY = strawberry.enum_value("any", description="All of them.")
    INTERNAL = strawberry.enum_value(
        "internal", description="Those whose article this API holds: it is not null."
    )
    EXTERNAL = strawberry.enum_value("external", description="Those whose article is null.")


@strawberry.type(
    description="A story that an article points at: a copy of its head, made when the article "
    "was published. The story itself, if this API holds it, is its `article`."
)
class RelatedStory(Story):
    @strawberry.field(
        description="The newest published article with this story's URL, or null if there is "
        "none here.",
        metadata=requires("webUrl", through=ARTICLE_OF_STORY),
    )
    async def article(
        self, info: Info
    ) -> Annotated[Article, strawberry.lazy("graph.schema.types.article")] | None:
        row = await _loaded(info, self.row, info.context.paths(info, "Article"))
        return returned_class(info)(row=row) if row is not None else None

    @strawberry.field(
        description="The names of the fields in which this copy and its `article` disagree; images "
        "are compared by their URLs. Empty where there is no article.",
        metadata=requires("webUrl", *sorted(_COMPARED_PATHS)),
    )
    async def differs(self, info: Info) -> list[str]:
        row = await _loaded(info, self.row, _COMPARED_PATHS)
        if row is None:
            return []
        return [name for name in _COMPARED if _compared(self.row, name) != _compared(row, name)]


def _compared(row: Row, name: str) -> Any:
    value = row.get(name)
    if name == "provider":
        return value and (value.get("name"), value.get("domain"))
    if name == "images":
        return [image.get("url") for image in value or ()]
    return value


def first_stories(
    row: Row, first: int = 10, resolution: RelatedResolution = RelatedResolution.ANY
) -> Sequence[Row]:
    """The first related stories of an article, whether or not their articles are here."""
    return (row.get("related") or [])[:first]


def shows_all(arguments: Mapping[str, Any]) -> bool:
    """Whether `first_stories` is enough for these arguments of `related`."""
    is_any = arguments.get("resolution", RelatedResolution.ANY) is RelatedResolution.ANY
    return is_any and 1 <= arguments.get("first", 1) <= MAXIMUM_PAGE


async def related_stories(
    info: Info, row: Row, first: int, resolution: RelatedResolution
) -> list[RelatedStory]:
    """The first of an article's related stories that are wanted."""
    bounded("first", first)
    if resolution is RelatedResolution.ANY:
        return [RelatedStory(row=story) for story in first_stories(row, first)]
    stories = row.get("related") or ()
    urls = list(dict.fromkeys(filter(None, map(ARTICLE_OF_STORY.references, stories))))
    found = await info.context.follow(ARTICLE_OF_STORY, _article_paths(info), urls)
    here = {url for url, article in zip(urls, found, strict=True) if article is not None}
    internal = resolution is RelatedResolution.INTERNAL
    kept = (story for story in stories if (story.get("webUrl") in here) is internal)
    return [RelatedStory(row=story) for story in islice(kept, first)]


def _article_paths(info: Info) -> Paths:
    """What the `article` of a related story is read with, so that this read serves it, too."""
    nodes = selected(info, "RelatedStory").get("article", [])
    return info.context.paths(info, "Article", nodes)


async def _loaded(info: Info, story: Row, paths: Paths) -> Row | None:
    """The stored document of a story's article; those of a level are read together."""
    url = ARTICLE_OF_STORY.references(story)
    if url is None:
        return None
    (row,) = await info.context.follow(ARTICLE_OF_STORY, paths, [url])
    return row
