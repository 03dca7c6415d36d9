"""Languages as tags (RFC 5646), and the names of time zones."""

from __future__ import annotations

import re
from typing import Final
from zoneinfo import ZoneInfo

LANGUAGE_TAG: Final = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*")


def language_tag(text: str | None) -> str | None:
    """Return the language that a document names as a tag; None if it cannot be one."""
    tag = (text or "").strip().replace("_", "-")
    return tag if LANGUAGE_TAG.fullmatch(tag) else None


def is_time_zone(name: str) -> bool:
    """Return whether the IANA time zone database has a zone of this name."""
    try:
        ZoneInfo(name)
    except (KeyError, OSError, ValueError):  # unknown, a folder of the database, or not a name
        return False
    return True
