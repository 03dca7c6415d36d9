"""Similar articles."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final

import strawberry

from graph.schema.execution.context import Info, selected
from graph.schema.execution.fields.computed_fields import computed
from graph.schema.execution.references import TOPIC, lookup
from graph.schema.relay.connection import size_argument
from graph.schema.types.topic import Topic
from graph.store.driver.read_commands import Row
from graph.store.queries.pagination.page_args import size_of
from graph.store.queries.similar import ScoredArticle, original_of

if TYPE_CHECKING:
    from graph.schema.types.article import Article

MAX_SIMILAR: Final = 20
DEFAULT_SIMILAR: Final = 5
FirstSimilar = Annotated[int | None, size_argument(MAX_SIMILAR)]


@strawberry.type(description="An article that is similar to another one, and why.")
class SimilarArticle:
    row: strawberry.Private[Row]

    article: Annotated[Article, strawberry.lazy("graph.schema.types.article")] = computed(
        lambda row: row["article"], path="article", description="The article."
    )
    score: int = computed(
        lambda row: row["score"],
        description="2 for each shared story, 1 for each shared topic.",
    )
    shared_topics: list[Topic] = lookup(
        "topics", TOPIC, description="The topics that both are filed under."
    )
    shared_stories: list[str] = computed(
        lambda row: row["stories"],
        description="The URLs of the related stories that both have, and of an article that is a "
        "related story of the other.",
    )


async def similar_to(row: Row, info: Info, first: FirstSimilar = DEFAULT_SIMILAR) -> list[Row]:
    """Return the articles that are similar to this one; those of a level are read together."""
    size = size_of(first, DEFAULT_SIMILAR, MAX_SIMILAR)
    nodes = selected(info, "SimilarArticle").get("article", [])
    paths = info.context.paths(info, "Article", nodes)
    similar = await info.context.similar(original_of(row), size, paths)
    return [_row(scored) for scored in similar]


def _row(scored: ScoredArticle) -> Row:
    return {
        "article": scored.row,
        "score": scored.score,
        "topics": scored.topics,
        "stories": scored.stories,
    }
