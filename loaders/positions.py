"""Where the values of a YAML text stand."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import yaml
from yaml._yaml import CParser

Keys = tuple[str | int, ...]
"""The way from the top of a document to a value: names of keys and numbers of list entries."""


class Position(NamedTuple):
    """A place in a file, counted from 1."""

    line: int
    column: int


@dataclass
class _Frame:
    """An open collection: what was seen last in it."""

    path: Keys
    is_mapping: bool
    index: int = -1
    key: str | None = None
    key_mark: Any = None


def positions(text: str) -> Iterator[tuple[Keys, int, int]]:
    """Each value's path, line and column, counted from 0; a collection stands at its key."""
    parser = CParser(text)
    frames: list[_Frame] = []
    event: Any
    while (event := parser.get_event()) is not None:
        if isinstance(event, yaml.CollectionEndEvent):
            frames.pop()
        elif isinstance(event, yaml.NodeEvent):
            if frames and frames[-1].is_mapping and frames[-1].key is None:
                frames[-1].key = getattr(event, "value", "")
                frames[-1].key_mark = event.start_mark
                continue
            path: Keys
            mark: Any
            path, mark = _enter(frames[-1], event) if frames else ((), event.start_mark)
            yield path, mark.line, mark.column
            if isinstance(event, yaml.CollectionStartEvent):
                frames.append(_Frame(path, isinstance(event, yaml.MappingStartEvent)))


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
