"""A histogram of durations."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from itertools import accumulate
from typing import Final

BOUNDS: Final = (0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.1, 0.5, 2.5, 10.0)
"""The upper bounds of the buckets, in seconds; one more bucket has no bound."""


class Histogram:
    """The number of durations in each bucket, and their sum. Not thread-safe."""

    __slots__ = ("counts", "seconds")

    def __init__(self) -> None:
        self.counts = [0] * (len(BOUNDS) + 1)
        self.seconds = 0.0

    def add(self, seconds: float) -> None:
        """Add a duration."""
        self.counts[bisect_left(BOUNDS, seconds)] += 1
        self.seconds += seconds

    def cumulative(self) -> Iterator[tuple[str, int]]:
        """Return the cumulative counts, by bound in Prometheus' notation."""
        bounds = [*map(str, BOUNDS), "+Inf"]
        return zip(bounds, accumulate(self.counts), strict=True)
