"""Input types, and what they mean to the store."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from enum import Enum
from typing import Any, Final

import strawberry

from graph.errors import BadUserInput
from graph.store.filters import Condition, Operator, Order

MAXIMUM_VALUES: Final = 100
MAXIMUM_LENGTH: Final = 2048


@strawberry.enum(description="Which way a list is ordered.")
class Direction(Enum):
    ASC = strawberry.enum_value("ASC", description="Smallest or oldest first; nulls first.")
    DESC = strawberry.enum_value("DESC", description="Largest or newest first; nulls last.")


@strawberry.enum(description="What articles can be ordered by.")
class ArticleOrderField(Enum):
    PUBLISHED_DATE_TIME = strawberry.enum_value(
        "publishedDateTime", description="When the article was published."
    )
    QUALITY = strawberry.enum_value("quality", description="The publisher's grade of the text.")
    HEAT = strawberry.enum_value("heat", description="How much the story is talked about.")


@strawberry.enum(description="What topics and providers can be ordered by.")
class TaxonomyOrderField(Enum):
    ARTICLE_COUNT = strawberry.enum_value(
        "articleCount", description="How many published articles there are."
    )
    LATEST = strawberry.enum_value("latest", description="The date of the newest article.")
    NAME = strawberry.enum_value("_id", description="The name; for providers, the domain first.")


@strawberry.input(description="One key of an order of articles; later keys break ties.")
class ArticleOrder:
    field: ArticleOrderField = strawberry.field(description="What to order by.")
    direction: Direction = strawberry.field(
        default=Direction.DESC, description="Which way; DESC if not given."
    )


@strawberry.input(description="One key of an order of topics or providers.")
class TaxonomyOrder:
    field: TaxonomyOrderField = strawberry.field(description="What to order by.")
    direction: Direction = strawberry.field(
        default=Direction.DESC, description="Which way; DESC if not given."
    )


@strawberry.input(description="A test of an article's topics, by their names.")
class TopicsFilter:
    any: list[str] | None = strawberry.field(
        default=None, description="At least one of these topics."
    )
    all: list[str] | None = strawberry.field(default=None, description="Every one of these.")
    none: list[str] | None = strawberry.field(default=None, description="Not one of these.")


@strawberry.input(description="A test of an article's provider, by its domain.")
class ProviderFilter:
    any: list[str] | None = strawberry.field(default=None, description="One of these domains.")
    none: list[str] | None = strawberry.field(default=None, description="None of these domains.")


@strawberry.input(description="A test of a text, which is compared as a whole.")
class TextFilter:
    eq: str | None = strawberry.field(default=None, description="This text.")
    ne: str | None = strawberry.field(default=None, description="Not this text.")
    in_: list[str] | None = strawberry.field(
        name="in", default=None, description="One of these texts."
    )
    nin: list[str] | None = strawberry.field(default=None, description="None of these texts.")


@strawberry.input(description="A test of a moment: every bound that is given must hold.")
class DateTimeFilter:
    gt: datetime | None = strawberry.field(default=None, description="After this moment.")
    gte: datetime | None = strawberry.field(default=None, description="At this moment or after.")
    lt: datetime | None = strawberry.field(default=None, description="Before this moment.")
    lte: datetime | None = strawberry.field(default=None, description="At this moment or before.")


@strawberry.input(description="Which articles: every test that is given must hold.")
class ArticleWhere:
    topics: TopicsFilter | None = strawberry.field(
        default=None, description='By their topics, such as `{any: ["AI"]}`.'
    )
    provider: ProviderFilter | None = strawberry.field(
        default=None, description="By their provider's domain."
    )
    type: TextFilter | None = strawberry.field(
        default=None, description="By their type, such as `article` or `video`."
    )
    published_date_time: DateTimeFilter | None = strawberry.field(
        default=None, description="By their date."
    )


_FIELDS: Final = (
    ("topics", "where.topics", "topics"),
    ("provider", "where.provider", "provider.domain"),
    ("type", "where.type", "type"),
    ("published_date_time", "where.publishedDateTime", "publishedDateTime"),
)
"""Attribute of `ArticleWhere`, the argument that an error names, stored path."""
_OPERATORS: Final[tuple[Operator, ...]] = (
    "eq",
    "ne",
    "in",
    "nin",
    "gt",
    "gte",
    "lt",
    "lte",
    "any",
    "all",
    "none",
)


def conditions_of(where: ArticleWhere | None) -> list[Condition]:
    """The conditions that a `where` stands for; a null test is no test."""
    if where is None:
        return []
    return [
        condition
        for name, argument, path in _FIELDS
        if (test := getattr(where, name)) is not None
        for condition in _conditions(argument, path, test)
    ]


def _conditions(argument: str, path: str, test: object) -> Iterator[Condition]:
    for operator in _OPERATORS:
        value = getattr(test, "in_" if operator == "in" else operator, None)
        if value is None or (operator == "all" and not value):
            continue
        yield Condition(path, operator, _checked(f"{argument}.{operator}", value))


def _checked(argument: str, value: Any) -> Any:
    if isinstance(value, list):
        if len(value) > MAXIMUM_VALUES:
            message = f"{argument}: {len(value)} values, at most {MAXIMUM_VALUES}"
            raise BadUserInput(argument, message, maximum=MAXIMUM_VALUES)
        return [_checked(argument, item) for item in value]
    return text(argument, value) if isinstance(value, str) else value


def text(argument: str, value: str) -> str:
    """The text, if the database can be asked for it; else BadUserInput."""
    if len(value) > MAXIMUM_LENGTH:
        message = f"{argument}: {len(value)} characters, at most {MAXIMUM_LENGTH}"
        raise BadUserInput(argument, message, maximum=MAXIMUM_LENGTH)
    if not value.isascii() and any("\ud800" <= character <= "\udfff" for character in value):
        raise BadUserInput(argument, f"{argument}: half of a surrogate pair is no text")
    return value


def orders_of(order_by: Sequence[ArticleOrder | TaxonomyOrder] | None) -> list[Order]:
    """The orders that an `orderBy` stands for. A field may stand in it once."""
    orders = [
        Order(key.field.value, descending=key.direction is Direction.DESC) for key in order_by or ()
    ]
    if len({order.field for order in orders}) < len(orders):
        raise BadUserInput("orderBy", "orderBy: a field stands in it twice")
    return orders
