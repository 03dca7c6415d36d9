"""Messages to the operator while folders are followed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from loaders.report.report import Fault, Report

MAX_FAULTS: Final = 50
"""Faults of one load that are listed."""

Say = Callable[[str], None]
"""Shows a message to the operator."""


@dataclass
class Messages:
    """Messages to the operator, without repetitions."""

    say: Say
    _last: dict[str, str] = field(default_factory=dict)

    def say_once(self, message: str, topic: str) -> None:
        """Show a message unless it is the last one on this topic."""
        if self._last.get(topic) != message:
            self._last[topic] = message
            self.say(message)

    def forget(self, topic: str) -> None:
        """Show the next message on this topic even if it is the same as the last."""
        self._last.pop(topic, None)

    def say_loaded(self, report: Report) -> None:
        """Show what the first load did."""
        counts = {
            "added": report.added,
            "updated": report.updated,
            "unchanged": report.unchanged,
            "removed": report.removed,
        }
        summary = _summary(counts)
        self.say(f"loaded {report.loaded:,}" + (f": {summary}" if summary else ""))

    def say_changes(self, report: Report, faults: Sequence[Fault]) -> None:
        """Show what a later load did, and list its faults that are new."""
        counts = {
            "added": report.added,
            "updated": report.updated,
            "removed": report.removed,
            "rejected": len({fault.path for fault in faults}),
        }
        if summary := _summary(counts):
            self.say(f"{summary}; revision {report.revision}")
        self.say_rejected(faults)

    def say_rejected(self, faults: Sequence[Fault]) -> None:
        """List faults for which files were rejected."""
        for fault in faults[:MAX_FAULTS]:
            self.say(f"rejected: {fault.place}: {fault.message}")
        if (more := len(faults) - MAX_FAULTS) > 0:
            self.say(f"rejected: … and {more:,} more; `newsgraph check` lists them all")


def _summary(counts: dict[str, int]) -> str:
    return ", ".join(f"{name} {count:,}" for name, count in counts.items() if count)
