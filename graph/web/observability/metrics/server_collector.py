"""The metrics of one server process, read from the counters of other modules."""

from __future__ import annotations

import platform
from collections.abc import Iterable, Iterator
from importlib.metadata import PackageNotFoundError, version
from typing import Any, Final

from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    InfoMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector

from graph.live.open_streams import Streams
from graph.store.cache.lru import LRUCache
from graph.store.driver.database import Database
from graph.store.probe import Probe
from graph.store.telemetry.commands import Commands
from graph.store.telemetry.connection_pool import connections_of
from graph.store.telemetry.histogram import Histogram
from graph.web.observability.metrics.operation_metrics import OperationMetrics
from graph.web.server.app_state import AppState

_CACHE_COUNTERS: Final = (
    ("hits", "Lookups that found a value in the cache."),
    ("misses", "Lookups that found no value in the cache."),
    ("evictions", "Values that a cache removed to make room."),
)
_CACHE_GAUGES: Final = (
    ("bytes", "Bytes that a cache uses."),
    ("capacity", "Bytes that a cache may use."),
    ("entries", "Values that a cache holds."),
)


class ServerCollector(Collector):
    """Collects the metrics of this process; those of `state` only once that is set."""

    def __init__(self, operations: OperationMetrics, commands: Commands, streams: Streams) -> None:
        self.state: AppState | None = None
        self._operations = operations
        self._commands = commands
        self._streams = streams

    def collect(self) -> Iterator[Metric]:
        info = InfoMetricFamily("newsgraph_build", "The versions of newsgraph and Python.")
        info.add_metric([], {"version": _version(), "python": platform.python_version()})
        yield info
        yield from self._of_operations()
        yield from self._of_commands()
        yield from _of_streams(self._streams)
        state = self.state
        if state is not None:
            yield from _of_connections(getattr(state, "database", None))  # unset before the start
            yield from _of_caches({"reads": state.reads, "answers": state.responses})
            yield from _of_corpus(state.probe)

    def _of_operations(self) -> Iterator[Metric]:
        operations = self._operations
        yield _counter(
            "newsgraph_operations",
            "Operations, by name and outcome.",
            ["operation", "outcome"],
            operations.counts.items(),
        )
        yield _histogram(
            "newsgraph_operation_duration_seconds",
            "Time from the request to the response.",
            "operation",
            operations.times,
        )
        yield GaugeMetricFamily(
            "newsgraph_operations_in_flight",
            "Operations in flight.",
            operations.in_flight,
        )
        fallbacks = (((reason.value,), count) for reason, count in operations.fallbacks.items())
        yield _counter(
            "newsgraph_operation_fallbacks",
            "Operations that graphql-core ran although the compiler is on.",
            ["reason"],
            fallbacks,
        )
        statuses = (((str(status),), count) for status, count in operations.statuses.items())
        yield _counter(
            "newsgraph_http_responses", "HTTP responses, by status.", ["status"], statuses
        )

    def _of_commands(self) -> Iterator[Metric]:
        commands = self._commands
        yield _histogram(
            "newsgraph_db_command_duration_seconds",
            "Duration of database commands.",
            "command",
            commands.times,
        )
        failures = (((name,), count) for name, count in list(commands.failures.items()))
        yield _counter(
            "newsgraph_db_command_failures",
            "Database commands that failed.",
            ["command"],
            failures,
        )
        yield GaugeMetricFamily(
            "newsgraph_db_commands_waiting",
            "Database commands in flight: each uses a connection or waits for one.",
            commands.waiting,
        )


def _of_streams(streams: Streams) -> Iterator[Metric]:
    yield GaugeMetricFamily(
        "newsgraph_streams_open", "Open event streams and WebSockets.", streams.open
    )
    yield CounterMetricFamily(
        "newsgraph_stream_events",
        "Results that were sent in event streams and over WebSockets.",
        streams.events,
    )
    yield CounterMetricFamily(
        "newsgraph_stream_executions",
        "Executions of operations for event streams, each shared by all that wait for its result.",
        streams.executions,
    )
    dropped = (((reason,), count) for reason, count in streams.dropped.items())
    yield _counter(
        "newsgraph_streams_dropped",
        "Event streams that the server refused or ended because of a limit, by reason.",
        ["reason"],
        dropped,
    )


def _of_connections(database: Database | None) -> Iterator[Metric]:
    connections = None if database is None else connections_of(database)
    if connections is None:
        return
    gauge = GaugeMetricFamily(
        "newsgraph_db_connections", "Connections to the database.", labels=["state"]
    )
    for state, number in connections._asdict().items():
        gauge.add_metric([state], number)
    yield gauge


def _of_caches(caches: dict[str, LRUCache[Any, Any] | None]) -> Iterator[Metric]:
    present = {name: cache for name, cache in caches.items() if cache is not None}
    for what, meaning in _CACHE_COUNTERS:
        values = (((name,), getattr(cache, what)) for name, cache in present.items())
        yield _counter(f"newsgraph_cache_{what}", meaning, ["cache"], values)
    for what, meaning in _CACHE_GAUGES:
        unit = "capacity_bytes" if what == "capacity" else what
        gauge = GaugeMetricFamily(f"newsgraph_cache_{unit}", meaning, labels=["cache"])
        for name, cache in present.items():
            gauge.add_metric([name], getattr(cache, what))
        yield gauge


def _of_corpus(probe: Probe | None) -> Iterator[Metric]:
    ready = probe is not None and probe.readiness.is_ready
    yield GaugeMetricFamily("newsgraph_ready", "1 if /readyz returns 200, else 0.", int(ready))
    if probe is not None and probe.readiness.revision is not None:
        yield GaugeMetricFamily(
            "newsgraph_corpus_revision", "The revision of the corpus.", probe.readiness.revision
        )


def _counter(
    name: str, meaning: str, labels: list[str], values: Iterable[tuple[tuple[str, ...], int]]
) -> Metric:
    family = CounterMetricFamily(name, meaning, labels=labels)
    for key, value in values:
        family.add_metric(list(key), value)
    return family


def _histogram(name: str, meaning: str, label: str, times: dict[str, Histogram]) -> Metric:
    family = HistogramMetricFamily(name, meaning, labels=[label])
    for key, histogram in list(times.items()):
        family.add_metric([key], list(histogram.cumulative()), histogram.seconds)
    return family


def _version() -> str:
    try:
        return version("newsgraph")
    except PackageNotFoundError:  # run from a folder that was not installed
        return "unknown"
