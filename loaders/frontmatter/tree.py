"""What the readers of JSON and TOML make, brought to the form and the bounds of YAML's trees."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import date, datetime, time
from typing import Any

from loaders.frontmatter.positions import Keys
from loaders.frontmatter.split import (
    MAX_DEPTH,
    MAX_NODES,
    NUL_IN_KEY,
    TOO_DEEP,
    TOO_MANY,
    FrontMatterError,
    UnquotedScalar,
)

_SURROGATE = re.compile("[\ud800-\udfff]")

Complaint = Callable[[Keys, str], FrontMatterError]


def normalize_tree(tree: dict[str, Any], complain: Complaint) -> None:
    """Make UnquotedScalar of all that is neither text nor empty, in place.

    `complain` says where a path stands.
    """
    nodes = 1
    waiting: list[tuple[Keys, Any]] = [((), tree)]
    while waiting:
        at, container = waiting.pop()
        nodes += len(container)
        if nodes > MAX_NODES:
            raise complain(at, TOO_MANY)
        if len(at) >= MAX_DEPTH:
            raise complain(at, TOO_DEEP)
        items: Iterable[tuple[Any, Any]] = enumerate(container)
        if type(container) is dict:
            items = container.items()
            for key in container:
                _check_key(key, at, complain)
        for step, value in items:
            kind = type(value)
            if kind is str:
                _check_text(value, (*at, step), complain)
            elif kind is dict or kind is list:
                waiting.append(((*at, step), value))
            elif value is not None and kind is not UnquotedScalar:
                container[step] = _plain(value)


def _check_key(key: str, at: Keys, complain: Complaint) -> None:
    _check_text(key, (*at, key), complain)
    if "\0" in key:
        raise complain((*at, key), NUL_IN_KEY)


def _check_text(text: str, at: Keys, complain: Complaint) -> None:
    lone = None if text.isascii() else _SURROGATE.search(text)
    if lone is not None:
        raise complain(at, f"the character U+{ord(lone[0]):04X} is not allowed")


def _plain(value: bool | int | date | datetime | time) -> UnquotedScalar:
    if isinstance(value, bool):
        return UnquotedScalar("true" if value else "false")
    if isinstance(value, int):
        # Python writes no decimals of an integer of thousands of digits.
        return UnquotedScalar(value if value.bit_length() <= 2_000 else hex(value))
    return UnquotedScalar(value.isoformat())
