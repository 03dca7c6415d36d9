"""From a file's text to its front matter as a tree.

The tree is built from libyaml's events instead of by PyYAML's constructors: that is twice as
fast, keeps text as it was written (`012`, `2024-01-01` and `yes` stay text until a field says
what it wants), and neither recursion nor a flood of aliases can hurt.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

import yaml
from yaml._yaml import CParser

from loaders.positions import Keys, Position, positions

MAX_DEPTH: Final = 100
MAX_NODES: Final = 100_000
MAX_ALIAS_NODES: Final = 10_000
MAX_ALIAS_CHARACTERS: Final = 1_000_000

NULLS: Final = frozenset({"", "~", "null", "Null", "NULL"})

_OPENING = re.compile(r"---[ \t]*(?:\r?\n|\Z)")
_CLOSING = re.compile(r"^---[ \t]*\r?(?:\n|\Z)", re.MULTILINE)
_UNPRINTABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_STRING_TAG: Final = "tag:yaml.org,2002:str"


class FrontMatterError(Exception):
    """The front matter cannot be read; `line` and `column` count from 1, in the file."""

    def __init__(self, message: str, line: int = 1, column: int = 1) -> None:
        super().__init__(message)
        self.message = message
        self.line = line
        self.column = column


class Plain(str):
    """A scalar that stands without quotes in the file: text, number, truth value or date."""

    __slots__ = ()


class Front(NamedTuple):
    """A file cut in two; `first_line` is the number of the YAML's first line in the file."""

    yaml: str
    body: str
    first_line: int


def decode(data: bytes) -> str:
    """The text of a file, without its byte order mark."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" in data[:4]:
        raise FrontMatterError("the file is UTF-16 or UTF-32, expected UTF-8")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8-sig")
        line, column = _end_of(before)
        byte = data[error.start]
        raise FrontMatterError(f"not UTF-8: byte 0x{byte:02x}", line, column) from None


def split(text: str) -> Front:
    """Cut a file at the two `---` lines around its front matter."""
    opening = _OPENING.match(text)
    if opening is None:
        raise FrontMatterError("no front matter: the first line is not `---`")
    closing = _CLOSING.search(text, opening.end())
    if closing is None:
        raise FrontMatterError("the front matter that opens here has no closing `---` line")
    return Front(text[opening.end() : closing.start()], text[closing.end() :], 2)


def whole(text: str) -> Front:
    """A file that is YAML from its first line to its last."""
    return Front(text, "", 1)


def parse(front: Front) -> dict[str, Any]:
    """The front matter as dicts, lists, Plain for what stands without quotes, str and None.

    Unquoted nulls (`~`, `null`, nothing at all) are None; keys are always text. Raises
    FrontMatterError.
    """
    tree = _Tree(front)
    try:
        tree.build()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise _error(front, error.problem or "is not YAML", mark) from None
    except yaml.YAMLError:  # libyaml's reader gives a byte offset, and no line
        raise _unprintable(front) from None
    if not tree.documents or tree.root is None:
        raise FrontMatterError("the front matter is empty", front.first_line)
    return tree.root


def locate(front: Front, paths: Iterable[Keys]) -> dict[Keys, Position]:
    """Where these paths stand in the file: of one that does not, its nearest ancestor.

    Parses anew, so that documents without faults pay nothing for positions.
    """
    paths = list(paths)
    wanted = {path[:length] for path in paths for length in range(len(path) + 1)}
    found: dict[Keys, Position] = {(): Position(front.first_line, 1)}
    for path, line, column in positions(front.yaml):
        if path in wanted and path not in found:
            found[path] = Position(front.first_line + line, column + 1)
    return {path: found[_nearest(path, found)] for path in paths}


def _nearest(path: Keys, found: dict[Keys, Position]) -> Keys:
    while path not in found:
        path = path[:-1]
    return path


def _end_of(text: str) -> Position:
    return Position(text.count("\n") + 1, len(text) - text.rfind("\n"))


def _error(front: Front, message: str, mark: Any) -> FrontMatterError:
    if mark is None:
        return FrontMatterError(message, front.first_line)
    return FrontMatterError(message, front.first_line + mark.line, mark.column + 1)


def _unprintable(front: Front) -> FrontMatterError:
    match = _UNPRINTABLE.search(front.yaml)
    if match is None:
        return FrontMatterError("is not YAML", front.first_line)
    line, column = _end_of(front.yaml[: match.start()])
    message = f"the character U+{ord(match[0]):04X} is not allowed"
    return FrontMatterError(message, front.first_line + line - 1, column)


Container = dict[str, Any] | list[Any]


class _Frame(NamedTuple):
    """A collection that waits for the end of the one inside it."""

    container: Container | None
    key: str | None
    anchor: str | None


@dataclass
class _Tree:
    """Puts events together, with a stack of its own: depth costs neither Python's nor C's."""

    front: Front
    root: dict[str, Any] | None = None
    documents: int = 0
    nodes: int = 0
    alias_nodes: int = 0
    alias_characters: int = 0
    current: Container | None = None
    key: str | None = None
    stack: list[_Frame] = field(default_factory=list)
    anchor: str | None = None
    anchors: dict[str, Any] = field(default_factory=dict)

    def build(self) -> None:
        parser = CParser(self.front.yaml)
        handlers = {
            yaml.ScalarEvent: self.scalar,
            yaml.MappingStartEvent: self.open_mapping,
            yaml.MappingEndEvent: self.close,
            yaml.SequenceStartEvent: self.open_sequence,
            yaml.SequenceEndEvent: self.close,
            yaml.AliasEvent: self.alias,
            yaml.DocumentStartEvent: self.open_document,
        }
        while (event := parser.get_event()) is not None:
            handler = handlers.get(type(event))
            if handler is not None:
                handler(event)

    def open_document(self, event: Any) -> None:
        self.documents += 1
        if self.documents > 1:
            raise self.fault("more than one YAML document", event)

    def scalar(self, event: Any) -> None:
        if event.tag is not None and event.tag != _STRING_TAG:
            raise self.fault(f"the tag {_shown_tag(event.tag)} is not allowed", event)
        if self.key is None and type(self.current) is dict:
            self.open_key(event)
            return
        value = event.value
        if event.style == "" and event.tag is None:
            value = None if value in NULLS else Plain(value)
        if event.anchor is not None:
            self.anchors[event.anchor] = value
        self.put(value, event)

    def open_key(self, event: Any) -> None:
        key: str = event.value
        if key == "<<" and event.style == "":
            raise self.fault("merge keys (<<) are not supported", event)
        if "\0" in key:
            raise self.fault("a key must not hold a NUL character", event)
        if event.anchor is not None:
            self.anchors[event.anchor] = Plain(key) if event.style == "" else key
        if key in self.current:  # type: ignore[operator]  # the caller has seen a dict
            raise self.duplicate(key, event)
        self.key = key

    def open_mapping(self, event: Any) -> None:
        self.open({}, event)

    def open_sequence(self, event: Any) -> None:
        self.open([], event)

    def open(self, container: Container, event: Any) -> None:
        if event.tag is not None:
            raise self.fault(f"the tag {_shown_tag(event.tag)} is not allowed", event)
        if len(self.stack) >= MAX_DEPTH:
            raise self.fault(f"nested more than {MAX_DEPTH} levels deep", event)
        key = self.key
        self.put(container, event)
        self.stack.append(_Frame(self.current, key, self.anchor))
        self.current, self.anchor = container, event.anchor
        if event.anchor is not None:
            # An alias inside this collection must not reach an earlier node of the same name.
            self.anchors.pop(event.anchor, None)

    def close(self, _: Any) -> None:
        if self.anchor is not None:
            self.anchors[self.anchor] = self.current
        self.current, _, self.anchor = self.stack.pop()

    def alias(self, event: Any) -> None:
        name = event.anchor
        if name in self.anchors:
            value = self.anchors[name]
            self.spend(value, event)
            self.put(value, event)
            return
        if name == self.anchor or any(name == frame.anchor for frame in self.stack):
            raise self.fault(f"the alias *{name} stands inside of what it stands for", event)
        raise self.fault(f"the alias *{name} has no anchor", event)

    def spend(self, value: Any, event: Any) -> None:
        """Pay for the copies that an alias makes: many small aliases can make a huge document."""
        depth = len(self.stack)
        waiting: list[tuple[Any, int]] = [(value, depth)]
        while waiting:
            node, depth = waiting.pop()
            self.alias_nodes += 1
            self.alias_characters += len(node) if isinstance(node, str) else 0
            if self.alias_nodes > MAX_ALIAS_NODES or self.alias_characters > MAX_ALIAS_CHARACTERS:
                raise self.fault("the aliases expand to too much", event)
            if isinstance(node, dict | list):
                if depth >= MAX_DEPTH:
                    raise self.fault(f"nested more than {MAX_DEPTH} levels deep", event)
                children = node.values() if isinstance(node, dict) else node
                if isinstance(node, dict):
                    self.alias_characters += sum(map(len, node))
                waiting += [(child, depth + 1) for child in children]

    def put(self, value: Any, event: Any) -> None:
        current = self.current
        self.nodes += 1
        if self.nodes > MAX_NODES:
            raise self.fault(f"more than {MAX_NODES:,} values", event)
        if type(current) is list:
            current.append(value)
        elif current is None:
            self.put_root(value, event)
        elif self.key is None:
            raise self.fault("a key must be text", event)
        else:
            current[self.key] = value  # type: ignore[call-overload]  # no list: it is a dict
            self.key = None

    def put_root(self, value: Any, event: Any) -> None:
        if isinstance(value, dict):
            self.root = value
        elif value is not None:
            kind = "a list" if isinstance(value, list) else "text"
            raise self.fault(f"the front matter must be `key: value` lines, found {kind}", event)

    def duplicate(self, key: str, event: Any) -> FrontMatterError:
        frames = [*self.stack[1:], _Frame(self.current, key, None)]
        path = tuple(
            len(frame.container) - 1 if isinstance(frame.container, list) else frame.key or ""
            for frame in frames
        )
        lines = (line for found, line, _ in positions(self.front.yaml) if found == path)
        first = self.front.first_line + next(lines)
        second = self.front.first_line + event.start_mark.line
        return self.fault(f"the key {key!r} is there twice: lines {first} and {second}", event)

    def fault(self, message: str, event: Any) -> FrontMatterError:
        return _error(self.front, message, event.start_mark)


def _shown_tag(tag: str) -> str:
    return tag.replace("tag:yaml.org,2002:", "!!")[:60]
