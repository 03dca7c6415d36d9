"""Related stories: copies that an article holds, and the articles behind them."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from enum import Enum
from typing import TYPE_CHECKING, Annotated, Any, Final

import strawberry

from graph.compiler import without_redundant
from graph.schema.context import Info, Paths, selected
from graph.schema.fields import reads
from graph.schema.stories import Story
from graph.store.database import Row

if TYPE_CHECKING:
    from graph.schema.articles import Article

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
_COMPARED_PATHS: Final = frozenset({*_COMPARED[:-2], "provider", "images.url"})


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
    wanted: strawberry.Private[Paths]

    @strawberry.field(
        description="The newest published article with this story's URL, or null if there is "
        "none here.",
        metadata=reads("webUrl"),
    )
    async def article(
        self, info: Info
    ) -> Annotated[Article, strawberry.lazy("graph.schema.articles")] | None:
        from graph.schema.articles import Article

        row = await self.loaded(info)
        return Article(row=row) if row is not None else None

    @strawberry.field(
        description="The names of the fields in which this copy and its `article` disagree; images "
        "are compared by their URLs. Empty where there is no article.",
        metadata=reads("webUrl", *sorted(_COMPARED_PATHS)),
    )
    async def differs(self, info: Info) -> list[str]:
        row = await self.loaded(info)
        if row is None:
            return []
        return [name for name in _COMPARED if _compared(self.row, name) != _compared(row, name)]

    async def loaded(self, info: Info) -> Row | None:
        """The article's stored document; those of a level are read together."""
        url = self.row.get("webUrl")
        return await info.context.article_by_web_url(url, self.wanted) if url else None


def _compared(row: Row, name: str) -> Any:
    value = row.get(name)
    if name == "provider":
        return value and (value.get("name"), value.get("domain"))
    if name == "images":
        return [image.get("url") for image in value or ()]
    return value


async def related_stories(
    info: Info, rows: Sequence[Row], first: int, resolution: RelatedResolution
) -> list[RelatedStory]:
    """The first of an article's related stories that are wanted."""
    wanted = _article_paths(info)
    stories = [RelatedStory(row=row, wanted=wanted) for row in rows]
    if resolution is RelatedResolution.ANY:
        return stories[:first]
    loaded = await asyncio.gather(*(story.loaded(info) for story in stories))
    internal = resolution is RelatedResolution.INTERNAL
    kept = [
        story for story, row in zip(stories, loaded, strict=True) if (row is not None) is internal
    ]
    return kept[:first]


def _article_paths(info: Info) -> Paths:
    """What all fields of a related story need of its article, so that one read serves them."""
    fields = selected(info, "RelatedStory")
    paths: Paths = frozenset()
    if "article" in fields:
        paths |= info.context.paths(info, "Article", fields["article"])
    if "differs" in fields:
        paths |= _COMPARED_PATHS
    return without_redundant(paths)
