"""What lists of topics and of providers are filtered by."""

from __future__ import annotations

from typing import Annotated

import strawberry

from graph.fields.taxonomy_documents import ProviderDocument, TopicDocument
from graph.schema.inputs.field_filters import declared_filters
from graph.schema.inputs.input_types import TaxonomyOrder
from graph.schema.inputs.where import value_tests
from graph.store.queries.filters import Test


@strawberry.input(description="A filter of topics. All its conditions must be true.")
@declared_filters(TopicDocument)
class TopicWhere:
    pass


@strawberry.input(description="A filter of providers. All its conditions must be true.")
@declared_filters(ProviderDocument)
class ProviderWhere:
    pass


WhichTopics = Annotated[
    TopicWhere | None, strawberry.argument(description="A filter; all topics by default.")
]
WhichProviders = Annotated[
    ProviderWhere | None, strawberry.argument(description="A filter; all providers by default.")
]
TaxonomyOrderBy = Annotated[
    list[TaxonomyOrder] | None,
    strawberry.argument(description="The order; the one with the most articles first by default."),
]


def taxonomy_tests(where: TopicWhere | ProviderWhere | None) -> list[Test]:
    """What a filter of topics or providers means to the store; a null test is no test."""
    if where is None:
        return []
    shape = TopicDocument if isinstance(where, TopicWhere) else ProviderDocument
    return list(value_tests(shape, where, "where"))
