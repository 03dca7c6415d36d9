"""All that is used of Strawberry beyond its public API.

`tests/test_internals.py` fails if any of it changes.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import strawberry
from graphql import GraphQLField, GraphQLObjectType, GraphQLResolveInfo, GraphQLSchema
from strawberry.types.arguments import convert_arguments
from strawberry.types.base import StrawberryObjectDefinition
from strawberry.types.field import StrawberryField

_DEFINITION: Final = "strawberry-definition"


def graphql_schema(schema: strawberry.Schema) -> GraphQLSchema:
    """Return graphql-core's schema."""
    return schema._schema


def executor_class(schema: strawberry.Schema) -> Any:
    """Return the class with which graphql-core runs operations of a schema."""
    return schema.execution_context_class


def field_definition(field: GraphQLField) -> StrawberryField | None:
    """Return Strawberry's definition of a field; None for others, such as `__typename`."""
    definition = field.extensions.get(_DEFINITION)
    return definition if isinstance(definition, StrawberryField) else None


def python_type(type_: GraphQLObjectType) -> type:
    """Return the class of a type's objects."""
    definition: StrawberryObjectDefinition = type_.extensions[_DEFINITION]
    return definition.origin


def resolve_info(info: strawberry.Info[Any, Any]) -> GraphQLResolveInfo[Any]:
    """Return graphql-core's `info`, from Strawberry's."""
    return info._raw_info


def make_info(field: GraphQLField, raw: GraphQLResolveInfo[Any]) -> strawberry.Info[Any, Any]:
    """Return Strawberry's `info` for the resolver of a field, from graphql-core's."""
    return strawberry.Info(_raw_info=raw, _field=field.extensions[_DEFINITION])


def argument_converter(
    schema: strawberry.Schema, definition: StrawberryField
) -> Callable[[dict[str, Any]], Any]:
    """Return a function from coerced arguments, by their GraphQL names, to Python arguments."""
    registry, config = schema.schema_converter.scalar_registry, schema.config

    def convert(arguments: dict[str, Any]) -> dict[str, Any]:
        return convert_arguments(arguments, definition.arguments, registry, config)

    return convert
