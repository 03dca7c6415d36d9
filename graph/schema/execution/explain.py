"""Explain an operation to its author."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

import orjson

from graph.compiler import CompiledOperation
from graph.errors import DatabaseUnavailable, UsageError
from graph.schema import schema
from graph.schema.execution.context import Context
from graph.schema.execution.difference import difference
from graph.schema.execution.executor import Executor
from graph.schema.execution.prepared_operations import PreparedOperation
from graph.schema.execution.result import Fallback, OperationResult
from graph.search.index.service import SearchService
from graph.search.index_reader import IndexReader
from graph.store.driver.read_commands import Reader, Row
from graph.store.telemetry.recorded_reader import RecordedReader

_SETTINGS: Final = frozenset({"batchSize", "cursor", "allowDiskUse"})
"""The parts that all commands share, which are not shown."""


async def explain(
    database: Reader,
    query: str,
    variables: Mapping[str, Any],
    operation_name: str | None,
    video_hosts: frozenset[str],
    service: SearchService | None = None,
    *,
    compare: bool = False,
) -> str:
    """Return the explanation of an operation: its cost, the reads of one run, and its Python code.

    With `compare`, graphql-core runs it too, and the explanation shows how the results differ.

    Raises UsageError for an invalid operation or variables, DatabaseUnavailable if there is no
    database to run it on.
    """
    executor = Executor(schema)
    prepared = executor.prepare(query, operation_name)
    if isinstance(prepared, list):
        raise UsageError("; ".join(error.message for error in prepared))
    values = prepared.variables.coerce(variables)
    if isinstance(values, list):
        raise UsageError("; ".join(error.message for error in values))
    cost = prepared.cost.of(values.coerced)
    compiled = executor.variant(prepared, values, query, operation_name)
    recorded = RecordedReader(database)
    context = Context(recorded, video_hosts=video_hosts, index=IndexReader(service))
    result = await executor.execute(query, variables, operation_name, context)
    for error in result.errors:
        if isinstance(error.original_error, DatabaseUnavailable):
            raise error.original_error
    lines = [
        *_about(prepared, compiled, cost),
        *_reads(recorded.commands),
        *(f"error      {error.message}" for error in result.errors),
    ]
    if compare:
        reference = context.again()
        expected = await Executor(schema, compiler="off").execute(
            query, variables, operation_name, reference
        )
        lines.append(f"compared   {_compared(result, expected)}")
    source = f"\n{compiled.code.source}" if isinstance(compiled, CompiledOperation) else ""
    return "\n".join(lines) + "\n" + source


def _compared(result: OperationResult, expected: OperationResult) -> str:
    if result.fallback is Fallback.COMPILER_BUG:
        return "a bug of the compiler: the compiled run failed, graphql-core's did not"
    if result.fallback is not None:
        return f"nothing: graphql-core gave the result ({result.fallback})"
    differing = difference(result.data, expected)
    return (
        "the result is the same as graphql-core's"
        if differing is None
        else f"a bug of the compiler: {differing}"
    )


def _about(
    prepared: PreparedOperation, compiled: CompiledOperation | Fallback, cost: int
) -> Iterator[str]:
    name = prepared.definition.name
    yield f"operation  {name.value if name else '(without a name)'}"
    if not isinstance(compiled, CompiledOperation):
        yield f"compiled   no: it runs on graphql-core ({compiled})"
    else:
        yield f"compiled   yes, {compiled.size} fields"
    for condition in prepared.conditions:
        yield f"           for this ${condition}; others are compiled when they come"
    yield f"cost       at most {cost:,} objects"


def _reads(commands: list[Row]) -> Iterator[str]:
    yield f"reads      {len(commands)}"
    for number, command in enumerate(commands, start=1):
        (verb, collection), *rest = command.items()
        arguments = {key: value for key, value in rest if key not in _SETTINGS}
        text = orjson.dumps(arguments, default=str, option=orjson.OPT_NAIVE_UTC | orjson.OPT_UTC_Z)
        yield f"{number:>8}.  {verb} {collection} {text.decode()}"
