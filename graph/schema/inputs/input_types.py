"""Input types. `graph.schema.inputs.where` translates the filters for the store."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from typing import Annotated, Final

import strawberry

from graph.errors import BadUserInput
from graph.fields.article_document import ArticleDocument
from graph.fields.declaration import StoredField, fields_of
from graph.schema.inputs.field_filters import NULL, declared_filters
from graph.store.queries.filters import Order

MAX_LENGTH: Final = 2048


@strawberry.enum(description="The direction of an order.")
class OrderDirection(Enum):
    ASC = strawberry.enum_value("ASC", description="Smallest, oldest or A first; nulls first.")
    DESC = strawberry.enum_value("DESC", description="Largest, newest or Z first; nulls last.")


_ORDERED: Final = [field for field in fields_of(ArticleDocument) if field.declaration.order]

ORDERED_PATHS: Final = ("_id", *(field.compared for field in _ORDERED))
"""The stored paths by which articles can be ordered, searches aside."""

_ASCENDING: Final = frozenset(
    {"foldedName", *(field.compared for field in _ORDERED if field.type is str)}
)
"""The stored fields by which lists are in ascending order by default: text, from A to Z."""


def _default_of(field: StoredField) -> str:
    way = "Ascending" if field.compared in _ASCENDING else "Descending"
    return f"{way} by default."


@strawberry.enum(description="What articles can be ordered by. Ties are ordered by date.")
class ArticleOrderField(Enum):
    _ignore_ = "members field"
    members = vars()
    for field in _ORDERED:
        members[field.attribute.upper()] = strawberry.enum_value(
            field.compared, description=f"{field.declaration.order} {_default_of(field)}"
        )
    RELEVANCE = strawberry.enum_value(
        "score",
        description="The relevance to the search; only with `search`. Descending by default.",
    )


@strawberry.enum(description="What topics, providers and authors can be ordered by.")
class TaxonomyOrderField(Enum):
    ARTICLE_COUNT = strawberry.enum_value(
        "articleCount", description="How many published articles there are. Descending by default."
    )
    LATEST = strawberry.enum_value(
        "latest", description="The date of the newest article. Descending by default."
    )
    NAME = strawberry.enum_value(
        "foldedName",
        description="The name, without regard to case and accents. Ascending by default.",
    )


@strawberry.input(description="A key to order articles by. Later keys break ties.")
class ArticleOrder:
    field: ArticleOrderField = strawberry.field(description="What to order by.")
    direction: OrderDirection | None = strawberry.field(
        default=None, description="The direction. The description of the field states the default."
    )


@strawberry.input(
    description="A key to order topics, providers or authors by. Later keys break ties."
)
class TaxonomyOrder:
    field: TaxonomyOrderField = strawberry.field(description="What to order by.")
    direction: OrderDirection | None = strawberry.field(
        default=None, description="The direction. The description of the field states the default."
    )


@strawberry.input(
    description="A condition on an article's topics, by their names as stored: case matters. "
    f"`topic(name:)` and `topics(where:)` find a name regardless of case. {NULL}"
)
class TopicsFilter:
    any: list[str] | None = strawberry.field(
        default=None, description="At least one of these topics."
    )
    all: list[str] | None = strawberry.field(default=None, description="All of these.")
    none: list[str] | None = strawberry.field(default=None, description="None of these.")
    include_descendants: bool | None = strawberry.field(
        default=False,
        description="Whether each topic includes all topics below it.",
    )


@strawberry.input(
    description="A condition on an article's authors, by their slugs or their names; case does not "
    f"matter. {NULL}"
)
class AuthorsFilter:
    any: list[str] | None = strawberry.field(
        default=None, description="At least one of these authors."
    )
    all: list[str] | None = strawberry.field(default=None, description="All of these.")
    none: list[str] | None = strawberry.field(default=None, description="None of these.")


@strawberry.input(
    description="A condition on an article's provider: by its domain, such as `gull.example`, or, "
    "where several providers share a domain, by domain and name, such as `reelhouse.example/Gull "
    f"TV`. Case matters; `provider(domain:)` finds a domain regardless of case. {NULL}"
)
class ProviderFilter:
    any: list[str] | None = strawberry.field(default=None, description="One of these.")
    all: list[str] | None = strawberry.field(
        default=None, description="All of these, such as a domain and one of its names."
    )
    none: list[str] | None = strawberry.field(default=None, description="None of these.")


@strawberry.input(description=f"A condition on whether articles are published. {NULL}")
class PublishedFilter:
    eq: bool | None = strawberry.field(default=None, description="Whether they are published.")
    in_: list[bool] | None = strawberry.field(
        name="in",
        default=None,
        description="One of these values: `[true, false]` selects all articles.",
    )


@strawberry.input(description=f"A filter of articles. All its conditions must be true. {NULL}")
@declared_filters(ArticleDocument)
class ArticleWhere:
    and_: list[ArticleWhere] | None = strawberry.field(
        name="and", default=None, description="All of these must be true."
    )
    or_: list[ArticleWhere] | None = strawberry.field(
        name="or", default=None, description="At least one of these must be true."
    )
    not_: ArticleWhere | None = strawberry.field(
        name="not", default=None, description="This must not be true."
    )
    topics: TopicsFilter | None = strawberry.field(default=None)
    authors: AuthorsFilter | None = strawberry.field(default=None)
    provider: ProviderFilter | None = strawberry.field(default=None)
    published: PublishedFilter | None = strawberry.field(default=None)


Where = Annotated[
    ArticleWhere | None, strawberry.argument(description="A filter; all articles by default.")
]
OrderBy = Annotated[
    list[ArticleOrder] | None,
    strawberry.argument(description="The order; the newest first by default."),
]


def text(argument: str, value: str) -> str:
    """Return the text. Raises BadUserInput if the database cannot search for it."""
    if len(value) > MAX_LENGTH:
        message = f"{argument}: {len(value)} characters, at most {MAX_LENGTH}"
        raise BadUserInput(argument, message, maximum=MAX_LENGTH)
    if not value.isascii() and any("\ud800" <= character <= "\udfff" for character in value):
        raise BadUserInput(argument, f"{argument}: half of a surrogate pair is not valid text")
    return value


def orders_of(order_by: Sequence[ArticleOrder | TaxonomyOrder] | None) -> list[Order]:
    """Return the orders of an `orderBy`. Raises BadUserInput if a field occurs in it twice."""
    orders = [
        Order(key.field.value, descending=_direction_of(key) is OrderDirection.DESC)
        for key in order_by or ()
    ]
    if len({order.field for order in orders}) < len(orders):
        raise BadUserInput("orderBy", "orderBy: the same field occurs twice")
    return orders


def _direction_of(key: ArticleOrder | TaxonomyOrder) -> OrderDirection:
    if key.direction is not None:
        return key.direction
    return OrderDirection.ASC if key.field.value in _ASCENDING else OrderDirection.DESC
