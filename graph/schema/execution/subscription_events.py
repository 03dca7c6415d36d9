"""Subscriptions: the events of their source, and a result for each."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable, Sequence
from inspect import isawaitable
from typing import Any

from graphql import (
    ExecutionResult,
    GraphQLError,
    create_source_event_stream,
    execute_subscription_event,
    located_error,
)


async def source_events(executor: Any) -> list[Any] | GraphQLError:
    """Return all events of a source that ends, or its error. It has no path: there is no data."""
    stream: Any = create_source_event_stream(executor)
    if isawaitable(stream):
        stream = await stream
    if not isinstance(stream, AsyncIterable):
        (error,) = stream.errors
        return GraphQLError(
            error.message, error.nodes, original_error=error.original_error or error
        )
    try:
        return [event async for event in stream]
    except Exception as error:
        fields = [executor.operation.selection_set.selections[0]]
        return located_error(error, fields)


async def event_results(executor: Any, events: Sequence[Any]) -> list[ExecutionResult]:
    """Return the result for each event. All are executed at once, so that they share reads."""
    executors = [executor.build_per_event_executor(event) for event in events]
    running = [execute_subscription_event(executor) for executor in executors]
    waiting = iter(await asyncio.gather(*(result for result in running if isawaitable(result))))
    return [next(waiting) if isawaitable(result) else result for result in running]
