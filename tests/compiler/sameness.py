"""Comparison of compiled results with those of graphql-core, byte for byte."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

import orjson

from graph.schema import Context, schema
from graph.schema.execution.executor import Executor
from graph.schema.execution.result import OperationResult
from graph.search.index_reader import IndexReader
from graph.store.driver.database import Database
from graph.store.driver.read_commands import Reader
from graph.web.graphql.error_format import format_error
from tests.search.indexes import service_over

SCOPES: Final = frozenset({"read:secured", "read:unpublished"})
HOSTS: Final = frozenset({"player.example"})


class Watched(Executor):
    """An executor that counts how often graphql-core had to run the operation after all."""

    def __init__(self) -> None:
        super().__init__(schema)
        self.fallbacks = 0
        self.reference = Executor(schema, compiler="off")
        self.reference.prepare = self.prepare  # both parse and validate alike

    async def _reference(self, *args: Any, **kwargs: Any) -> OperationResult:
        self.fallbacks += 1
        return await super()._reference(*args, **kwargs)


_OPTIONS: Final = orjson.OPT_NAIVE_UTC | orjson.OPT_UTC_Z


def data_of(answer: OperationResult) -> bytes:
    """The data as a client gets it."""
    try:
        return orjson.dumps(answer.data, option=_OPTIONS)
    except TypeError:  # orjson goes 254 levels deep
        return json.dumps(answer.data, default=_dated).encode()


def errors_of(answer: OperationResult) -> tuple[str, ...]:
    """The errors as a client gets them; they may come in any order."""
    return tuple(sorted(json.dumps(format_error(error)) for error in answer.errors))


async def context_of(
    query: str, database: Reader, scopes: frozenset[str], source: Database | None = None
) -> Context:
    """The context of an operation, with an index of `source` if it searches."""
    service = None
    if "search" in query or "suggest" in query:
        indexed = source if source is not None else database
        assert isinstance(indexed, Database)
        service = await service_over(indexed)
    return Context(database, scopes, HOSTS, IndexReader(service))


async def compare(
    executor: Watched,
    database: Database,
    query: str,
    variables: Mapping[str, Any] | None = None,
    name: str | None = None,
    scopes: frozenset[str] = frozenset(),
) -> OperationResult:
    """Return the compiled result, after comparing it with graphql-core's.

    Of several errors that make the same object null, graphql-core reports the first to occur, and
    may choose otherwise the next time. Where errors differ, they must therefore be its own: it must
    have run the operation for the compiled side, too, and find errors each time.
    """
    before = executor.fallbacks
    context = await context_of(query, database, scopes)
    answer = await executor.execute(query, variables, name, context)
    expected = await executor.reference.execute(query, variables, name, context.again())
    assert data_of(answer) == data_of(expected), (query, variables)
    if errors_of(answer) != errors_of(expected):
        assert executor.fallbacks > before, (query, variables)
        assert answer.errors, (query, variables)
        assert expected.errors, (query, variables)
    return answer


def _dated(value: Any) -> str:
    assert isinstance(value, datetime)
    return value.isoformat().removesuffix("+00:00") + "Z"
