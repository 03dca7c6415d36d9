"""Front matter in YAML.

Text that `loaders.frontmatter.yaml.lines` does not accept is built from libyaml's events instead of
by PyYAML's constructors. That is twice as fast, keeps text as written (`012`, `2024-01-01` and
`yes` stay text until a field's type is known), and neither recursion nor many aliases can do harm.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

import yaml

from loaders.frontmatter.positions import (
    TEXT_TAGS,
    mapping_key,
    positions,
    source_text,
    storable_key,
)
from loaders.frontmatter.split import (
    MAX_DEPTH,
    MAX_NODES,
    NUL_IN_KEY,
    TOO_DEEP,
    TOO_MANY,
    Front,
    FrontMatterError,
    UnquotedScalar,
    UnsupportedValue,
    under_key,
)
from loaders.frontmatter.tree import forbidden_character, storable_text
from loaders.frontmatter.yaml.aliases import AliasCopies
from loaders.frontmatter.yaml.libyaml import events
from loaders.frontmatter.yaml.lines import NULLS, read
from loaders.frontmatter.yaml.repair import bad_colon, quoted_alias, repair
from loaders.records.values.scalar_values import described

MERGE: Final = "merge keys (<<) are not supported"
NO_TEXT_KEY: Final = "a key must be text"
TEMPLATE: Final = "a value that begins with `{{` must be in quotes"


def parse_yaml(front: Front) -> dict[str, Any]:
    """Parse a YAML document; see `loaders.frontmatter.parse.parse`."""
    regular = read(front.text)
    return parse_events(front) if regular is None else regular


def parse_events(front: Front) -> dict[str, Any]:
    """Parse any YAML document, from libyaml's events."""
    text = front.text
    if "\u2028" in text or "\u2029" in text or "\x85" in text:
        raise _unprintable(front)
    tree = _Tree(front)
    try:
        tree.build()
    except yaml.MarkedYAMLError as error:
        is_too_deep = "nesting depth" in (error.problem or "")
        repaired = None if is_too_deep else repair(text, error)
        if repaired is not None:
            raise front.fault(*repaired) from None
        mark = error.problem_mark or error.context_mark
        problem = error.problem or "is not YAML"
        # Newer versions of libyaml have a limit, which is far above MAX_DEPTH.
        reason = TOO_DEEP if is_too_deep else problem
        raise _error(front, reason, mark) from None
    except (yaml.YAMLError, UnicodeEncodeError):  # an error in the characters, without a line
        raise _unprintable(front) from None
    if not tree.documents or tree.root is None:
        raise front.fault("the front matter is empty")
    return tree.root


def _unprintable(front: Front) -> FrontMatterError:
    return front.forbidden() or front.fault("is not YAML")


def _error(front: Front, message: str, mark: Any) -> FrontMatterError:
    return front.fault(message) if mark is None else front.fault(message, mark.line, mark.column)


Container = dict[str, Any] | list[Any]


class _WaitingCollection(NamedTuple):
    """A collection that waits for the end of the one inside it."""

    container: Container | None
    key: str | None
    anchor: str | None
    start: Any
    flaw: str | None


@dataclass
class _Tree:
    """Builds a tree from events, with a stack of its own instead of recursion."""

    front: Front
    root: dict[str, Any] | None = None
    documents: int = 0
    nodes: int = 0
    current: Container | None = None
    key: str | None = None
    stack: list[_WaitingCollection] = field(default_factory=list)
    anchor: str | None = None
    start: Any = None
    flaw: str | None = None
    """Why the current collection is kept as text."""
    key_flaw: str | None = None
    anchors: dict[str, Any] = field(default_factory=dict)
    copies: AliasCopies = field(default_factory=AliasCopies)

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
        if self.key is None and type(self.current) is dict:
            self.open_key(event)
            return
        value = event.value
        if not value.isascii():
            value = storable_text(value)
        if event.tag is not None and event.tag not in TEXT_TAGS:
            value = UnsupportedValue(source_text(self.front.text, event), _tag_flaw(event))
        elif event.style == "" and event.tag is None:
            value = None if value in NULLS else UnquotedScalar(value)
            if value == "=":  # YAML 1.1 has a special type for it, which hardly anybody knows
                value = UnsupportedValue("=", "the value '=' must be in quotes")
        if event.anchor is not None:
            self.anchors[event.anchor] = value
        self.put(value, event)

    def open_key(self, event: Any) -> None:
        key = mapping_key(self.front.text, event)
        if event.tag is not None and event.tag not in TEXT_TAGS:
            self.key_flaw = _tag_flaw(event)
        elif key == "<<" and event.style == "":
            self.key_flaw = MERGE
        elif key != event.value:
            self.key_flaw = forbidden_character(event.value) or NUL_IN_KEY
        if event.anchor is not None:
            self.anchors[event.anchor] = UnquotedScalar(key) if event.style == "" else key
        self.take_key(key, event)

    def take_key(self, key: str, event: Any) -> None:
        if key in self.current:  # type: ignore[operator]  # the caller has seen a dict
            raise self.duplicate(key, event)
        self.key = key

    def open_mapping(self, event: Any) -> None:
        self.open({}, event)

    def open_sequence(self, event: Any) -> None:
        self.open([], event)

    def open(self, container: Container, event: Any) -> None:
        if event.tag is not None and self.current is None:
            raise self.fault(_tag_flaw(event), event)
        if len(self.stack) >= MAX_DEPTH:
            raise self.fault(TOO_DEEP, event)
        key = self.key
        if key is None and type(self.current) is dict:
            self.count(event)
        else:
            self.put(container, event)
        self.stack.append(_WaitingCollection(self.current, key, self.anchor, self.start, self.flaw))
        self.current, self.anchor, self.start = container, event.anchor, event
        self.flaw = None if event.tag is None else _tag_flaw(event)
        if event.anchor is not None:
            # An alias inside this collection must not reach an earlier node of the same name.
            self.anchors.pop(event.anchor, None)

    def close(self, event: Any) -> None:
        value: Any = self.current
        if self.flaw is not None:
            words = source_text(self.front.text, self.start, event)
            value = UnsupportedValue(words, TEMPLATE if words.startswith("{{") else self.flaw)
        if self.anchor is not None:
            self.anchors[self.anchor] = value
        start = self.start
        self.current, key, self.anchor, self.start, self.flaw = self.stack.pop()
        if type(self.current) is dict and key is None:
            self.take_complex_key(start, event)
        elif type(value) is UnsupportedValue:
            # The key has been used; the collection is its value.
            container: Any = self.current
            container[key if type(container) is dict else -1] = value

    def take_complex_key(self, first: Any, last: Any) -> None:
        """Use the source of a node that is not text as a key. Below the top level, its mapping
        becomes text.
        """
        if len(self.stack) > 1:
            self.flaw = self.flaw or NO_TEXT_KEY
        self.key_flaw = NO_TEXT_KEY
        self.take_key(storable_key(source_text(self.front.text, first, last)), first)

    def alias(self, event: Any) -> None:
        name = event.anchor
        if name in self.anchors and self.key is None and type(self.current) is dict:
            self.take_complex_key(event, event)
            return
        if name in self.anchors:
            value = self.anchors[name]
            if excess := self.copies.add(value, len(self.stack)):
                raise self.fault(excess, event)
            self.put(value, event)
            return
        if name == self.anchor or any(name == each.anchor for each in self.stack):
            raise self.fault(f"the alias '*{name}' is inside of the value that it refers to", event)
        repaired = quoted_alias(self.front.text, event.start_mark.line, event.start_mark.column)
        advice = "" if repaired is None else f"; {repaired}"
        raise self.fault(f"the alias '*{name}' has no anchor{advice}", event)

    def count(self, event: Any) -> None:
        self.nodes += 1
        if self.nodes > MAX_NODES:
            raise self.fault(TOO_MANY, event)

    def put(self, value: Any, event: Any) -> None:
        current = self.current
        self.count(event)
        if type(current) is list:
            current.append(value)
        elif current is None:
            self.put_root(value, event)
        else:
            key: Any = self.key  # not None: `alias` and `open` ensure it
            if self.key_flaw is not None:
                value = under_key(key, value, self.key_flaw)
            current[key] = value
            self.key = self.key_flaw = None

    def put_root(self, value: Any, event: Any) -> None:
        if isinstance(value, dict):
            self.root = value
        elif value is not None:
            kind = "a list" if isinstance(value, list) else "text"
            advice = bad_colon(self.front.text) if kind == "text" else ""
            reason = f"the front matter must be `key: value` lines, found {kind}{advice}"
            raise self.fault(reason, event)

    def duplicate(self, key: str, event: Any) -> FrontMatterError:
        waiting = [
            *self.stack[1:],
            _WaitingCollection(self.current, key, None, None, None),
        ]
        path = tuple(
            len(each.container) - 1 if isinstance(each.container, list) else each.key or ""
            for each in waiting
        )
        lines = (line for at, line, _ in positions(self.front.text) if at == path)
        first = self.front.first_line + next(lines)
        second = self.front.first_line + event.start_mark.line
        return self.fault(
            f"the key {described(key)} occurs twice: lines {first} and {second}", event
        )

    def fault(self, message: str, event: Any) -> FrontMatterError:
        return _error(self.front, message, event.start_mark)


def _tag_flaw(event: Any) -> str:
    tag = event.tag.replace("tag:yaml.org,2002:", "!!")
    is_word = isinstance(event, yaml.ScalarEvent) and tag[0] == "!" and tag[1:2].isalpha()
    advice = " (put the value in quotes if it is text)" if is_word else ""
    return f"the tag {described(tag)} is not allowed{advice}"
