"""The observer: counts, times and traces the operations of the endpoint."""

from __future__ import annotations

from collections.abc import Awaitable
from dataclasses import replace
from time import perf_counter
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from graph.config import Settings
from graph.schema.execution.result import OperationResult
from graph.store.telemetry.commands import Command, CommandStats, current_command_stats
from graph.web.graphql.graphql_response import GraphQLResponse
from graph.web.graphql.trusted import document_digest
from graph.web.http.headers import Header
from graph.web.observability.metrics.operation_metrics import (
    ABORTED,
    FAILED,
    OK,
    OTHER,
    REFUSED,
    UNCHANGED,
    UNKNOWN,
    Label,
    OperationMetrics,
    label_of,
)
from graph.web.observability.tracing import Span, Tracing

OPERATION_STATS: Final = "newsgraph.operation_stats"
"""The key of a request's OperationStats in its ASGI scope."""

_REDIRECT: Final = Label(OTHER, UNKNOWN, OK)
_UNCHANGED: Final = Label(UNKNOWN, UNKNOWN, UNCHANGED)
_REFUSED: Final = Label(UNKNOWN, UNKNOWN, REFUSED)
_FAILED: Final = Label(UNKNOWN, UNKNOWN, FAILED)
_ABORTED: Final = Label(UNKNOWN, UNKNOWN, ABORTED)


class OperationStats(CommandStats):
    """The operation of one request.

    `cache` is `hit` if its response was stored, `shared` if another request computed it at the same
    time, and `miss` if it was executed for this request.
    """

    __slots__ = ("cache", "label", "span")

    def __init__(self, span: Span | None) -> None:
        super().__init__()
        self.label = _ABORTED
        self.cache = "hit"
        self.span = span

    def done(self, command: Command) -> None:
        super().done(command)
        if self.span is not None:
            self.span.add_command(command)


def mark_shared() -> None:
    """Record that the response to the current request is that of another one."""
    stats = current_command_stats.get()
    if isinstance(stats, OperationStats):
        stats.cache = "shared"


class Observer:
    """Records the operations of an endpoint, as configured."""

    def __init__(self, settings: Settings, tracing: Tracing | None) -> None:
        self.operations = OperationMetrics()
        self._tracing = tracing
        self._sends_timing = settings.server_timing == "on"
        logs = settings.access_log == "on"
        self._collects_stats = logs or self._sends_timing or tracing is not None

    async def observe(
        self, scope: Scope, responding: Awaitable[GraphQLResponse]
    ) -> GraphQLResponse:
        """Await a response and record it."""
        started = perf_counter()
        label, status = _ABORTED, 0
        self.operations.in_flight += 1
        try:
            response = await (
                self._with_stats(scope, responding) if self._collects_stats else responding
            )
            status = response.status
            label = response.label or _label_of_status(status)
            return response
        finally:
            self.operations.in_flight -= 1
            if status:
                self.operations.respond(status)
            if label is not _REDIRECT:
                self.operations.add(label, perf_counter() - started)

    async def _with_stats(
        self, scope: Scope, responding: Awaitable[GraphQLResponse]
    ) -> GraphQLResponse:
        """Await a response and collect its stats for logs, traces and Server-Timing."""
        started = perf_counter()
        span = None if self._tracing is None else self._tracing.start_span(scope["headers"])
        stats = OperationStats(span)
        token = current_command_stats.set(stats)
        scope[OPERATION_STATS] = stats
        status = 0
        try:
            response = await responding
            status = response.status
            label = stats.label = response.label or _label_of_status(status)
            if self._sends_timing and label is not _REDIRECT:
                timing = _timing(stats, perf_counter() - started)
                return replace(response, headers=(*response.headers, timing), label=label)
            return response
        finally:
            current_command_stats.reset(token)
            if span is not None:
                span.end(stats.label, status)

    def label(self, result: OperationResult, query: str) -> Label:
        """Return the label of an operation that was just executed, for its response."""
        if self._collects_stats:
            stats = current_command_stats.get()
            assert isinstance(stats, OperationStats)
            stats.cache = "miss"
        if result.fallback is not None:
            self.operations.fall_back(result.fallback)
        return label_of(result, "" if self._tracing is None else document_digest(query))

    async def count_response(
        self, app: ASGIApp, scope: Scope, receive: Receive, send: Send
    ) -> None:
        """Call another application and count its response."""

        async def send_counted(message: Message) -> None:
            if message["type"] == "http.response.start":
                self.operations.respond(message["status"])
            await send(message)

        await app(scope, receive, send_counted)


def _label_of_status(status: int) -> Label:
    """Return the label of a response without an operation."""
    if status == 304:
        return _UNCHANGED
    return _REDIRECT if status < 400 else _REFUSED if status < 500 else _FAILED


def _timing(stats: OperationStats, seconds: float) -> Header:
    text = (
        f"total;dur={seconds * 1000:.2f}, "
        f'db;dur={stats.seconds * 1000:.2f};desc="{stats.commands} commands", '
        f"cache;desc={stats.cache if stats.label.outcome == OK else 'miss'}"
    )
    return (b"server-timing", text.encode())
