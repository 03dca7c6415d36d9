"""Front matter in JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from loaders.frontmatter.positions import Keys, Lines, Location, find, storable_key
from loaders.frontmatter.split import (
    MAX_DEPTH,
    MAX_NODES,
    TOO_DEEP,
    TOO_MANY,
    Front,
    FrontMatterError,
    UnquotedScalar,
)
from loaders.frontmatter.tree import normalize_tree
from loaders.records.values.scalar_values import described

_STRING: Final = r'"[^"\\]*+(?:\\.[^"\\]*+)*+"?'
_STRUCTURE = re.compile(rf"{_STRING}|[\[\]{{}},]", re.DOTALL)
_TOKEN = re.compile(rf'{_STRING}|[\[\]{{}},:]|[^\s"\[\]{{}},:]++', re.DOTALL)
_LINE_END = re.compile(r"\n|\Z")
_SPACE = re.compile(r"[ \t\r\n]*+")
_CONSTANTS: Final = {
    "NaN": UnquotedScalar(".nan"),
    "Infinity": UnquotedScalar(".inf"),
    "-Infinity": UnquotedScalar("-.inf"),
}


class _DuplicateKey(Exception):
    """A key occurs twice in an object."""


def _mapping(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    mapping = dict(pairs)
    if len(mapping) < len(pairs):
        raise _DuplicateKey
    return mapping


_DECODER = json.JSONDecoder(
    object_pairs_hook=_mapping,
    parse_int=UnquotedScalar,
    parse_float=UnquotedScalar,
    parse_constant=_CONSTANTS.__getitem__,
)


def split(text: str, first_line: int = 1) -> Front:
    """Split a text that opens with `{` after the line on which that object ends.

    `first_line` is the number of the text's first line in the file.
    """
    # `parse` rejects the rest of that line, and an object without an end.
    end = _LINE_END.search(text, _end(Front(text, "", first_line, "json")))
    cut = len(text) if end is None else end.end()
    return Front(text[:cut], text[cut:], first_line, "json")


def parse_json(front: Front) -> dict[str, Any]:
    """Parse a JSON object; see `loaders.frontmatter.parse.parse`."""
    text = front.text
    fault = front.forbidden()
    if fault is not None:
        raise fault
    _end(front)
    start = _end_of_space(text, 0)
    if start == len(text):
        raise front.fault("the front matter is empty")
    try:
        tree, end = _DECODER.raw_decode(text, start)
    except json.JSONDecodeError as error:
        raise front.fault(f"not JSON: {error.msg}", error.lineno - 1, error.colno - 1) from None
    except _DuplicateKey:
        raise _duplicate(front) from None
    if type(tree) is not dict:
        raise front.fault_at(f"the front matter must be an object, found {described(tree)}", start)
    end = _end_of_space(text, end)
    if end < len(text):
        raise front.fault_at("text after the end of the JSON object", end)

    def error_at(at: Keys, message: str) -> FrontMatterError:
        return front.fault(message, *find(positions(text), [at])[at])

    normalize_tree(tree, error_at)
    return tree


def positions(text: str) -> Iterator[Location]:
    """Yield the positions in a JSON text; that of a collection is its key's."""
    lines = Lines(text)
    for path, key, value in _values(text):
        yield path, *lines.place(key if text[value] in "[{" else value)


def _end(front: Front) -> int:
    """Return where the first JSON value ends, if it is an object or a list within the limits.

    Python's parser is recursive, so it must not see anything nested more deeply.
    """
    depth = commas = opened = 0
    for match in _STRUCTURE.finditer(front.text):
        token = match[0]
        if token == ",":
            commas += 1
        elif token in ("{", "["):
            depth += 1
            opened += 1
        elif token in ("}", "]"):
            depth -= 1
            if depth <= 0:
                return match.end()
        # Fewer than the number of values, which is checked later.
        if commas > MAX_NODES or opened > MAX_NODES:
            raise front.fault_at(TOO_MANY, match.start())
        if depth > MAX_DEPTH:
            raise front.fault_at(TOO_DEEP, match.start())
    return len(front.text)


def _end_of_space(text: str, start: int) -> int:
    match = _SPACE.match(text, start)
    return start if match is None else match.end()


def _duplicate(front: Front) -> FrontMatterError:
    lines = Lines(front.text)
    counts: dict[Keys, int] = {}
    for path, index, _ in _values(front.text):
        if path in counts:
            first = front.first_line + lines.place(counts[path])[0]
            second, column = lines.place(index)
            message = f"the key {described(path[-1])} occurs twice: lines {first} and "
            return front.fault(f"{message}{front.first_line + second}", second, column)
        counts[path] = index
    raise AssertionError("the reader of JSON saw a key twice")


@dataclass
class _JsonCollection:
    """An open collection, and the key or number of its latest entry."""

    path: Keys
    is_mapping: bool
    index: int = 0
    key: str | None = None
    key_index: int = 0

    def enter(self, index: int) -> _Value:
        if self.is_mapping:
            return _Value((*self.path, self.key or ""), self.key_index, index)
        return _Value((*self.path, self.index), index, index)


class _Value(NamedTuple):
    """A value's path, where its key starts (or else the value), and where the value starts."""

    path: Keys
    key: int
    value: int


def _values(text: str) -> Iterator[_Value]:
    """Yield the values of a JSON text in order. Raises ValueError at the first fault."""
    stack: list[_JsonCollection] = []
    for match in _TOKEN.finditer(text):
        token = match[0]
        collection = stack[-1] if stack else None
        if collection is not None and token == ",":
            collection.index += 1
            collection.key = None
        elif token in ("]", "}"):
            stack = stack[:-1]
        elif collection is not None and collection.is_mapping and collection.key is None:
            collection.key, collection.key_index = storable_key(json.loads(token)), match.start()
        elif token != ":":
            start = match.start()
            value = _Value((), start, start) if collection is None else collection.enter(start)
            yield value
            if token in ("[", "{"):
                stack.append(_JsonCollection(value.path, token == "{"))
