"""Scalars: dates as RFC 3339 in UTC."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Final

import strawberry
from graphql import GraphQLError
from graphql.pyutils import inspect


class Period(datetime):
    """A year, a month or a day, as the instant at which it begins; `end` is when the next begins.

    The database stores milliseconds, so an instant between two of them is a period of no length.
    """

    end: datetime

    @classmethod
    def of(cls, start: datetime, end: datetime) -> Period:
        period = cls.fromisoformat(start.isoformat())
        period.end = end
        return period

    @property
    def start(self) -> datetime:
        """The instant at which it begins."""
        return datetime.fromisoformat(self.isoformat())


_PERIOD: Final = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d))?)?", re.ASCII)
_DATE_TIME: Final = re.compile(
    r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)?", re.ASCII
)
"""RFC 3339, where seconds and offset may be missing; `fromisoformat` takes more, such as weeks."""
_FINER: Final = re.compile(r"\.\d{3}\d*[1-9]", re.ASCII)
"""A fraction that is finer than milliseconds."""

_LAST: Final = datetime.max.replace(microsecond=999_000, tzinfo=UTC)


def serialize_date(value: datetime) -> str:
    """Return the instant as text: `2025-03-14T09:30:00Z`, with milliseconds unless they are 0.

    Without a zone the instant is in UTC, as the database gives it to a server.
    """
    aware = value if value.tzinfo else value.replace(tzinfo=UTC)
    precision = "milliseconds" if aware.microsecond else "seconds"
    return aware.isoformat(timespec=precision).replace("+00:00", "Z")


def _parse(value: object) -> datetime:
    described = f'"{value}"' if isinstance(value, str) else inspect(value)
    text = value.upper() if isinstance(value, str) else ""
    period = _PERIOD.fullmatch(text)
    if period is None and _DATE_TIME.fullmatch(text) is None:
        raise GraphQLError(
            f"{described} is not a date and time in the format of RFC 3339, such as "
            "2025-03-14T09:30:00Z"
        )
    try:
        return _date_time(text) if period is None else _period(*period.groups())
    except (ValueError, OverflowError) as error:
        raise GraphQLError(f"{described} is not a date and time that exists: {error}") from None


def _date_time(text: str) -> datetime:
    instant = datetime.fromisoformat(text)
    instant = (instant if instant.tzinfo else instant.replace(tzinfo=UTC)).astimezone(UTC)
    if _FINER.search(text) is None:
        return instant
    next_instant = instant.replace(microsecond=instant.microsecond // 1000 * 1000)
    next_instant += timedelta(milliseconds=1)
    return Period.of(next_instant, next_instant)


def _period(year: str, month: str | None, day: str | None) -> Period:
    start = datetime(int(year), int(month or 1), int(day or 1), tzinfo=UTC)
    try:
        if day is not None:
            return Period.of(start, start + timedelta(days=1))
        months = start.year * 12 + start.month - 1 + (12 if month is None else 1)
        return Period.of(start, start.replace(year=months // 12, month=months % 12 + 1))
    except (OverflowError, ValueError):  # it is the last one that there is
        return Period.of(start, _LAST)


DateTime = strawberry.scalar(
    name="DateTime",
    description="A date and time in the format of RFC 3339, in UTC: `2025-03-14T09:30:00Z`, with "
    "three digits of milliseconds where they are not 0: `2025-03-14T09:30:00.250Z`. Input may "
    "have any offset; without one, it is in UTC. Input may also be a day, a month or a year: "
    "`2025-03-14`, `2025-03`, `2025`.",
    specified_by_url="https://www.rfc-editor.org/rfc/rfc3339",
    serialize=serialize_date,
    parse_value=_parse,
)
