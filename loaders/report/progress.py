"""A progress bar on standard error."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    ProgressColumn,
    Task,
    TextColumn,
    TimeRemainingColumn,
)
from rich.progress import Progress as Bar
from rich.text import Text

Advance = Callable[[int], None]
"""Called with the number of documents that were completed since the last call."""


def silent(count: int) -> None:
    """Show no progress."""


class _Rate(ProgressColumn):
    def render(self, task: Task) -> Text:
        return Text(f"{task.speed:,.0f}/s" if task.speed else "")


@contextmanager
def progress(count: Callable[[], int]) -> Iterator[Advance]:
    """Show a bar with the number of completed documents, the rate, and the remaining time.

    `count` returns the number of all documents; it may take long, and is called in a thread.
    """
    columns = (TextColumn("documents"), BarColumn(), MofNCompleteColumn(), _Rate())
    console = Console(stderr=True)
    with Bar(*columns, TimeRemainingColumn(), console=console) as bar:
        task = bar.add_task("documents", total=None)

        def set_total() -> None:
            bar.update(task, total=count())

        threading.Thread(target=set_total, daemon=True).start()
        yield lambda done: bar.advance(task, done)


def terminal_progress(count: Callable[[], int]) -> AbstractContextManager[Advance]:
    """Show a progress bar if standard error is a terminal."""
    return progress(count) if sys.stderr.isatty() else nullcontext(silent)
