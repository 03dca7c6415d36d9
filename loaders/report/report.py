"""The report of a load: counts, faults and warnings, for people and for programs."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from graph.documents import Kind

LISTED: Final = 10_000
"""The number of faults above which more files are only counted, to limit memory."""

Verdict = Literal["added", "updated", "unchanged", "volatile_only"]
"""How an accepted document differs from the stored one."""

Window = Literal["scheduled", "expired"]
"""Whether an article's publication window has not begun, or has ended."""

UNLISTED: Final = "…"
"""Replaces the path in the fault that counts the files which are not listed."""

_COUNTS: Final = (
    "added",
    "updated",
    "unchanged",
    "volatile_only",
    "removed",
    "scheduled",
    "expired",
)
_NUMBER = re.compile(r"\[[0-9]+\]")


@dataclass(frozen=True)
class Fault:
    """A fault of a file. `line` and `column` count from 1, and are None if it has no position.

    `text` is an excerpt of the line, for people.
    """

    path: str
    line: int | None
    column: int | None
    field: str | None
    reason: str
    text: str | None = None

    @property
    def place(self) -> str:
        """`path:line:column`, which terminals and editors can open."""
        return ":".join(str(part) for part in (self.path, self.line, self.column) if part)

    @property
    def general_field(self) -> str | None:
        """The field without list indexes: `related[].title`."""
        return None if self.field is None else _NUMBER.sub("[]", self.field)

    @property
    def message(self) -> str:
        if self.field is None:
            return self.reason
        # Some reasons begin with the field without list indexes, to form a group.
        general = f"{self.general_field} "
        if self.reason.startswith(general):
            return f"{self.field} {self.reason.removeprefix(general)}"
        return f"{self.field}: {self.reason}"

    def as_json(self) -> dict[str, Any]:
        """Return the fault as JSON, with keys that scripts rely on."""
        return {
            "path": self.path,
            "line": self.line,
            "column": self.column,
            "field": self.field,
            "reason": self.reason,
        }


def _no_documents() -> dict[Kind, int]:
    return {"articles": 0, "topics": 0, "providers": 0, "authors": 0}


@dataclass
class Report:
    """The outcome of a load or a check; `revision` is None if nothing could be written.

    `scheduled` and `expired` count the parsed articles that are not published yet, or no longer.
    `is_incomplete` says that some changes were noticed but not loaded. `verb` is what was done to
    the accepted documents.
    """

    kinds: dict[Kind, int] = field(default_factory=_no_documents)
    added: int = 0
    updated: int = 0
    unchanged: int = 0
    volatile_only: int = 0
    removed: int = 0
    scheduled: int = 0
    expired: int = 0
    rejected: list[Fault] = field(default_factory=list)
    warnings: list[Fault] = field(default_factory=list)
    revision: int | None = None
    seconds: float = 0.0
    unlisted_rejected: int = 0
    unlisted_warnings: int = 0
    changes_only: bool = False
    is_incomplete: bool = False
    verb: Literal["loaded", "exported"] = "loaded"

    def accept(self, kind: Kind, verdict: Verdict) -> None:
        """Count an accepted document; with `changes_only`, only if it has changed."""
        if verdict != "unchanged" or not self.changes_only:
            setattr(self, verdict, getattr(self, verdict) + 1)
            self.kinds[kind] += 1

    def note_window(self, window: Window | None) -> None:
        """Count an accepted article that is not published yet, or no longer.

        With `changes_only` this counts nothing, since it is a state and no change.
        """
        if window is not None and not self.changes_only:
            setattr(self, window, getattr(self, window) + 1)

    def reject(self, faults: Sequence[Fault]) -> None:
        """Add the faults of one more file; above LISTED, only count it."""
        if len(self.rejected) < LISTED:
            self.rejected += faults
        elif faults:
            self.unlisted_rejected += 1

    def warn(self, faults: Sequence[Fault]) -> None:
        """Add the warnings of one more file, within the same limit."""
        if len(self.warnings) < LISTED:
            self.warnings += faults
        else:
            self.unlisted_warnings += len(faults)

    def close(self, seconds: float) -> None:
        """Sort the faults and warnings, since files were read concurrently."""
        self.seconds = seconds
        for faults, unlisted in (
            (self.rejected, self.unlisted_rejected),
            (self.warnings, self.unlisted_warnings),
        ):
            faults.sort(key=lambda fault: (fault.path, fault.line or 0, fault.column or 0))
            if unlisted and faults[-1].path != UNLISTED:
                faults.append(Fault(UNLISTED, None, None, None, f"and {unlisted:,} more"))

    def add(self, other: Report) -> None:
        """Add the report of a later load."""
        for kind, count in other.kinds.items():
            self.kinds[kind] += count
        for name in _COUNTS:
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.rejected += other.rejected
        self.warnings += other.warnings
        self.unlisted_rejected += other.unlisted_rejected
        self.unlisted_warnings += other.unlisted_warnings
        if other.revision is not None:
            self.revision = other.revision

    @property
    def loaded(self) -> int:
        """The number of accepted documents."""
        return sum(self.kinds.values())

    @property
    def rejected_files(self) -> int:
        """The number of rejected files; each can have several faults."""
        return len({fault.path for fault in self.rejected} - {UNLISTED}) + self.unlisted_rejected

    @property
    def warning_count(self) -> int:
        """The number of warnings."""
        listed = sum(warning.path != UNLISTED for warning in self.warnings)
        return listed + self.unlisted_warnings

    def exit_code(self, *, strict: bool = False) -> int:
        """Return 0, or 1 if a file was rejected; with `strict`, also if there are warnings."""
        return 1 if self.rejected or self.is_incomplete or (strict and self.warnings) else 0

    def as_json(self) -> dict[str, Any]:
        """Return the report as JSON, with keys that scripts rely on."""
        return {
            self.verb: self.loaded,
            "kinds": dict(self.kinds),
            "added": self.added,
            "updated": self.updated,
            "unchanged": self.unchanged,
            "volatileOnly": self.volatile_only,
            "removed": self.removed,
            "scheduled": self.scheduled,
            "expired": self.expired,
            "rejected": [fault.as_json() for fault in self.rejected],
            "warnings": [fault.as_json() for fault in self.warnings],
            "revision": self.revision,
            "seconds": round(self.seconds, 3),
        }


def printable(text: str) -> str:
    """Escape characters that control a terminal, which file names may contain."""
    return "".join(letter if letter.isprintable() else "\ufffd" for letter in text)
