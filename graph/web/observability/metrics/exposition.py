"""The metrics that Prometheus scrapes, collected from the counters of other modules at each scrape.

Applications share nothing, and collecting costs nothing between scrapes.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.registry import Collector
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from graph.web.http.request.root_path import root_path
from graph.web.observability.metrics.aggregator import (
    MetricsAggregator,
    cumulative,
    decode_metrics,
    encode_metrics,
)
from graph.web.observability.metrics.server_collector import ServerCollector
from graph.web.observability.metrics.worker_metrics import WorkerMetrics


class Metrics:
    """The response to `/metrics`.

    With several `workers` it contains the sums over all of them, which `worker_metrics` exchanges.
    Without `worker_metrics` it contains only those of this process, labelled with its pid.
    """

    def __init__(
        self,
        collector: ServerCollector,
        *,
        workers: int = 1,
        worker_metrics: WorkerMetrics | None = None,
    ) -> None:
        self._workers = workers
        self._worker_metrics = worker_metrics
        self._ended_workers = MetricsAggregator()
        self._registry = CollectorRegistry(auto_describe=False)
        counts: Collector = collector
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
                sample._replace(labels={**sample.labels, **self._labels})
                for sample in metric.samples
            ]
            yield metric


def _of_workers(workers: int, answering: int) -> Iterator[Metric]:
    yield GaugeMetricFamily("newsgraph_workers", "Configured number of server processes.", workers)
    yield GaugeMetricFamily(
        "newsgraph_workers_answering", "Server processes included in these metrics.", answering
    )
