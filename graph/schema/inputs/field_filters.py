"""Filters by the value of one field, and the declared fields that have one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final, TypeVar

import strawberry

from graph.fields.declaration import Shape, StoredField, fields_of

T = TypeVar("T")

NULL: Final = "Null means no condition."
NULLS: Final = f"{NULL} To find missing values, use `exists: false`."


@strawberry.input
class _TextComparisons:
    eq: str | None = strawberry.field(default=None, description="This text.")
    ne: str | None = strawberry.field(default=None, description="Not this text.")
    in_: list[str] | None = strawberry.field(
        name="in", default=None, description="One of these texts."
    )
    nin: list[str] | None = strawberry.field(default=None, description="None of these texts.")
    starts_with: str | None = strawberry.field(default=None, description="A text with this prefix.")


@strawberry.input(description=f"A condition on a text. Case matters. {NULLS}")
class TextFilter(_TextComparisons):
    exists: bool | None = strawberry.field(default=None, description="Whether there is a value.")


@strawberry.input(
    description="A condition on a title or a name. Case, accents, repeated spaces and the form of "
    'quotation marks and dashes do not matter: `{eq: "angstrom"}` finds `Ångström`. '
    f"The first 300 characters are compared. {NULLS}"
)
class NameFilter(_TextComparisons):
    contains: str | None = strawberry.field(
        default=None,
        description="A text that contains this, even within a word. The database compares every "
        "title or name of the list with it; `search` uses an index instead.",
    )


@strawberry.input(description=f"A condition on a number. All its parts must be true. {NULLS}")
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
    exists: bool | None = strawberry.field(default=None, description="Whether there is a value.")


@strawberry.input(
    description="A condition on a date and time. All its parts must be true. A day, a month or a "
    "year stands for the whole period: `eq` means within it, `gt` after it, and `lt` before it. "
    f"{NULLS}"
)
class DateTimeFilter:
    eq: datetime | None = strawberry.field(default=None, description="At this time.")
    ne: datetime | None = strawberry.field(default=None, description="Not at this time.")
    gt: datetime | None = strawberry.field(default=None, description="After this time.")
    gte: datetime | None = strawberry.field(default=None, description="At this time or later.")
    lt: datetime | None = strawberry.field(default=None, description="Before this time.")
    lte: datetime | None = strawberry.field(default=None, description="At this time or earlier.")
    exists: bool | None = strawberry.field(default=None, description="Whether there is a value.")


_FILTERS: Final[dict[type, Any]] = {str: TextFilter, int: IntFilter, datetime: DateTimeFilter}


def declared_filters(shape: Shape) -> Callable[[type[T]], type[T]]:
    """Add to an input type, below `strawberry.input`, the filters that the shape's fields declare.

    A filter that the class defines itself is kept, with the declared description. Filters of lists
    and objects must be defined this way; else TypeError.
    """

    def add(input_type: type[T]) -> type[T]:
        for field in fields_of(shape):
            declaration = field.declaration
            if declaration.where and (defined := vars(input_type).get(field.attribute)):
                defined.description = declaration.where
            elif declaration.where:
                _add(input_type, field.attribute, _filter_of(field), declaration.where)
            if presence := declaration.presence:
                _add(input_type, presence.attribute, bool, presence.description)
        return input_type

    return add


def _filter_of(field: StoredField) -> Any:
    if field.is_list or field.type not in _FILTERS:
        raise TypeError(f"a filter by {field.name} must be defined by hand")
    return NameFilter if field.declaration.folded else _FILTERS[field.type]


def _add(input_type: type[Any], attribute: str, kind: Any, description: str) -> None:
    input_type.__annotations__[attribute] = kind | None
    setattr(input_type, attribute, strawberry.field(default=None, description=description))
