"""Providers: the publishers of articles."""

from __future__ import annotations

from functools import partial

import strawberry

from graph.documents import PROVIDERS, provider_key
from graph.fields.taxonomy_documents import ProviderDocument
from graph.schema.execution.context import Info
from graph.schema.execution.fields.computed_fields import computed
from graph.schema.execution.fields.stored_fields import declared_fields
from graph.schema.inputs.where import of_provider
from graph.schema.relay.article_page import ArticleSet, article_list, stored_count
from graph.schema.relay.global_id import to_global_id
from graph.schema.relay.node import Node
from graph.schema.values.image import Image, images_field
from graph.store.driver.read_commands import Row


def _global_id(row: Row) -> strawberry.ID:
    # Not its `_id`, which says the same, but is not in what an article says of its provider.
    key = provider_key(row.get("domain") or "", row.get("name") or "")
    return strawberry.ID(to_global_id("Provider", key))


def _largest_image(row: Row) -> Row | None:
    images = row.get("images") or ()
    return max(images, key=lambda image: image.get("width") or 0, default=None)


def _articles(row: Row, info: Info) -> ArticleSet:
    tests = [of_provider(row["domain"], row["name"])]
    key = provider_key(row["domain"], row["name"])
    return ArticleSet(tests=tests, count=partial(stored_count, info, row, PROVIDERS, key))


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

    images: list[Image] = images_field()
    logo: Image | None = computed(
        _largest_image,
        "images.width",
        nested="images",
        description="The largest of its pictures.",
    )

    articles = article_list(_articles, "name", "domain", description="Its published articles.")
