"""What lists of topics and of providers are filtered by."""

from __future__ import annotations

from typing import Annotated, Final

import strawberry

from graph.schema.inputs.input_types import DateTimeFilter, IntFilter, TaxonomyOrder, TextFilter
from graph.schema.inputs.where import field_tests
from graph.store.queries.filters import Test

# Attribute of an input → its name in GraphQL, and the stored path.
_COUNTED: Final = {
    "article_count": ("articleCount", "articleCount"),
    "latest": ("latest", "latest"),
}
_TOPIC_FIELDS: Final = {
    "name": ("name", "_id"),
    "slug": ("slug", "slug"),
    "parent": ("parent", "parent"),
    **_COUNTED,
}
_PROVIDER_FIELDS: Final = {"name": ("name", "name"), "domain": ("domain", "domain"), **_COUNTED}


@strawberry.input(description="Which topics: every test that is given must hold.")
class TopicWhere:
    name: TextFilter | None = strawberry.field(default=None, description="By their name.")
    slug: TextFilter | None = strawberry.field(default=None, description="By their slug.")
    parent: TextFilter | None = strawberry.field(
        default=None,
        description="By the name of the topic above: `{exists: false}` for those at the top.",
    )
    article_count: IntFilter | None = strawberry.field(
        default=None, description="By how many published articles are filed under them."
    )
    latest: DateTimeFilter | None = strawberry.field(
        default=None, description="By the date of the newest one of them."
    )


@strawberry.input(description="Which providers: every test that is given must hold.")
class ProviderWhere:
    name: TextFilter | None = strawberry.field(default=None, description="By their name.")
    domain: TextFilter | None = strawberry.field(
        default=None, description="By the domain of their site."
    )
    article_count: IntFilter | None = strawberry.field(
        default=None, description="By how many published articles they have here."
    )
    latest: DateTimeFilter | None = strawberry.field(
        default=None, description="By the date of the newest one of them."
    )


WhichTopics = Annotated[
    TopicWhere | None, strawberry.argument(description="Which topics; all if not given.")
]
WhichProviders = Annotated[
    ProviderWhere | None, strawberry.argument(description="Which providers; all if not given.")
]
TaxonomyOrderBy = Annotated[
    list[TaxonomyOrder] | None,
    strawberry.argument(description="In which order; the one with most articles first."),
]


def taxonomy_tests(where: TopicWhere | ProviderWhere | None) -> list[Test]:
    """What a filter of topics or providers means to the store; a null test is no test."""
    if where is None:
        return []
    fields = _TOPIC_FIELDS if isinstance(where, TopicWhere) else _PROVIDER_FIELDS
    return [
        test
        for name, (label, path) in fields.items()
        if (given := getattr(where, name)) is not None
        for test in field_tests(f"where.{label}", path, given)
    ]
