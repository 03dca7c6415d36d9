"""Input types. `graph.schema.inputs.where` says what the filters mean to the store."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import Enum
from typing import Annotated, Final

import strawberry

from graph.errors import BadUserInput
from graph.store.queries.filters import Order

MAXIMUM_LENGTH: Final = 2048


@strawberry.enum(description="Which way a list is ordered.")
class Direction(Enum):
    ASC = strawberry.enum_value("ASC", description="Smallest or oldest first; nulls first.")
    DESC = strawberry.enum_value("DESC", description="Largest or newest first; nulls last.")


@strawberry.enum(description="What articles can be ordered by; ties go by date.")
class ArticleOrderField(Enum):
    PUBLISHED_DATE_TIME = strawberry.enum_value(
        "publishedDateTime", description="When the article was published."
    )
    QUALITY = strawberry.enum_value("quality", description="The publisher's grade of the text.")
    HEAT = strawberry.enum_value("heat", description="How much the story is talked about.")
    TITLE = strawberry.enum_value("title", description="The headline, letter by letter.")
    RELEVANCE = strawberry.enum_value(
        "score", description="How well the article fits the search; only with `search`."
    )


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
    include_descendants: bool = strawberry.field(
        default=False,
        description="Whether a topic stands for all below it, too.",
    )


@strawberry.input(
    description="A test of an article's provider: by its domain, such as `gull.example`, or by "
    "domain and name, such as `reelhouse.example/Gull TV`, where several share the domain."
)
class ProviderFilter:
    any: list[str] | None = strawberry.field(default=None, description="One of these.")
    all: list[str] | None = strawberry.field(
        default=None, description="Every one of these: a domain, and one of its names."
    )
    none: list[str] | None = strawberry.field(default=None, description="None of these.")


@strawberry.input(description="A test of a text, letter by letter.")
class TextFilter:
    eq: str | None = strawberry.field(default=None, description="This text.")
    ne: str | None = strawberry.field(default=None, description="Not this text.")
    in_: list[str] | None = strawberry.field(
        name="in", default=None, description="One of these texts."
    )
    nin: list[str] | None = strawberry.field(default=None, description="None of these texts.")
    starts_with: str | None = strawberry.field(
        default=None, description="A text that begins like this."
    )
    exists: bool | None = strawberry.field(default=None, description="Whether there is one.")


@strawberry.input(description="A test of a number: every bound that is given must hold.")
class IntFilter:
    eq: int | None = strawberry.field(default=None, description="This number.")
    ne: int | None = strawberry.field(default=None, description="Not this number.")
    in_: list[int] | None = strawberry.field(
        name="in", default=None, description="One of these numbers."
    )
    nin: list[int] | None = strawberry.field(default=None, description="None of these numbers.")
    gt: int | None = strawberry.field(default=None, description="More than this.")
    gte: int | None = strawberry.field(default=None, description="This or more.")
    lt: int | None = strawberry.field(default=None, description="Less than this.")
    lte: int | None = strawberry.field(default=None, description="This or less.")
    exists: bool | None = strawberry.field(default=None, description="Whether there is one.")


@strawberry.input(description="A test of a moment: every bound that is given must hold.")
class DateTimeFilter:
    eq: datetime | None = strawberry.field(default=None, description="This very moment.")
    ne: datetime | None = strawberry.field(default=None, description="Not this moment.")
    gt: datetime | None = strawberry.field(default=None, description="After this moment.")
    gte: datetime | None = strawberry.field(default=None, description="At this moment or after.")
    lt: datetime | None = strawberry.field(default=None, description="Before this moment.")
    lte: datetime | None = strawberry.field(default=None, description="At this moment or before.")
    exists: bool | None = strawberry.field(default=None, description="Whether there is one.")


@strawberry.input(description="A test of whether articles are published.")
class PublishedFilter:
    eq: bool | None = strawberry.field(default=None, description="Published, or not.")
    in_: list[bool] | None = strawberry.field(
        name="in", default=None, description="Both, with `[true, false]`."
    )


@strawberry.input(description="Which articles: every test that is given must hold.")
class ArticleWhere:
    and_: list[ArticleWhere] | None = strawberry.field(
        name="and", default=None, description="All of these must hold."
    )
    or_: list[ArticleWhere] | None = strawberry.field(
        name="or", default=None, description="At least one of these must hold."
    )
    not_: ArticleWhere | None = strawberry.field(
        name="not", default=None, description="This must not hold."
    )
    topics: TopicsFilter | None = strawberry.field(
        default=None, description='By their topics, such as `{any: ["AI"]}`.'
    )
    provider: ProviderFilter | None = strawberry.field(
        default=None, description="By their provider."
    )
    slug: TextFilter | None = strawberry.field(
        default=None, description='By their path, such as `{startsWith: "_news/2025"}`.'
    )
    category: TextFilter | None = strawberry.field(
        default=None, description="By the section that the publisher filed them under."
    )
    type: TextFilter | None = strawberry.field(
        default=None, description="By their type, such as `article` or `video`."
    )
    published_date_time: DateTimeFilter | None = strawberry.field(
        default=None, description="By their date."
    )
    quality: IntFilter | None = strawberry.field(
        default=None, description="By the publisher's grade of the text."
    )
    heat: IntFilter | None = strawberry.field(
        default=None, description="By how much the story is talked about."
    )
    has_image: bool | None = strawberry.field(
        default=None, description="Whether they have a picture."
    )
    has_related: bool | None = strawberry.field(
        default=None, description="Whether they point at other stories."
    )
    has_body: bool | None = strawberry.field(default=None, description="Whether they have a text.")
    published: PublishedFilter | None = strawberry.field(
        default=None,
        description="Whether they are published: anything but true needs a token with the scope "
        "read:unpublished.",
    )


Where = Annotated[
    ArticleWhere | None, strawberry.argument(description="Which articles; all if not given.")
]
OrderBy = Annotated[
    list[ArticleOrder] | None,
    strawberry.argument(description="In which order; the newest first if not given."),
]


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
