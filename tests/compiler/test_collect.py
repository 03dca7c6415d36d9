from __future__ import annotations

from typing import Any, cast

import pytest
from graphql import (
    FragmentDefinitionNode,
    GraphQLField,
    GraphQLObjectType,
    OperationDefinitionNode,
    build_schema,
    parse,
)
from graphql.execution.values import VariableValues, get_variable_values

from graph.compiler import Requirements, needed_paths
from graph.compiler.collect import Operation

SCHEMA = build_schema(
    """
    type Query { book: Book, thing: Thing }
    interface Thing { title: String }
    type Book implements Thing { title: String, price: Int, author: Author, shelf: String }
    type Author { name: String, born: Int }
    """
)
NEEDS = {
    "title": Requirements(("title",)),
    "price": Requirements(("price.amount",)),
    "author": Requirements(nested="author"),
    "shelf": Requirements(("price",)),
    "name": Requirements(("name",)),
    "born": Requirements(("dates.born",)),
}
FIELDS: dict[int, str] = {
    id(field): name
    for kind in ("Book", "Author")
    for name, field in cast(GraphQLObjectType, SCHEMA.type_map[kind]).fields.items()
}


def requirements_of(field: GraphQLField) -> Requirements:
    return NEEDS[FIELDS[id(field)]]


def paths(query: str, **variables: Any) -> set[str]:
    document = parse(query)
    [operation] = [d for d in document.definitions if isinstance(d, OperationDefinitionNode)]
    fragments = {
        d.name.value: d for d in document.definitions if isinstance(d, FragmentDefinitionNode)
    }
    book = cast(GraphQLObjectType, SCHEMA.type_map["Book"])
    values = get_variable_values(SCHEMA, operation.variable_definitions or (), variables)
    assert isinstance(values, VariableValues)
    context = Operation(SCHEMA, fragments, values, requirements_of)
    parents = cast(Any, operation.selection_set.selections)
    return set(needed_paths(context, book, parents))


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("{ book { title } }", {"title"}),
        ("{ book { a: title b: title __typename } }", {"title"}),
        ("{ book { author { name born } } }", {"author.name", "author.dates.born"}),
        ("{ book { author { __typename } } }", {"author"}),
        ("{ book { price shelf } }", {"price"}),
        ("{ book { ... on Thing { title } ... on Author { name } ... { price } } }",
         {"title", "price.amount"}),
        ("{ book { ...F } } fragment F on Book { ...G title } fragment G on Book { ...F }",
         {"title"}),
        ("{ book { title @skip(if: true) price @include(if: false) shelf @skip(if: false) } }",
         {"price"}),
    ],
)  # fmt: skip
def test_a_selection_needs_the_stored_paths_of_its_fields(query: str, expected: set[str]) -> None:
    assert paths(query) == expected


def test_directives_obey_variables() -> None:
    query = "query ($with: Boolean!) { book { title author @include(if: $with) { name } } }"
    assert paths(query, **{"with": True}) == {"title", "author.name"}
    assert paths(query, **{"with": False}) == {"title"}
