"""The positions of values in a text, and in a YAML text."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import yaml

from loaders.frontmatter.yaml.libyaml import events

TEXT_TAGS: Final = frozenset({"tag:yaml.org,2002:str", "!"})
"""The tags of text: `!!str`, and `!` alone, which older versions of Ruby write before quotes."""

Keys = tuple[str | int, ...]
"""The path of a value: the keys and list indexes that lead to it."""


Location = tuple[Keys, int, int]
"""A value's path, line and column, counted from 0."""


class Position(NamedTuple):
    """A line and a column in a file, counted from 1."""

    line: int
    column: int


class Lines:
    """The lines of a text, to convert indexes to lines and columns."""

    def __init__(self, text: str) -> None:
        self._starts = [0, *(end.end() for end in re.finditer("\n", text))]

    def place(self, index: int) -> tuple[int, int]:
        """Return the line and column of a character, counted from 0."""
        line = bisect_right(self._starts, index) - 1
        return line, index - self._starts[line]


def find(places: Iterable[Location], paths: Sequence[Keys]) -> dict[Keys, tuple[int, int]]:
    """Return the positions of these paths; for a path that is missing, its nearest ancestor's.
    Never raises.
    """
    prefixes = {path[:length] for path in paths for length in range(len(path) + 1)}
    offsets: dict[Keys, tuple[int, int]] = {(): (0, 0)}
    try:
        for path, line, column in places:
            if path in prefixes:
                offsets.setdefault(path, (line, column))
                if len(offsets) == len(prefixes):
                    break  # the first position of each counts
    except (yaml.YAMLError, ValueError):  # invalid text: use the positions before the fault
        pass
    return {path: offsets[_nearest(path, offsets)] for path in paths}


def _nearest(path: Keys, offsets: dict[Keys, tuple[int, int]]) -> Keys:
    while path not in offsets:
        path = path[:-1]
    return path


@dataclass
class _OpenCollection:
    """An open collection, and the key or number of its latest entry."""

    path: Keys
    is_mapping: bool
    index: int = -1
    key: str | None = None
    key_mark: Any = None


def positions(text: str) -> Iterator[Location]:
    """Yield the positions in a YAML text; that of a collection is its key's."""
    stack: list[_OpenCollection] = []
    key_events: list[Any] = []  # of a key that is a collection: the first event of each open one
    for event in events(text):
        if key_events:
            if isinstance(event, yaml.CollectionStartEvent):
                key_events.append(event)
            elif isinstance(event, yaml.CollectionEndEvent):
                start = key_events.pop()
                if not key_events:
                    stack[-1].key = storable_key(source_text(text, start, event))
        elif isinstance(event, yaml.CollectionEndEvent):
            stack.pop()
        elif isinstance(event, yaml.NodeEvent):
            if stack and stack[-1].is_mapping and stack[-1].key is None:
                stack[-1].key_mark = event.start_mark
                if isinstance(event, yaml.CollectionStartEvent):
                    key_events.append(event)
                else:
                    stack[-1].key = mapping_key(text, event)
                continue
            path: Keys
            mark: Any
            path, mark = _enter(stack[-1], event) if stack else ((), event.start_mark)
            yield path, mark.line, mark.column
            if isinstance(event, yaml.CollectionStartEvent):
                stack.append(_OpenCollection(path, isinstance(event, yaml.MappingStartEvent)))


def mapping_key(text: str, event: Any) -> str:
    """Return the key for a scalar or an alias: its text or, if it is not plain text, its source."""
    is_text = isinstance(event, yaml.ScalarEvent) and (event.tag is None or event.tag in TEXT_TAGS)
    return storable_key(event.value if is_text else source_text(text, event))


def storable_key(key: str) -> str:
    """Return a key, with escapes as in the file if the database could not store it otherwise."""
    return key.replace("\0", r"\0").encode("utf-8", "backslashreplace").decode()


def source_text(text: str, first: Any, last: Any = None) -> str:
    """Return the source text of a node, from its first event to its last, without its anchor."""
    words = text[first.start_mark.index : (last or first).end_mark.index].rstrip()
    return words if first.anchor is None else words.replace(f"&{first.anchor}", "", 1).lstrip()


def _enter(collection: _OpenCollection, event: Any) -> tuple[Keys, Any]:
    if not collection.is_mapping:
        collection.index += 1
        return (*collection.path, collection.index), event.start_mark
    path = (*collection.path, collection.key or "")
    # An empty value has no position.
    has_place = not isinstance(event, yaml.CollectionStartEvent)
    at_value = has_place and event.start_mark.index < event.end_mark.index
    mark = event.start_mark if at_value else collection.key_mark
    collection.key = None
    return path, mark
