"""The filters of lists of topics, providers and authors."""

from __future__ import annotations

from typing import Annotated, Final

import strawberry

from graph.fields.declaration import Shape
from graph.fields.taxonomy_documents import AuthorDocument, ProviderDocument, TopicDocument
from graph.schema.inputs.field_filters import NULL, declared_filters
from graph.schema.inputs.input_types import TaxonomyOrder
from graph.schema.inputs.where import value_tests
from graph.store.queries.filters import Test


@strawberry.input(description=f"A filter of topics. All its conditions must be true. {NULL}")
@declared_filters(TopicDocument)
class TopicWhere:
    pass


@strawberry.input(description=f"A filter of providers. All its conditions must be true. {NULL}")
@declared_filters(ProviderDocument)
class ProviderWhere:
    pass


@strawberry.input(description=f"A filter of authors. All its conditions must be true. {NULL}")
@declared_filters(AuthorDocument)
class AuthorWhere:
    pass


TopicWhereArgument = Annotated[
    TopicWhere | None, strawberry.argument(description="A filter; all topics by default.")
]
ProviderWhereArgument = Annotated[
    ProviderWhere | None, strawberry.argument(description="A filter; all providers by default.")
]
AuthorWhereArgument = Annotated[
    AuthorWhere | None, strawberry.argument(description="A filter; all authors by default.")
]
TaxonomyOrderBy = Annotated[
    list[TaxonomyOrder] | None,
    strawberry.argument(description="The order; the one with the most articles first by default."),
]


_SHAPES: Final[dict[type, Shape]] = {
    TopicWhere: TopicDocument,
    ProviderWhere: ProviderDocument,
    AuthorWhere: AuthorDocument,
}


def taxonomy_tests(where: TopicWhere | ProviderWhere | AuthorWhere | None) -> list[Test]:
    """Return the tests of a filter of topics, providers or authors; null has none."""
    if where is None:
        return []
    return list(value_tests(_SHAPES[type(where)], where, "where"))
