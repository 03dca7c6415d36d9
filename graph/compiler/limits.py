"""Measure a document before it is validated, to enforce limits.

A fragment counts each time that it is spread. As each definition is visited only once, the time is
linear in the length of the text, even if fragments spread each other many times. Measuring needs no
schema, and works for invalid documents, too.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    OperationDefinitionNode,
)

MOST: Final = 2**53 - 1
"""The maximum of all counts: the largest integer that every JSON parser represents exactly."""

_TOKEN: Final = re.compile(
    r"""(?:[\s,\ufeff]|\#[^\n\r]*+)++     # ignored tokens
    | ( \"{3} (?:[^"\\]|\\(?:\"{3})?|\"(?!""))*+ (?:\"{3}|\Z)
      | \" (?:[^"\\\n\r]|\\.)*+ \"?
      | [_A-Za-z][_0-9A-Za-z]*+
      | -?[0-9]++ (?:\.[0-9]++)? (?:[eE][+-]?[0-9]++)?
      | \.{3}
      | . )""",
    re.VERBOSE,
)
"""A token. Any other character counts as a token, too."""


@dataclass(frozen=True, slots=True)
class Limits:
    """The maximum of each measure of an operation."""

    tokens: int
    depth: int
    aliases: int
    root_fields: int
    directives: int
    selections: int
    cost: int


class Measures(NamedTuple):
    """The measures of an operation; a fragment counts each time that it is spread.

    `depth` is the deepest nesting of fields, `selections` the number of fields and fragments.
    """

    depth: int = 0
    aliases: int = 0
    root_fields: int = 0
    directives: int = 0
    selections: int = 0


def count_tokens(text: str) -> int:
    """Return the number of lexical tokens in a text, as GraphQL counts them."""
    return sum(token.lastindex is not None for token in _TOKEN.finditer(text))


def measure(document: DocumentNode) -> Measures:
    """Return the maximum of each measure over the definitions of a document.

    Fragments that are never spread count too, because they are validated as well. A cycle of
    fragments counts once, and a missing fragment counts nothing.
    """
    fragments: dict[str, _Definition] = {}
    operations: list[_Definition] = []
    for definition in document.definitions:
        if isinstance(definition, FragmentDefinitionNode):
            fragments[definition.name.value] = _measured(definition)
        elif isinstance(definition, OperationDefinitionNode):
            operations.append(_measured(definition))
    spread = {
        name: [other.name for other in definition.spreads] for name, definition in fragments.items()
    }
    measured: dict[str, Measures] = {}
    for name in in_order(spread):
        measured[name] = _total(fragments[name], measured)
    totals = [_total(definition, measured) for definition in operations]
    totals += [definition._replace(root_fields=0) for definition in measured.values()]
    return Measures(*map(max, zip(Measures(), *totals, strict=True)))


def in_order(spread: Mapping[str, Iterable[str]]) -> Iterable[str]:
    """Sort fragments topologically: each after the fragments that it spreads.

    `spread` maps the name of each fragment to the names that it spreads. A cycle is broken at an
    arbitrary fragment.
    """
    ordered: dict[str, None] = {}
    entered: set[str] = set()
    for root in spread:
        waiting = [root]
        while waiting:
            name = waiting[-1]
            if name in entered:
                ordered.setdefault(waiting.pop())
                continue
            entered.add(name)
            below = dict.fromkeys(spread[name])
            waiting += (inner for inner in below if inner in spread and inner not in entered)
    return ordered


def spreads_of(definition: FragmentDefinitionNode) -> list[str]:
    """Return the names of the fragments that a fragment spreads."""
    return [spread.name for spread in _measured(definition).spreads]


class _Spread(NamedTuple):
    """A spread fragment, and the number of fields around it."""

    name: str
    level: int


@dataclass(slots=True)
class _Definition:
    """The measures of a definition without its fragments, and the fragments that it spreads."""

    measures: Measures
    spreads: list[_Spread] = field(default_factory=list)


def _measured(definition: OperationDefinitionNode | FragmentDefinitionNode) -> _Definition:
    depth = aliases = top = selections = 0
    directives = _directives_around(definition)
    spreads: list[_Spread] = []
    for node, level in _selections(definition):
        selections += 1
        directives += len(node.directives or ())
        if isinstance(node, FieldNode):
            depth = max(depth, level + 1)
            aliases += node.alias is not None
            top += level == 0
        elif isinstance(node, FragmentSpreadNode):
            spreads.append(_Spread(node.name.value, level))
    return _Definition(Measures(depth, aliases, top, directives, selections), spreads)


def _selections(
    definition: OperationDefinitionNode | FragmentDefinitionNode,
) -> Iterator[tuple[Any, int]]:
    """Yield all selections of a definition, each with the number of fields around it."""
    waiting: list[tuple[Any, int]] = [(node, 0) for node in definition.selection_set.selections]
    while waiting:
        node, level = waiting.pop()
        yield node, level
        inner = getattr(node, "selection_set", None)
        if inner is not None:
            below = level + isinstance(node, FieldNode)
            waiting += [(selection, below) for selection in inner.selections]


def _directives_around(definition: OperationDefinitionNode | FragmentDefinitionNode) -> int:
    """Count the directives of a definition outside of its selection set."""
    places = (definition, *(definition.variable_definitions or ()))
    return sum(len(node.directives or ()) for node in places)


def _total(definition: _Definition, measured: Mapping[str, Measures]) -> Measures:
    """Return the measures of a definition, including those of the fragments in `measured`."""
    depth, *counts = definition.measures
    for spread in definition.spreads:
        inner = measured.get(spread.name)
        if inner is None:
            continue
        depth = max(depth, spread.level + inner.depth)
        if spread.level:
            inner = inner._replace(root_fields=0)
        counts = [a + b for a, b in zip(counts, inner[1:], strict=True)]
    return Measures(min(depth, MOST), *(min(count, MOST) for count in counts))
