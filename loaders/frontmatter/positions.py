"""Where values stand in a text, and where those of a YAML text do."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import yaml

from loaders.frontmatter.yaml_events import events

STRING_TAG: Final = "tag:yaml.org,2002:str"

Keys = tuple[str | int, ...]
"""The way from the top of a document to a value: names of keys and numbers of list entries."""


Location = tuple[Keys, int, int]
"""A value's path, line and column, counted from 0."""


class Position(NamedTuple):
    """A place in a file, counted from 1."""

    line: int
    column: int


class Lines:
    """The lines of a text, to tell which of them a character stands in."""

    def __init__(self, text: str) -> None:
        self._starts = [0, *(end.end() for end in re.finditer("\n", text))]

    def place(self, index: int) -> tuple[int, int]:
        """The line and column of a character, counted from 0."""
        line = bisect_right(self._starts, index) - 1
        return line, index - self._starts[line]


def find(places: Iterable[Location], paths: Sequence[Keys]) -> dict[Keys, tuple[int, int]]:
    """Where these paths stand: of one that does not, its nearest ancestor. Never raises."""
    wanted = {path[:length] for path in paths for length in range(len(path) + 1)}
    found: dict[Keys, tuple[int, int]] = {(): (0, 0)}
    try:
        for path, line, column in places:
            if path in wanted:
                found.setdefault(path, (line, column))
                if len(found) == len(wanted):
                    break  # the first place of each counts
    except (yaml.YAMLError, ValueError):  # a text that has a fault: the places before it will do
        pass
    return {path: found[_nearest(path, found)] for path in paths}


def _nearest(path: Keys, found: dict[Keys, tuple[int, int]]) -> Keys:
    while path not in found:
        path = path[:-1]
    return path


@dataclass
class _Frame:
    """An open collection: what was seen last in it."""

    path: Keys
    is_mapping: bool
    index: int = -1
    key: str | None = None
    key_mark: Any = None


def positions(text: str) -> Iterator[Location]:
    """The places of a YAML text; a collection stands at its key."""
    frames: list[_Frame] = []
    key_events: list[Any] = []  # of a key that is a collection: the first event of each open one
    for event in events(text):
        if key_events:
            if isinstance(event, yaml.CollectionStartEvent):
                key_events.append(event)
            elif isinstance(event, yaml.CollectionEndEvent):
                start = key_events.pop()
                if not key_events:
                    frames[-1].key = storable_key(own_words(text, start, event))
        elif isinstance(event, yaml.CollectionEndEvent):
            frames.pop()
        elif isinstance(event, yaml.NodeEvent):
            if frames and frames[-1].is_mapping and frames[-1].key is None:
                frames[-1].key_mark = event.start_mark
                if isinstance(event, yaml.CollectionStartEvent):
                    key_events.append(event)
                else:
                    frames[-1].key = key_of(text, event)
                continue
            path: Keys
            mark: Any
            path, mark = _enter(frames[-1], event) if frames else ((), event.start_mark)
            yield path, mark.line, mark.column
            if isinstance(event, yaml.CollectionStartEvent):
                frames.append(_Frame(path, isinstance(event, yaml.MappingStartEvent)))


def key_of(text: str, event: Any) -> str:
    """The key that a scalar or an alias makes: what is no plain text, by its own words."""
    is_text = isinstance(event, yaml.ScalarEvent) and event.tag in (None, STRING_TAG)
    return storable_key(event.value if is_text else own_words(text, event))


def storable_key(key: str) -> str:
    """The key itself or, where the database could not hold it, with escapes as in the file."""
    return key.replace("\0", r"\0").encode("utf-8", "backslashreplace").decode()


def own_words(text: str, first: Any, last: Any = None) -> str:
    """A node as it stands in its file, from its first event to its last, without its anchor."""
    words = text[first.start_mark.index : (last or first).end_mark.index].rstrip()
    return words if first.anchor is None else words.replace(f"&{first.anchor}", "", 1).lstrip()


def _enter(frame: _Frame, event: Any) -> tuple[Keys, Any]:
    if not frame.is_mapping:
        frame.index += 1
        return (*frame.path, frame.index), event.start_mark
    path = (*frame.path, frame.key or "")
    # An empty value has no place of its own.
    has_place = not isinstance(event, yaml.CollectionStartEvent)
    at_value = has_place and event.start_mark.index < event.end_mark.index
    mark = event.start_mark if at_value else frame.key_mark
    frame.key = None
    return path, mark
