"""Front matter in TOML."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator
from typing import Any, Final

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

MAX_KEY_STEPS: Final = 2_000_000
"""Steps of the parser, which looks up each part of a dotted key once for each other part."""

_TEXT: Final = (
    r'"""[^"\\]*+(?:(?:\\.|"(?!""))[^"\\]*+)*+"{0,5}'
    r"|'''[^']*+(?:'(?!'')[^']*+)*+'{0,5}"
    r"|\#[^\n]*+"
)
_QUOTED: Final = r'"[^"\\\n]*+(?:\\.[^"\\\n]*+)*+"?' + r"|'[^'\n]*+'?"
_WORD: Final = rf"(?:[\w:+-]++|{_QUOTED})"
_DOTTED: Final = rf"{_WORD}(?:[ \t]*+\.[ \t]*+{_WORD})*+"
_TOKEN = re.compile(rf"(?P<text>{_TEXT})|(?P<words>{_DOTTED})|[\[\]{{}}]", re.DOTALL)
_STATEMENT = re.compile(
    rf"(?P<text>{_TEXT})"
    rf"|^[ \t]*+(?:\[\[[ \t]*+(?P<entry>{_DOTTED})[ \t]*+\]\]"
    rf"|\[[ \t]*+(?P<table>{_DOTTED})[ \t]*+\]"
    rf"|(?P<key>{_DOTTED})[ \t]*+=[ \t]*+)"
    rf"|{_QUOTED}|(?P<bracket>[\[\]{{}}])",
    re.DOTALL | re.MULTILINE,
)
_WORDS = re.compile(_WORD, re.DOTALL)
_PLACE = re.compile(r"(.*) \(at (?:line ([0-9]+), column ([0-9]+)|end of document)\)", re.DOTALL)
_DUPLICATE_KEY: Final = ("Cannot overwrite", "Cannot declare")
_LONG_NUMBER = re.compile(r"[+-]?[0-9][0-9_]{4000,}+")
_TABLE_NAME = re.compile(r"[ \t]*+\[[\[ \t]*+")
_END_OF_VALUE = re.compile(r"[ \t]*+(?:[,\]}#\r\n]|\Z)")
_FLOAT_MARK: Final = "e0"
"""Turns an integer with more digits than Python reads into a float."""


def parse_toml(front: Front) -> dict[str, Any]:
    """Parse a TOML document; see `loaders.frontmatter.parse.parse`."""
    fault = front.forbidden()
    if fault is not None:
        raise fault
    _check_bounds(front)
    try:
        tree = _loaded(front.text)
    except tomllib.TOMLDecodeError as error:
        raise _not_toml(front, str(error)) from None
    except RecursionError:
        raise front.fault(TOO_DEEP) from None
    except ValueError:
        number = _LONG_NUMBER.search(front.text)
        index = 0 if number is None else number.start()
        raise front.fault_at("a number does not fit into 64 bits", index) from None
    if not tree:
        raise front.fault("the front matter is empty")

    def error_at(at: Keys, message: str) -> FrontMatterError:
        return front.fault(message, *find(positions(front.text), [at])[at])

    normalize_tree(tree, error_at)
    return tree


def _loaded(text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text, parse_float=_float)
    except tomllib.TOMLDecodeError:
        raise
    except ValueError:  # Python does not read decimals of thousands of digits
        return tomllib.loads(_with_long_numbers_as_floats(text), parse_float=_float)


def _with_long_numbers_as_floats(text: str) -> str:
    def marked(match: re.Match[str]) -> str:
        if _LONG_NUMBER.fullmatch(match[0]) is None:
            return match[0]
        start = text.rfind("\n", 0, match.start()) + 1
        # Possible table names stay unchanged.
        is_name = _TABLE_NAME.fullmatch(text, start, match.start()) is not None
        is_value = _END_OF_VALUE.match(text, match.end()) is not None and not is_name
        return match[0] + _FLOAT_MARK if is_value else match[0]

    return _TOKEN.sub(marked, text)


def positions(text: str) -> Iterator[Location]:
    """Yield the positions of tables and their keys, but not of what is inside of values."""
    lines = Lines(text)
    table: Keys = ()
    entries: dict[Keys, int] = {}
    depth = 0
    for match in _STATEMENT.finditer(text):
        kind = match.lastgroup
        if kind == "bracket":
            depth += 1 if match[0] in "[{" else -1
        elif kind in ("entry", "table", "key") and depth == 0:
            start = match.start(kind)
            within = table if kind == "key" else ()
            *parents, last = _parts(match[kind])
            for part in parents:
                within = _last_entry((*within, part), entries)
                yield within, *lines.place(start)
            path = (*within, last)
            if kind == "entry":
                entries[path] = entries.get(path, -1) + 1
                yield path, *lines.place(start)
            if kind == "key":
                has_place = text[match.end() : match.end() + 1] not in ("[", "{")
                yield path, *lines.place(match.end() if has_place else start)
            else:
                table = _last_entry(path, entries)
                yield table, *lines.place(start)


def _last_entry(path: Keys, entries: dict[Keys, int]) -> Keys:
    return (*path, entries[path]) if path in entries else path


def _parts(dotted: str) -> list[str]:
    return [storable_key(_unquoted(part)) for part in _WORDS.findall(dotted)]


def _unquoted(part: str) -> str:
    if part[0] not in "\"'":
        return part
    return str(tomllib.loads(f"word = {part}")["word"])


def _check_bounds(front: Front) -> None:
    """Raise FrontMatterError for text that is too much for the parser, which is recursive."""
    depth = words = steps = 0
    longest = 1
    for match in _TOKEN.finditer(front.text):
        token = match[0]
        if match.lastgroup == "words":
            length = 1 if "." not in token else len(_WORDS.findall(token))
            longest = max(longest, length)
            words += 1
            steps += length * longest
            depth_here = length
        elif token in ("[", "{"):
            depth += 1
            depth_here = depth
        else:
            depth -= token in ("]", "}")
            continue
        if depth_here > MAX_DEPTH:
            raise front.fault_at(TOO_DEEP, match.start())
        # A value is at most three words: its key, a day and a time.
        if words > 3 * MAX_NODES:
            raise front.fault_at(TOO_MANY, match.start())
        if steps > MAX_KEY_STEPS:
            raise front.fault_at("too many long dotted keys", match.start())


def _float(text: str) -> UnquotedScalar:
    """Return a float as written, in the notation that YAML shares."""
    if text.endswith("nan"):
        return UnquotedScalar(".nan")
    if text.endswith("inf"):
        return UnquotedScalar(text.replace("inf", ".inf"))
    if _LONG_NUMBER.match(text):
        text = text.removesuffix(_FLOAT_MARK)
    return UnquotedScalar(text.replace("_", ""))


def _not_toml(front: Front, message: str) -> FrontMatterError:
    match = _PLACE.fullmatch(message)
    if match is None:
        return front.fault(f"not TOML: {message}")
    if match[2] is None:
        return front.fault_at(f"not TOML: {match[1]}", len(front.text))
    line, column = int(match[2]) - 1, int(match[3]) - 1
    twice = _duplicate_key(front, line) if match[1].startswith(_DUPLICATE_KEY) else None
    return front.fault(twice or f"not TOML: {match[1]}", line, column)


def _duplicate_key(front: Front, line: int) -> str | None:
    """Return the message for a duplicate key: its name and both lines, which the parser omits."""
    places = [(path, at) for path, at, _ in positions(front.text) if at <= line]
    path = places[-1][0] if places else ()
    first = next((at for other, at in places if other == path), line)
    if first == line:
        return None
    lines = f"lines {front.first_line + first} and {front.first_line + line}"
    return f"the key {described(str(path[-1]))} occurs twice: {lines}"


def toml_text(text: str) -> str:
    """Return a text as a TOML string, on one line."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
