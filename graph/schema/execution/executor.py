"""Execution: operations are prepared once for each text, and executed many times.

graphql-core is the reference. It executes what cannot be compiled, and repeats a compiled run that
failed, so that errors are always its own.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from inspect import isawaitable
from typing import Any, Literal

import strawberry
from graphql import GraphQLError, OperationType, execute
from graphql.execution.values import VariableValues

from graph.compiler import CompiledOperation
from graph.compiler import Limits as Limits
from graph.compiler.limits import MOST
from graph.errors import NewsgraphError, StreamRequired
from graph.schema.execution.context import Context
from graph.schema.execution.difference import difference
from graph.schema.execution.fields.strawberry_internals import executor_class, graphql_schema
from graph.schema.execution.prepared_operations import (
    PreparedOperation,
    PreparedOperations,
    too_complex,
)
from graph.schema.execution.result import Fallback, OperationResult
from graph.schema.execution.subscription_events import event_results, source_events

log = logging.getLogger("newsgraph.execution")


class Executor:
    """Runs operations over a schema.

    Args:
        compiler: The setting of this name: with `off`, graphql-core runs everything; with `verify`,
            it also runs every compiled operation, and its result is returned.
        limits: An operation that exceeds them is rejected before it is validated or run.
        introspection: Whether the schema can be queried.
        suggestions: Whether errors may suggest names that the client did not write.
    """

    def __init__(
        self,
        schema: strawberry.Schema,
        *,
        compiler: Literal["on", "off", "verify"] = "on",
        limits: Limits | None = None,
        introspection: bool = True,
        suggestions: bool = True,
    ) -> None:
        self._schema = schema
        self._graphql = graphql_schema(schema)
        self._compiler = compiler
        self._limits = limits
        self._prepared = PreparedOperations(
            schema, limits, introspection=introspection, suggestions=suggestions
        )
        self.prepare = self._prepared.prepare
        self.variant = self._prepared.variant

    async def execute(
        self,
        query: str,
        variables: Mapping[str, Any] | None,
        operation_name: str | None,
        context: Context,
    ) -> OperationResult:
        """Execute a query and return its result; errors are part of it."""
        accepted = self._accepted(query, variables, operation_name)
        if isinstance(accepted, OperationResult):
            return accepted
        prepared, values, cost = accepted
        if prepared.definition.operation is OperationType.SUBSCRIPTION:
            return OperationResult(None, [_stream_required(prepared)], cost, prepared.identity)
        if self._compiler == "off" or prepared.definition.operation is not OperationType.QUERY:
            return await self._reference(prepared, variables, context, cost)
        compiled = self.variant(prepared, values, query, operation_name)
        if not isinstance(compiled, CompiledOperation):
            result = await self._reference(prepared, variables, context, cost)
            return result._replace(fallback=compiled)
        context.memo = compiled.memo
        try:
            data = await compiled.run(context, values)
        except Exception as error:  # graphql-core reports it, whatever it is
            result = await self._reference(prepared, variables, context.again(), cost)
            if result.errors or isinstance(error, NewsgraphError):
                return result._replace(fallback=Fallback.ERRORS)
            log.warning("a compiled run failed where graphql-core did not", exc_info=error)
            return result._replace(fallback=Fallback.COMPILER_BUG)
        if self._compiler == "on":
            return OperationResult(data, (), cost, prepared.identity)
        result = await self._reference(prepared, variables, context.again(), cost)
        differing = difference(data, result)
        if differing is None:
            return result
        log.warning(
            "a compiled result differs: %s; operation %r with %r", differing, query, variables
        )
        return result._replace(fallback=Fallback.COMPILER_BUG)

    async def execute_events(
        self,
        query: str,
        variables: Mapping[str, Any] | None,
        operation_name: str | None,
        context: Context,
    ) -> OperationResult | Sequence[OperationResult]:
        """Execute a subscription for the next events, and return a result for each.

        `context.reading` says where to begin, and afterwards where to continue. An error of the
        subscription itself is a single result, without data.
        """
        accepted = self._accepted(query, variables, operation_name)
        if isinstance(accepted, OperationResult):
            return accepted
        prepared, _, cost = accepted
        running = executor_class(self._schema).build(
            self._graphql,
            prepared.document,
            context_value=context,
            raw_variable_values=dict(variables or {}),
            operation_name=prepared.identity.name,
        )
        events = await source_events(running)
        if isinstance(events, GraphQLError):
            self._schema.process_errors([events])
            return OperationResult(None, [events], cost, prepared.identity)
        results = await event_results(running, events)
        self._schema.process_errors([error for result in results for error in result.errors or ()])
        return [
            OperationResult(result.data, result.errors or (), cost, prepared.identity)
            for result in results
        ]

    def _accepted(
        self, query: str, variables: Mapping[str, Any] | None, operation_name: str | None
    ) -> OperationResult | tuple[PreparedOperation, VariableValues, int | None]:
        """Return an operation with its variables and its cost, or the result that rejects it."""
        prepared = self.prepare(query, operation_name)
        if isinstance(prepared, list):
            return OperationResult(None, prepared)
        values = prepared.variables.coerce(variables or {})
        if isinstance(values, list):
            return OperationResult(None, values, operation=prepared.identity)
        cost = None
        if self._limits is not None:
            cost = prepared.cost.of(values.coerced)
            if cost > self._limits.cost:
                cost = min(cost, MOST)
                refusal = too_complex("cost", cost, self._limits.cost)
                return OperationResult(None, [refusal], cost, prepared.identity)
        return prepared, values, cost

    async def _reference(
        self,
        prepared: PreparedOperation,
        variables: Mapping[str, Any] | None,
        context: Context,
        cost: int | None,
    ) -> OperationResult:
        result: Any = execute(
            self._graphql,
            prepared.document,
            context_value=context,
            variable_values=dict(variables or {}),
            operation_name=prepared.identity.name,
            executor_class=executor_class(self._schema),
        )
        if isawaitable(result):
            result = await result
        if result.errors:
            self._schema.process_errors(result.errors)
        return OperationResult(result.data, result.errors or (), cost, prepared.identity)


def _stream_required(prepared: PreparedOperation) -> GraphQLError:
    cause = StreamRequired()
    return GraphQLError(str(cause), prepared.definition, original_error=cause)
