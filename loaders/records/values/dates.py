"""Read dates in the forms that people and programs write, unless they are ambiguous."""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from typing import Final

from loaders.records.values.months import MONTH, MONTHS, WEEKDAY
from loaders.records.values.scalar_values import described

_SPACE: Final = r"[ \t]+"
_DAY: Final = r"(?P<day>[0-9]{1,2})(?:st|nd|rd|th|er|º|\.)?"
# German has a point, Spanish and Portuguese have `de`: `3. Mai 2024`, `3 de mayo de 2024`.
_BETWEEN: Final = r"(?:[ \t]+(?:de[ \t]+|del[ \t]+)?|-|(?<=\.))"
_YEAR: Final = r"(?P<year>[0-9]{4})"
# The name of a weekday is redundant.
_WEEKDAY: Final = rf"(?:{WEEKDAY},?{_SPACE})?"
_DATES: Final = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"{_YEAR}(?P<mark>[-/])(?P<month>[0-9]{{1,2}})(?P=mark)(?P<day>[0-9]{{1,2}})",
        r"(?P<year>(?:19|20)[0-9]{2})(?P<month>[0-9]{2})(?P<day>[0-9]{2})(?![0-9])",
        r"(?P<year>[0-9]{4})[年년] ?(?P<month>[0-9]{1,2})[月월] ?(?P<day>[0-9]{1,2})[日일]",
        rf"{_WEEKDAY}{_DAY}{_BETWEEN}{MONTH},?{_BETWEEN}{_YEAR}",
        rf"{_WEEKDAY}{MONTH}{_SPACE}{_DAY},?{_SPACE}{_YEAR}",
    )
)
_TIME: Final = re.compile(
    r"""
    (?: (?P<t> T ) | ,?[ \t]+ )
    (?P<hour> [0-9]{1,2} )
    (?:
        : (?P<minute> [0-9]{2} )
        (?: : (?P<second> [0-9]{2} ) (?: [.,] (?P<fraction> [0-9]* ) )? )?
    )?
    (?: [ \t]* (?P<half> [ap] ) \.?m\b\.? )?
    (?:
        [ \t]*
        (?:
            (?: UTC | GMT )?
            (?P<sign> [-+] ) (?P<hours> [0-9]{1,2} ) (?: :? (?P<minutes> [0-9]{2} ) )?
            (?: [ \t]+ (?: [A-Z]{1,5} | \( [^()]* \) ) )?
        |
            (?P<zone> [A-Z]{1,5} )
        )
    )?
    """,
    re.IGNORECASE | re.VERBOSE,
)
# The abbreviations of RFC 2822: any other is ambiguous or undefined.
_ZONES: Final = {
    **dict.fromkeys(["z", "utc", "ut", "gmt"], 0),
    **{"edt": -4, "est": -5, "cdt": -5, "cst": -6, "mdt": -6, "mst": -7, "pdt": -7, "pst": -8},
}
_NUMBERS_ONLY: Final = re.compile(r"([0-9]{1,2})([-/.])([0-9]{1,2})\2([0-9]{4})(?![0-9]).*")


def date_time(value: object, timezone: tzinfo = UTC) -> datetime:
    """Return the date of a field, in UTC and to the millisecond.

    `timezone` is that of a time without an offset; a day without a time means its midnight. A time
    that a change of clocks skips is read with the offset before the change. Raises ValueError.
    """
    if not isinstance(value, str):
        raise ValueError(f"{_EXPECTED}{described(value)}")
    if _is_common_format(value):
        try:
            return datetime.fromisoformat(value)
        except ValueError:
            pass  # the error is raised below
    value = unicodedata.normalize("NFC", value)
    day = next((match for pattern in _DATES if (match := pattern.match(value))), None)
    time = _TIME.fullmatch(value, day.end()) if day is not None else None
    is_day = day is not None and day.end() == len(value)
    if day is None or not (is_day or (time is not None and _is_time(time))):
        raise ValueError(_not_a_date(value))
    try:
        return _read(day, time, timezone).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        reason = str(error) if isinstance(error, ValueError) else "out of range in UTC"
        raise ValueError(f"{described(value)} is not a date: {reason}") from None


_EXPECTED: Final = "expected a date such as 2024-01-31T08:30:00Z, found "


def _is_common_format(text: str) -> bool:
    """Return whether a text looks like 2024-01-31T08:30:00Z, as nearly all dates do."""
    return len(text) == 20 and text[4::3] == "--T::Z"


def _is_time(time: re.Match[str]) -> bool:
    """Return whether an hour is recognisable as one: by its minutes, by `T`, or by AM and PM."""
    return bool(time["minute"] or time["t"] or time["half"])


def _read(day: re.Match[str], time: re.Match[str] | None, timezone: tzinfo) -> datetime:
    year, month, number = int(day["year"]), _month(day["month"]), int(day["day"])
    if time is None:
        return datetime(year, month, number, tzinfo=timezone)
    return datetime(
        year,
        month,
        number,
        _hour(int(time["hour"]), time["half"]),
        int(time["minute"] or 0),
        int(time["second"] or 0),
        int((time["fraction"] or "")[:3].ljust(3, "0")) * 1000,
        _offset(time) or timezone,
    )


def _month(text: str) -> int:
    return int(text) if text.isdigit() else MONTHS[text.lower()]


def _hour(hour: int, half: str | None) -> int:
    if half is None:
        return hour
    if not 1 <= hour <= 12:
        raise ValueError("with AM or PM, the hour must be between 1 and 12")
    return hour % 12 + (12 if half in "pP" else 0)


def _offset(time: re.Match[str]) -> timezone | None:
    """Return the offset of a time, if it has one."""
    if time["sign"] is not None:
        hours, minutes = int(time["hours"]), int(time["minutes"] or 0)
        if hours > 23 or minutes > 59:
            raise ValueError("the offset from UTC must be less than 24 hours")
        offset = timedelta(hours=hours, minutes=minutes)
        return timezone(-offset if time["sign"] == "-" else offset)
    if time["zone"] is None:
        return None
    if time["zone"].lower() not in _ZONES:
        zone = described(time["zone"])
        raise ValueError(f"the time zone {zone} is ambiguous: write an offset such as +01:00")
    hours = _ZONES[time["zone"].lower()]
    return timezone(timedelta(hours=hours)) if hours else UTC


def _not_a_date(value: str) -> str:
    match = _NUMBERS_ONLY.fullmatch(value)
    if match is None:
        return f"{_EXPECTED}{described(value)}"
    first, second, year = int(match[1]), int(match[3]), int(match[4])
    days = dict.fromkeys([_day(year, first, second), _day(year, second, first)])
    readings = " or ".join(day for day in days if day is not None)
    example = readings or "a date such as 2024-01-31"
    return f"{described(value)} does not say which number is the month: write {example}"


def _day(year: int, month: int, day: int) -> str | None:
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        return None
