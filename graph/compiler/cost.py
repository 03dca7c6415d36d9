"""The cost of an operation: the maximum number of objects in its response, known before any read.

Each object counts once for each possible entry of the lists around it. The size of a list is its
`first` or `last` or the default of these, the number of its `ids`, or else LIST_SIZE. If a field
has an argument with the name of a list below it, that argument is the size of the list. Fields with
`@skip` or `@include` count as if they were included.

The cost of a selection set is two numbers: a fixed one, and one for each entry of the page around
it. Each fragment is visited once, so the time is linear in the length of the text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import Any, Final, NamedTuple

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLArgument,
    GraphQLCompositeType,
    GraphQLField,
    GraphQLObjectType,
    GraphQLSchema,
    IntValueNode,
    ListValueNode,
    NamedTypeNode,
    OperationDefinitionNode,
    SelectionSetNode,
    ValueNode,
    VariableNode,
    get_named_type,
    get_nullable_type,
    is_composite_type,
    is_list_type,
)

from graph.compiler.arguments import nodes_of
from graph.compiler.limits import in_order, spreads_of

LIST_SIZE: Final = 10
"""The assumed size of a list without a `first` argument."""

_MAX_CACHED: Final = 64
"""The number of combinations of list sizes for which the cost of an operation is cached."""

_UNSET: Final = -1
"""Stands for the size in a variable without a value."""

_SIZES: Final = ("first", "last", "ids")
"""The arguments that limit the size of a list. The default of an earlier one counts."""


class Cost:
    """The cost of an operation as a function of its variables.

    With `largest_page`, larger sizes count as that size: the field itself rejects them.
    """

    def __init__(
        self,
        schema: GraphQLSchema,
        definition: OperationDefinitionNode,
        fragments: Mapping[str, FragmentDefinitionNode],
        largest_page: int | None = None,
    ) -> None:
        self._schema = schema
        self._definition = definition
        self._fragments = fragments
        self._largest_page = largest_page
        self._names: tuple[str, ...] | None = None
        self._cached: dict[tuple[int | None, ...], int] = {}

    def of(self, values: Mapping[str, Any]) -> int:
        """Return the maximum number of objects in the response for these coerced variables."""
        if self._names is None:
            self._names = tuple(self._variables())
        size = self._size
        key = tuple([size(values[n]) if n in values else _UNSET for n in self._names])
        cost = self._cached.get(key)
        if cost is None:
            arguments = zip(self._names, key, strict=True)
            sizes = {name: size for name, size in arguments if size != _UNSET}
            cost = _Sum(self._schema, self._fragments, sizes, size).of(self._definition)
            if len(self._cached) < _MAX_CACHED:
                self._cached[key] = cost
        return cost

    def _size(self, value: Any) -> int | None:
        """Return the size in an argument's value; None for null."""
        if value is None:
            return None
        if isinstance(value, int):
            size = max(1, value)
        else:
            size = max(1, len(value)) if isinstance(value, list) else 1
        return size if self._largest_page is None else min(size, self._largest_page)

    def _variables(self) -> Iterator[str]:
        """Yield the variables that determine the size of a list."""
        sizes = _size_arguments(self._schema)
        names: dict[str, None] = {}
        for root in (self._definition, *self._fragments.values()):
            for node in nodes_of(root):
                if isinstance(node, FieldNode):
                    for argument in node.arguments or ():
                        if argument.name.value in sizes and isinstance(
                            argument.value, VariableNode
                        ):
                            names.setdefault(argument.value.name.value)
        yield from names


class _Weight(NamedTuple):
    """The cost of a selection set: a fixed part, and a part for each entry of the page."""

    fixed: int
    per_entry: int

    def of_page(self, entries: int | None) -> int:
        return self.fixed + self.per_entry * (entries or LIST_SIZE)


_NOTHING: Final = _Weight(0, 0)


class _Sum:
    """Computes the cost once; `sizes` are the list sizes in the variables."""

    def __init__(
        self,
        schema: GraphQLSchema,
        fragments: Mapping[str, FragmentDefinitionNode],
        sizes: Mapping[str, int | None],
        size_of: Callable[[Any], int | None],
    ) -> None:
        self._schema = schema
        self._sizes = sizes
        self._size_of = size_of
        self._fragment_weights: dict[str, _Weight] = {}
        spread = {name: spreads_of(fragment) for name, fragment in fragments.items()}
        for name in in_order(spread):
            definition = fragments[name]
            self._fragment_weights[name] = self._weigh(
                definition.selection_set, self._named(definition.type_condition)
            )

    def of(self, definition: OperationDefinitionNode) -> int:
        root = self._schema.get_root_type(definition.operation)
        assert root is not None
        return self._weigh(definition.selection_set, root).of_page(None)

    def _weigh(self, part: SelectionSetNode, type_: GraphQLCompositeType) -> _Weight:
        fixed = per_entry = 0
        for node in part.selections:
            if isinstance(node, FieldNode):
                weight = self._of_field(node, type_)
            elif isinstance(node, FragmentSpreadNode):
                weight = self._fragment_weights[node.name.value]
            else:
                inner: Any = node
                condition = inner.type_condition
                narrowed = type_ if condition is None else self._named(condition)
                weight = self._weigh(inner.selection_set, narrowed)
            fixed += weight.fixed
            per_entry += weight.per_entry
        return _Weight(fixed, per_entry)

    def _of_field(self, node: FieldNode, type_: GraphQLCompositeType) -> _Weight:
        field = self._schema.get_field(type_, node.name.value)
        inner = get_named_type(field.type) if field is not None else None
        if field is None or node.selection_set is None or not is_composite_type(inner):
            return _NOTHING
        below = self._weigh(node.selection_set, inner)
        size = self._list_size(field, node)
        if not is_list_type(get_nullable_type(field.type)):
            return _Weight(1 + below.of_page(size), 0)
        entry = 1 + below.of_page(None)
        return _Weight(0, entry) if size is None else _Weight(size * entry, 0)

    def _list_size(self, field: GraphQLField, node: FieldNode) -> int | None:
        """Return the size of a field's list; None if it has no size argument, or a list without
        one.
        """
        size_names = [name for name in _SIZES if name in field.args]
        argument_names = _names_of_lists(field)
        if not size_names and not argument_names:
            return None
        arguments = {argument.name.value: argument.value for argument in node.arguments or ()}
        if argument_names:
            return max(
                self._argument_size(arguments.get(n), field.args[n]) or LIST_SIZE
                for n in argument_names
            )
        sizes = [size for name in size_names if (size := self._size_in(arguments.get(name)))]
        if sizes:
            return max(sizes)  # a list that takes several may reject them, or prefer any
        defaults = (self._default_size(field.args[name]) for name in size_names)
        return next((size for size in defaults if size is not None), None)

    def _argument_size(self, value: ValueNode | None, argument: GraphQLArgument) -> int | None:
        return self._size_in(value) or self._default_size(argument)

    def _size_in(self, value: ValueNode | None) -> int | None:
        """Return the size that an operation states; None if it leaves it to the default."""
        if isinstance(value, VariableNode):
            return self._sizes.get(value.name.value)
        if isinstance(value, IntValueNode):
            return self._size_of(int(value.value))
        if isinstance(value, ListValueNode):
            return self._size_of(list(value.values))
        return None

    def _default_size(self, argument: GraphQLArgument) -> int | None:
        default = argument.default_value
        return self._size_of(default) if isinstance(default, int) else None

    def _named(self, condition: NamedTypeNode) -> GraphQLCompositeType:
        named_type = self._schema.get_type(condition.name.value)
        assert is_composite_type(named_type)
        return named_type


def _names_of_lists(field: GraphQLField) -> list[str]:
    """Return the arguments of a field that determine the size of the lists with the same names."""
    inner = get_nullable_type(field.type)
    if not field.args or not isinstance(inner, GraphQLObjectType):
        return []
    lists = (name for name in field.args if name in inner.fields)
    return [name for name in lists if is_list_type(get_nullable_type(inner.fields[name].type))]


@lru_cache(maxsize=8)
def _size_arguments(schema: GraphQLSchema) -> frozenset[str]:
    """Return the names of all arguments that determine the size of a list."""
    types = [type_ for type_ in schema.type_map.values() if isinstance(type_, GraphQLObjectType)]
    named = (name for type_ in types for f in type_.fields.values() for name in _names_of_lists(f))
    return frozenset((*_SIZES, *named))
