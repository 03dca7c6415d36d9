"""Patterns of addresses, such as `/:year/:month/:slug/`."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from typing import Final

_PLACEHOLDER: Final = re.compile(r":([a-z_]+)(\[[^\[\]]*\])?")
_NOT_IN_SLUGS: Final = re.compile(r"[\W_]+")
_DAYS: Final[dict[str, str]] = {
    "year": "{0:%Y}",
    "short_year": "{0:%y}",
    "month": "{0:%m}",
    "i_month": "{0.month}",
    "monthname": "{0:%B}",
    "long_month": "{0:%B}",
    "short_month": "{0:%b}",
    "day": "{0:%d}",
    "i_day": "{0.day}",
    "yearday": "{0:%-j}",
    "y_day": "{0:%j}",
    "w_year": "{0:%G}",
    "week": "{0:%V}",
    "weekday": "{0:%w}",
    "weekdayname": "{0:%A}",
    "long_day": "{0:%A}",
    "short_day": "{0:%a}",
}


def filled(
    pattern: str, word: Callable[[str, str | None], str | None], day: date | None
) -> str | None:
    """Return a pattern with its placeholders replaced; None if one of them has no value."""
    missing = False

    def value(match: re.Match[str]) -> str:
        nonlocal missing
        key, slice_ = match.groups()
        found = word(key, slice_)
        if found is None and day is not None:
            found = _of_day(key, day)
        missing |= found is None
        return found or ""

    text = _PLACEHOLDER.sub(value, pattern)
    return None if missing else text


def _of_day(key: str, day: date) -> str | None:
    form = _DAYS.get(key)
    return form.format(day) if form else None


def slugified(text: str) -> str:
    """Return a text as part of an address: its letters and digits, with hyphens between them."""
    return _NOT_IN_SLUGS.sub("-", text).strip("-").lower()
