"""What is used of Strawberry beyond its public API, all in one place.

`tests/test_internals.py` says when one of these moves.
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
    """The schema as graphql-core has it."""
    return schema._schema


def executor_class(schema: strawberry.Schema) -> Any:
    """The class by which graphql-core is to run operations of a schema."""
    return schema.execution_context_class


def field_definition(field: GraphQLField) -> StrawberryField | None:
    """What a field was made of; None for one that is not Strawberry's, such as `__typename`."""
    found = field.extensions.get(_DEFINITION)
    return found if isinstance(found, StrawberryField) else None


def python_type(type_: GraphQLObjectType) -> type:
    """The class of a type's objects."""
    definition: StrawberryObjectDefinition = type_.extensions[_DEFINITION]
    return definition.origin


def resolve_info(info: strawberry.Info[Any, Any]) -> GraphQLResolveInfo[Any]:
    """What graphql-core gives a resolver, out of what Strawberry makes of it."""
    return info._raw_info


def make_info(field: GraphQLField, raw: GraphQLResolveInfo[Any]) -> strawberry.Info[Any, Any]:
    """What Strawberry gives the resolver of a field."""
    return strawberry.Info(_raw_info=raw, _field=field.extensions[_DEFINITION])


def argument_converter(
    schema: strawberry.Schema, definition: StrawberryField
) -> Callable[[dict[str, Any]], Any]:
    """A function from coerced arguments, by their names in GraphQL, to Python's."""
    registry, config = schema.schema_converter.scalar_registry, schema.config

    def convert(given: dict[str, Any]) -> dict[str, Any]:
        return convert_arguments(given, definition.arguments, registry, config)

    return convert
