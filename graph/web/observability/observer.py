"""The observer: told of every operation that the endpoint answers, where anybody wants to know."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable
from dataclasses import replace
from time import perf_counter
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from graph.config import Settings
from graph.schema.execution.result import Answer
from graph.store.telemetry.commands import Command, CommandStats, current_command_stats
from graph.web.graphql.response import Response
from graph.web.http.headers import Header
from graph.web.observability.operation_metrics import (
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

OBSERVED: Final = "newsgraph.observed"
"""Under this name a request's scope holds what was observed of it."""

_PAGE: Final = Label(OTHER, UNKNOWN, OK)
_UNCHANGED: Final = Label(UNKNOWN, UNKNOWN, UNCHANGED)
_REFUSED: Final = Label(UNKNOWN, UNKNOWN, REFUSED)
_FAILED: Final = Label(UNKNOWN, UNKNOWN, FAILED)
_ABORTED: Final = Label(UNKNOWN, UNKNOWN, ABORTED)


class Observed(CommandStats):
    """What is known of the operation of one request; `is_kept` unless something was executed."""

    __slots__ = ("is_kept", "label", "span")

    def __init__(self, span: Span | None) -> None:
        super().__init__()
        self.label = _ABORTED
        self.is_kept = True
        self.span = span

    def done(self, command: Command) -> None:
        super().done(command)
        if self.span is not None:
            self.span.add_command(command)


class Observer:
    """Counts, times and traces what an endpoint does, as far as the settings ask for it."""

    def __init__(self, settings: Settings, tracing: Tracing | None) -> None:
        self.operations = OperationMetrics()
        self._tracing = tracing
        self._tells_timing = settings.server_timing == "on"
        logs = settings.access_log == "on"
        self._follows = logs or self._tells_timing or tracing is not None

    async def around(self, scope: Scope, answering: Awaitable[Response]) -> Response:
        """The response that is awaited, observed."""
        started = perf_counter()
        label, status = _ABORTED, 0
        self.operations.in_flight += 1
        try:
            response = await (self._followed(scope, answering) if self._follows else answering)
            status = response.status
            label = response.label or _unlabelled(status)
            return response
        finally:
            self.operations.in_flight -= 1
            if status:
                self.operations.respond(status)
            if label is not _PAGE:
                self.operations.add(label, perf_counter() - started)

    async def _followed(self, scope: Scope, answering: Awaitable[Response]) -> Response:
        """The response that is awaited, with all that is known of its operation told on."""
        started = perf_counter()
        span = None if self._tracing is None else self._tracing.start_span(scope["headers"])
        observed = Observed(span)
        token = current_command_stats.set(observed)
        scope[OBSERVED] = observed
        status = 0
        try:
            response = await answering
            status = response.status
            label = observed.label = response.label or _unlabelled(status)
            if self._tells_timing and label is not _PAGE:
                timing = _timing(observed, perf_counter() - started)
                return replace(response, headers=(*response.headers, timing), label=label)
            return response
        finally:
            current_command_stats.reset(token)
            if span is not None:
                span.end(observed.label, status)

    def label(self, answer: Answer, query: str) -> Label:
        """What is to be told of an answer that was just made, however often it is sent."""
        if self._follows:
            observed = current_command_stats.get()
            assert isinstance(observed, Observed)
            observed.is_kept = False
        if answer.fallback is not None:
            self.operations.fall_back(answer.fallback)
        document = "" if self._tracing is None else hashlib.sha256(_bytes(query)).hexdigest()
        return label_of(answer, document)

    async def counting(self, app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
        """Let another application answer, and count its response."""

        async def noting(message: Message) -> None:
            if message["type"] == "http.response.start":
                self.operations.respond(message["status"])
            await send(message)

        await app(scope, receive, noting)


def _unlabelled(status: int) -> Label:
    """The label of a response to what was no operation."""
    if status == 304:
        return _UNCHANGED
    return _PAGE if status < 400 else _REFUSED if status < 500 else _FAILED


def _timing(observed: Observed, seconds: float) -> Header:
    text = (
        f"total;dur={seconds * 1000:.2f}, "
        f'db;dur={observed.seconds * 1000:.2f};desc="{observed.commands} commands", '
        f"cache;desc={'hit' if observed.is_kept and observed.label.outcome == OK else 'miss'}"
    )
    return (b"server-timing", text.encode())


def _bytes(query: str) -> bytes:
    return query.encode("utf-8", "surrogatepass")
