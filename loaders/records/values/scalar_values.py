"""Resolve unquoted scalars, by the core schema of YAML 1.2 or by the type of a field."""

from __future__ import annotations

import math
import re
from typing import Any, Final, NamedTuple

import orjson

from loaders.frontmatter.positions import Keys
from loaders.frontmatter.split import UnquotedScalar, UnsupportedValue


class Finding(NamedTuple):
    """A fault or warning about the value at a path."""

    at: Keys
    reason: str


MIN_INTEGER: Final = -(2**63)
MAX_INTEGER: Final = 2**63 - 1

_BOOLEANS: Final = {
    spelling: value
    for word, value in [("true", True), ("false", False)]
    for spelling in (word, word.title(), word.upper())
}
_ANY_TRUTH: Final = {
    **dict.fromkeys(["true", "yes", "on", "y"], True),
    **dict.fromkeys(["false", "no", "off", "n"], False),
}
_DECIMAL = re.compile(r"[-+]?[0-9]+")
_BASED = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_NOT_FINITE = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")
REFERENCE: Final = "a mapping must not contain both $ref and $id"
AS_TEXT: Final = ": kept as text"
STORED_DEPTH: Final = 100
"""The maximum number of nested levels that the database stores."""

# Longer than any integer of 64 bits, in any of the notations.
_LONG: Final = 30
# So short that any number of as many digits fits into 32 bits.
_SHORT: Final = 10


def described(value: object) -> str:
    """Return a value as messages show it."""
    if isinstance(value, str):
        text = str(value)
        return repr(text if len(text) <= 60 else f"{text[:59]}…")
    if value is None:
        return "nothing"
    if isinstance(value, UnsupportedValue):
        return described(value.stored)
    return "a list" if isinstance(value, list) else "a mapping"


def resolve(value: dict[str, Any] | list[Any], at: Keys, findings: list[Finding]) -> None:
    """Replace each UnquotedScalar in a collection, at any depth, by its value in the core schema.

    Values that the database could not return unchanged stay text, with a finding.
    """
    container: Any = value
    for key, item in container.items() if type(value) is dict else enumerate(container):
        kind = type(item)
        if kind is UnquotedScalar:
            container[key] = _core(item, (*at, key), findings)
        elif kind is dict or kind is list:
            container[key] = _resolved(item, (*at, key), findings)
        elif kind is UnsupportedValue:
            findings.append(Finding((*at, key), f"{item.reason}: kept as {item.stored_as}"))
            holder = [item.stored]
            resolve(holder, at, findings)
            container[key] = holder[0]


def _resolved(item: Any, at: Keys, findings: list[Finding]) -> Any:
    resolve(item, at, findings)
    if type(item) is dict and is_reference(item):
        findings.append(Finding(at, f"{REFERENCE}{AS_TEXT}"))
    elif len(at) == STORED_DEPTH:  # deeper levels are part of its text
        findings.append(Finding(at, f"nested more than {STORED_DEPTH} levels deep{AS_TEXT}"))
    else:
        return item
    return orjson.dumps(item).decode()


def is_reference(mapping: dict[str, Any]) -> bool:
    """Return whether drivers would read a mapping as a DBRef."""
    return "$ref" in mapping and "$id" in mapping


def _core(text: UnquotedScalar, at: Keys, findings: list[Finding]) -> bool | int | float | str:
    try:
        return core(text)
    except ValueError as error:
        findings.append(Finding(at, f"{error}{AS_TEXT}"))
        return str(text)


def core(text: str) -> bool | int | float | str:
    """Return the value of an unquoted scalar in YAML 1.2's core schema; nulls are already resolved.

    Raises ValueError for numbers that are not finite or have more than 64 bits.
    """
    if text[0] not in "+-.0123456789tTfF":
        return str(text)
    if text in _BOOLEANS:
        return _BOOLEANS[text]
    if _DECIMAL.fullmatch(text) or _BASED.fullmatch(text):
        return integer(text)
    if _FLOAT.fullmatch(text):
        return _finite(float(text), text)
    if _NOT_FINITE.fullmatch(text):
        raise ValueError(f"{text} is not a finite number")
    return str(text)


def integer(text: str) -> int:
    """Parse a whole number of at most 64 bits. Raises ValueError."""
    sign = "-" if text[0] == "-" else ""
    digits = text.lstrip("+-")
    base = {"0o": 8, "0x": 16}.get(digits[:2], 10)
    digits = digits[2:] if base != 10 else digits
    digits = digits.lstrip("0") or "0"
    if len(digits) <= _LONG:
        number = int(sign + digits, base)
        if MIN_INTEGER <= number <= MAX_INTEGER:
            return number
    raise ValueError(f"{described(text)} does not fit into 64 bits")


def _finite(number: float, text: str) -> float:
    if math.isfinite(number):
        return number
    raise ValueError(f"{described(text)} is not a finite number")


def whole_number(value: object) -> int:
    """Return the value of an integer field: decimal digits, quoted or not. Raises ValueError."""
    if (
        type(value) is UnquotedScalar
        and len(value) < _SHORT
        and value.isascii()
        and value.isdigit()
    ):
        return int(value)
    if isinstance(value, str) and _DECIMAL.fullmatch(value):
        number = integer(value)
        if abs(number) < 2**31:  # the range of GraphQL's Int
            return number
        raise ValueError(f"{described(value)} does not fit into 32 bits")
    raise ValueError(f"expected a whole number, found {described(value)}")


def boolean(value: object) -> bool:
    """Return the value of a boolean field, in any spelling of YAML 1.1. Raises ValueError."""
    truth = boolean_of(value) if isinstance(value, str) else None
    if truth is None:
        raise ValueError(f"expected true or false, found {described(value)}")
    return truth


def boolean_of(text: str) -> bool | None:
    """Return the boolean that a text spells as in YAML 1.1; None if it spells none."""
    return _ANY_TRUTH.get(text.lower())
