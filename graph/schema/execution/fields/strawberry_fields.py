"""Strawberry's schema as the compiler sees it: how each field is read."""

from __future__ import annotations

import dataclasses
from typing import Any

import strawberry
from graphql import GraphQLField, GraphQLObjectType
from strawberry.types.field import StrawberryField

from graph.compiler import Attribute, FieldSource, Lookup, Method, Stored
from graph.schema.execution.fields.stored_fields import READING
from graph.schema.execution.fields.strawberry_internals import (
    argument_converter,
    field_definition,
    make_info,
    python_type,
)


class StrawberryAccess:
    """A Strawberry schema, as the compiler sees it; see `graph.compiler.Schema`."""

    def __init__(self, schema: strawberry.Schema) -> None:
        self._schema = schema
        self._sources: dict[int, FieldSource | None] = {}

    def access(self, field: GraphQLField) -> FieldSource | None:
        """Return how a field is read; None for a field that is not Strawberry's."""
        if id(field) not in self._sources:  # valid as long as the schema holds its fields
            definition = field_definition(field)
            source = None if definition is None else self._access(definition)
            self._sources[id(field)] = source
        return self._sources[id(field)]

    def python_type(self, type_: GraphQLObjectType) -> type:
        """Return the class of a type's objects."""
        return python_type(type_)

    def is_row_backed(self, type_: GraphQLObjectType) -> bool:
        """Return whether instances of the class need only a row."""
        made_of = [field.name for field in dataclasses.fields(python_type(type_)) if field.init]
        return made_of == ["row"]

    def info(self, field: GraphQLField, raw: Any) -> Any:
        """Return the `info` argument for a resolver."""
        return make_info(field, raw)

    def _access(self, definition: StrawberryField) -> FieldSource | None:
        resolver = definition.base_resolver
        if definition.extensions or definition.permission_classes:
            return None
        if resolver is None:
            return Attribute(definition.python_name)
        reading = definition.metadata.get(READING)
        if isinstance(reading, Stored | Lookup):
            return reading
        convert = argument_converter(self._schema, definition)
        if reading is not None:
            source: FieldSource = reading(convert=convert)
            return source
        call: Any = resolver.wrapped_func
        wants_info = resolver.info_parameter is not None
        return Method(call, convert, wants_info, resolver.is_async)
