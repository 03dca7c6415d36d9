"""Paths: the fields of an article read what they need, whatever is selected with them."""

from __future__ import annotations

from typing import Any

import pytest
from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    GraphQLObjectType,
    OperationDefinitionNode,
    get_variable_values,
    parse,
)
from graphql.execution.values import VariableValues
from pymongo.monitoring import CommandStartedEvent

from graph.compiler import Operation, needed_paths
from graph.documents import ARTICLES
from graph.schema import schema
from graph.schema.execution.fields.stored_fields import requirements_of
from graph.store.driver.database import Database
from tests.builders import article, story
from tests.compiler.sameness import Watched, compare
from tests.conftest import Commands
from tests.stored import store

BOTH = "($with: Boolean = true, $without: Boolean = false)"
SHOWN: dict[str, Any] = {"with": True, "without": False}
LEFT_OUT: dict[str, Any] = {"with": False, "without": True}


class Sent(Commands):
    """The projections of the finds that reached the server."""

    def __init__(self) -> None:
        super().__init__()
        self.projections: list[dict[str, Any]] = []

    def started(self, event: CommandStartedEvent) -> None:
        super().started(event)
        if event.command.get("find") == ARTICLES:
            self.projections.append(dict(event.command.get("projection", {})))


@pytest.fixture
def commands() -> Sent:
    return Sent()


def paths(selection: str, definitions: str = "", fragments: str = "", **variables: Any) -> set[str]:
    """The stored paths that a selection on an article needs."""
    document = parse(f'query {definitions} {{ article(slug: "a") {{ {selection} }} }} {fragments}')
    graphql = schema._schema
    (definition,) = [d for d in document.definitions if isinstance(d, OperationDefinitionNode)]
    found = {d.name.value: d for d in document.definitions if isinstance(d, FragmentDefinitionNode)}
    values = get_variable_values(graphql, definition.variable_definitions or (), variables)
    assert isinstance(values, VariableValues), values
    (node,) = definition.selection_set.selections
    assert isinstance(node, FieldNode)
    type_ = graphql.type_map["Article"]
    assert isinstance(type_, GraphQLObjectType)
    return set(needed_paths(Operation(graphql, found, values, requirements_of), type_, [node]))


@pytest.mark.parametrize("directive", ["@include(if: $with)", "@skip(if: $without)"])
def test_a_field_that_is_left_out_is_not_read(directive: str) -> None:
    selection = f"title body {directive} related {directive} {{ type }}"
    assert {"title", "body", "related.type"} <= paths(selection, BOTH, **SHOWN)
    assert paths(selection, BOTH, **LEFT_OUT) == {"title"}
    assert paths(selection, BOTH) == paths(selection, BOTH, **SHOWN)


@pytest.mark.parametrize("directive", ["@include(if: $with)", "@skip(if: $without)"])
def test_a_fragment_that_is_left_out_is_not_read(directive: str) -> None:
    selection = f"title ... {directive} {{ excerpt }} ...F {directive}"
    fragment = "fragment F on Article { body ... on Story { quality } }"
    assert paths(selection, BOTH, fragment, **LEFT_OUT) == {"title"}
    assert paths(selection, BOTH, fragment, **SHOWN) == {
        "title",
        "excerpt",
        "body",
        "bodyIsHtml",
        "quality",
    }


def test_directives_within_nested_objects_are_obeyed() -> None:
    selection = "source { path hash @include(if: $with) }"
    assert paths(selection, BOTH, **SHOWN) == {"source.path", "source.hash"}
    assert paths(selection, BOTH, **LEFT_OUT) == {"source.path"}


@pytest.mark.parametrize("included", [True, False])
async def test_the_paths_read_follow_the_variables_of_each_run(
    server: Database, commands: Sent, included: bool
) -> None:
    await store(server, article("a", body="The tide."))
    query = 'query ($with: Boolean!) { article(slug: "a") { title body @include(if: $with) } }'
    executor = Watched()
    await compare(executor, server, query, {"with": not included})
    commands.projections.clear()
    answer = await compare(executor, server, query, {"with": included})
    expected = {"_id": 1, "title": 1, **({"body": 1, "bodyIsHtml": 1} if included else {})}
    assert commands.projections == [expected, expected]  # of the compiler, and of graphql-core
    assert answer.data == {
        "article": {"title": "Title of a", **({"body": "The tide."} if included else {})}
    }


async def test_related_stories_are_counted_even_if_no_stored_field_is_selected(
    database: Database,
) -> None:
    stories = [story(f"https://gull.example/{number}") for number in range(5)]
    await store(
        database, article("a", related=stories), article("bare"), article("nulls", related=None)
    )
    executor = Watched()
    for slug, number in (("a", 2), ("bare", 0), ("nulls", 0)):
        query = f'{{ article(slug: "{slug}") {{ related(first: 2) {{ __typename }} }} }}'
        answer = await compare(executor, database, query)
        assert not answer.errors
        assert answer.data == {"article": {"related": [{"__typename": "RelatedStory"}] * number}}


@pytest.mark.parametrize(
    "selected", ["title", "title webUrl", "title article { slug }", "title differs"]
)
@pytest.mark.parametrize(
    ("arguments", "titles"),
    [
        ("resolution: ANY", ["Away", "Here", "Nowhere"]),
        ("resolution: INTERNAL", ["Here"]),
        ("resolution: EXTERNAL", ["Away", "Nowhere"]),
        ("first: 1, resolution: EXTERNAL", ["Away"]),
        ("resolution: $r", ["Here"]),
    ],
)
async def test_the_selection_of_related_stories_does_not_depend_on_their_fields(
    database: Database, selected: str, arguments: str, titles: list[str]
) -> None:
    stories = [
        story("https://away.example/1", "Away"),
        story("https://gull.example/b", "Here"),
        story(None, "Nowhere"),
    ]
    await store(database, article("a", related=stories), article("b"))
    head = "query ($r: RelatedResolution! = INTERNAL)" if "$r" in arguments else ""
    query = f'{head} {{ article(slug: "a") {{ related({arguments}) {{ {selected} }} }} }}'
    answer = await compare(Watched(), database, query)
    assert answer.data is not None
    assert [each["title"] for each in answer.data["article"]["related"]] == titles
