from __future__ import annotations

from pathlib import Path

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    build_schema,
)

from graph.schema import print_schema

KEPT = Path(__file__).parents[2] / "graph" / "schema" / "schema.graphql"


def test_the_committed_schema_is_that_of_the_code() -> None:
    assert KEPT.read_text() == print_schema(), "run: newsgraph schema > graph/schema/schema.graphql"


def test_everything_has_a_description() -> None:
    bare = []
    for name, kind in build_schema(print_schema()).type_map.items():
        if name.startswith("__") or name in {"String", "Int", "Float", "Boolean", "ID"}:
            continue
        if not kind.description:
            bare.append(name)
        if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType):
            for field_name, field in kind.fields.items():
                bare += [] if field.description else [f"{name}.{field_name}"]
                bare += [
                    f"{name}.{field_name}({argument})"
                    for argument, definition in field.args.items()
                    if not definition.description
                ]
        if isinstance(kind, GraphQLInputObjectType):
            bare += [f"{name}.{key}" for key, field in kind.fields.items() if not field.description]
        if isinstance(kind, GraphQLEnumType):
            bare += [f"{name}.{key}" for key, value in kind.values.items() if not value.description]
    assert bare == []
