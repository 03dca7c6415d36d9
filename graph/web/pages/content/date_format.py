"""Dates as the reader's pages show them: in a time zone and a format of the site."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

_FIELD: Final = re.compile(r"'([^']*)'|([a-zA-Z])\2*")


class DateFormat(NamedTuple):
    """How dates are shown; `format.js` does the same.

    Args:
        zone: the IANA name of the time zone.
        date: the pattern of dates: the letters of Unicode's date format patterns that
            `NEWSGRAPH_PUBLIC_DATE_FORMAT` describes.
        time: the pattern of times of day; None for dates without them.
    """

    zone: str
    date: str
    time: str | None

    def write(self, timestamp: datetime) -> str:
        """Return a date, with the time of day if the site wants it."""
        try:
            local = timestamp.astimezone(ZoneInfo(self.zone))
        except OverflowError:  # in the first or the last year that there is
            local = timestamp
        pattern = self.date if self.time is None else f"{self.date}, {self.time}"
        return _FIELD.sub(lambda field: _field(local, field), pattern)


def _field(local: datetime, field: re.Match[str]) -> str:
    if field[2] is None:
        return field[1]
    length = len(field[0])
    hour = local.hour % 12 or 12
    match field[2]:
        case "y":
            return f"{local.year % 100:02}" if length == 2 else f"{local.year:0{length}}"
        case "M":
            return _name(f"{local:%B}", length) if length > 2 else f"{local.month:0{length}}"
        case "E":
            return _name(f"{local:%A}", length)
        case "a":
            return "AM" if local.hour < 12 else "PM"
        case letter:
            numbers = {"d": local.day, "H": local.hour, "h": hour, "m": local.minute}
            return f"{numbers[letter]:0{length}}"


def _name(name: str, length: int) -> str:
    return name if length > 3 else name[:3]
