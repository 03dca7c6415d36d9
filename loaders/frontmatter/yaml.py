"""Front matter in YAML.

What `loaders.frontmatter.yaml_lines` does not take is built from libyaml's events instead of by
PyYAML's constructors: that is twice as fast, keeps text as it was written (`012`, `2024-01-01` and
`yes` stay text until a field says what it wants), and neither recursion nor a flood of aliases can
hurt.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

import yaml

from loaders.frontmatter.positions import positions
from loaders.frontmatter.split import (
    MAX_DEPTH,
    MAX_NODES,
    NUL_IN_KEY,
    TOO_DEEP,
    TOO_MANY,
    Front,
    FrontMatterError,
    UnquotedScalar,
)
from loaders.frontmatter.yaml_events import events
from loaders.frontmatter.yaml_lines import NULLS, read
from loaders.records.scalar_values import shown

MAX_ALIAS_NODES: Final = 10_000
MAX_ALIAS_CHARACTERS: Final = 1_000_000

_STRING_TAG: Final = "tag:yaml.org,2002:str"


def parse(front: Front) -> dict[str, Any]:
    """The tree of a YAML document; see `loaders.frontmatter.parse.parse`."""
    regular = read(front.text)
    return parse_events(front) if regular is None else regular


def parse_events(front: Front) -> dict[str, Any]:
    """The same for any YAML, by way of libyaml."""
    text = front.text
    if "\u2028" in text or "\u2029" in text or "\x85" in text:
        raise _unprintable(front)
    tree = _Tree(front)
    try:
        tree.build()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        problem = error.problem or "is not YAML"
        # Newer builds of libyaml have a bound of their own, far beyond ours.
        reason = TOO_DEEP if "nesting depth" in problem else problem
        raise _error(front, reason, mark) from None
    except (yaml.YAMLError, UnicodeEncodeError):  # of characters, with no line
        raise _unprintable(front) from None
    if not tree.documents or tree.root is None:
        raise front.fault("the front matter is empty")
    return tree.root


def _unprintable(front: Front) -> FrontMatterError:
    return front.forbidden() or front.fault("is not YAML")


def _error(front: Front, message: str, mark: Any) -> FrontMatterError:
    return front.fault(message) if mark is None else front.fault(message, mark.line, mark.column)


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
        handlers = {
            yaml.ScalarEvent: self.scalar,
            yaml.MappingStartEvent: self.open_mapping,
            yaml.MappingEndEvent: self.close,
            yaml.SequenceStartEvent: self.open_sequence,
            yaml.SequenceEndEvent: self.close,
            yaml.AliasEvent: self.alias,
            yaml.DocumentStartEvent: self.open_document,
        }
        for event in events(self.front.text):
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
            if value == "=":  # in YAML 1.1 it has a meaning that nobody knows
                raise self.fault("the value '=' must stand in quotes", event)
            value = None if value in NULLS else UnquotedScalar(value)
        if event.anchor is not None:
            self.anchors[event.anchor] = value
        self.put(value, event)

    def open_key(self, event: Any) -> None:
        key: str = event.value
        if key == "<<" and event.style == "":
            raise self.fault("merge keys (<<) are not supported", event)
        if "\0" in key:
            raise self.fault(NUL_IN_KEY, event)
        if event.anchor is not None:
            self.anchors[event.anchor] = UnquotedScalar(key) if event.style == "" else key
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
            raise self.fault(TOO_DEEP, event)
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
            raise self.fault(f"the alias '*{name}' stands inside of what it stands for", event)
        raise self.fault(f"the alias '*{name}' has no anchor", event)

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
                    raise self.fault(TOO_DEEP, event)
                children = node.values() if isinstance(node, dict) else node
                if isinstance(node, dict):
                    self.alias_characters += sum(map(len, node))
                waiting += [(child, depth + 1) for child in children]

    def put(self, value: Any, event: Any) -> None:
        current = self.current
        self.nodes += 1
        if self.nodes > MAX_NODES:
            raise self.fault(TOO_MANY, event)
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
        lines = (line for found, line, _ in positions(self.front.text) if found == path)
        first = self.front.first_line + next(lines)
        second = self.front.first_line + event.start_mark.line
        return self.fault(f"the key {shown(key)} is there twice: lines {first} and {second}", event)

    def fault(self, message: str, event: Any) -> FrontMatterError:
        return _error(self.front, message, event.start_mark)


def _shown_tag(tag: str) -> str:
    return shown(tag.replace("tag:yaml.org,2002:", "!!"))
