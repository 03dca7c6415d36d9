"""What a load did: counts, faults and warnings, for people and for programs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from itertools import groupby
from typing import Any, Final

from rich.console import Console
from rich.table import Table

from graph.documents import Kind

WARNINGS_SHOWN: Final = 20


@dataclass(frozen=True)
class Fault:
    """Something wrong in a file; `line` and `column` count from 1, None where there is no place."""

    path: str
    line: int | None
    column: int | None
    field: str | None
    reason: str

    @property
    def place(self) -> str:
        """`path:line:column`, which terminals and editors can follow."""
        return ":".join(str(part) for part in (self.path, self.line, self.column) if part)

    @property
    def message(self) -> str:
        return f"{self.field}: {self.reason}" if self.field else self.reason


def _no_documents() -> dict[Kind, int]:
    return {"articles": 0, "topics": 0, "providers": 0}


@dataclass
class Report:
    """The outcome of a load or a check; `revision` is None where nothing could be written."""

    kinds: dict[Kind, int] = field(default_factory=_no_documents)
    added: int = 0
    updated: int = 0
    unchanged: int = 0
    volatile_only: int = 0
    removed: int = 0
    rejected: list[Fault] = field(default_factory=list)
    warnings: list[Fault] = field(default_factory=list)
    revision: int | None = None
    seconds: float = 0.0

    @property
    def loaded(self) -> int:
        """How many documents were accepted."""
        return sum(self.kinds.values())

    @property
    def rejected_files(self) -> int:
        """How many files were rejected: one can have several faults."""
        return len({fault.path for fault in self.rejected})

    def exit_code(self, *, strict: bool = False) -> int:
        """0 where all is well, 1 where documents were rejected or, if `strict`, warned of."""
        return 1 if self.rejected or (strict and self.warnings) else 0

    def as_json(self) -> dict[str, Any]:
        """The report under the names that scripts rely on."""
        return {
            "loaded": self.loaded,
            "kinds": dict(self.kinds),
            "added": self.added,
            "updated": self.updated,
            "unchanged": self.unchanged,
            "volatileOnly": self.volatile_only,
            "removed": self.removed,
            "rejected": [asdict(fault) for fault in self.rejected],
            "warnings": [asdict(fault) for fault in self.warnings],
            "revision": self.revision,
            "seconds": round(self.seconds, 3),
        }

    def print_to(self, console: Console) -> None:
        """Write the report for people: faults by file, warnings, and the counts last."""
        for line in self._lines():
            console.print(printable(line), markup=False, highlight=False, soft_wrap=True)
        console.print(self._table())

    def _lines(self) -> Iterator[str]:
        for path, faults in groupby(self.rejected, key=lambda fault: fault.path):
            yield f"rejected: {path}"
            yield from (f"  {fault.place}: {fault.message}" for fault in faults)
        if self.warnings:
            yield f"warnings: {len(self.warnings):,}"
        for warning in self.warnings[:WARNINGS_SHOWN]:
            yield f"  {warning.place}: {warning.message}"
        if len(self.warnings) > WARNINGS_SHOWN:
            yield f"  … and {len(self.warnings) - WARNINGS_SHOWN:,} more"

    def _table(self) -> Table:
        table = Table(show_header=False, box=None, padding=(0, 1))
        table.add_column()
        table.add_column()
        for name, value in self._rows():
            table.add_row(name, value)
        return table

    def _rows(self) -> Iterator[tuple[str, str]]:
        kinds = "  ".join(f"{name} {count:,}" for name, count in self.kinds.items())
        yield "loaded", f"{self.loaded:,}  ({kinds})"
        if self.revision is not None or self.added or self.updated or self.unchanged:
            yield "added", f"{self.added:,}"
            yield "updated", f"{self.updated:,}"
            yield "unchanged", f"{self.unchanged:,}"
            yield "volatile only", f"{self.volatile_only:,}"
            yield "removed", f"{self.removed:,}"
        yield "rejected", f"{self.rejected_files:,}"
        yield "warnings", f"{len(self.warnings):,}"
        if self.revision is not None:
            yield "changes", f"{self.added + self.updated + self.removed:,}"
            yield "revision", f"{self.revision:,}"
        yield "seconds", f"{self.seconds:,.2f}"


def printable(text: str) -> str:
    """Text that cannot steer a terminal: names of files may hold any character."""
    return "".join(letter if letter.isprintable() else "\ufffd" for letter in text)
