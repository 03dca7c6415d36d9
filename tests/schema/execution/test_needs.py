"""A field alone equals the field among all others: it declares all that it reads."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import pytest
from graphql import (
    GraphQLObjectType,
    get_named_type,
    is_leaf_type,
    is_object_type,
    is_required_argument,
)

from graph.schema import Context, schema
from graph.schema.execution.executor import Executor
from graph.store.driver.database import Database
from tests.compiler.corpus import load
from tests.compiler.sameness import HOSTS, SCOPES

LISTS: Final = {
    "articles": "Article",
    "topics": "Topic",
    "providers": "Provider",
    "authors": "Author",
}
WITH_ARGUMENTS: Final = {
    "Article": (
        "related(first: 1) { title }",
        "related(resolution: INTERNAL) { title }",
        "related(resolution: EXTERNAL) { title }",
        "related(first: 1, resolution: EXTERNAL) { __typename }",
        "images(first: 1, excludePlaceholders: true) { url }",
        "images(minWidth: 100) { title }",
        "excerpt(maxLength: 20)",
        "body(format: HTML)",
        "body(format: TEXT)",
        "relatedFrom(first: 1) { nodes { title } pageInfo { endCursor } }",
        "similar(first: 2) { score article { title } }",
    ),
    "Topic": (
        "articles(first: 2) { nodes { title } totalCount }",
        "coOccurring(first: 3) { articleCount topic { shortname } }",
    ),
    "Provider": ("articles(first: 2) { edges { cursor } }",),
    "Author": ("articles(first: 2) { edges { cursor } totalCount }",),
}


def object_type(name: str) -> GraphQLObjectType:
    found = schema._schema.type_map[name]
    assert isinstance(found, GraphQLObjectType)
    return found


def leaves(type_: GraphQLObjectType) -> Iterator[str]:
    """The fields of a type that hold values, as selections."""
    for name, field in type_.fields.items():
        is_open = not any(map(is_required_argument, field.args.values()))
        if is_open and is_leaf_type(get_named_type(field.type)):
            yield name


def selections(type_: GraphQLObjectType) -> Iterator[str]:
    """Every value of an object, and of those around it, each by itself."""
    yield from leaves(type_)
    for name, field in type_.fields.items():
        inner = get_named_type(field.type)
        if is_object_type(inner):
            yield from (f"{name} {{ {leaf} }}" for leaf in leaves(inner))
            for below, each in inner.fields.items():
                if is_object_type(get_named_type(each.type)):
                    yield f"{name} {{ {below} {{ __typename }} }}"
    yield from WITH_ARGUMENTS[type_.name]


async def nodes(database: Database, listed: str, selected: str) -> list[Any]:
    query = f"{{ {listed}(first: 100) {{ nodes {{ {selected} }} }} }}"
    context = Context(database, SCOPES, HOSTS)
    answer = await Executor(schema).execute(query, {}, None, context)
    assert answer.data is not None, (selected, answer.errors)
    assert not answer.errors, selected
    found: list[Any] = answer.data[listed]["nodes"]
    return found


@pytest.mark.parametrize("listed", sorted(LISTS))
async def test_a_field_has_the_same_value_alone_and_among_all_others(
    server: Database, listed: str
) -> None:
    await load(server)
    chosen = list(selections(object_type(LISTS[listed])))
    together = " ".join(f"s{number}: {each}" for number, each in enumerate(chosen))
    expected = await nodes(server, listed, together)
    assert len(expected) > 2
    for number, each in enumerate(chosen):
        alone = await nodes(server, listed, f"s{number}: {each}")
        for one, among in zip(alone, expected, strict=True):
            assert one[f"s{number}"] == among[f"s{number}"], each
