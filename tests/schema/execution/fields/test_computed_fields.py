"""Computed fields: both executors run the same function of the row."""

from __future__ import annotations

import asyncio
import gc
import re
import warnings
from collections.abc import Awaitable
from typing import Annotated, Any, Final

import pytest
import strawberry

from graph.compiler import CompiledOperation
from graph.schema import Context, schema
from graph.schema.execution.executor import Executor
from graph.schema.execution.fields.computed_fields import computed
from graph.store.driver.database import Database

Row = dict[str, Any]
Steps = Annotated[int, strawberry.argument(description="After how many steps it fails.")]
Factor = Annotated[int, strawberry.argument(description="By what it is multiplied.")]


def depth_of(row: Row, factor: Factor = 1) -> int:
    depth: int = row["depth"]
    return depth * factor


def harbour_of(row: Row) -> Row | None:
    return row.get("harbour")


def tides_of(row: Row, late: bool = False) -> list[Row] | Awaitable[list[Row]]:
    tides: list[Row] = row["tides"]
    return _later(tides) if late else tides


async def _later(tides: list[Row]) -> list[Row]:
    await asyncio.sleep(0)
    return tides[::-1]


async def height_of(_: Row, steps: Steps) -> int:
    for _step in range(steps):
        await asyncio.sleep(0)
    raise ValueError(steps)


def hosts_of(_: Row, info: Any) -> list[str]:
    return sorted(info.context.video_hosts)


@strawberry.type
class Tide:
    row: strawberry.Private[Row]

    depth: int = computed(depth_of, "depth", path="depth", description="")
    harbour: Tide | None = computed(harbour_of, description="")
    tides: list[Tide] = computed(
        tides_of, is_async=lambda arguments: arguments["late"], description=""
    )
    hosts: list[str] = computed(hosts_of, description="")
    height: int = computed(height_of, description="")


ROW: Final = {
    "depth": 3,
    "harbour": {"depth": 5},
    "tides": [{"depth": 1, "tides": [{"depth": 2}]}, {"depth": 4, "tides": []}],
}


@strawberry.type
class Query:
    tide: Tide = computed(lambda _: ROW, description="")
    both = computed(hosts_of, graphql_type=list[str], description="")


SCHEMA: Final = strawberry.Schema(Query)


@pytest.mark.parametrize("compiler", ["on", "off"])
@pytest.mark.parametrize(
    ("selection", "expected"),
    [
        ("depth", {"depth": 3}),
        ("depth(factor: 2)", {"depth": 6}),
        ("depth(factor: $n)", {"depth": 12}),
        ("harbour { depth harbour { depth } }", {"harbour": {"depth": 5, "harbour": None}}),
        ("tides { depth }", {"tides": [{"depth": 1}, {"depth": 4}]}),
        ("tides(late: true) { depth }", {"tides": [{"depth": 4}, {"depth": 1}]}),
        ("tides(late: $no) { depth }", {"tides": [{"depth": 1}, {"depth": 4}]}),
        ("tides(late: $yes) { depth }", {"tides": [{"depth": 4}, {"depth": 1}]}),
        (
            "tides(late: $no) { tides(late: $no) { depth } }",
            {"tides": [{"tides": [{"depth": 2}]}, {"tides": []}]},
        ),
        (
            "tides(late: $yes) { tides(late: $no) { depth } }",
            {"tides": [{"tides": []}, {"tides": [{"depth": 2}]}]},
        ),
        ("hosts", {"hosts": ["a.example", "b.example"]}),
    ],
)
async def test_a_computed_field_is_what_its_function_returns(
    mock: Database, compiler: Any, selection: str, expected: Row
) -> None:
    query = (
        "query ($n: Int! = 4, $no: Boolean! = false, $yes: Boolean! = true) {"
        f" tide {{ {selection} }}"
        " used: tide { depth(factor: $n) a: tides(late: $no) { depth }"
        " b: tides(late: $yes) { depth } } }"
    )
    context = Context(mock, video_hosts=frozenset({"b.example", "a.example"}))
    answer = await Executor(SCHEMA, compiler=compiler).execute(query, None, None, context)
    assert answer.errors == ()
    assert answer.fallback is None
    assert answer.data is not None
    assert answer.data["tide"] == expected


@pytest.mark.parametrize("steps", range(12))
async def test_no_coroutine_is_left_unawaited_when_another_field_fails(
    mock: Database, steps: int
) -> None:
    awaited = "tides(late: true)"
    tides = f"{awaited} {{ {awaited} {{ depth }} a: {awaited} {{ depth }} }}"
    query = f"{{ tide {{ height(steps: {steps}) {tides} }} }}"
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        await Executor(SCHEMA, compiler="off").execute(query, None, None, Context(mock))
        gc.collect()
    theirs = re.compile("coroutine '(GraphQLCoreConverter|Executor)[.]")  # graphql-core's own
    assert [each for each in caught if not theirs.match(str(each.message))] == []


async def test_a_field_without_an_annotation_stays_among_the_resolvers() -> None:
    assert str(SCHEMA).index("tide: Tide!") < str(SCHEMA).index("both: [String!]!")


@pytest.mark.parametrize("arguments", ["", "(resolution: EXTERNAL)", "(resolution: $resolution)"])
def test_the_code_for_selected_related_stories_is_generated_once(arguments: str) -> None:
    head = "query ($resolution: RelatedResolution! = ANY)" if "$" in arguments else ""
    query = f"{head} {{ articles {{ nodes {{ related{arguments} {{ title }} }} }} }}"
    executor = Executor(schema)
    prepared = executor.prepare(query, None)
    assert not isinstance(prepared, list)
    values = prepared.variables.coerce({})
    assert not isinstance(values, list)
    compiled = executor.variant(prepared, values, query, None)
    assert isinstance(compiled, CompiledOperation)
    assert compiled.code.source.count("'title':") == 1
