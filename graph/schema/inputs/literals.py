"""The validation of literals in the text of an operation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from graphql import (
    SKIP,
    ArgumentNode,
    GraphQLError,
    GraphQLInputType,
    ListValueNode,
    Node,
    ObjectValueNode,
    ValueNode,
    ValuesOfCorrectTypeRule,
    VariableDefinitionNode,
    VisitorAction,
    validate_input_literal,
)


class LiteralsRule(ValuesOfCorrectTypeRule):
    """ValuesOfCorrectTypeRule, with errors that name the argument and the location of the value.

    The argument, such as `where.quality.gt`, begins the message and is in the extensions.
    """

    _owner = ""
    """The argument or variable that the visited value belongs to."""

    def enter_argument(self, node: ArgumentNode, *_args: Any) -> None:
        self._owner = node.name.value

    def enter_variable_definition(self, node: VariableDefinitionNode, *_args: Any) -> None:
        self._owner = f"${node.variable.name.value}"

    def is_valid_value_node(
        self, node: ValueNode, input_type: GraphQLInputType | None
    ) -> VisitorAction:
        def report(error: GraphQLError, path: Sequence[str | int]) -> None:
            steps = (f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
            argument = f"{self._owner}{''.join(steps)}"
            named = GraphQLError(
                f"{argument}: {error.message}",
                error.nodes or [_at(node, path)],
                original_error=error.original_error,
                extensions={"argument": argument},
            )
            self.report_error(named)

        if input_type:
            validate_input_literal(
                node, input_type, report, None, None, self.context.hide_suggestions
            )
        return SKIP


def _at(node: Node, path: Sequence[str | int]) -> Node:
    """Return the node at a path below a value: keys of objects, and indices of lists."""
    for step in path:
        if isinstance(node, ObjectValueNode):
            values = (field.value for field in node.fields if field.name.value == step)
            node = next(values, node)
        elif isinstance(node, ListValueNode) and isinstance(step, int):
            node = node.values[step]
    return node
