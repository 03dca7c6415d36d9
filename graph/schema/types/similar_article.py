"""Similar articles."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final

import strawberry

from graph.schema.execution.context import Info, returned_class, selected
from graph.schema.execution.stored_fields import Inside, requires
from graph.schema.types.topic import Topic, topics_of
from graph.store.driver.read_commands import Row
from graph.store.queries.pagination import bounded
from graph.store.queries.similar import Likeness, original_of

if TYPE_CHECKING:
    from graph.schema.types.article import Article

MAXIMUM_SIMILAR: Final = 20


@strawberry.type(description="An article that is similar to another one, and why.")
class SimilarArticle:
    likeness: strawberry.Private[Likeness]

    @strawberry.field(
        description="The article.",
        metadata=requires(through=Inside(lambda similar: similar.likeness.row)),
    )
    def article(
        self, info: Info
    ) -> Annotated[Article, strawberry.lazy("graph.schema.types.article")]:
        article: Article = returned_class(info)(row=self.likeness.row)
        return article

    @strawberry.field(
        description="How similar it is: 2 for each shared story, 1 for each shared topic."
    )
    def score(self) -> int:
        return self.likeness.score

    @strawberry.field(description="The topics that both are filed under.")
    async def shared_topics(self, info: Info) -> list[Topic]:
        return await topics_of(info, self.likeness.topics)

    @strawberry.field(
        description="The URLs of the stories that both point at, and of the one at which the "
        "other points."
    )
    def shared_stories(self) -> list[str]:
        return self.likeness.stories


async def similar_to(info: Info, row: Row, first: int) -> list[SimilarArticle]:
    """The articles that are similar to this one; those of a level are read together."""
    bounded("first", first, maximum=MAXIMUM_SIMILAR)
    nodes = selected(info, "SimilarArticle").get("article", [])
    paths = info.context.paths(info, "Article", nodes)
    found = await info.context.similar(original_of(row), first, paths)
    return [SimilarArticle(likeness=each) for each in found]
