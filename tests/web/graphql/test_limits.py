"""Limits over HTTP: the requests that are rejected, and their errors."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import httpx
import pytest
from graphql import get_introspection_query

from graph.app import create_app
from graph.config import Settings
from graph.schema import Context, schema
from graph.schema.execution.executor import Executor, Limits
from graph.store.driver.database import Database
from graph.web.graphql.cache.stale_responses import Responses
from tests.builders import Stopwatch, article
from tests.compiler.test_limits import bomb
from tests.compiler.test_sameness import CASES
from tests.conftest import Ask, Commands
from tests.schema.test_queries_page import FILES, VARIABLES
from tests.stored import store

BARE: Final = Settings(mongo_url="mongomock://")
COST: Final = {"X-Newsgraph-Cost": "1"}
TOO_COSTLY: Final = frozenset({"deep_nesting"})
"""Operations of tests/compiler that are made to go further than a client may."""


async def send(database: Database, query: str, variables: Any = None, **limits: int) -> Any:
    """The answer with its cost, over HTTP, of a server with these limits."""
    app = create_app(Settings(mongo_url="mongomock://", **limits))  # type: ignore[arg-type]  # all are numbers
    app.state.database = database
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        body = {"query": query, "variables": variables or {}}
        return (await client.post("/graphql", json=body, headers=COST)).json()


async def refused(database: Database, query: str, **limits: int) -> dict[str, Any]:
    """The extensions of the one error of an operation that is not begun."""
    answer = await send(database, query, **limits)
    assert "data" not in answer
    [error] = answer["errors"]
    extensions: dict[str, Any] = error["extensions"]
    return extensions


def too_complex(limit: str, value: int, maximum: int) -> dict[str, Any]:
    return {
        "code": "OPERATION_TOO_COMPLEX",
        "limit": limit,
        "value": value,
        "maximum": maximum,
    }


@pytest.fixture
async def database(mock: Database) -> Database:
    """In memory: limits hold whatever the database is."""
    return mock


def related(levels: int) -> str:
    opened = "related { article { " * levels
    return f'{{ article(slug: "a") {{ {opened} slug {"} } " * levels} }} }}'


def pages(levels: int) -> str:
    """So many pages of 100 articles within each other."""
    query = "articles(first: 100) { nodes { slug } }"
    for _ in range(levels - 1):
        query = f"articles(first: 100) {{ nodes {{ topics {{ {query} }} }} }}"
    return f"{{ {query} }}"


def nested(levels: int, way: str) -> str:
    """Fields that stand so deep within each other, with fragments between them or without."""
    if way == "named":
        last = levels - 2
        chain = [f"fragment F{n} on Topic {{ parent {{ ...F{n + 1} }} }}" for n in range(last)]
        query = f'{{ topic(name: "x") {{ ...F0 }} }} fragment F{last} on Topic {{ slug }}'
        return "\n".join([query, *chain])
    opened, closed = ("... on Topic { parent {", "} }") if way == "inline" else ("parent {", "}")
    return f'{{ topic(name: "x") {{ {opened * (levels - 2)} slug {closed * (levels - 2)} }} }}'


@pytest.mark.parametrize("levels", [30, 95])
async def test_8_fragments_that_double_are_rejected_at_once(
    database: Database, levels: int
) -> None:
    await send(database, "{ __typename }")
    executor = Executor(schema, limits=LIMITS)
    with Stopwatch() as watch:
        answer = await executor.execute(bomb(levels), None, None, Context(database))
    assert watch.seconds < 0.1
    [error] = answer.errors
    assert error.message.startswith("root_fields: ")


async def test_9_aliases_of_a_fragment_count_wherever_it_is_spread(database: Database) -> None:
    aliases = " ".join(f"a{n}: slug" for n in range(10))
    parents = " ".join("parent { ...F }" for _ in range(11))
    query = f'{{ topic(name: "x") {{ {parents} }} }} fragment F on Topic {{ {aliases} }}'
    assert await refused(database, query) == too_complex("aliases", 110, 100)
    assert "errors" not in await send(database, query, max_aliases=110)


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("{ ...F } fragment F on Query { ...F }", "Cannot spread fragment 'F' within itself."),
        (
            "{ ...F } fragment F on Query { ...G } fragment G on Query { ...F }",
            "Cannot spread fragment 'F' within itself via 'G'.",
        ),
        ("{ ...Missing }", "Unknown fragment 'Missing'."),
    ],
)
async def test_10_11_circular_and_unknown_fragments_are_errors_of_validation(
    database: Database, query: str, message: str
) -> None:
    answer = await send(database, query)
    assert [error["message"] for error in answer["errors"]] == [message]
    assert answer["errors"][0]["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED"


@pytest.mark.parametrize("way", ["plain", "inline", "named"])
async def test_12_an_operation_may_be_as_deep_as_the_limit_and_no_deeper(
    database: Database, way: str
) -> None:
    most = BARE.max_depth
    assert await send(database, nested(most, way)) == {
        "data": {"topic": None},
        "extensions": {"cost": {"requested": most - 1, "limit": BARE.max_cost}},
    }
    assert await refused(database, nested(most + 1, way)) == too_complex("depth", most + 1, most)


@pytest.mark.parametrize(("levels", "tokens"), [(201, 4_000), (5_000, 4_000), (5_000, 1_000_000)])
async def test_13_any_excessive_depth_is_rejected_with_a_clear_error(
    database: Database, levels: int, tokens: int
) -> None:
    extensions = await refused(database, nested(levels, "plain"), max_tokens=tokens)
    assert extensions["code"] in ("OPERATION_TOO_COMPLEX", "GRAPHQL_PARSE_FAILED")


@pytest.mark.parametrize("query", [related(8), related(5), pages(2), pages(3)])
async def test_14_lists_within_lists_are_rejected_by_cost_before_any_command(
    server: Database, commands: Commands, query: str
) -> None:
    extensions = await refused(server, query)
    assert extensions["limit"] == "cost"
    assert extensions["value"] > extensions["maximum"] == BARE.max_cost
    assert commands.names == []


async def test_14_a_huge_cost_is_reported_as_a_number_of_json(
    database: Database,
) -> None:
    extensions = await refused(database, pages(7))
    assert extensions["value"] == 2**53 - 1


async def test_14_sizes_in_variables_count(server: Database, commands: Commands) -> None:
    query = """query ($first: Int!, $ids: [ID!]!) {
      articles(first: $first) { nodes { similar(first: $first) { score } } }
      nodes(ids: $ids) { id }
    }"""
    for first, ids, cost in ((5, 1, 32), (20, 3, 424), (20, 4, 425)):
        variables = {"first": first, "ids": ["x"] * ids}
        answer = await send(server, query, variables, max_cost=424)
        costly = [each["extensions"] for each in answer["errors"] if each["message"][:4] == "cost"]
        assert costly == ([too_complex("cost", cost, 424)] if cost > 424 else [])
        assert answer["extensions"]["cost"] == {"requested": cost, "limit": 424}


@pytest.mark.parametrize("by_variable", [False, True])
@pytest.mark.parametrize("first", [0, -1, 101, 2**31 - 1])
async def test_15_first_beyond_its_bounds_is_an_error_of_the_field(
    database: Database, ask: Ask, first: int, by_variable: bool
) -> None:
    await store(database, article(slug="a"))
    for field in ("articles(first: {}) {{ totalCount }}", "topics(first: {}) {{ totalCount }}"):
        query = f"{{ {field.format(first)} }}"
        if by_variable:
            query = f"query ($n: Int) {{ {field.format('$n')} }}"
        [error] = (await ask(query, n=first))["errors"]
        extensions = error["extensions"]
        assert extensions["code"] == "BAD_USER_INPUT"
        assert (extensions["argument"], extensions["maximum"]) == ("first", 100)


@pytest.mark.parametrize("first", [2**31, -(2**31) - 1])
async def test_15_first_beyond_32_bits_is_an_error(
    database: Database, ask: Ask, first: int
) -> None:
    by_variable = "query ($n: Int) { articles(first: $n) { totalCount } }"
    [error] = (await ask(by_variable, n=first))["errors"]
    assert error["extensions"]["code"] == "BAD_USER_INPUT"
    assert "32-bit" in error["message"]
    [error] = (await ask(f"{{ articles(first: {first}) {{ totalCount }} }}"))["errors"]
    assert "32-bit" in error["message"]


async def test_15_a_null_first_is_the_default(database: Database, ask: Ask) -> None:
    await store(database, article(slug="a"))
    assert "errors" not in await ask("{ articles(first: null) { nodes { slug } } }")
    query = 'query ($n: Int) { article(slug: "a") { related(first: $n) { title } } }'
    assert "errors" not in await ask(query, n=None)


@pytest.mark.parametrize(
    ("limit", "query"),
    [
        ("aliases", "{ " + " ".join(f"a{n}: __typename" for n in range(1_000)) + " }"),
        ("root_fields", "{ " + "corpus { revision } " * 499 + "__typename }"),
        ("tokens", "{ __typename " + "@include(if: true) " * 2_000 + "}"),
        ("directives", "{ __typename " + "@a " * 1_900 + "}"),
        ("tokens", "{ corpus { " + "revision " * 5_000 + "} }"),
        ("selections", "{ corpus { " + "revision " * 3_000 + "} }"),
        ("selections", "{ corpus { " + "... { revision } " * 400 + "} }"),
    ],
    ids=lambda value: value[:12],
)
async def test_17_18_19_texts_that_are_expensive_to_validate_are_rejected_at_once(
    database: Database, limit: str, query: str
) -> None:
    await send(database, "{ __typename }")
    executor = Executor(schema, limits=LIMITS)
    with Stopwatch() as watch:
        answer = await executor.execute(query, None, None, Context(database))
    assert watch.seconds < 0.2
    [error] = answer.errors
    assert error.message.startswith(f"{limit}: ")


@pytest.mark.parametrize(
    ("limit", "query", "value"),
    [
        ("tokens", "{ a: corpus { revision } }  # eight", 8),
        ("depth", "{ corpus { lastLoad { at } } }", 3),
        ("aliases", "{ a: __typename b: __typename }", 2),
        ("root_fields", "{ a: __typename ... { b: __typename } __typename }", 3),
        ("directives", "{ __typename @skip(if: false) @include(if: true) }", 2),
        ("selections", "{ a: __typename ... { b: __typename } }", 3),
        ("cost", "{ articles(first: 7) { nodes { slug } } }", 8),
    ],
)
async def test_each_limit_is_a_setting(
    database: Database, limit: str, query: str, value: int
) -> None:
    allowed = await send(database, query, **{f"max_{limit}": value})
    assert "OPERATION_TOO_COMPLEX" not in str(allowed)
    answer = await send(database, query, **{f"max_{limit}": value - 1})
    [error] = answer["errors"]
    assert error["message"] == (
        f"{limit}: the operation has {value}, but the maximum is {value - 1}: request less, "
        "or send several requests"
    )
    assert error["extensions"] == too_complex(limit, value, value - 1)


def limits_of(settings: Settings) -> Limits:
    return Limits(**{name: getattr(settings, f"max_{name}") for name in Limits.__slots__})


LIMITS: Final = limits_of(BARE)


async def test_the_defaults_let_the_queries_of_the_documentation_pass(database: Database) -> None:
    for path in FILES:
        variables = VARIABLES.get(path.stem, {})
        answer = await send(database, path.read_text(), variables)
        assert "OPERATION_TOO_COMPLEX" not in str(answer), path.stem


async def test_the_defaults_let_operations_of_any_kind_pass(database: Database) -> None:
    executor = Executor(schema, limits=LIMITS)
    for case in CASES:
        for variables in case.runs:
            answer = await executor.execute(case.text, variables, None, Context(database))
            is_refused = any(error.message.startswith("cost: ") for error in answer.errors)
            assert is_refused == (case.path.stem in TOO_COSTLY), case.path.stem


async def test_the_defaults_let_tools_ask_for_the_schema(database: Database) -> None:
    query = get_introspection_query(
        specified_by_url=True,
        directive_is_repeatable=True,
        schema_description=True,
        input_value_deprecation=True,
    )
    answer = await send(database, query)
    assert answer["data"]["__schema"]["types"]


async def test_the_cost_is_reported_only_on_request(database: Database) -> None:
    app = create_app(BARE)
    app.state.database = database
    app.state.responses = responses = Responses(1_000_000)
    responses.resume()
    transport = httpx.ASGITransport(app=app)
    extensions = {"cost": {"requested": 4, "limit": BARE.max_cost}}
    body = {"query": "{ articles(first: 3) { nodes { slug } } }"}
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:

        async def ask(**headers: str) -> Callable[[], Any]:
            return (await client.post("/graphql", json=body, headers=headers)).json

        for _ in range(2):
            assert "extensions" not in (await ask())()
            assert (await ask(**COST))()["extensions"] == extensions
            assert "extensions" not in (await ask(**{"X-Newsgraph-Cost": "0"}))()


async def test_the_cost_of_a_response_with_errors_is_reported_too(database: Database) -> None:
    answer = await send(database, "{ articles(first: 0) { nodes { slug } } }")
    assert answer["errors"]
    assert answer["extensions"]["cost"]["requested"] == 2


async def test_the_documentation_has_the_limits_and_counts_of_the_server(
    database: Database,
) -> None:
    text = (Path(__file__).parents[3] / "docs" / "limits.md").read_text()
    rows = re.findall(r"^\| `(\w+)` \| `NEWSGRAPH_(\w+)` \| ([\d,]+) \|", text, re.MULTILINE)
    assert [
        (name, setting.lower(), int(most.replace(",", ""))) for name, setting, most in rows
    ] == [(name, f"max_{name}", getattr(LIMITS, name)) for name in Limits.__slots__]
    example = """{ articles(first: 20) { nodes { title provider { name }
                   related(first: 3) { article { title } } } } }"""
    extensions = (await send(database, example))["extensions"]
    assert f'"extensions": {json.dumps(extensions)}' in text


@pytest.mark.parametrize("query", ["{ nothing }", "{", "{ " + "a " * 5_000 + "}"])
async def test_an_invalid_operation_has_no_cost(database: Database, query: str) -> None:
    assert "extensions" not in await send(database, query)
