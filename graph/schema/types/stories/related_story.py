"""Related stories: descriptions in an article of other articles, and these articles."""

from __future__ import annotations

from collections.abc import Awaitable, Mapping, Sequence
from enum import Enum
from itertools import islice
from typing import TYPE_CHECKING, Annotated, Any, Final

import strawberry

from graph.compiler import Paths
from graph.schema.execution.context import Info, selected
from graph.schema.execution.fields.stored_fields import requires
from graph.schema.execution.references import ARTICLE_BY_URL, lookup
from graph.schema.relay.connection import size_argument
from graph.schema.types.stories.story import Story
from graph.store.driver.read_commands import Row
from graph.store.queries.pagination.page_args import MAX_PAGE, size_of

if TYPE_CHECKING:
    from graph.schema.types.article import Article

DEFAULT_RELATED: Final = 10
FirstRelated = Annotated[int | None, size_argument(MAX_PAGE)]

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


@strawberry.enum(description="Which related stories to return.")
class RelatedResolution(Enum):
    ANY = strawberry.enum_value("any", description="All of them.")
    INTERNAL = strawberry.enum_value(
        "internal", description="Only stories whose `article` is not null."
    )
    EXTERNAL = strawberry.enum_value(
        "external", description="Only stories whose `article` is null."
    )


_ANY: Final = RelatedResolution.ANY  # looked up once: enums are slow


@strawberry.type(
    description="A related story of an article: a copy of its metadata, made when the article was"
    " published. `article` is the story itself, if this API has it."
)
class RelatedStory(Story):
    article: Annotated[Article, strawberry.lazy("graph.schema.types.article")] | None = lookup(
        "webUrl",
        ARTICLE_BY_URL,
        description="The newest published article with this story's URL; null if there is none.",
    )

    @strawberry.field(
        description="The names of the fields in which this copy differs from its `article`. "
        "Images are compared by their URLs. Empty if `article` is null.",
        metadata=requires("webUrl", *sorted(_COMPARED_PATHS)),
    )
    async def differs(self, info: Info) -> list[str]:
        url = self.row.get("webUrl")
        if not url:
            return []
        (row,) = await info.context.follow(ARTICLE_BY_URL, _COMPARED_PATHS, [url])
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


def reads_articles(arguments: Mapping[str, Any]) -> bool:
    """Return whether articles must be read for these arguments of `related`."""
    return arguments["resolution"] not in (_ANY, None)


def related_stories(
    row: Row,
    info: Info,
    first: FirstRelated = DEFAULT_RELATED,
    resolution: Annotated[
        RelatedResolution | None,
        strawberry.argument(description="Which related stories to return."),
    ] = _ANY,
) -> list[Row] | Awaitable[list[Row]]:
    """Return the first related stories of an article that match; awaitable if `reads_articles`."""
    size = size_of(first, DEFAULT_RELATED)
    stories: list[Row] = row.get("related") or []
    if resolution is _ANY or resolution is None:
        return stories[:size]
    return _resolved(info, stories, size, resolution)


async def _resolved(
    info: Info, stories: Sequence[Row], size: int, resolution: RelatedResolution
) -> list[Row]:
    urls = list(dict.fromkeys(filter(None, (story.get("webUrl") for story in stories))))
    articles = await info.context.follow(ARTICLE_BY_URL, _article_paths(info), urls)
    in_corpus = {url for url, article in zip(urls, articles, strict=True) if article is not None}
    internal = resolution is RelatedResolution.INTERNAL
    return list(islice((s for s in stories if (s.get("webUrl") in in_corpus) is internal), size))


def _article_paths(info: Info) -> Paths:
    """Return the paths with which the field `article` of a related story is read, so that one read
    serves both.
    """
    nodes = selected(info, "RelatedStory").get("article", [])
    return info.context.paths(info, "Article", nodes)
