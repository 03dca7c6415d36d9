"""Counts of operations, by name and outcome, as plain numbers."""

from __future__ import annotations

from typing import Final, NamedTuple

from graph.schema.execution.result import Fallback, OperationResult
from graph.store.telemetry.histogram import Histogram

MAX_NAMES: Final = 100
"""Operation names that are counted separately. Clients choose the names and could flood the
metrics.
"""

LONGEST_NAME: Final = 100

ANONYMOUS: Final = "anonymous"
OTHER: Final = "other"
UNKNOWN: Final = "unknown"

OK: Final = "ok"
ERRORS: Final = "errors"
REFUSED: Final = "refused"
FAILED: Final = "failed"
ABORTED: Final = "aborted"
TIMEOUT: Final = "timeout"
UNCHANGED: Final = "unchanged"


class Label(NamedTuple):
    """How logs, metrics and traces describe an operation; `document` is the SHA-256 of its text."""

    name: str
    type: str
    outcome: str
    document: str = ""


def label_of(result: OperationResult, document: str) -> Label:
    """Return the label of an operation with this result; an invalid operation has no name."""
    outcome = OK if not result.errors else ERRORS if result.was_run else REFUSED
    operation = result.operation
    if operation is None:
        return Label(UNKNOWN, UNKNOWN, outcome, document)
    return Label(operation.name or ANONYMOUS, operation.type, outcome, document)


class OperationMetrics:
    """Counts and durations of operations. Only the event loop's thread may change them."""

    def __init__(self) -> None:
        self.in_flight = 0
        self.counts: dict[tuple[str, str], int] = {}
        self.times: dict[str, Histogram] = {}
        self.statuses: dict[int, int] = {}
        self.fallbacks: dict[Fallback, int] = {}

    def add(self, label: Label, seconds: float) -> None:
        """Count an operation."""
        name, _, outcome, _ = label
        times = self.times.get(name)
        if times is None:
            if len(self.times) >= MAX_NAMES or len(name) > LONGEST_NAME:
                name = OTHER
            times = self.times.setdefault(name, Histogram())
        times.add(seconds)
        key = (name, outcome)
        self.counts[key] = self.counts.get(key, 0) + 1

    def fall_back(self, reason: Fallback) -> None:
        """Count an operation that graphql-core ran although the compiler is on."""
        self.fallbacks[reason] = self.fallbacks.get(reason, 0) + 1

    def respond(self, status: int) -> None:
        """Count a response."""
        self.statuses[status] = self.statuses.get(status, 0) + 1
