"""The metrics that Prometheus scrapes, collected from the counters of other modules at each scrape.

Applications share nothing, and collecting costs nothing between scrapes.
"""

from __future__ import annotations

import os
import platform
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager
from importlib.metadata import PackageNotFoundError, version
from typing import Any, Final

from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    InfoMetricFamily,
    Metric,
)
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.registry import Collector
from starlette.datastructures import State
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from graph.live.open_streams import Streams
from graph.store.cache.lru import LRUCache
from graph.store.driver.database import Database
from graph.store.probe import Probe
from graph.store.telemetry.commands import Commands
from graph.store.telemetry.connection_pool import connections_of
from graph.store.telemetry.histogram import Histogram
from graph.web.http.root_path import root_path
from graph.web.observability.metrics_aggregator import (
    MetricsAggregator,
    cumulative,
    decode_metrics,
    encode_metrics,
)
from graph.web.observability.operation_metrics import OperationMetrics
from graph.web.observability.worker_metrics import WorkerMetrics

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


class Metrics:
    """The response to `/metrics`.

    With several `workers` it contains the sums over all of them, which `worker_metrics` exchanges.
    Without `worker_metrics` it contains only those of this process, labelled with its pid.
    """

    def __init__(
        self,
        operations: OperationMetrics,
        commands: Commands,
        streams: Streams,
        *,
        workers: int = 1,
        worker_metrics: WorkerMetrics | None = None,
    ) -> None:
        self.state: State | None = None
        self._workers = workers
        self._worker_metrics = worker_metrics
        self._ended_workers = MetricsAggregator()
        self._registry = CollectorRegistry(auto_describe=False)
        counts: Collector = _Counts(self, operations, commands, streams)
        # It registers itself, so it gets a registry of its own.
        process: Collector = ProcessCollector(registry=CollectorRegistry())
        if workers > 1:
            labels = {"pid": str(os.getpid())}
            process = _Labelled(process, labels)
            counts = counts if worker_metrics is not None else _Labelled(counts, labels)
        self._registry.register(counts)
        self._registry.register(process)

    async def respond(self, request: Request) -> Response:
        """Respond to a scrape. A proxy may pass on all that is below the root path, but metrics are
        not public, so they are not below it.
        """
        if root_path(request.scope):
            raise HTTPException(404)
        workers = self._worker_metrics
        metrics = self._registry if workers is None else await self._totals(workers)
        return Response(generate_latest(metrics), media_type=CONTENT_TYPE_LATEST)

    @asynccontextmanager
    async def published(self) -> AsyncIterator[None]:
        """Make these metrics available to any other workers within the context."""
        if self._worker_metrics is None:
            yield
            return
        async with self._worker_metrics.publish(lambda: encode_metrics(self._local().collect())):
            yield

    async def _totals(self, workers: WorkerMetrics) -> MetricsAggregator:
        snapshots = await workers.collect()
        for snapshot in snapshots.ended:
            self._ended_workers.add(cumulative(decode_metrics(snapshot)))
        totals = self._local()
        workers.write(encode_metrics(totals.collect()))
        for snapshot in snapshots.current:
            totals.add(decode_metrics(snapshot))
        for snapshot in snapshots.stale:
            totals.add(cumulative(decode_metrics(snapshot)))
        totals.add(_of_workers(self._workers, 1 + len(snapshots.current)))
        return totals

    def _local(self) -> MetricsAggregator:
        """Return the metrics of this process, and of the ended workers that it has taken over."""
        local = MetricsAggregator()
        local.add(self._registry.collect())
        local.add(self._ended_workers.collect())
        return local


class _Labelled(Collector):
    """A collector that adds labels to all samples of another one."""

    def __init__(self, source: Collector, labels: dict[str, str]) -> None:
        self._source = source
        self._labels = labels

    def collect(self) -> Iterator[Metric]:
        for metric in self._source.collect():
            metric.samples = [
                each._replace(labels={**each.labels, **self._labels}) for each in metric.samples
            ]
            yield metric


class _Counts(Collector):
    def __init__(
        self,
        metrics: Metrics,
        operations: OperationMetrics,
        commands: Commands,
        streams: Streams,
    ) -> None:
        self._metrics = metrics
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
        state = self._metrics.state
        if state is not None:
            yield from _of_connections(getattr(state, "database", None))
            yield from _of_caches({"reads": _cache_of(state, "reads"), "answers": _cache_of(state)})
            yield from _of_corpus(getattr(state, "probe", None))

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
    found = None if database is None else connections_of(database)
    if found is None:
        return
    gauge = GaugeMetricFamily(
        "newsgraph_db_connections", "Connections to the database.", labels=["state"]
    )
    for state, number in found._asdict().items():
        gauge.add_metric([state], number)
    yield gauge


def _cache_of(state: State, name: str = "responses") -> LRUCache[Any, Any] | None:
    cache: LRUCache[Any, Any] | None = getattr(state, name, None)
    return cache


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
    ready = probe is not None and probe.found.is_ready
    yield GaugeMetricFamily("newsgraph_ready", "1 if /readyz returns 200, else 0.", int(ready))
    if probe is not None and probe.found.revision is not None:
        yield GaugeMetricFamily(
            "newsgraph_corpus_revision", "The revision of the corpus.", probe.found.revision
        )


def _of_workers(workers: int, answering: int) -> Iterator[Metric]:
    yield GaugeMetricFamily("newsgraph_workers", "Configured number of server processes.", workers)
    yield GaugeMetricFamily(
        "newsgraph_workers_answering", "Server processes included in these metrics.", answering
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
    for key, each in list(times.items()):
        family.add_metric([key], list(each.cumulative()), each.seconds)
    return family


def _version() -> str:
    try:
        return version("newsgraph")
    except PackageNotFoundError:  # run from a folder that was not installed
        return "unknown"
