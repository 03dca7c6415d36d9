"""Follow folders: load their changes at once.

Events only say which files to look at first: systems lose events, refuse to watch, or watch a
folder that is no longer at its path. So all files are compared with the database at the start,
after a burst of events, when a folder was replaced, and at an interval.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Collection, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from itertools import chain
from time import monotonic
from typing import Final

from graph.config import Settings
from graph.errors import DatabaseError, UsageError
from graph.store.driver.database import Database
from graph.store.load.clock import Clock, utc_now
from loaders.files.discover import Skipped, discover, find
from loaders.files.places import Place, SourceFile, has_extension
from loaders.load.options import LoadOptions
from loaders.load.run import load, worker_processes
from loaders.report.progress import Advance, silent
from loaders.report.report import Report
from loaders.sites.site import ConfigurationState, Site, configuration_state
from loaders.watch.cycle import Cycle, Work
from loaders.watch.messages import Messages, Say
from loaders.watch.mounts import Mounts
from loaders.watch.timetable import Timetable
from loaders.watch.watches import Watches
from loaders.workers.pool import Worker

BURST: Final = 1000
"""Events at once above which all files are compared: the system may have lost others."""

TICK_SECONDS: Final = 0.5
"""Seconds between checks for replaced folders, and without events that end a burst."""

BURST_SECONDS: Final = 10.0
"""Seconds after which all files are compared although a burst continues."""

RETRY_SECONDS = 1.0
"""Seconds to wait after a database error, in addition to the retries of each write."""


async def follow(
    database: Database,
    settings: Settings,
    plan: LoadOptions,
    *,
    report: Report,
    stop: asyncio.Event,
    say: Say,
    advance: Advance = silent,
    clock: Clock = utc_now,
) -> Report:
    """Load the files of the plan, then each change of them, until `stop` is set.

    Documents whose files are gone are removed. Articles are published and unpublished in time, by
    `clock`. The report adds up all loads. It lists the faults of the files that are still wrong,
    and is incomplete if some changes were not loaded. While the database is unreachable, changes
    wait.
    """
    started = monotonic()
    try:
        await load(database, settings, plan, report=report, advance=advance, stop=stop, clock=clock)
        messages = Messages(say)
        if not stop.is_set():
            messages.say_loaded(report)
        report.scheduled = report.expired = 0  # the clock changes them while folders are followed
        messages.say_rejected(report.rejected)
        async with worker_processes(plan.jobs) as workers:
            follower = Follower(database, settings, plan, workers, report, messages, stop, clock)
            await follower.run()
        if report.is_incomplete:
            say("some changes were not loaded yet; the next load finds them")
    finally:
        report.close(monotonic() - started)
    return report


@dataclass
class Follower:
    """Loads changed files, and removes the documents of deleted ones.

    `last_states` are the configurations that were read last because they had changed. `due_since`
    is the time from which a comparison of all files has been due, in seconds of a monotonic clock,
    and `compared_at` that of the last one.
    """

    database: Database
    settings: Settings
    plan: LoadOptions
    workers: Sequence[Worker]
    report: Report
    messages: Messages
    stop: asyncio.Event
    clock: Clock = utc_now
    last_states: list[ConfigurationState] = field(default_factory=list)
    due_since: float | None = None
    compared_at: float = 0.0

    def __post_init__(self) -> None:
        plan = self.plan
        folders = {root.identity: root.name for root in plan.roots}
        self.say = self.messages.say
        self.timetable = Timetable(self.database, folders, self.clock)
        self.mounts = Mounts(plan.places, self.messages)
        self.watches = Watches(plan.places, plan.selection, poll=plan.poll, messages=self.messages)
        self.events = self.watches.events

    async def run(self) -> None:
        """Follow until `stop` is set."""
        try:
            await self._compare()
            if not self.stop.is_set():
                names = ", ".join(root.folder or "." for root in self.plan.roots)
                self.say(f"following {names}; press Ctrl-C to stop")
            while not self.stop.is_set():
                await self._step()
            self.report.is_incomplete |= self._is_behind()
        finally:
            await self.watches.close()

    def _is_behind(self) -> bool:
        """Return whether changes have not been loaded."""
        is_due = self.due_since is not None or self.events.is_lossy
        return is_due or bool(self.watches.relevant(self.events.paths))

    async def _step(self) -> None:
        """Wait for events, then load what they announce or what is due."""
        paths, is_lossy = await self.events.take(TICK_SECONDS)
        if self.timetable.is_due:
            await self._complete(self._due_files, is_whole=False)
        is_replaced = self.mounts.note_replaced(paths)
        is_remapped = await asyncio.to_thread(self._reread_sites, paths)
        is_unsure = (
            is_lossy
            or is_replaced
            or is_remapped
            or len(paths) > BURST
            or self.mounts.may_be_filled(paths)
        )
        now = monotonic()
        if self.due_since is None and (is_unsure or now - self.compared_at > self.plan.rescan):
            self.due_since = now
        if self.due_since is None:
            await self._load_changes(paths)
        elif not paths or now - self.due_since > BURST_SECONDS:
            await self._compare()

    def _reread_sites(self, paths: Collection[str]) -> bool:
        """Return whether a site has another mapping, or says something else for readers. An invalid
        configuration changes nothing.
        """
        sites = self.plan.sites.values()
        outdated = [site for site in sites if site.is_outdated]
        is_new = bool(outdated) and self._is_new(outdated)
        if not is_new and not any(site.depends_on(paths) for site in sites):
            return False
        try:
            plan = self.plan.reread()
        except UsageError as error:
            self.say(f"{error}; the previous mapping stays in use")
            return False
        before, self.plan = self.plan, plan
        for warning in plan.warnings:
            self.say(f"{warning.place}: {warning.message}")
        if plan.mappings != before.mappings:
            self.say("the mapping has changed: reading all files again")
            return True
        return plan.source_sites != before.source_sites

    def _is_new(self, outdated: Sequence[Site]) -> bool:
        """Return whether these configurations differ from those that were read last."""
        states = [configuration_state(site.root) for site in outdated]
        is_new, self.last_states = states != self.last_states, states
        return is_new

    async def _compare(self) -> None:
        """Bring the database up to date with all files."""
        await self.watches.refresh()
        self.due_since = None
        if await self._complete(lambda _: asyncio.to_thread(self._all_files), is_whole=True):
            self.compared_at = monotonic()

    async def _load_changes(self, events: Collection[str]) -> None:
        """Bring the database up to date with the files at the paths of events."""
        paths = self.watches.relevant(events)
        if not paths:
            return
        await self.watches.update(paths)
        await self._complete(lambda _: asyncio.to_thread(self._files_at, paths), is_whole=False)

    async def _complete(
        self, find_work: Callable[[datetime], Awaitable[Work]], *, is_whole: bool
    ) -> bool:
        """Do the work that `find_work` finds, again after each database error, until it is done.

        `find_work` is called with the time of the load. Returns False if `stop` ended it early.
        """
        while not self.stop.is_set():
            now = self.clock()
            cycle = Cycle(
                self.database,
                self.settings.volatile,
                self.workers,
                self.stop,
                take_over=self.plan.take_over,
                ignores=self.plan.ignores,
                mappings=self.plan.mappings,
                sites=self.plan.source_sites if is_whole else (),
                now=now,
            )
            try:
                is_done = await cycle.run(await find_work(now))
                await self.timetable.look_ahead(now if is_whole else None)
            except DatabaseError as error:
                self.report.add(cycle.report)  # includes what was written before the error
                self.say(f"{error}; trying again")
                with suppress(TimeoutError):
                    await asyncio.wait_for(self.stop.wait(), RETRY_SECONDS)
                continue
            self._count(cycle, is_whole)
            if is_done:
                return True
        self.report.is_incomplete = True
        return False

    def _all_files(self) -> Work:
        present = [place for place in self.plan.places if self.mounts.is_present(place)]
        prunings = {place: [place] for place in present if self.mounts.may_be_pruned(place)}
        return Work(discover(present, self.plan.selection), prunings, quick=True)

    async def _due_files(self, now: datetime) -> Work:
        """Return the work on articles that are due to be published or unpublished."""
        paths = await self.timetable.due_files(now)
        self.timetable.reached = now
        return await asyncio.to_thread(self._files_at, paths)

    def _files_at(self, paths: Collection[str]) -> Work:
        entries: list[Iterator[SourceFile | Skipped]] = []
        prunings: dict[Place, list[Place]] = {}
        for place in self.plan.places:
            relative = [os.path.relpath(path, place.root.name) for path in paths]
            parts = self.plan.affected_by(place, (path for path in relative if path[0] != "."))
            if parts and self.mounts.is_present(place):
                entries.append(find(place, parts, self.plan.selection))
                prunings[place] = [
                    Place(place.root, path, not has_extension(path)) for path in parts
                ]
        return Work(chain.from_iterable(entries), prunings, quick=False)

    def _count(self, cycle: Cycle, is_whole: bool) -> None:
        """Add the report of a cycle. Drop earlier faults of files it visited or that are gone."""
        report = self.report
        before = set(report.rejected)
        if is_whole:
            report.unlisted_rejected = 0
        report.rejected = [
            fault
            for fault in report.rejected
            if not is_whole and fault.path not in cycle.visited and os.path.lexists(fault.path)
        ]
        report.warnings = [
            fault
            for fault in report.warnings
            if fault.path not in cycle.read
            and os.path.lexists(fault.path)
            and (fault.path in cycle.visited or not is_whole)
        ]
        report.add(cycle.report)
        new = [fault for fault in cycle.report.rejected if fault not in before]
        self.messages.say_changes(cycle.report, new)
