"""Providers: who publishes articles."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Annotated, Final

import strawberry

from graph.documents import provider_key
from graph.fields.taxonomy_documents import ProviderDocument
from graph.schema.execution.computed_fields import computed
from graph.schema.execution.context import Info
from graph.schema.execution.stored_fields import declared_fields, requires
from graph.schema.inputs.input_types import OrderBy, Where
from graph.schema.inputs.where import of_provider
from graph.schema.relay.article_page import ArticleListArgs, article_connection
from graph.schema.relay.connection import After, Before, First, Last, Offset
from graph.schema.relay.global_id import to_global_id
from graph.schema.relay.node import Node
from graph.schema.values.image import Image
from graph.store.driver.read_commands import Row

if TYPE_CHECKING:
    from graph.schema.types.article_list import ArticleConnection


_COUNT: Final = frozenset({"articleCount"})


def _global_id(row: Row) -> strawberry.ID:
    # Not its `_id`, which says the same, but is not in what an article says of its provider.
    key = provider_key(row.get("domain") or "", row.get("name") or "")
    return strawberry.ID(to_global_id("Provider", key))


def _largest_image(row: Row) -> Row | None:
    images = row.get("images") or ()
    return max(images, key=lambda image: image.get("width") or 0, default=None)


@strawberry.type(
    description="A publisher, identified by its domain and name together, because the channels of"
    " a video site, or the newspapers on a portal, share a domain."
)
@declared_fields(ProviderDocument)
class Provider(Node):
    row: strawberry.Private[Row]

    id: strawberry.ID = computed(
        _global_id, "name", "domain", description="An opaque id, unique over all types."
    )

    images: list[Image] = computed(
        lambda row: list(row.get("images") or ()),
        nested="images",
        path="images",
    )
    logo: Image | None = computed(
        _largest_image,
        "images.width",
        nested="images",
        description="The largest of its pictures.",
    )

    @strawberry.field(description="Its published articles.", metadata=requires("name", "domain"))
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
        tests = [of_provider(self.row["domain"], self.row["name"])]
        counted = partial(_article_count, info, self.row)
        connection: ArticleConnection = await article_connection(
            info, tests, asked, counted=counted
        )
        return connection


async def _article_count(info: Info, row: Row) -> int:
    key = provider_key(row["domain"], row["name"])
    counted = row if "articleCount" in row else await info.context.provider(key, _COUNT)
    return counted["articleCount"] if counted else 0
