"""Times, counted by how long they were."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from itertools import accumulate
from typing import Final

BOUNDS: Final = (0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.1, 0.5, 2.5, 10.0)
"""The upper bounds of the buckets, in seconds; one more takes the rest."""


class Histogram:
    """How many times were within each bound, and their sum. It has no lock of its own."""

    __slots__ = ("counts", "seconds")

    def __init__(self) -> None:
        self.counts = [0] * (len(BOUNDS) + 1)
        self.seconds = 0.0

    def add(self, seconds: float) -> None:
        """Count a time."""
        self.counts[bisect_left(BOUNDS, seconds)] += 1
        self.seconds += seconds

    def cumulative(self) -> Iterator[tuple[str, int]]:
        """How many times were at most so long, by the bound as Prometheus writes it."""
        bounds = [*map(str, BOUNDS), "+Inf"]
        return zip(bounds, accumulate(self.counts), strict=True)
