"""What lists of topics and of providers are filtered by."""

from __future__ import annotations

from typing import Annotated

import strawberry

from graph.fields.taxonomy_documents import ProviderDocument, TopicDocument
from graph.schema.inputs.field_filters import declared_filters
from graph.schema.inputs.input_types import TaxonomyOrder
from graph.schema.inputs.where import value_tests
from graph.store.queries.filters import Test


@strawberry.input(description="Which topics: every test that is given must hold.")
@declared_filters(TopicDocument)
class TopicWhere:
    pass


@strawberry.input(description="Which providers: every test that is given must hold.")
@declared_filters(ProviderDocument)
class ProviderWhere:
    pass


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
    shape = TopicDocument if isinstance(where, TopicWhere) else ProviderDocument
    return list(value_tests(shape, where, "where"))
