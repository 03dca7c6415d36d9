"""Front matter: from a file's bytes to a tree of texts, lists and mappings.

The YAML is read as libyaml's events, through PyYAML's C parser, and never through a constructor:
no tag makes an object, nothing recurses, and every scalar stays as it is written. A plain scalar
(one without quotes) is marked as `Plain`, since only those may mean a number, a truth value or
null; which of them it is depends on where it stands, and `loaders.records` decides.
"""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

from yaml import MarkedYAMLError, YAMLError
from yaml._yaml import CParser
from yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

MAXIMUM_BYTES: Final = 16 * 1024 * 1024
MAXIMUM_DEPTH: Final = 100
MAXIMUM_NODES: Final = 50_000

_CLOSING: Final = re.compile(r"^---[ \t]*$", re.MULTILINE)
_UNPRINTABLE: Final = re.compile(
    "[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]"
)
_CORE_TAGS: Final = frozenset(f"tag:yaml.org,2002:{name}" for name in ("str", "seq", "map"))

Path = tuple[str | int, ...]


class Plain(str):
    """A scalar that was written without quotes."""

    __slots__ = ()


class FrontMatterError(Exception):
    """The front matter cannot be read. Lines and columns count from 1, in the file."""

    def __init__(self, reason: str, line: int = 1, column: int = 1) -> None:
        super().__init__(reason)
        self.reason = reason
        self.line = line
        self.column = column


@dataclass(frozen=True, slots=True)
class Front:
    """A file taken apart. `first_line` is the line of the file on which `yaml` starts."""

    yaml: str
    body: str
    first_line: int


def decode(data: bytes) -> str:
    """The text of a file: UTF-8, with or without a byte order mark, its lines ended by LF."""
    if len(data) > MAXIMUM_BYTES:
        raise FrontMatterError(f"the file has {len(data)} bytes, at most {MAXIMUM_BYTES}")
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise FrontMatterError("the file is UTF-16; save it as UTF-8")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = data[: error.start]
        line = before.count(b"\n") + 1
        column = error.start - before.rfind(b"\n")
        raise FrontMatterError(
            f"byte {data[error.start]:#04x} is not UTF-8; save the file as UTF-8", line, column
        ) from None
    return text.replace("\r\n", "\n")


def split(text: str, *, all_yaml: bool = False) -> Front:
    """Take a file apart into its front matter and its body."""
    if all_yaml:
        return Front(text, "", 1)
    first, _, rest = text.partition("\n")
    if first.rstrip() != "---":
        raise FrontMatterError("no front matter: the first line is not ---")
    closing = _CLOSING.search(rest)
    if closing is None:
        raise FrontMatterError("the front matter has no end: no second line --- follows")
    return Front(rest[: closing.start()], rest[closing.end() + 1 :], 2)


def parse(front: Front) -> dict[str, Any]:
    """The mapping that the front matter is. Raises FrontMatterError for anything else."""
    tree = _Builder(front).build()
    if not isinstance(tree, dict):
        found = "empty" if tree is None or tree == "" else "not a mapping of keys to values"
        raise FrontMatterError(f"the front matter is {found}", front.first_line)
    return tree


def locate(front: Front, path: Path) -> tuple[int, int]:
    """Line and column in the file of the value at a path, or of what it should be in.

    Reads the front matter once more: the way of faults may be slow, so that good files are fast.
    """
    places: dict[Path, tuple[int, int]] = {}
    with suppress(FrontMatterError):  # what was read up to a fault has its places
        _Builder(front, places).build()
    while path and path not in places:
        path = path[:-1]
    return places.get(path, (front.first_line, 1))


class _Builder:
    """Builds the tree from events. `places`, where given, takes the place of every value."""

    def __init__(self, front: Front, places: dict[Path, tuple[int, int]] | None = None) -> None:
        self.front = front
        self.places = places
        self.root: Any = None
        self.stack: list[tuple[Any, Any]] = []
        self.container: Any = None
        self.key: Any = None
        self.nodes = 0
        self.documents = 0
        self.anchors: dict[str, tuple[Any, int]] = {}
        self.open: list[tuple[str | None, int]] = []

    def build(self) -> Any:
        handlers = {
            ScalarEvent: self._scalar,
            MappingStartEvent: self._start,
            SequenceStartEvent: self._start,
            MappingEndEvent: self._end,
            SequenceEndEvent: self._end,
            AliasEvent: self._alias,
            DocumentStartEvent: self._document,
        }
        try:
            parser = CParser(self.front.yaml)
            while (event := parser.get_event()) is not None:
                handler = handlers.get(type(event))
                if handler is not None:
                    handler(event)
        except YAMLError as error:
            raise self._from_yaml(error) from None
        return self.root

    def _scalar(self, event: Any) -> None:
        if event.tag is not None and event.tag not in _CORE_TAGS:
            raise self._error(f"the tag {event.tag} is not allowed", event)
        value = event.value if event.style or event.tag else Plain(event.value)
        if type(self.container) is dict and self.key is None:
            self._take_key(value, event)
            return
        self._put(value, event)
        if event.anchor is not None:
            self.anchors[event.anchor] = (value, 1)

    def _start(self, event: Any) -> None:
        if event.tag is not None and event.tag not in _CORE_TAGS:
            raise self._error(f"the tag {event.tag} is not allowed", event)
        if type(self.container) is dict and self.key is None:
            raise self._error("a key must be a text, not a list or a mapping", event)
        if len(self.stack) >= MAXIMUM_DEPTH:
            raise self._error(f"nested deeper than {MAXIMUM_DEPTH} levels", event)
        value: Any = {} if type(event) is MappingStartEvent else []
        self._put(value, event)
        if event.anchor is not None:
            self.anchors.pop(event.anchor, None)
        self.open.append((event.anchor, self.nodes))
        self.stack.append((self.container, self.key))
        self.container, self.key = value, None

    def _end(self, event: Any) -> None:
        anchor, before = self.open.pop()
        if anchor is not None:
            self.anchors[anchor] = (self.container, self.nodes - before + 1)
        self.container, _ = self.stack.pop()
        self.key = None

    def _alias(self, event: Any) -> None:
        if event.anchor not in self.anchors:
            raise self._error(f"*{event.anchor} names no earlier, complete anchor", event)
        value, size = self.anchors[event.anchor]
        if type(self.container) is dict and self.key is None:
            raise self._error("a key must be written out", event)
        self._put(value, event, size)

    def _document(self, event: Any) -> None:
        self.documents += 1
        if self.documents > 1:
            raise self._error("a second YAML document starts here; one is allowed", event)

    def _take_key(self, key: str, event: Any) -> None:
        name = str(key)
        if type(key) is Plain and name == "<<":
            raise self._error("merge keys (<<) are not allowed; write the keys out", event)
        if "\x00" in name:
            raise self._error("a key must not contain NUL", event)
        if name in self.container and self.places is None:
            line, _ = locate(self.front, (*self._path(), name))
            raise self._error(f"the key {name!r} stands twice; first on line {line}", event)
        self.key = name

    def _put(self, value: Any, event: Any, size: int = 1) -> None:
        self.nodes += size
        if self.nodes > MAXIMUM_NODES:
            raise self._error(f"more than {MAXIMUM_NODES} values, aliases counted out", event)
        if self.places is not None:
            self.places.setdefault(self._path_of_next(), self._place(event))
        if self.container is None:
            self.root = value
        elif type(self.container) is dict:
            self.container[self.key] = value
            if (type(value) is not dict and type(value) is not list) or type(event) is AliasEvent:
                self.key = None
        else:
            self.container.append(value)

    def _path(self) -> Path:
        """The path of the container."""
        path: list[str | int] = []
        for container, key in self.stack:
            if type(container) is dict:
                path.append(key)
            elif type(container) is list:
                path.append(len(container) - 1)
        return tuple(path)

    def _path_of_next(self) -> Path:
        if self.container is None:
            return ()
        if type(self.container) is dict:
            return (*self._path(), self.key)
        return (*self._path(), len(self.container))

    def _place(self, event: Any) -> tuple[int, int]:
        mark = event.start_mark
        return self.front.first_line + mark.line, mark.column + 1

    def _error(self, reason: str, event: Any) -> FrontMatterError:
        return FrontMatterError(reason, *self._place(event))

    def _from_yaml(self, error: YAMLError) -> FrontMatterError:
        if isinstance(error, MarkedYAMLError) and error.problem_mark is not None:
            mark = error.problem_mark
            context = f" {error.context}" if error.context else ""
            reason = f"not YAML: {error.problem}{context}"
            return FrontMatterError(reason, self.front.first_line + mark.line, mark.column + 1)
        found = _UNPRINTABLE.search(self.front.yaml)
        if found is None:
            return FrontMatterError("not YAML", self.front.first_line)
        before = self.front.yaml[: found.start()]
        return FrontMatterError(
            f"the character U+{ord(found.group()):04X} is not allowed",
            self.front.first_line + before.count("\n"),
            found.start() - before.rfind("\n"),
        )
