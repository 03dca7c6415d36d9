"""Topics: what articles are filed under."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Annotated, Final

import strawberry

from graph.fields.taxonomy_documents import TopicDocument
from graph.schema.execution.context import Info
from graph.schema.execution.references import TOPICS_OF_ARTICLE, followed
from graph.schema.execution.stored_fields import declared_fields, requires
from graph.schema.inputs.input_types import OrderBy, Where
from graph.schema.relay.article_page import ArticleListArgs, article_connection
from graph.schema.relay.connection import After, Before, First, Last
from graph.schema.relay.global_id import to_global_id
from graph.schema.relay.node import Node
from graph.store.driver.read_commands import Row
from graph.store.queries.filters import Condition
from graph.store.queries.pagination import bounded

if TYPE_CHECKING:
    from graph.schema.types.article_list import ArticleConnection

MAXIMUM_CO_OCCURRING: Final = 50

FirstTopics = Annotated[int, strawberry.argument(description="At most so many: 1 to 50.")]
IncludeDescendants = Annotated[
    bool, strawberry.argument(description="Whether those of all topics below it count, too.")
]


@strawberry.type(
    description="A subject. It exists because a published article uses it, or because a topic "
    "file describes it or names it as a parent."
)
@declared_fields(TopicDocument)
class Topic(Node):
    row: strawberry.Private[Row]

    @strawberry.field(description="An opaque id, unique over all types.", metadata=requires("_id"))
    def id(self) -> strawberry.ID:
        return strawberry.ID(to_global_id("Topic", self.row["_id"]))

    @strawberry.field(metadata=requires("parent"))
    async def parent(self, info: Info) -> Topic | None:
        name = self.row.get("parent")
        return (await topics_of(info, [name]))[0] if name else None

    @strawberry.field(description="The topics right below it.", metadata=requires("_id"))
    async def children(self, info: Info) -> list[Topic]:
        paths = info.context.paths(info, "Topic")
        rows = await info.context.topic_children(self.row["_id"], paths)
        return [Topic(row=row) for row in rows]

    @strawberry.field(
        description="All topics below it, each once, by name; it is not among them, even where "
        "the files' tree runs in a circle.",
        metadata=requires("_id"),
    )
    async def descendants(self, info: Info) -> list[Topic]:
        below = await self._with_descendants(info)
        return await topics_of(info, sorted(below[1:]))

    @strawberry.field(
        description="The topics that most often stand beside it on published articles, the most "
        "frequent first.",
        metadata=requires("together"),
    )
    def co_occurring(self, first: FirstTopics = 10) -> list[TopicCount]:
        most = bounded("first", first, maximum=MAXIMUM_CO_OCCURRING)
        rows = (self.row.get("together") or ())[:most]
        return [TopicCount(name=row["name"], article_count=row["articleCount"]) for row in rows]

    @strawberry.field(
        description="The published articles that are filed under it.", metadata=requires("_id")
    )
    async def articles(
        self,
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
        where: Where = None,
        order_by: OrderBy = None,
        include_descendants: IncludeDescendants = False,
    ) -> Annotated[ArticleConnection, strawberry.lazy("graph.schema.types.article_list")]:
        asked = ArticleListArgs(
            first=first, after=after, last=last, before=before, where=where, order_by=order_by
        )
        name = self.row["_id"]
        connection: ArticleConnection
        if include_descendants:
            tests = [Condition("topics", "any", await self._with_descendants(info))]
            connection = await article_connection(info, tests, asked, named=f"all under {name}")
        else:
            tests = [Condition("topics", "any", [name])]
            counted = partial(_article_count, info, name)
            connection = await article_connection(info, tests, asked, counted=counted)
        return connection

    async def _with_descendants(self, info: Info) -> list[str]:
        """Its name, and after it those of all below it."""
        name = self.row["_id"]
        return (await info.context.subtrees({name}))[name]


@strawberry.type(description="A topic, and how many published articles have it beside another one.")
class TopicCount:
    name: strawberry.Private[str]

    article_count: int = strawberry.field(
        description="How many published articles are filed under both."
    )

    @strawberry.field(description="The topic itself.")
    async def topic(self, info: Info) -> Topic:
        return (await topics_of(info, [self.name]))[0]


async def _article_count(info: Info, name: str) -> int:
    row = await info.context.topic(name, frozenset({"articleCount"}))
    return row["articleCount"] if row else 0


async def topics_of(info: Info, names: Sequence[str]) -> list[Topic]:
    """The topics with these names, read only where more than the name is selected."""
    rows = await followed(info, TOPICS_OF_ARTICLE, "Topic", names)
    return [Topic(row=row) for row in rows if row is not None]
