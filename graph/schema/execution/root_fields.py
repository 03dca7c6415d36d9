"""The fields at the top level of an operation."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    SelectionSetNode,
)

from graph.schema.execution.executor import PreparedOperation


def root_fields(prepared: PreparedOperation) -> frozenset[str]:
    """Return the names of the fields at the top level, also those in fragments."""
    return frozenset(_names(prepared.definition.selection_set, prepared.fragments))


def _names(
    selections: SelectionSetNode, fragments: Mapping[str, FragmentDefinitionNode]
) -> Iterator[str]:
    for node in selections.selections:
        if isinstance(node, FieldNode):
            yield node.name.value
        elif isinstance(node, InlineFragmentNode):
            yield from _names(node.selection_set, fragments)
        elif isinstance(node, FragmentSpreadNode):
            yield from _names(fragments[node.name.value].selection_set, fragments)
