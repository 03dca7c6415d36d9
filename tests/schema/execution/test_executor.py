"""Which executor answers an operation, why, and how differences between them are reported."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from graph.compiler import CompiledOperation
from graph.schema import Context, schema
from graph.schema.execution.difference import difference
from graph.schema.execution.executor import Executor
from graph.schema.execution.prepared_operations import MAX_TEXT, MAX_VARIANTS
from graph.schema.execution.result import Fallback, OperationResult
from graph.store.driver.database import Database
from tests.builders import article
from tests.stored import store

TITLE = '{ article(slug: "a") { title } }'


@pytest.fixture
async def database(mock: Database) -> Database:
    """A database in memory with one article."""
    await store(mock, article("a"))
    return mock


async def run(
    executor: Executor, database: Database, query: str, variables: dict[str, Any] | None = None
) -> OperationResult:
    return await executor.execute(query, variables, None, Context(database))


@pytest.mark.parametrize(
    ("query", "fallback"),
    [
        (TITLE, None),
        ("{ nothing }", None),
        ("{ __schema { queryType { name } } }", Fallback.NOT_COMPILED),
        (f"{TITLE} #{'x' * MAX_TEXT}", Fallback.TOO_LONG),
        ('{ article(slug: "a", webUrl: "b") { title } }', Fallback.ERRORS),
    ],
    ids=["compiled", "invalid", "introspection", "long", "errors"],
)
async def test_an_answer_names_the_reason_for_a_fallback(
    database: Database, query: str, fallback: Fallback | None
) -> None:
    executor = Executor(schema)
    for _ in range(2):
        assert (await run(executor, database, query)).fallback is fallback
    off = await run(Executor(schema, compiler="off"), database, query)
    assert off.fallback is None


async def test_combinations_beyond_the_limit_of_compiled_ones_fall_back(database: Database) -> None:
    names = [f"v{number}" for number in range(4)]
    declared = ", ".join(f"${name}: Boolean!" for name in names)
    fields = " ".join(f"{name}: title @include(if: ${name})" for name in names)
    query = f'query ({declared}) {{ article(slug: "a") {{ slug {fields} }} }}'
    executor = Executor(schema)
    for choice in range(MAX_VARIANTS + 1):
        values = {name: bool(choice >> at & 1) for at, name in enumerate(names)}
        answer = await run(executor, database, query, values)
        expected = None if choice < MAX_VARIANTS else Fallback.TOO_MANY_VARIANTS
        assert answer.fallback is expected


async def wrong(*_: object) -> dict[str, Any]:
    return {"article": {"title": "Another"}}


async def broken(*_: object) -> dict[str, Any]:
    raise KeyError("title")


async def test_verify_answers_with_graphql_core_and_logs_the_difference(
    database: Database, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    executor = Executor(schema, compiler="verify")
    right = await run(executor, database, TITLE)
    assert (right.data, right.fallback) == ({"article": {"title": "Title of a"}}, None)
    assert caplog.records == []
    monkeypatch.setattr(CompiledOperation, "run", wrong)
    answer = await run(executor, database, TITLE, {"n": 1})
    assert (answer.data, answer.fallback) == (right.data, Fallback.COMPILER_BUG)
    [record] = caplog.records
    assert record.levelno == logging.WARNING
    assert record.getMessage() == (
        "a compiled result differs: data.article.title is 'Another', with graphql-core "
        f"'Title of a'; operation {TITLE!r} with {{'n': 1}}"
    )


async def test_verify_reports_errors_that_a_compiled_run_missed(
    database: Database, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(CompiledOperation, "run", wrong)
    query = '{ article(slug: "a", webUrl: "b") { title } }'
    answer = await run(Executor(schema, compiler="verify"), database, query)
    assert answer.errors
    assert "graphql-core has an error" in caplog.text


@pytest.mark.parametrize("compiler", ["on", "verify"])
async def test_a_compiled_run_that_fails_alone_is_a_bug_of_the_compiler(
    database: Database,
    compiler: Any,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(CompiledOperation, "run", broken)
    answer = await run(Executor(schema, compiler=compiler), database, TITLE)
    assert (answer.data, answer.fallback) == (
        {"article": {"title": "Title of a"}},
        Fallback.COMPILER_BUG,
    )
    assert "a compiled run failed where graphql-core did not" in caplog.text


@pytest.mark.parametrize(
    ("compiled", "reference", "expected"),
    [
        ({"a": 1}, {"a": 1}, None),
        ({"a": [{"b": None}]}, {"a": [{"b": None}]}, None),
        ({"a": [{"b": 1}]}, {"a": [{"b": 2}]}, "data.a[0].b is 1, with graphql-core 2"),
        ({"a": 1}, {"a": 1.0}, "data.a is 1, with graphql-core 1.0"),
        ({"a": 1}, {"a": True}, "data.a is 1, with graphql-core True"),
        ({"a": [1]}, {"a": []}, "data.a is [1], with graphql-core []"),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1},
         "data is {'a': 1, 'b': 2}, with graphql-core {'b': 2, 'a': 1}"),
        ({"a": "x" * 100}, {"a": None}, f"data.a is '{'x' * 79}…, with graphql-core None"),
    ],
)  # fmt: skip
def test_the_first_difference_has_its_place(
    compiled: Any, reference: Any, expected: str | None
) -> None:
    assert difference(compiled, OperationResult(reference)) == expected
