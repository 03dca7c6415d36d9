"""Authors: who writes articles."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Annotated, Final

import strawberry

from graph.fields.taxonomy_documents import AuthorDocument
from graph.schema.execution.computed_fields import computed
from graph.schema.execution.context import Info
from graph.schema.execution.stored_fields import declared_fields, requires
from graph.schema.inputs.input_types import OrderBy, Where
from graph.schema.relay.article_page import ArticleListArgs, article_connection
from graph.schema.relay.connection import After, Before, First, Last, Offset
from graph.schema.relay.global_id import to_global_id
from graph.schema.relay.node import Node
from graph.schema.values.image import Image
from graph.store.driver.read_commands import Row
from graph.store.queries.filters import Condition

if TYPE_CHECKING:
    from graph.schema.types.article_list import ArticleConnection

_COUNT: Final = frozenset({"articleCount"})


@strawberry.type(
    description="An author of articles, identified by the slug. An author exists because a "
    "published article names them, or because an author file describes them."
)
@declared_fields(AuthorDocument)
class Author(Node):
    row: strawberry.Private[Row]

    # Not of its `_id`, which says the same, but is not in what an article says of its authors.
    id: strawberry.ID = computed(
        lambda row: to_global_id("Author", row["slug"]),
        "slug",
        description="An opaque id, unique over all types.",
    )
    images: list[Image] = computed(
        lambda row: list(row.get("images") or ()),
        nested="images",
        path="images",
    )

    @strawberry.field(
        description="The published articles that they wrote.", metadata=requires("slug")
    )
    async def articles(
        self,
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
        offset: Offset = None,
        where: Where = None,
        order_by: OrderBy = None,
    ) -> Annotated[ArticleConnection, strawberry.lazy("graph.schema.types.article_list")]:
        asked = ArticleListArgs(
            first=first,
            after=after,
            last=last,
            before=before,
            offset=offset,
            where=where,
            order_by=order_by,
        )
        tests = [Condition("authors.slug", "any", [self.row["slug"]])]
        counted = partial(_article_count, info, self.row)
        connection: ArticleConnection = await article_connection(
            info, tests, asked, counted=counted
        )
        return connection


async def _article_count(info: Info, row: Row) -> int:
    counted = row if "articleCount" in row else await info.context.author(row["slug"], _COUNT)
    return counted["articleCount"] if counted else 0
