"""Following folders: what changes there is loaded at once."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from time import monotonic
from typing import Final

from watchfiles import awatch

from graph.config import Settings
from graph.errors import DatabaseError
from graph.store import write
from graph.store.database import Database
from graph.store.retries import retried
from loaders.discover import Skipped, discover, find
from loaders.load import load, worker_processes
from loaders.pipeline import Pipeline
from loaders.places import Found, Place, Root, has_extension
from loaders.plan import Plan
from loaders.pool import Worker
from loaders.progress import Advance, silent
from loaders.prune import prune
from loaders.report import Report
from loaders.writer import Writer

QUIET_MS: Final = 30
"""How long nothing must happen before what happened is taken together."""

LONGEST_MS: Final = 200
"""How long changes that do not pause are collected."""

BURST: Final = 1000
"""Changed paths beyond which everything is compared: the system may have lost count of them."""

Tell = Callable[[str], None]
"""Says something to the operator."""


async def follow(
    database: Database,
    settings: Settings,
    plan: Plan,
    *,
    report: Report,
    stop: asyncio.Event,
    tell: Tell,
    advance: Advance = silent,
) -> Report:
    """Load what the plan names, then each change of it, until `stop` is set.

    A document is removed when its file is seen to go. The report adds up what was done; its faults
    are those of the files that are still wrong. While the database is away, changes wait for it.
    """
    started = monotonic()
    changes = Changes()
    listening = asyncio.create_task(changes.collect(plan.places, stop))
    try:
        await changes.live.wait()  # what changes during the load is not missed
        await load(database, settings, plan, report=report, advance=advance, stop=stop)
        tell(f"following {', '.join(root.folder or '.' for root in plan.roots)}; Ctrl-C ends it")
        async with worker_processes(plan.jobs) as workers:
            follower = Follower(database, settings, plan, workers, report, tell)
            while paths := await changes.next():
                await follower.take(paths, stop)
    finally:
        stop.set()
        await listening
        report.close(monotonic() - started)
    return report


@dataclass
class Changes:
    """The absolute paths at which something happened, until they are taken."""

    paths: set[str] = field(default_factory=set)
    live: asyncio.Event = field(default_factory=asyncio.Event)
    arrived: asyncio.Event = field(default_factory=asyncio.Event)
    ended: bool = False

    async def collect(self, places: Sequence[Place], stop: asyncio.Event) -> None:
        """Listen until `stop` is set."""
        try:
            async for events in awatch(
                *{_watched(place) for place in places},
                watch_filter=None,
                debounce=LONGEST_MS,
                step=QUIET_MS,
                stop_event=stop,
                rust_timeout=LONGEST_MS,
                yield_on_timeout=True,  # the first time, it says that the listener is there
                recursive=any(place.is_folder for place in places),
                ignore_permission_denied=True,
            ):
                self.live.set()
                self.paths |= {path for _, path in events}
                if self.paths:
                    self.arrived.set()
        finally:
            self.ended = True
            self.live.set()
            self.arrived.set()

    async def next(self) -> set[str]:
        """The next changed paths; none at the end."""
        await self.arrived.wait()
        if not self.ended:
            self.arrived.clear()
        paths, self.paths = self.paths, set()
        return paths


@dataclass
class Follower:
    """Loads what is at changed paths, and removes what no longer is."""

    database: Database
    settings: Settings
    plan: Plan
    workers: Sequence[Worker]
    report: Report
    tell: Tell

    async def take(self, paths: set[str], stop: asyncio.Event) -> None:
        """Bring the database up to date with these paths; wait for one that is away."""
        while not stop.is_set():
            cycle = Report()
            try:
                visited = await self._load(paths, cycle)
            except DatabaseError as error:
                self.report.add(cycle)  # what was written until then was written
                self.tell(f"{error}; trying again")
            else:
                self._count(visited, cycle)
                return

    async def _load(self, paths: set[str], cycle: Report) -> set[str]:
        """Load, remove, and say which files were looked at."""
        begun = await retried(partial(write.begin, self.database))
        visited: set[str] = set()
        below = {root: sorted(self._below(root, paths)) for root in self.plan.roots}
        entries = self._everything() if len(paths) > BURST else self._found(below)
        async with Writer(self.database, cycle, begun) as writer:
            pipeline = Pipeline(
                self.settings.volatile, writer.stamping, writer.lookup, writer.take, cycle
            )
            await pipeline.run(_noted(entries, visited), self.workers)
            await writer.flush()
            for place in self._places(below):
                await prune(writer, place)
            await writer.finish()
        return visited

    def _below(self, root: Root, paths: set[str]) -> Iterator[str]:
        """Those of the paths that were asked for and are below a root, as its own."""
        places = [place for place in self.plan.places if place.root == root]
        for path in paths:
            own = os.path.relpath(path, root.name)
            if not own.startswith(".") and any(place.holds(own) for place in places):
                yield own

    def _everything(self) -> Iterator[Found | Skipped]:
        return discover(self.plan.places, self.plan.selection)

    def _found(self, below: dict[Root, list[str]]) -> Iterator[Found | Skipped]:
        for root, paths in below.items():
            yield from find(root, paths, self.plan.selection)

    def _places(self, below: dict[Root, list[str]]) -> Iterator[Place]:
        """Where something may have gone: of a root that is itself away, nothing has."""
        for root, paths in below.items():
            if os.path.isdir(root.name):
                yield from (Place(root, path, not has_extension(path)) for path in paths)

    def _count(self, visited: set[str], cycle: Report) -> None:
        """Add what was done; old faults of files that were read again, or are gone, are over."""
        for faults in (self.report.rejected, self.report.warnings):
            faults[:] = [
                fault
                for fault in faults
                if fault.path not in visited and os.path.lexists(fault.path)
            ]
        self.report.add(cycle)
        counts = {
            "added": cycle.added,
            "updated": cycle.updated,
            "removed": cycle.removed,
            "rejected": cycle.rejected_files,
        }
        said = ", ".join(f"{name} {count:,}" for name, count in counts.items() if count)
        if said:
            self.tell(f"{said}; revision {cycle.revision}")
        for fault in cycle.rejected:
            self.tell(f"rejected: {fault.place}: {fault.message}")


def _noted(entries: Iterator[Found | Skipped], visited: set[str]) -> Iterator[Found | Skipped]:
    for entry in entries:
        visited.add(entry.file if isinstance(entry, Found) else entry.path)
        yield entry


def _watched(place: Place) -> str:
    path = os.path.join(place.root.name, place.path) if place.path else place.root.name
    return path if place.is_folder else os.path.dirname(path)
