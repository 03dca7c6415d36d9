"""The clock of a load."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]
"""Returns the current time in UTC, to the millisecond, as a BSON date holds it."""


def utc_now() -> datetime:
    """Return the current time of the system clock."""
    now = datetime.now(UTC)
    return now.replace(microsecond=now.microsecond // 1000 * 1000)
