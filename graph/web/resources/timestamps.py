"""Dates of operations."""

from __future__ import annotations

from datetime import UTC, datetime


def timestamp_of(value: datetime | str | None) -> datetime | None:
    """Return a date of an operation: compiled ones return it as stored, graphql-core as text."""
    if value is None:
        return None
    timestamp = datetime.fromisoformat(value) if isinstance(value, str) else value
    return timestamp if timestamp.tzinfo else timestamp.replace(tzinfo=UTC)
