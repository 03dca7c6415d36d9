"""Cost: how many objects an operation may make, before any of them is read.

Every object counts 1, and as often as the lists above it may have entries: `first` or `last` of
them, where they take one, else LIST_SIZE. Each fragment is looked at once for each size of list, so
that fragments which name each other many times take no longer than their text.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from graphql import (
    FieldNode,
    GraphQLCompositeType,
    GraphQLError,
    GraphQLField,
    OperationDefinitionNode,
    SelectionNode,
    get_named_type,
    get_nullable_type,
    is_composite_type,
    is_list_type,
)

from graph.compiler.collect import Operation

LIST_SIZE: Final = 10
"""Entries that a list is taken to have which takes no `first`."""

PAGE_SIZE: Final = 20
"""Entries of a page that takes one, if none is given."""


def cost_of(operation: Operation, definition: OperationDefinitionNode) -> int:
    """How many objects an operation may make, with these variables."""
    root = operation.schema.get_root_type(definition.operation)
    assert root is not None
    return _Cost(operation).of(definition.selection_set.selections, root, None)


class _Cost:
    def __init__(self, operation: Operation) -> None:
        self.operation = operation
        self.known: dict[tuple[int, str, int | None], int] = {}

    def of(
        self, selections: Iterable[SelectionNode], type_: GraphQLCompositeType, page: int | None
    ) -> int:
        """The cost of a selection set; `page` is the size of the page that its lists show."""
        return sum(self._of_one(each, type_, page) for each in selections)

    def _of_one(self, node: SelectionNode, type_: GraphQLCompositeType, page: int | None) -> int:
        if isinstance(node, FieldNode):
            return self._of_field(node, type_, page)
        fragment: Any = node
        if node.kind == "fragment_spread":
            fragment = self.operation.fragments[fragment.name.value]
        inner = type_
        if fragment.type_condition is not None:
            found = self.operation.schema.get_type(fragment.type_condition.name.value)
            assert is_composite_type(found)
            inner = found
        return self._remembered(fragment.selection_set, inner, page)

    def _of_field(self, node: FieldNode, type_: GraphQLCompositeType, page: int | None) -> int:
        field = self.operation.schema.get_field(type_, node.name.value)
        inner = get_named_type(field.type) if field is not None else None
        if field is None or node.selection_set is None or not is_composite_type(inner):
            return 0
        asked = _asked(self.operation, field, node)
        if not is_list_type(get_nullable_type(field.type)):
            return 1 + self._remembered(node.selection_set, inner, asked)
        entries = asked or page or LIST_SIZE
        return entries * (1 + self._remembered(node.selection_set, inner, None))

    def _remembered(self, part: Any, type_: GraphQLCompositeType, page: int | None) -> int:
        key = id(part), type_.name, page
        if key not in self.known:
            self.known[key] = self.of(part.selections, type_, page)
        return self.known[key]


def _asked(operation: Operation, field: GraphQLField, node: FieldNode) -> int | None:
    """How many entries a field is asked for; None where it takes no such number."""
    if "first" not in field.args:
        return None
    try:
        given = operation.arguments(field, node)
    except GraphQLError:  # which the field will raise when it is run
        return PAGE_SIZE
    for name in ("first", "last"):
        if isinstance(given.get(name), int):
            return max(1, int(given[name]))
    return PAGE_SIZE if not is_list_type(get_nullable_type(field.type)) else None
