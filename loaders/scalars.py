"""Scalars: what a plain scalar means where no text is wanted.

Integers, floats, truth values and null follow YAML 1.2's core schema; truth values also take
YAML 1.1's yes, no, on and off where a truth value belongs. Dates follow ISO 8601 as YAML 1.1's
timestamp narrows it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from math import isinf
from typing import Any, Final

from loaders.frontmatter import Path, Plain

INTEGER_64: Final = (-(2**63), 2**63 - 1)

_NULL: Final = frozenset({"", "~", "null", "Null", "NULL"})
_TRUE: Final = frozenset({"true", "yes", "on"})
_FALSE: Final = frozenset({"false", "no", "off"})
_CORE_TRUTH: Final = {
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_INTEGER: Final = re.compile(r"[-+]?[0-9]+")
_BASED: Final = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT: Final = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_NO_NUMBER: Final = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
_TIMESTAMP: Final = re.compile(
    r"(?P<date>[0-9]{4}-[0-9]{1,2}-[0-9]{1,2})"
    r"(?:(?:[Tt]|[ \t]+)(?P<time>[0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?P<fraction>\.[0-9]*)?)?)"
    r"[ \t]*(?P<zone>Z|z|[-+][0-9]{1,2}(?::?[0-9]{2})?)?)?"
)


def is_null(value: Any) -> bool:
    """Whether a value is a plain scalar that means null."""
    return type(value) is Plain and value in _NULL


def to_integer(value: Any) -> int | None:
    """The integer that a plain scalar means, or None."""
    if type(value) is Plain and len(value) <= 40 and _INTEGER.fullmatch(value):
        return int(value)
    return None


def to_truth(value: Any) -> bool | None:
    """The truth value that a plain scalar means, or None."""
    if type(value) is not Plain:
        return None
    lowered = value.lower()
    return True if lowered in _TRUE else False if lowered in _FALSE else None


def to_moment(text: str) -> datetime:
    """The moment, in UTC and cut to milliseconds; without an offset it is taken as UTC.

    Raises ValueError with a reason for what is no date or cannot exist.
    """
    match = _TIMESTAMP.fullmatch(text.strip())
    if match is None:
        raise ValueError("not a date such as 2025-03-14T09:30:00Z")
    year, month, day = map(int, match["date"].split("-"))
    clock = [int(float(part)) for part in (match["time"] or "0:0:0").split(":")]
    hour, minute, second = (*clock, 0)[:3]
    milliseconds = int(((match["fraction"] or ".") + "000")[1:4])
    try:
        moment = datetime(
            year, month, day, hour, minute, second, milliseconds * 1000, _zone(match["zone"])
        )
        return moment.astimezone(UTC)
    except OverflowError:
        raise ValueError("outside the years 1 to 9999") from None


def _zone(text: str | None) -> timezone:
    if text is None or text in "Zz":
        return UTC
    digits = text[1:].replace(":", "")
    hours, minutes = (digits[:-2], digits[-2:]) if len(digits) > 2 else (digits, "0")
    if int(hours) > 23 or int(minutes) > 59:
        raise ValueError(f"the offset {text} does not exist")
    offset = timedelta(hours=int(hours), minutes=int(minutes))
    return timezone(-offset if text[0] == "-" else offset)


def resolve(value: Any) -> Any:
    """A tree as YAML's core schema has it. Raises ValueError for numbers that cannot be kept."""
    if type(value) is dict:
        return {key: resolve(item) for key, item in value.items()}
    if type(value) is list:
        return [resolve(item) for item in value]
    return _resolve_plain(value) if type(value) is Plain else value


def unkept(value: Any, path: Path = ()) -> Iterator[tuple[Path, str]]:
    """The places in a tree that `resolve` would stumble over, with the reason."""
    if type(value) is dict or type(value) is list:
        items = value.items() if type(value) is dict else enumerate(value)
        for key, item in items:
            yield from unkept(item, (*path, key))
    else:
        try:
            resolve(value)
        except ValueError as error:
            yield path, str(error)


def _resolve_plain(value: Plain) -> Any:
    if value in _NULL:
        return None
    if value in _CORE_TRUTH:
        return _CORE_TRUTH[value]
    if _INTEGER.fullmatch(value) or _BASED.fullmatch(value):
        return _integer_64(value)
    if _FLOAT.fullmatch(value):
        return _finite(value)
    if _NO_NUMBER.fullmatch(value):
        raise ValueError(f"{value} is no number that can be kept; quote it if it is a text")
    return str(value)


def _finite(value: Plain) -> float:
    number = float(value)
    if isinf(number):
        raise ValueError("the number is too large; quote it if it is a text")
    return number


def _integer_64(value: Plain) -> int:
    base = {"0o": 8, "0x": 16}.get(value[:2], 10)
    number = int(value[2:] if base != 10 else value, base) if len(value) <= 40 else 2**64
    if INTEGER_64[0] <= number <= INTEGER_64[1]:
        return number
    raise ValueError("the number does not fit into 64 bits; quote it if it is a text")
