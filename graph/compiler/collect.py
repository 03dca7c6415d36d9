"""Collect: which fields a selection set has, and which stored paths it needs.

Follows CollectFields of the GraphQL specification (October 2021, section 6.3.2) for one runtime
type at a time: fragments are entered where their type condition applies, `@skip` and `@include`
are obeyed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    GraphQLAbstractType,
    GraphQLField,
    GraphQLIncludeDirective,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLSkipDirective,
    SelectionNode,
    get_argument_values,
    get_directive_values,
    get_named_type,
    is_abstract_type,
)
from graphql.execution.values import VariableValues


@dataclass(frozen=True, slots=True)
class Requirements:
    """What a field reads of the stored object that its parent stands for.

    `paths` are read whole. Below `nested`, a path too, stands the stored object of the field's
    own type: what is selected of it is read there and nothing else.
    """

    paths: tuple[str, ...] = ()
    nested: str | None = None


@dataclass(frozen=True, slots=True)
class Operation:
    """The parts of a running operation that collecting looks at."""

    schema: GraphQLSchema
    fragments: Mapping[str, FragmentDefinitionNode]
    variables: VariableValues
    requirements_of: Callable[[GraphQLField], Requirements]

    def arguments(self, field: GraphQLField, node: FieldNode) -> dict[str, Any]:
        """The coerced arguments of a field. Raises GraphQLError where they do not fit."""
        return get_argument_values(field, node, self.variables)


def variable_values(coerced: Any) -> VariableValues:
    """The coerced variables that resolvers get, as those who evaluate arguments take them."""
    return VariableValues({}, coerced)


def collect_fields(
    operation: Operation, runtime_type: GraphQLObjectType, parents: Iterable[FieldNode]
) -> dict[str, list[FieldNode]]:
    """The fields that `parents` select on a type, by name; aliases of a field stand together."""
    fields: dict[str, list[FieldNode]] = {}
    for node in _selected(operation, runtime_type, parents):
        fields.setdefault(node.name.value, []).append(node)
    return fields


def response_fields(
    operation: Operation, runtime_type: GraphQLObjectType, selections: Iterable[SelectionNode]
) -> dict[str, list[FieldNode]]:
    """The fields of a selection set on a type, by response key, in the answer's order."""
    fields: dict[str, list[FieldNode]] = {}
    for node in _fields(operation, runtime_type, selections, set()):
        key = node.alias.value if node.alias else node.name.value
        fields.setdefault(key, []).append(node)
    return fields


def selections_of(parents: Iterable[FieldNode]) -> list[SelectionNode]:
    """The selections of all of these, one after the other."""
    sets = (parent.selection_set for parent in parents)
    return [selection for each in sets if each is not None for selection in each.selections]


def _selected(
    operation: Operation, runtime_type: GraphQLObjectType, parents: Iterable[FieldNode]
) -> Iterator[FieldNode]:
    return _fields(operation, runtime_type, selections_of(parents), set())


def _fields(
    operation: Operation,
    runtime_type: GraphQLObjectType,
    selections: Iterable[SelectionNode],
    seen: set[str],
) -> Iterator[FieldNode]:
    for selection in selections:
        if selection.directives and not should_include_node(operation, selection):
            continue
        if isinstance(selection, FieldNode):
            yield selection
            continue
        fragment: Any = selection
        if selection.kind == "fragment_spread":
            name = fragment.name.value
            if name in seen:
                continue
            seen.add(name)
            fragment = operation.fragments[name]
        if does_fragment_condition_match(operation.schema, runtime_type, fragment):
            inner = fragment.selection_set.selections
            yield from _fields(operation, runtime_type, inner, seen)


def should_include_node(operation: Operation, node: SelectionNode) -> bool:
    skip = get_directive_values(GraphQLSkipDirective, node, operation.variables)
    if skip and skip["if"]:
        return False
    include = get_directive_values(GraphQLIncludeDirective, node, operation.variables)
    return include is None or bool(include["if"])


def does_fragment_condition_match(
    schema: GraphQLSchema, runtime_type: GraphQLObjectType, fragment: Any
) -> bool:
    if fragment.type_condition is None:
        return True
    condition = schema.get_type(fragment.type_condition.name.value)
    if condition is runtime_type:
        return True
    if not is_abstract_type(condition):
        return False
    abstract: GraphQLAbstractType = condition
    return schema.is_sub_type(abstract, runtime_type)


def needed_paths(
    operation: Operation, runtime_type: GraphQLObjectType, parents: Iterable[FieldNode]
) -> frozenset[str]:
    """The stored paths that the selections of `parents` on a type need, without redundant ones."""
    return without_redundant(set(_paths(operation, runtime_type, parents)))


def _paths(
    operation: Operation, runtime_type: GraphQLObjectType, parents: Iterable[FieldNode]
) -> Iterator[str]:
    for node_list in collect_fields(operation, runtime_type, parents).values():
        field = runtime_type.fields.get(node_list[0].name.value)
        if field is None:  # a meta field: __typename
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
    """The paths without those below another one: MongoDB refuses both in one projection."""
    return frozenset(path for path in paths if not any(p in paths for p in _above(path)))


def _above(path: str) -> Iterator[str]:
    parts = path.split(".")
    return (".".join(parts[:length]) for length in range(1, len(parts)))
