"""Collect the fields of a selection set, and the stored paths that they need.

Fields are collected by graphql-core's own collector, for one runtime type at a time. The collector
is not part of graphql-core's public API; `tests/test_internals.py` fails when it moves.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    GraphQLField,
    GraphQLObjectType,
    GraphQLSchema,
    OperationDefinitionNode,
    get_argument_values,
    get_named_type,
)
from graphql.execution.collect_fields import FieldDetails, FragmentDetails, collect_subfields
from graphql.execution.values import VariableValues

Parent = FieldNode | OperationDefinitionNode
"""A node with a selection set."""


@dataclass(frozen=True, slots=True)
class Requirements:
    """The stored paths that a field reads, relative to its parent's document.

    `paths` are read completely. `nested` is the path of the embedded document of the field's own
    type; below it, only the selected fields are read.
    """

    paths: tuple[str, ...] = ()
    nested: str | None = None


@dataclass(frozen=True, slots=True)
class Operation:
    """The parts of a running operation that collecting needs."""

    schema: GraphQLSchema
    fragments: Mapping[str, FragmentDefinitionNode]
    variables: VariableValues
    requirements_of: Callable[[GraphQLField], Requirements]
    details: dict[str, FragmentDetails] = field(init=False, repr=False, compare=False)
    """The fragments as graphql-core's collector takes them."""

    def __post_init__(self) -> None:
        details = {name: FragmentDetails(fragment) for name, fragment in self.fragments.items()}
        object.__setattr__(self, "details", details)

    def arguments(self, field: GraphQLField, node: FieldNode) -> dict[str, Any]:
        """Return the coerced arguments of a field. Raises GraphQLError if they are invalid."""
        return get_argument_values(field, node, self.variables)


def variable_values(coerced: Any) -> VariableValues:
    """Wrap coerced variables in the type that graphql-core's argument coercion expects."""
    return VariableValues({}, coerced)


def collect_fields(
    operation: Operation, runtime_type: GraphQLObjectType, parents: Iterable[FieldNode]
) -> dict[str, list[FieldNode]]:
    """Return the fields that `parents` select on a type, by field name; aliases of a field are
    grouped.
    """
    fields: dict[str, list[FieldNode]] = {}
    for nodes in response_fields(operation, runtime_type, parents).values():
        fields.setdefault(nodes[0].name.value, []).extend(nodes)
    return fields


def response_fields(
    operation: Operation, runtime_type: GraphQLObjectType, parents: Iterable[Parent]
) -> dict[str, list[FieldNode]]:
    """Return the fields that `parents` select on a type, by response key, in response order."""
    selected: Any = [FieldDetails(parent, None) for parent in parents]  # type: ignore[arg-type]  # operations have selection sets, too
    unused: Any = None  # a parameter that the collector does not read
    collected = collect_subfields(
        operation.schema, operation.details, operation.variables, unused, runtime_type, selected
    )
    return {
        key: [field.node for field in nodes] for key, nodes in collected.grouped_field_set.items()
    }


def needed_paths(
    operation: Operation, runtime_type: GraphQLObjectType, parents: Iterable[FieldNode]
) -> frozenset[str]:
    """Return the stored paths that the selections of `parents` on a type need."""
    return without_redundant(set(_paths(operation, runtime_type, parents)))


def _paths(
    operation: Operation, runtime_type: GraphQLObjectType, parents: Iterable[FieldNode]
) -> Iterator[str]:
    for node_list in collect_fields(operation, runtime_type, parents).values():
        field = runtime_type.fields.get(node_list[0].name.value)
        if field is None:  # __typename
            continue
        needs = operation.requirements_of(field)
        yield from needs.paths
        if needs.nested is None:
            continue
        inner = get_named_type(field.type)
        assert isinstance(inner, GraphQLObjectType)
        below = set(_paths(operation, inner, node_list))
        nested = needs.nested
        yield from (f"{nested}.{path}" for path in below) if below else (nested,)


def without_redundant(paths: AbstractSet[str]) -> frozenset[str]:
    """Remove the paths below another path: MongoDB rejects both in one projection."""
    return frozenset(path for path in paths if not any(p in paths for p in _above(path)))


def _above(path: str) -> Iterator[str]:
    parts = path.split(".")
    return (".".join(parts[:length]) for length in range(1, len(parts)))
