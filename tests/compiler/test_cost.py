"""Cost: the number of objects that an operation may return, counted by hand."""

from __future__ import annotations

from typing import Any

import pytest
from graphql import FragmentDefinitionNode, OperationDefinitionNode, get_variable_values, parse
from graphql.execution.values import VariableValues
from hypothesis import given
from hypothesis import strategies as st

from graph.compiler import Cost
from graph.demo import EXAMPLE
from graph.schema import schema


def cost(query: str, **variables: Any) -> int:
    document = parse(query)
    (definition,) = [d for d in document.definitions if isinstance(d, OperationDefinitionNode)]
    fragments = {
        d.name.value: d for d in document.definitions if isinstance(d, FragmentDefinitionNode)
    }
    graphql = schema._schema
    values = get_variable_values(graphql, definition.variable_definitions or (), variables)
    assert isinstance(values, VariableValues), values
    return Cost(graphql, definition, fragments).of(values.coerced)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("{ __typename }", 0),
        ("{ __schema { types { name } } }", 1 + 10),
        ('{ article(slug: "a") { title slug } }', 1),
        ('{ article(slug: "a") { provider { name } } }', 2),
        # A list that takes no `first`, or is given none: ten.
        ('{ article(slug: "a") { topics { name } } }', 1 + 10),
        ('{ article(slug: "a") { images { url } } }', 1 + 10),
        ('{ article(slug: "a") { images(first: 3) { url } } }', 1 + 3),
        # Its own default.
        ('{ article(slug: "a") { related { title } } }', 1 + 10),
        ('{ article(slug: "a") { similar { score } } }', 1 + 5),
        ('{ article(slug: "a") { related(first: 2) { article { topics { name } } } } }',
         1 + 2 * (1 + 1 + 10)),
        # A connection, and its page.
        ("{ articles { totalCount } }", 1),
        ("{ articles { nodes { title } } }", 1 + 20),
        ("{ articles(first: 3) { nodes { title } } }", 1 + 3),
        ("{ articles(last: 4) { nodes { title } } }", 1 + 4),
        ("{ articles(first: 3) { edges { node { title } } } }", 1 + 3 * (1 + 1)),
        ("{ articles(first: 3) { nodes { title } edges { cursor } pageInfo { endCursor } } }",
         1 + 3 + 3 + 1),
        ("{ articles(first: 3) { nodes { topics { name } } } }", 1 + 3 * (1 + 10)),
        # The field around lists says how many entries they have: the most of its numbers.
        ("{ articles { facets { topics { value } } } }", 1 + 1 + 12),
        ("{ articles { facets(topics: 40) { topics { node { name } } } } }",
         1 + 1 + 40 * (1 + 1)),
        ("{ articles { facets(topics: 100, years: 2, months: 3) { years { value } } } }",
         1 + 1 + 100),
        # The page of the outer list is not that of the inner.
        ("{ topics(first: 2) { nodes { articles(first: 3) { nodes { title } } } } }",
         1 + 2 * (1 + 1 + 3)),
        ("{ topics(first: 2) { nodes { articles { nodes { title } } } } }",
         1 + 2 * (1 + 1 + 20)),
        (EXAMPLE, 1 + 3 * (1 + 1 + 10 + 2 * (1 + 1))),
    ],
)  # fmt: skip
def test_operations_cost_the_objects_that_they_may_return(query: str, expected: int) -> None:
    assert cost(query) == expected


@pytest.mark.parametrize(
    ("variables", "expected"), [({"n": 7}, 1 + 7), ({}, 1 + 20), ({"n": None}, 1 + 20)]
)
def test_the_size_of_a_list_may_be_a_variable(variables: dict[str, Any], expected: int) -> None:
    assert cost("query ($n: Int) { articles(first: $n) { nodes { title } } }", **variables) == (
        expected
    )


def test_the_sizes_of_nested_lists_may_be_variables() -> None:
    query = "query Q($n: Int!) { articles { facets(topics: $n) { topics { value } } } }"
    assert cost(query, n=70) == 1 + 1 + 70


def test_the_size_of_a_list_may_be_the_default_of_a_variable() -> None:
    query = "query ($n: Int = 6) { articles(first: $n) { nodes { title } } }"
    assert (cost(query), cost(query, n=2)) == (1 + 6, 1 + 2)


@pytest.mark.parametrize("first", [0, -1, -(2**31)])
def test_a_size_below_one_costs_one_entry(first: int) -> None:
    query = "query ($n: Int) { articles(first: $n) { nodes { title } } }"
    assert cost(query, n=first) == 1 + 1


def test_a_huge_size_costs_exactly_that_many_entries() -> None:
    query = "query ($n: Int!) { articles(first: $n) { nodes { related(first: $n) { title } } } }"
    most = 2**31 - 1
    assert cost(query, n=most) == 1 + most * (1 + most)


@pytest.mark.parametrize("first", ["", "(first: null)", "(first: $n)"])
def test_a_null_size_costs_as_much_as_the_default(first: str) -> None:
    query = f'query ($n: Int) {{ article(slug: "a") {{ similar{first} {{ score }} }} }}'
    assert cost(query, n=None) == 1 + 5


def test_of_two_sizes_the_larger_counts_and_any_size_replaces_the_default() -> None:
    query = "query ($n: Int) { articles(first: $n, last: 50) { nodes { title } } }"
    assert (cost(query), cost(query, n=60), cost(query, n=40)) == (1 + 50, 1 + 60, 1 + 50)


def test_a_fragment_costs_wherever_it_is_spread() -> None:
    fragment = "fragment F on Article { provider { name } topics { name } }"
    once = f'{{ a: article(slug: "a") {{ ...F }} }} {fragment}'
    twice = f'{{ a: article(slug: "a") {{ ...F }} b: article(slug: "b") {{ ...F }} }} {fragment}'
    within = f"{{ articles(first: 3) {{ nodes {{ ...F }} }} }} {fragment}"
    assert (cost(once), cost(twice), cost(within)) == (12, 24, 1 + 3 * 12)


def test_a_fragment_of_a_connection_takes_the_page_of_each_that_it_is_spread_in() -> None:
    query = """{ a: articles(first: 2) { ...F } b: articles(first: 5) { ...F } }
               fragment F on ArticleConnection { nodes { title } }"""
    assert cost(query) == (1 + 2) + (1 + 5)


@pytest.mark.parametrize("around", ["{}", "... {{ {} }}", "... on Article {{ {} }}"])
def test_fragments_cost_nothing_themselves(around: str) -> None:
    inner = around.format("provider { name }")
    assert cost(f'{{ article(slug: "a") {{ {inner} }} }}') == 2


def test_fields_of_an_interface_count() -> None:
    assert cost('{ node(id: "a") { id ... on Article { topics { name } } } }') == 1 + 10


@given(st.from_regex(r"[_A-Za-z][_0-9A-Za-z]{0,20}", fullmatch=True))
def test_aliases_do_not_change_the_cost(alias: str) -> None:
    query = f"{{ {alias}: articles(first: 3) {{ {alias}: nodes {{ {alias}: title }} }} }}"
    assert cost(query) == 4


def test_fragments_that_double_at_each_of_95_levels_are_counted() -> None:
    levels = [
        f"fragment F{level} on Article {{ a: related(first: 1) {{ article {{ ...F{level + 1} }} }} "
        f"b: related(first: 1) {{ article {{ ...F{level + 1} }} }} }}"
        for level in range(95)
    ]
    bomb = "\n".join(
        ['{ article(slug: "a") { ...F0 } }', *levels, "fragment F95 on Article { title }"]
    )
    # Each level holds two stories, two articles, and twice what is below.
    assert cost(bomb) == 1 + 4 * (2**95 - 1)


def test_fragments_that_are_spread_twice_at_each_level_are_counted() -> None:
    levels = [
        f"fragment F{level} on Article {{ ...F{level + 1} ... on Story {{ ...F{level + 1} }} }}"
        for level in range(95)
    ]
    last = "fragment F95 on Article { provider { name } }"
    bomb = "\n".join(['{ article(slug: "a") { ...F0 } }', *levels, last])
    assert cost(bomb) == 1 + 2**95


@pytest.mark.parametrize(
    ("ids", "sent", "expected"),
    [
        ('["a", "b", "c"]', {}, 3),
        ("$ids", {"ids": ["a", "b"]}, 2),
        ("$ids", {"ids": "a"}, 1),
    ],
)
def test_the_cost_of_nodes_is_the_number_of_ids(
    ids: str, sent: dict[str, Any], expected: int
) -> None:
    head = 'query ($ids: [ID!]! = ["a"])' if "$" in ids else "query"
    assert cost(f"{head} {{ nodes(ids: {ids}) {{ id }} }}", **sent) == expected


@pytest.mark.parametrize("fields", [10, 195])
def test_operations_of_the_greatest_depth_are_counted(fields: int) -> None:
    query = "{ parent " * fields + "{ name }" + " }" * fields
    nested = f'{{ topic(name: "Tides") {query} }}'
    assert cost(nested) == 1 + fields
