"""Patterns of addresses, such as `/:year/:slug/`: their placeholders, filled in."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from typing import Final

_PLACEHOLDER: Final = re.compile(r":([a-z_]+)(\[[^\[\]]*\])?")
_NOT_IN_SLUGS: Final = re.compile(r"[\W_]+")
_DATE_PARTS: Final[dict[str, str]] = {
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


def fill(
    pattern: str, value_of: Callable[[str, str | None], str | None], day: date | None
) -> str | None:
    """Return a pattern with its placeholders replaced; None if one of them has no value.

    `value_of` returns the value of a placeholder by its name and its slice of Hugo, such as
    `[1:]`; those of a date are filled in from `day`.
    """
    missing = False

    def replaced(match: re.Match[str]) -> str:
        nonlocal missing
        name, slice_ = match.groups()
        value = value_of(name, slice_)
        if value is None and day is not None and name in _DATE_PARTS:
            value = _DATE_PARTS[name].format(day)
        missing |= value is None
        return value or ""

    filled = _PLACEHOLDER.sub(replaced, pattern)
    return None if missing else filled


def slugified(text: str) -> str:
    """Return a text as generators write it in addresses: lower case, with hyphens."""
    return _NOT_IN_SLUGS.sub("-", text).strip("-").lower()
