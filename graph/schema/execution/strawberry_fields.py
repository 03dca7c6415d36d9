"""What the compiler has to know of Strawberry's side of the schema: how each field reads."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import strawberry
from graphql import GraphQLField, GraphQLObjectType
from strawberry.types.arguments import convert_arguments
from strawberry.types.field import StrawberryField

from graph.compiler import Attribute, Embedded, FieldSource, Method, Reference, Stored
from graph.schema.execution.stored_fields import READING, Inside

_DEFINITION = "strawberry-definition"


class StrawberryAccess:
    """A schema of Strawberry's, as the compiler sees it; see `graph.compiler.Schema`."""

    def __init__(self, schema: strawberry.Schema) -> None:
        self._schema = schema
        self._known: dict[int, FieldSource | None] = {}

    def access(self, field: GraphQLField) -> FieldSource | None:
        """How a field reads; None for a field that is not Strawberry's."""
        if id(field) not in self._known:  # the schema keeps its fields: their ids stay theirs
            definition = field.extensions.get(_DEFINITION)
            found = self._access(definition) if isinstance(definition, StrawberryField) else None
            self._known[id(field)] = found
        return self._known[id(field)]

    def python_type(self, type_: GraphQLObjectType) -> type:
        """The class of a type's objects."""
        origin: type = type_.extensions[_DEFINITION].origin
        return origin

    def is_row_backed(self, type_: GraphQLObjectType) -> bool:
        """Whether the class is made of a row alone."""
        made_of = [each.name for each in dataclasses.fields(self.python_type(type_)) if each.init]
        return made_of == ["row"]

    def info(self, field: GraphQLField, raw: Any) -> Any:
        """What a resolver gets as `info`."""
        return strawberry.Info(_raw_info=raw, _field=field.extensions[_DEFINITION])

    def _access(self, definition: StrawberryField) -> FieldSource | None:
        resolver = definition.base_resolver
        if definition.extensions or definition.permission_classes:
            return None
        if resolver is None:
            return Attribute(definition.python_name)
        reading = definition.metadata.get(READING)
        if isinstance(reading, Stored):
            return reading
        info = resolver.info_parameter
        call: Any = resolver.wrapped_func
        method = Method(
            call,
            self._converter(definition),
            wants_info=info is not None,
            is_async=resolver.is_async,
        )
        if isinstance(reading, Reference):
            return dataclasses.replace(reading, resolver=method)
        if isinstance(reading, Inside):
            return Embedded(reading.read, method, reading.can_inline, reading.plain)
        return method

    def _converter(self, definition: StrawberryField) -> Callable[[dict[str, Any]], Any]:
        """A function from coerced arguments, by their names in GraphQL, to Python's."""
        registry, config = self._schema.schema_converter.scalar_registry, self._schema.config

        def convert(given: dict[str, Any]) -> dict[str, Any]:
            return convert_arguments(given, definition.arguments, registry, config)

        return convert
