"""Authors: who writes articles."""

from __future__ import annotations

from functools import partial

import strawberry

from graph.documents import AUTHORS
from graph.fields.taxonomy_documents import AuthorDocument
from graph.schema.execution.context import Info
from graph.schema.execution.fields.computed_fields import computed
from graph.schema.execution.fields.stored_fields import declared_fields
from graph.schema.execution.references import PROVIDER, lookup
from graph.schema.relay.article_page import ArticleSet, article_list, stored_count
from graph.schema.relay.global_id import to_global_id
from graph.schema.relay.node import Node
from graph.schema.types.provider import Provider
from graph.schema.values.image import Image, images_field
from graph.store.driver.read_commands import Row
from graph.store.queries.filters import Condition


def _articles(row: Row, info: Info) -> ArticleSet:
    tests = [Condition("authors.slug", "any", [row["slug"]])]
    return ArticleSet(tests=tests, count=partial(stored_count, info, row, AUTHORS, row["slug"]))


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
    images: list[Image] = images_field()

    provider: Provider | None = lookup(
        "provider",
        PROVIDER,
        description="The provider that they write for: the one in their author file or, without "
        "one, the provider of their newest article.",
    )

    articles = article_list(
        _articles, "slug", description="The published articles that they wrote."
    )
