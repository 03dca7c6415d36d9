"""OpenTelemetry traces: a span for each operation, and one for each of its database commands.

OpenTelemetry is imported only if traces are on.
"""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Iterable
from threading import Thread
from time import time_ns
from typing import TYPE_CHECKING, Any, Final

from graph.config import Settings
from graph.errors import SettingsError
from graph.store.telemetry.commands import Command
from graph.web.http.headers import Header
from graph.web.observability.metrics.operation_metrics import (
    ANONYMOUS,
    FAILED,
    OK,
    REFUSED,
    UNKNOWN,
    Label,
)

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import SpanProcessor

CLOSING_SECONDS: Final = 2.0
"""How long a server that is shutting down waits for the trace collector."""

log = logging.getLogger("newsgraph")

_TRACE_CONTEXT: Final = frozenset({b"traceparent", b"tracestate"})


def tracing_of(settings: Settings) -> Tracing | None:
    """Return the tracing that is configured; None if it is off."""
    if not settings.wants_traces:
        return None
    require_tracing(settings)
    return Tracing(_processor())


def require_tracing(settings: Settings) -> None:
    """Raise SettingsError if traces are on and OpenTelemetry is not installed."""
    if not settings.wants_traces:
        return
    try:
        import opentelemetry.exporter.otlp.proto.http.trace_exporter
        import opentelemetry.sdk.trace.export  # noqa: F401
    except ImportError:
        raise SettingsError(
            "NEWSGRAPH_TRACES: tracing is switched on, by this variable or by "
            "OTEL_EXPORTER_OTLP_ENDPOINT, but OpenTelemetry is not installed; install "
            "newsgraph[tracing], or set NEWSGRAPH_TRACES=off"
        ) from None


def _processor() -> SpanProcessor:
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    return BatchSpanProcessor(OTLPSpanExporter())


class Span:
    """The span of an operation; `trace_id` is in hexadecimal."""

    __slots__ = ("_context", "_span", "_trace", "_tracer", "trace_id")

    def __init__(self, trace: Any, tracer: Any, parent: Any) -> None:
        self._trace = trace
        self._tracer = tracer
        self._span = tracer.start_span("GraphQL", context=parent, kind=trace.SpanKind.SERVER)
        self._context = trace.set_span_in_context(self._span)
        self.trace_id: str = trace.format_trace_id(self._span.get_span_context().trace_id)

    def end(self, label: Label, status: int) -> None:
        """End the span. It contains the hash of the operation's text, but neither text nor
        variables.
        """
        span = self._span
        if span.is_recording():
            span.set_attribute("newsgraph.outcome", label.outcome)
            if label.type != UNKNOWN:
                named = label.name != ANONYMOUS
                span.update_name(f"{label.type} {label.name}" if named else label.type)
                span.set_attribute("graphql.operation.type", label.type)
                if named:
                    span.set_attribute("graphql.operation.name", label.name)
            if label.document:
                span.set_attribute("graphql.document.hash", f"sha256:{label.document}")
            if status:
                span.set_attribute("http.response.status_code", status)
            if label.outcome == FAILED:
                span.set_status(self._trace.StatusCode.ERROR, label.outcome)
            elif label.outcome != OK:
                span.set_attribute("error.type", label.outcome)
                if label.outcome != REFUSED:
                    span.set_status(self._trace.StatusCode.ERROR, label.outcome)
        span.end()

    def add_command(self, command: Command) -> None:
        """Add a child span for a command that has just ended."""
        if not self._span.is_recording():
            return
        name, database, collection, seconds, failure = command
        ended = time_ns()
        attributes = {
            "db.system.name": "mongodb",
            "db.operation.name": name,
            "db.namespace": database,
        }
        if collection is not None:
            attributes["db.collection.name"] = collection
        span = self._tracer.start_span(
            name if collection is None else f"{name} {collection}",
            context=self._context,
            kind=self._trace.SpanKind.CLIENT,
            attributes=attributes,
            start_time=ended - int(seconds * 1e9),
        )
        if failure is not None:
            span.set_attribute("error.type", failure)
            span.set_status(self._trace.StatusCode.ERROR)
        span.end(end_time=ended)


class Tracing:
    """Creates spans, with a tracer provider of its own instead of the global one."""

    def __init__(self, processor: SpanProcessor) -> None:
        from opentelemetry import trace
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

        named = "OTEL_SERVICE_NAME" in os.environ or "service.name" in os.environ.get(
            "OTEL_RESOURCE_ATTRIBUTES", ""
        )
        resource = Resource.create({} if named else {"service.name": "newsgraph"})
        self._provider = TracerProvider(resource=resource, shutdown_on_exit=False)
        self._provider.add_span_processor(processor)
        self._tracer = self._provider.get_tracer("newsgraph")
        self._trace = trace
        self._propagator = TraceContextTextMapPropagator()

    def start_span(self, headers: Iterable[Header]) -> Span:
        """Start the span of an operation, a child of the span in the request's `traceparent`."""
        carrier = {
            name.decode("latin-1"): value.decode("latin-1")
            for name, value in headers
            if name in _TRACE_CONTEXT
        }
        parent = self._propagator.extract(carrier) if carrier else None
        return Span(self._trace, self._tracer, parent)

    async def close(self) -> None:
        """Send the remaining spans, waiting at most CLOSING_SECONDS."""
        await asyncio.to_thread(self._flush)

    def _flush(self) -> None:
        # The SDK waits for half a minute; a process can end while a daemon thread still runs.
        sending = Thread(target=self._provider.shutdown, daemon=True)
        sending.start()
        sending.join(CLOSING_SECONDS)
        if sending.is_alive():
            log.warning(
                "the last traces are lost: the collector did not accept them within %g s",
                CLOSING_SECONDS,
            )
