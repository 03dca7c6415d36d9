"""Providers: who publishes articles."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Annotated

import strawberry

from graph.documents import provider_key
from graph.fields.taxonomy_documents import ProviderDocument
from graph.schema.execution.context import Info
from graph.schema.execution.references import PROVIDER_OF_STORY, followed
from graph.schema.execution.stored_fields import Inside, declared_fields, requires
from graph.schema.inputs.input_types import OrderBy, Where
from graph.schema.inputs.where import of_provider
from graph.schema.relay.article_page import ArticleListArgs, article_connection
from graph.schema.relay.connection import After, Before, First, Last
from graph.schema.relay.global_id import to_global_id
from graph.schema.relay.node import Node
from graph.schema.values.image import Image, image_rows, images_of
from graph.store.driver.read_commands import Row

if TYPE_CHECKING:
    from graph.schema.types.article_list import ArticleConnection


@strawberry.type(
    description="A publisher, known by its domain and name together: the channels of a video "
    "site, or the papers that a portal carries, share their domain."
)
@declared_fields(ProviderDocument)
class Provider(Node):
    row: strawberry.Private[Row]

    @strawberry.field(description="An opaque id, unique over all types.", metadata=requires("_id"))
    def id(self) -> strawberry.ID:
        return strawberry.ID(to_global_id("Provider", self.row["_id"]))

    @strawberry.field(
        metadata=requires(nested="images", through=Inside(image_rows, plain="images")),
    )
    def images(self) -> list[Image]:
        return images_of(self.row)

    @strawberry.field(
        description="The largest of its pictures.",
        metadata={**requires("images.width", nested="images")},
    )
    def logo(self) -> Image | None:
        rows = self.row.get("images") or ()
        largest = max(rows, key=lambda row: row.get("width") or 0, default=None)
        return Image(row=largest) if largest is not None else None

    @strawberry.field(description="Its published articles.", metadata=requires("name", "domain"))
    async def articles(
        self,
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
        where: Where = None,
        order_by: OrderBy = None,
    ) -> Annotated[ArticleConnection, strawberry.lazy("graph.schema.types.article_list")]:
        asked = ArticleListArgs(
            first=first, after=after, last=last, before=before, where=where, order_by=order_by
        )
        tests = [of_provider(self.row["domain"], self.row["name"])]
        counted = partial(_article_count, info, self.row)
        connection: ArticleConnection = await article_connection(
            info, tests, asked, counted=counted
        )
        return connection


async def _article_count(info: Info, reference: Row) -> int:
    key = provider_key(reference["domain"], reference["name"])
    row = await info.context.provider(key, frozenset({"articleCount"}))
    return row["articleCount"] if row else 0


async def provider_of(info: Info, reference: Row) -> Provider:
    """The provider that a document names, read only where more than its name is selected."""
    (row,) = await followed(info, PROVIDER_OF_STORY, "Provider", [reference])
    assert row is not None
    return Provider(row=row)
