"""The report of a load or a check: for a person, and for a script."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from graph.documents import Kind

MAXIMUM_WARNINGS: Final = 20


@dataclass(frozen=True, slots=True)
class Problem:
    """Something about a file. Lines and columns count from 1."""

    path: str
    line: int
    column: int
    field: str | None
    reason: str

    def as_json(self) -> dict[str, Any]:
        return {
            "path": self.path,
            "line": self.line,
            "column": self.column,
            "field": self.field,
            "reason": self.reason,
        }

    def __str__(self) -> str:
        where = f"{self.path}:{self.line}:{self.column}"
        return f"{where}: {self.field}: {self.reason}" if self.field else f"{where}: {self.reason}"


@dataclass
class Report:
    """What a load did, or what a check found. `revision` is None where nothing was written."""

    kinds: dict[Kind, int] = field(
        default_factory=lambda: {"articles": 0, "topics": 0, "providers": 0}
    )
    added: int = 0
    updated: int = 0
    unchanged: int = 0
    volatile_only: int = 0
    removed: int = 0
    rejected: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)
    revision: int | None = None
    seconds: float = 0.0

    @property
    def loaded(self) -> int:
        """How many documents were accepted."""
        return sum(self.kinds.values())

    @property
    def rejected_files(self) -> int:
        return len({problem.path for problem in self.rejected})

    @property
    def changed(self) -> bool:
        """Whether something changed in meaning."""
        return bool(self.added or self.updated or self.removed)

    def exit_code(self, *, strict: bool = False) -> int:
        """0 if all is well, 1 if documents were rejected or, if strict, something was odd."""
        return 1 if self.rejected or (strict and self.warnings) else 0

    def as_json(self) -> dict[str, Any]:
        """The report under the names that scripts rely on."""
        return {
            "loaded": self.loaded,
            "kinds": self.kinds,
            "added": self.added,
            "updated": self.updated,
            "unchanged": self.unchanged,
            "volatileOnly": self.volatile_only,
            "removed": self.removed,
            "rejected": [problem.as_json() for problem in self.rejected],
            "warnings": [problem.as_json() for problem in self.warnings],
            "revision": self.revision,
            "seconds": round(self.seconds, 3),
        }

    def print_to(self, console: Console) -> None:
        """The report as a table, with what is wrong and where below it."""
        console.print(self._table())
        if self.revision is not None and not self.changed:
            console.print("0 changes: the database holds these documents already.")
        _print_problems(console, "warning", self.warnings[:MAXIMUM_WARNINGS], "yellow")
        if len(self.warnings) > MAXIMUM_WARNINGS:
            console.print(f"… and {len(self.warnings) - MAXIMUM_WARNINGS} more warnings")
        _print_problems(console, "rejected", self.rejected, "red")

    def _table(self) -> Table:
        table = Table(show_header=False, box=None, padding=(0, 2, 0, 0))
        counts: dict[str, int] = {
            **{str(kind): count for kind, count in self.kinds.items()},
            "added": self.added,
            "updated": self.updated,
            "unchanged": self.unchanged,
            "volatile only": self.volatile_only,
            "rejected": self.rejected_files,
        }
        for name, count in counts.items():
            table.add_row(name, f"[bold]{count}[/]")
        if self.revision is not None:
            table.add_row("revision", f"[bold]{self.revision}[/]")
        table.add_row("seconds", f"{self.seconds:.2f}")
        return table


def _print_problems(console: Console, label: str, problems: Sequence[Problem], colour: str) -> None:
    for problem in problems:
        console.print(
            f"[{colour}]{label}[/] {escape(str(problem))}", highlight=False, soft_wrap=True
        )
