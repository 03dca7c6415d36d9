"""The names of time zones."""

from __future__ import annotations

from zoneinfo import ZoneInfo


def is_time_zone(name: str) -> bool:
    """Return whether the IANA time zone database has a zone of this name."""
    try:
        ZoneInfo(name)
    except (KeyError, OSError, ValueError):  # unknown, a folder of the database, or not a name
        return False
    return True
