"""Floods: more operations of every kind than the caches can hold."""

from __future__ import annotations

import gc
import tracemalloc
from collections.abc import Callable, Iterator
from time import perf_counter
from typing import Final

import pytest
from graphql.language import Token

from graph.compiler.plan import MAX_FIELDS
from graph.schema import Context, schema
from graph.schema.execution.executor import Executor
from graph.schema.execution.prepared_operations import (
    FAILED_BYTES,
    MAX_VARIANTS,
    PREPARED_BYTES,
    PreparedOperation,
)
from graph.schema.execution.result import Fallback
from graph.store.driver.database import Database
from graph.store.driver.mock import MockDatabase
from tests.compiler.test_sameness import CASES
from tests.schema.test_queries_page import FILES
from tests.thorough import cases
from tests.web.graphql.test_limits import LIMITS

Kind = Callable[[int], Iterator[str]]
TEXTS: Final = [*(path.read_text() for path in FILES), *(case.text for case in CASES)]


def distinct(number: int) -> Iterator[str]:
    """Operations that are not remembered from before, of all that tests know."""
    step = max(1, len(TEXTS) // number)
    for n in range(number):
        yield f"# {n}\n{TEXTS[n * step % len(TEXTS)]}"


def some() -> int:
    """How many of the texts to try where each takes long: by default every fourth."""
    return cases(len(TEXTS) // 4, len(TEXTS))


def small(number: int) -> Iterator[str]:
    return (f'{{ a{n}: article(slug: "{n}") {{ slug title }} }}' for n in range(number))


def wide(number: int) -> Iterator[str]:
    for n in range(number):
        keys = " ".join(f"a{n}x{i}: title" for i in range(300))
        yield f'{{ article(slug: "x") {{ {keys} }} }}'


def dense(number: int) -> Iterator[str]:
    for n in range(number):
        yield f'{{ article(slug: "{n}") {{ {"...{slug}" * 150} }} }}'


def malformed(number: int) -> Iterator[str]:
    return (f"{{ {n}" for n in range(number))


def invalid(number: int) -> Iterator[str]:
    return (f"{{ nothing{n} article {{ none }} }}" for n in range(number))


def uncompilable(number: int) -> Iterator[str]:
    return (f"{{ a{n}: __schema {{ queryType {{ name }} }} }}" for n in range(number))


async def flood(executor: Executor, texts: Iterator[str], database: Database) -> None:
    for text in texts:
        await executor.execute(text, {"slug": "x", "since": None}, None, Context(database))


@pytest.fixture(scope="module")
async def _learnt() -> None:
    """Fill the caches of the schema that do not depend on the executor."""
    await flood(Executor(schema), distinct(some()), empty_database())


@pytest.mark.usefixtures("_learnt")
@pytest.mark.parametrize("kind", [distinct, small, wide, dense, malformed, invalid])
async def test_the_memory_of_operations_is_estimated_within_a_factor_of_two(
    mock: Database, kind: Kind
) -> None:
    numbers: dict[Kind, int] = {distinct: some(), wide: 2, dense: 2}
    number = numbers.get(kind, 40)
    # Python's own tables grow now and then, by megabytes, whoever adds to them: not twice in a row
    ratio = min([await _allocated_to_accounted(kind(number), mock) for _ in range(2)])
    assert 1 / 2 < ratio < 2


async def _allocated_to_accounted(texts: Iterator[str], database: Database) -> float:
    """The memory that a flood allocates and keeps, divided by the executor's own estimate."""
    executor = Executor(schema)
    gc.collect()
    tracemalloc.start()
    try:
        await flood(executor, texts, database)
        gc.collect()
        allocated, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    prepared = executor._prepared
    return allocated / (prepared._operations.bytes + prepared._failed.bytes)


async def test_a_flood_leaves_memory_bounded_and_later_operations_as_fast(
    mock: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepared, failed = (
        PREPARED_BYTES // 32,
        FAILED_BYTES // 16,
    )  # so that few operations are a flood
    monkeypatch.setattr("graph.schema.execution.prepared_operations.PREPARED_BYTES", prepared)
    monkeypatch.setattr("graph.schema.execution.prepared_operations.FAILED_BYTES", failed)
    executor = Executor(schema)
    query = '{ article(slug: "x") { slug } }'

    async def seconds() -> float:
        async def once() -> float:
            started = perf_counter()
            await executor.execute(query, None, None, Context(mock))
            return perf_counter() - started

        return min([await once() for _ in range(50)])

    before = await seconds()
    for kind in (distinct, malformed, invalid, uncompilable):
        await flood(executor, kind(100), mock)
        assert executor._prepared._operations.bytes <= prepared
        assert executor._prepared._failed.bytes <= failed
    assert executor._prepared._operations.bytes > prepared / 2  # it did fill
    assert executor._prepared._failed.bytes > failed / 2
    assert await seconds() < before * 3
    assert not isinstance(executor.prepare(query, None), list)


async def test_the_tokens_of_a_rejected_text_are_not_left_to_the_garbage_collector(
    mock: Database,
) -> None:
    gc.collect()
    gc.disable()
    try:
        before = _tokens()
        for text in wide(3):
            answer = await Executor(schema, limits=LIMITS).execute(text, None, None, Context(mock))
            assert "aliases" in answer.errors[0].message
            del answer
        assert _tokens() <= before
    finally:
        gc.enable()


def _tokens() -> int:
    """The tokens of graphql-core's that are in memory."""
    return sum(type(each) is Token for each in gc.get_objects())


async def test_combinations_of_skipped_fields_are_compiled_up_to_a_limit(mock: Database) -> None:
    executor = Executor(schema)
    names = [f"v{n}" for n in range(6)]
    declared = ", ".join(f"${name}: Boolean!" for name in names)
    fields = " ".join(f"{name}: slug @include(if: ${name})" for name in names)
    query = f'query ({declared}) {{ article(slug: "x") {{ id {fields} }} }}'
    for choice in range(64):
        variables = {name: bool(choice >> n & 1) for n, name in enumerate(names)}
        answer = await executor.execute(query, variables, None, Context(mock))
        assert not answer.errors
    prepared = executor.prepare(query, None)
    assert isinstance(prepared, PreparedOperation)
    assert len(prepared.variants) <= MAX_VARIANTS


async def test_an_operation_that_cannot_be_compiled_is_tried_once(mock: Database) -> None:
    executor = Executor(schema)
    keys = " ".join(f"a{n}: slug" for n in range(MAX_FIELDS + 1))
    query = f'{{ article(slug: "x") {{ {keys} }} }}'
    for _ in range(2):
        await executor.execute(query, None, None, Context(mock))
    for text in uncompilable(3):
        for _ in range(2):
            assert not (await executor.execute(text, None, None, Context(mock))).errors
        prepared = executor.prepare(text, None)
        assert isinstance(prepared, PreparedOperation)
        assert list(prepared.variants.values()) == [Fallback.NOT_COMPILED]


async def test_a_text_of_a_megabyte_is_executed_and_not_cached(mock: Database) -> None:
    executor = Executor(schema)
    for text in ("# " + "x" * 1_000_000 + "\n{ __typename }", "{ " + "," * 1_000_000):
        await executor.execute(text, None, None, Context(mock))
    assert executor._prepared._operations.bytes + executor._prepared._failed.bytes < 1_000_000


@pytest.fixture
async def mock() -> Database:
    return empty_database()


def empty_database() -> Database:
    """An empty database."""
    from mongomock_motor import AsyncMongoMockClient

    return MockDatabase(AsyncMongoMockClient(tz_aware=True)["flood"])
