"""The arguments of a field, computed from the variables of a run.

Follows CoerceArgumentValues of the GraphQL specification (October 2021, section 6.4.1). Literals
are coerced once, when the operation is compiled. A variable that is the whole value of a scalar
argument is passed on without coercing it again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

from graphql import (
    FieldNode,
    GraphQLArgument,
    GraphQLField,
    NameNode,
    Node,
    VariableNode,
    get_argument_values,
    get_nullable_type,
    is_non_null_type,
    is_required_argument,
    is_scalar_type,
)
from graphql.execution.values import VariableValues

from graph.compiler.fields import Arguments, Method

_KEYS: dict[str, tuple[str, ...]] = {}
"""The attributes of each kind of node that hold child nodes; graphql-core computes them on each
access.
"""

ArgumentMaker = Callable[[VariableValues], Arguments]
"""Returns the arguments of a resolver. Raises GraphQLError if the variables do not fit."""


@dataclass(frozen=True, slots=True)
class _VariableArgument:
    """An argument whose value is a variable; `default` is used if the variable has no value."""

    name: str
    variable: str
    default: Arguments
    nullable: bool


def argument_maker(definition: GraphQLField, node: FieldNode, method: Method) -> ArgumentMaker:
    """Return the function that computes the arguments of a field."""

    def coerce(variables: VariableValues) -> Arguments:
        return method.convert(get_argument_values(definition, node, variables))

    value_nodes = {argument.name.value: argument.value for argument in node.arguments or ()}
    variables = {
        name: value.name.value
        for name, value in value_nodes.items()
        if isinstance(value, VariableNode) and _is_passed_unchanged(definition.args[name])
    }
    others = {name: argument for name, argument in definition.args.items() if name not in variables}
    if not variables or any(
        has_variables(value_nodes[name]) for name in others if name in value_nodes
    ):
        return coerce
    fixed = method.convert(_values(others, node))
    variable_arguments = [
        _variable_argument(name, variable, definition.args[name], method)
        for name, variable in variables.items()
    ]

    def substitute(variables: VariableValues) -> Arguments:
        arguments, coerced = dict(fixed), variables.coerced
        for argument in variable_arguments:
            if argument.variable not in coerced:
                arguments.update(argument.default)
                continue
            value = coerced[argument.variable]
            if value is None and not argument.nullable:
                return coerce(variables)  # it reports the error
            arguments[argument.name] = value
        return arguments

    return substitute


def has_variables(root: Node) -> bool:
    """Whether a node is or contains a variable."""
    return any(isinstance(node, VariableNode) for node in nodes_of(root))


def nodes_of(root: Node) -> Iterator[Node]:
    """Yield a node and all of its descendants."""
    waiting = [root]
    while waiting:
        node = waiting.pop()
        yield node
        keys = _KEYS.get(node.kind)
        if keys is None:
            keys = _KEYS[node.kind] = node.keys
        for key in keys:
            value = getattr(node, key, None)
            if isinstance(value, Node):
                waiting.append(value)
            elif isinstance(value, list | tuple):
                waiting += [child for child in value if isinstance(child, Node)]


def _variable_argument(
    name: str, variable: str, argument: GraphQLArgument, method: Method
) -> _VariableArgument:
    (python_name,) = method.convert({name: None})
    nullable = not is_non_null_type(argument.type)
    default: Arguments = {}
    if not is_required_argument(argument):
        default = method.convert(_values({name: argument}, FieldNode(name=NameNode(value=name))))
    return _VariableArgument(python_name, variable, default, nullable)


def _values(arguments: Mapping[str, GraphQLArgument], node: FieldNode) -> Arguments:
    """Return the coerced values of arguments that contain no variables."""
    part: Any = SimpleNamespace(args=arguments)
    return get_argument_values(part, node)


def _is_passed_unchanged(argument: GraphQLArgument) -> bool:
    """Whether the resolver gets the coerced value unchanged: only scalars are not converted."""
    return is_scalar_type(get_nullable_type(argument.type))
