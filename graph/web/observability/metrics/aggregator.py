"""Aggregation of the metrics of several processes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from operator import add
from typing import Final

import orjson
from prometheus_client.core import CounterMetricFamily, Metric
from prometheus_client.registry import Collector

_MINIMUM: Final = frozenset({"newsgraph_build", "newsgraph_ready", "newsgraph_corpus_revision"})
"""Metrics that are aggregated to their minimum over all processes. All others are added up."""

_CUMULATIVE: Final = frozenset({"counter", "histogram"})

_Sample = tuple[str, tuple[tuple[str, str], ...]]


class MetricsAggregator(Collector):
    """The sum of the metrics of several processes."""

    def __init__(self) -> None:
        self._families: dict[str, Metric] = {}
        self._values: dict[str, dict[_Sample, float]] = {}

    def add(self, families: Iterable[Metric]) -> None:
        """Add the metrics of a process."""
        for family in families:
            self._families.setdefault(family.name, family)
            values = self._values.setdefault(family.name, {})
            combine = min if family.name in _MINIMUM else add
            for sample in family.samples:
                key = (sample.name, tuple(sample.labels.items()))
                value = values.get(key)
                values[key] = sample.value if value is None else combine(value, sample.value)

    def collect(self) -> Iterator[Metric]:
        """Yield the metric families, each with the samples of all processes."""
        for name, first in self._families.items():
            family = Metric(name, first.documentation, first.type)
            for (sample, labels), value in self._values[name].items():
                family.add_sample(sample, dict(labels), value)
            yield family


def encode_metrics(families: Iterable[Metric]) -> bytes:
    """Return the metrics of a process, encoded for another process of the same version."""
    return orjson.dumps(
        [
            (
                family.name,
                family.documentation,
                family.type,
                [sample[:3] for sample in family.samples],
            )
            for family in families
        ]
    )


def decode_metrics(snapshot: bytes) -> Iterator[Metric]:
    """Yield the metrics that `encode_metrics` encoded."""
    for name, documentation, kind, samples in orjson.loads(snapshot):
        family = Metric(name, documentation, kind)
        for sample, labels, value in samples:
            family.add_sample(sample, labels, value)
        yield family


def supervisor_metrics(replaced: int) -> bytes:
    """Return the metrics of the process that supervises the workers, encoded for them."""
    counter = CounterMetricFamily(
        "newsgraph_workers_replaced",
        "Server processes that died or hung and were replaced.",
        replaced,
    )
    return encode_metrics([counter])


def cumulative(families: Iterable[Metric]) -> Iterator[Metric]:
    """Yield the metrics that remain valid when their process has ended: counters and histograms."""
    for family in families:
        if family.type in _CUMULATIVE and not family.name.startswith("process_"):
            yield family
