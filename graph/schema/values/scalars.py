"""Scalars: dates as RFC 3339 in UTC."""

from __future__ import annotations

from datetime import UTC, datetime

import strawberry
from graphql import GraphQLError
from graphql.pyutils import inspect


def serialize_date(value: datetime) -> str:
    """The moment as text; without a zone it is in UTC, as the database gives it to a server."""
    aware = value if value.tzinfo else value.replace(tzinfo=UTC)
    return aware.isoformat().replace("+00:00", "Z")


def _parse(value: object) -> datetime:
    try:
        moment = datetime.fromisoformat(value)  # type: ignore[arg-type]  # a client's: of any type
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (TypeError, ValueError, OverflowError):
        shown = f'"{value}"' if isinstance(value, str) else inspect(value)
        raise GraphQLError(
            f"{shown} is not a date and time in the format of RFC 3339, such as "
            "2025-03-14T09:30:00Z"
        ) from None


DateTime = strawberry.scalar(
    name="DateTime",
    description="A date and time in the format of RFC 3339, in UTC: `2025-03-14T09:30:00Z`. Input"
    " may have any offset, and is in UTC without one. A date alone is midnight.",
    specified_by_url="https://www.rfc-editor.org/rfc/rfc3339",
    serialize=serialize_date,
    parse_value=_parse,
)
