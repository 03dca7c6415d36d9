"""Convert what the parsers of JSON and TOML return to the form and limits of YAML's trees."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import date, datetime, time
from typing import Any

from loaders.frontmatter.positions import Keys, storable_key
from loaders.frontmatter.split import (
    MAX_DEPTH,
    MAX_NODES,
    NUL_IN_KEY,
    TOO_DEEP,
    TOO_MANY,
    FrontMatterError,
    UnquotedScalar,
    UnsupportedValue,
    under_key,
)
from loaders.records.values.scalar_values import described

_SURROGATE = re.compile("[\ud800-\udfff]")

ErrorAt = Callable[[Keys, str], FrontMatterError]


def normalize_tree(tree: dict[str, Any], error_at: ErrorAt) -> None:
    """Replace all values but text and null by UnquotedScalar, in place.

    `error_at` returns the error for a path and a message.
    """
    nodes = 1
    waiting: list[tuple[Keys, Any]] = [((), tree)]
    while waiting:
        at, container = waiting.pop()
        nodes += len(container)
        if nodes > MAX_NODES:
            raise error_at(at, TOO_MANY)
        if len(at) >= MAX_DEPTH:
            raise error_at(at, TOO_DEEP)
        items: Iterable[tuple[Any, Any]] = enumerate(container)
        if type(container) is dict:
            items = container.items()
        for step, value in items:
            kind = type(value)
            if kind is str:
                container[step] = value if value.isascii() else storable_text(value)
            elif kind is dict or kind is list:
                waiting.append(((*at, step), value))
            elif value is not None and kind is not UnquotedScalar:
                container[step] = _plain(value)
        if type(container) is dict and any(storable_key(key) != key for key in container):
            _rename_keys(container, at, error_at)


def _rename_keys(mapping: dict[str, Any], at: Keys, error_at: ErrorAt) -> None:
    """Rename keys that the database cannot store, in place."""
    items = list(mapping.items())
    mapping.clear()
    for key, value in items:
        name = storable_key(key)
        if name in mapping:
            raise error_at((*at, name), f"the key {described(name)} occurs twice")
        reason = forbidden_character(key) or NUL_IN_KEY
        mapping[name] = value if name == key else under_key(name, value, reason)


def storable_text(value: str) -> str | UnsupportedValue:
    """Return a text or, if it contains half a surrogate pair, its escaped form and the reason."""
    reason = forbidden_character(value)
    return value if reason is None else UnsupportedValue(storable_key(value), reason)


def forbidden_character(text: str) -> str | None:
    """Return what is wrong with a text that contains half of a surrogate pair."""
    lone = _SURROGATE.search(text)
    return None if lone is None else f"the character U+{ord(lone[0]):04X} is not allowed"


def _plain(value: bool | int | date | datetime | time) -> UnquotedScalar:
    if isinstance(value, bool):
        return UnquotedScalar("true" if value else "false")
    if isinstance(value, int):
        # Python does not format integers of thousands of digits as decimals.
        return UnquotedScalar(value if value.bit_length() <= 2_000 else hex(value))
    return UnquotedScalar(value.isoformat())
