"""Metrics of several processes, added up as if they were of one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from operator import add
from typing import Final

import orjson
from prometheus_client.core import Metric
from prometheus_client.registry import Collector

_LEAST: Final = frozenset({"newsgraph_build", "newsgraph_ready", "newsgraph_corpus_revision"})
"""Those of which the least is true of all processes together; all others are added up."""

_LASTING: Final = frozenset({"counter", "histogram"})

_Sample = tuple[str, tuple[tuple[str, str], ...]]


class MetricsAggregator(Collector):
    """What several processes counted. What only one of them tells stays as it is."""

    def __init__(self) -> None:
        self._families: dict[str, Metric] = {}
        self._values: dict[str, dict[_Sample, float]] = {}

    def add(self, families: Iterable[Metric]) -> None:
        """Add what one process tells."""
        for family in families:
            self._families.setdefault(family.name, family)
            values = self._values.setdefault(family.name, {})
            together = min if family.name in _LEAST else add
            for sample in family.samples:
                key = (sample.name, tuple(sample.labels.items()))
                known = values.get(key)
                values[key] = sample.value if known is None else together(known, sample.value)

    def collect(self) -> Iterator[Metric]:
        """The families, each with the samples of all."""
        for name, first in self._families.items():
            family = Metric(name, first.documentation, first.type)
            for (sample, labels), value in self._values[name].items():
                family.add_sample(sample, dict(labels), value)
            yield family


def packed(families: Iterable[Metric]) -> bytes:
    """What one process tells, as another of the same program reads it."""
    return orjson.dumps(
        [
            (each.name, each.documentation, each.type, [sample[:3] for sample in each.samples])
            for each in families
        ]
    )


def unpacked(told: bytes) -> Iterator[Metric]:
    """What `packed` packed."""
    for name, documentation, kind, samples in orjson.loads(told):
        family = Metric(name, documentation, kind)
        for sample, labels, value in samples:
            family.add_sample(sample, labels, value)
        yield family


def lasting(families: Iterable[Metric]) -> Iterator[Metric]:
    """Of what a process told once, that which is true for good: what it has counted."""
    for family in families:
        if family.type in _LASTING and not family.name.startswith("process_"):
            yield family
