"""Plan an operation: a tree of selections whose fields know how they get their values.

A plan is valid for one set of values of the variables in `@skip` and `@include`. All other
variables are inputs of a run.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from graphql import (
    DirectiveNode,
    FieldNode,
    FragmentDefinitionNode,
    GraphQLField,
    GraphQLLeafType,
    GraphQLObjectType,
    GraphQLOutputType,
    Node,
    OperationDefinitionNode,
    VariableNode,
    is_abstract_type,
    is_leaf_type,
    is_list_type,
    is_non_null_type,
)
from graphql.execution.values import VariableValues

from graph.compiler.arguments import ArgumentMaker, argument_maker, has_variables, nodes_of
from graph.compiler.collect import (
    Operation,
    Parent,
    needed_paths,
    response_fields,
)
from graph.compiler.fields import Arguments, FieldSource, Lookup, Method, Paths, Schema, Stored

MAX_FIELDS: Final = 5_000
"""The maximum number of fields in a plan: fragments let a short text select many fields."""


class CannotCompile(Exception):
    """Only the reference executor can run the operation; the message says why."""


@dataclass(frozen=True)
class Leaf:
    """A scalar or enum value."""

    type: GraphQLLeafType
    nullable: bool


@dataclass(frozen=True)
class Objects:
    """An object: of one type, or of several that are told apart by their Python class."""

    selections: Mapping[type, Selection]
    nullable: bool
    is_abstract: bool = False

    @property
    def selection(self) -> Selection:
        """The selection, if there is only one type."""
        (only,) = self.selections.values()
        return only


@dataclass(frozen=True)
class ListOf:
    """A list of values."""

    inner: Value
    nullable: bool


Value = Leaf | Objects | ListOf


@dataclass(frozen=True)
class Field:
    """A field of the response. `paths` are the stored paths that a lookup reads of the target
    objects.

    `arguments` are the arguments of the method if they contain no variables; else `make_arguments`
    computes them for each run. `is_deferred` says whether the value is only known after an await;
    None means that it depends on the variables.
    """

    number: int
    key: str
    nodes: Sequence[FieldNode]
    definition: GraphQLField
    parent: GraphQLObjectType
    access: FieldSource | None
    value: Value
    paths: Paths = frozenset()
    arguments: Arguments = field(default_factory=dict)
    make_arguments: ArgumentMaker | None = None
    is_deferred: bool | None = False

    @property
    def name(self) -> str:
        """The name of the generated function that completes the field."""
        return f"{self.nodes[0].name.value}_{self.number}"

    @property
    def method(self) -> Method | None:
        """The function that returns the value, or the references to it."""
        return _method_of(self.access)

    def arguments_for(self, variables: VariableValues) -> Arguments:
        """Return the arguments of the method."""
        return self.arguments if self.make_arguments is None else self.make_arguments(variables)

    @property
    def has_rows(self) -> bool:
        """Whether objects are represented by their rows."""
        access = self.access
        return isinstance(access, Stored | Lookup) or (isinstance(access, Method) and access.on_row)

    @property
    def is_typename(self) -> bool:
        return self.nodes[0].name.value == "__typename"


@dataclass(frozen=True)
class Selection:
    """The fields that are selected on an object of one type."""

    number: int
    of: GraphQLObjectType
    python_type: type
    is_row_backed: bool
    fields: Sequence[Field] = field(default_factory=list)

    @property
    def name(self) -> str:
        """The name of the generated function."""
        return f"{self.of.name}_{self.number}"


@dataclass(frozen=True)
class Plan:
    """The selection of the root, and all selections below it, innermost first."""

    root: Selection
    selections: Sequence[Selection]

    @property
    def fields(self) -> Iterator[Field]:
        for selection in self.selections:
            yield from selection.fields


def conditions_of(
    operation: OperationDefinitionNode, fragments: Mapping[str, FragmentDefinitionNode]
) -> list[str]:
    """Return the variables in `@skip` and `@include`: they decide what is selected."""
    names: dict[str, None] = {}
    for root in (operation, *fragments.values()):
        for node in nodes_of(root):
            if isinstance(node, DirectiveNode) and node.name.value in ("skip", "include"):
                names.update((variable.name.value, None) for variable in _variables(node))
    return list(names)


def make_plan(schema: Schema, operation: Operation, definition: OperationDefinitionNode) -> Plan:
    """Return the plan of an operation. Raises CannotCompile."""
    planner = _Planner(schema, operation)
    root_type = operation.schema.get_root_type(definition.operation)
    assert root_type is not None
    try:
        root = planner.selection(root_type, [definition])
    except RecursionError:
        raise CannotCompile("nested too deeply") from None
    return Plan(root, planner.selections)


class _Planner:
    def __init__(self, schema: Schema, operation: Operation) -> None:
        self.schema = schema
        self.operation = operation
        self.selections: list[Selection] = []
        self.count = 0

    def selection(self, type_: GraphQLObjectType, parents: Sequence[Parent]) -> Selection:
        nodes_by_key = response_fields(self.operation, type_, parents)
        fields = [self._field(type_, key, nodes) for key, nodes in nodes_by_key.items()]
        selection = Selection(
            len(self.selections),
            type_,
            self.schema.python_type(type_),
            self.schema.is_row_backed(type_),
            fields,
        )
        self.selections.append(selection)
        return selection

    def _field(self, parent: GraphQLObjectType, key: str, nodes: Sequence[FieldNode]) -> Field:
        number = self.count
        self.count += 1
        if self.count > MAX_FIELDS:
            raise CannotCompile(f"more than {MAX_FIELDS} fields")
        name = nodes[0].name.value
        definition = self.operation.schema.get_field(parent, name)
        assert definition is not None
        if name == "__typename":
            value = self._value(definition.type, nodes)
            return Field(number, key, nodes, definition, parent, None, value)
        access = self.schema.access(definition) if not name.startswith("__") else None
        if access is None:
            raise CannotCompile(f"{parent.name}.{name} is not compiled")
        value = self._value(definition.type, nodes)
        paths: Paths = frozenset()
        if isinstance(access, Lookup):
            paths = needed_paths(self.operation, selection_of(value).of, nodes)
        arguments, make = self._arguments(definition, nodes[0], access)
        deferred = _is_deferred(access, paths, arguments, make)
        return Field(
            number, key, nodes, definition, parent, access, value, paths, arguments, make, deferred
        )

    def _arguments(
        self, definition: GraphQLField, node: FieldNode, access: FieldSource
    ) -> tuple[Arguments, ArgumentMaker | None]:
        """Return the arguments of a method if they are constant, else the function that computes
        them.
        """
        method = _method_of(access)
        if method is None or not definition.args:
            return {}, None
        make = argument_maker(definition, node, method)
        if any(has_variables(argument) for argument in node.arguments or ()):
            return {}, make
        return make(self.operation.variables), None

    def _value(
        self, type_: GraphQLOutputType, nodes: Sequence[FieldNode], nullable: bool = True
    ) -> Value:
        if is_non_null_type(type_):
            return self._value(type_.of_type, nodes, nullable=False)
        if is_list_type(type_):
            return ListOf(self._value(type_.of_type, nodes), nullable)
        if is_leaf_type(type_):
            return Leaf(type_, nullable)
        if is_abstract_type(type_):
            types = self.operation.schema.get_possible_types(type_)
            by_class = {
                self.schema.python_type(object_type): self.selection(object_type, nodes)
                for object_type in types
            }
            return Objects(by_class, nullable, is_abstract=True)
        assert isinstance(type_, GraphQLObjectType)
        return Objects({self.schema.python_type(type_): self.selection(type_, nodes)}, nullable)


def selection_of(value: Value) -> Selection:
    """Return the selection of a value that is an object of one type, or a list of such objects."""
    while isinstance(value, ListOf):
        value = value.inner
    assert isinstance(value, Objects)
    return value.selection


def _method_of(access: FieldSource | None) -> Method | None:
    source = access.references if isinstance(access, Lookup) else access
    return source if isinstance(source, Method) else None


def is_async(field: Field, variables: VariableValues) -> bool:
    """Whether the method of a field returns an awaitable for these variables."""
    method = field.method
    assert method is not None
    if callable(method.is_async):
        return method.is_async(field.arguments_for(variables))
    return method.is_async


def _is_deferred(
    access: FieldSource, paths: Paths, arguments: Arguments, make: ArgumentMaker | None
) -> bool | None:
    if isinstance(access, Lookup):
        return access.reference.stub_for(paths) is None
    is_async = isinstance(access, Method) and access.is_async
    if callable(is_async):
        return is_async(arguments) if make is None else None
    return is_async


def _variables(node: Node) -> Iterator[VariableNode]:
    return (descendant for descendant in nodes_of(node) if isinstance(descendant, VariableNode))
