"""Following folders: what changes there is loaded at once.

Events say what to look at first, and no more than that: systems lose them, refuse to watch, or
watch a folder that is no longer the one at its path. So all files are compared with the database
when the following begins, after a burst of events, when a folder was replaced, and at an interval.
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
from loaders.files.places import FoundFile, Place, has_extension
from loaders.load.options import LoadOptions
from loaders.load.prune import holds_documents
from loaders.load.run import load, worker_processes
from loaders.report.progress import Advance, silent
from loaders.report.report import Fault, Report
from loaders.sites.site import ConfigurationState, Site, configuration_state
from loaders.watch.cycle import Cycle, Work
from loaders.watch.events import POLL_SECONDS, CannotWatch, Events, Notifications, Polling
from loaders.watch.folders import Watched, is_at_or_below
from loaders.watch.timetable import Timetable
from loaders.workers.pool import Worker

MOST_FAULTS: Final = 50
"""Faults that are told one by one."""

BURST: Final = 1000
"""Events at once beyond which all files are compared: the system may have lost others."""

TICK_SECONDS: Final = 0.5
"""How often to look whether a folder was replaced; after a burst, how long a pause must be."""

BURST_SECONDS: Final = 10.0
"""How long a burst may last before all files are compared though it goes on."""

RETRY_SECONDS = 1.0
"""How long to wait after the database failed, beyond the patience of each write."""

ATTEMPTS: Final = 5
"""How often to set the watches anew where folders come and go in the meantime."""

Tell = Callable[[str], None]
"""Says something to the operator."""


async def follow(
    database: Database,
    settings: Settings,
    plan: LoadOptions,
    *,
    report: Report,
    stop: asyncio.Event,
    tell: Tell,
    advance: Advance = silent,
    clock: Clock = utc_now,
) -> Report:
    """Load what the plan names, then each change of it, until `stop` is set.

    A document whose file is gone is removed. Articles are published and unpublished when it is
    time, by `clock`. The report adds up what was done; its faults are those
    of the files that are still wrong, and it is incomplete where changes were not loaded any more.
    While the database is away, changes wait for it.
    """
    started = monotonic()
    try:
        await load(database, settings, plan, report=report, advance=advance, stop=stop, clock=clock)
        if not stop.is_set():
            tell(_loaded(report))
        report.scheduled = report.expired = 0  # the clock changes them while folders are followed
        _tell_rejected(tell, report.rejected)
        async with worker_processes(plan.jobs) as workers:
            await Follower(database, settings, plan, workers, report, tell, stop, clock).run()
        if report.is_incomplete:
            tell("changes are waiting that were not loaded; the next load finds them")
    finally:
        report.close(monotonic() - started)
    return report


@dataclass
class Follower:
    """Loads what is at changed paths, and removes what no longer is.

    `identities` are the folders of the places, `holding` those in which there were documents when
    they were last compared: one that is new and empty is more often not mounted than emptied, so
    the documents of such a place, which is `unsettled`, stay until it holds some. `looked_at` are
    configurations that were found wrong.
    """

    database: Database
    settings: Settings
    plan: LoadOptions
    workers: Sequence[Worker]
    report: Report
    tell: Tell
    stop: asyncio.Event
    clock: Clock = utc_now
    events: Events = field(default_factory=Events)
    identities: dict[Place, tuple[int, int] | None] = field(default_factory=dict)
    holding: dict[Place, tuple[int, int] | None] = field(default_factory=dict)
    unsettled: set[Place] = field(default_factory=set)
    looked_at: list[ConfigurationState] = field(default_factory=list)
    due_since: float | None = None
    compared_at: float = 0.0
    said: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        folders = {root.identity: root.name for root in self.plan.roots}
        self.timetable = Timetable(self.database, folders, self.clock)
        self.watched = Watched(self.plan.places, self.plan.selection)
        self.notifications = Notifications(self.events)
        self.polling = Polling(self.plan.places, self.plan.selection, self.events)

    async def run(self) -> None:
        """Follow until `stop` is set."""
        try:
            self.identities = {place: place.identity for place in self.plan.places}
            await self._compare()
            if not self.stop.is_set():
                names = ", ".join(root.folder or "." for root in self.plan.roots)
                self.tell(f"following {names}; Ctrl-C ends it")
            while not self.stop.is_set():
                await self._step()
            self.report.is_incomplete |= self._is_behind()
        finally:
            await self.notifications.close()
            await self.polling.close()

    def _is_behind(self) -> bool:
        """Whether something happened that was not loaded."""
        is_due = self.due_since is not None or self.events.is_lossy
        return is_due or bool(self._relevant(self.events.paths))

    async def _step(self) -> None:
        """Wait for events, and do what they, or the time, call for."""
        paths, is_lossy = await self.events.take(TICK_SECONDS)
        if self.timetable.is_due:
            await self._do(self._due, is_whole=False)
        is_replaced = self._note_replaced(paths)
        is_remapped = await asyncio.to_thread(self._read_sites_again, paths)
        is_unsure = (
            is_lossy or is_replaced or is_remapped or len(paths) > BURST or self._is_settling(paths)
        )
        now = monotonic()
        if self.due_since is None and (is_unsure or now - self.compared_at > self.plan.rescan):
            self.due_since = now
        if self.due_since is None:
            await self._load_changes(paths)
        elif not paths or now - self.due_since > BURST_SECONDS:
            await self._compare()

    def _read_sites_again(self, paths: Collection[str]) -> bool:
        """Whether the mapping of a site is another one now; one that is wrong changes nothing."""
        sites = self.plan.sites.values()
        outdated = [site for site in sites if site.is_outdated]
        is_news = bool(outdated) and self._is_news(outdated)
        if not is_news and not any(site.depends_on(paths) for site in sites):
            return False
        try:
            plan = self.plan.reread()
        except UsageError as error:
            self.tell(f"{error}; the mapping stays as it was")
            return False
        before, self.plan = self.plan.mappings, plan
        for warning in plan.warnings:
            self.tell(f"{warning.place}: {warning.message}")
        if plan.mappings == before:
            return False
        self.tell("the mapping has changed: reading all files again")
        return True

    def _is_news(self, outdated: Sequence[Site]) -> bool:
        """Whether these configurations differ from those that were looked at last."""
        states = [configuration_state(site.root) for site in outdated]
        is_news, self.looked_at = states != self.looked_at, states
        return is_news

    def _note_replaced(self, paths: Collection[str]) -> bool:
        """Whether the folder of a place is not the one that it was."""
        is_any = False
        for place, before in self.identities.items():
            identity = self.identities[place] = place.identity
            if identity != before:
                self.tell(f"{place.folder.file}: {_state(place.folder, identity)}")
            elif place.folder.absolute not in paths:  # a new folder can have the inode of the old
                continue
            self.holding.pop(place, None)
            is_any = True
        return is_any

    def _is_settling(self, paths: Collection[str]) -> bool:
        """Whether a place of which nobody knew if it is mounted may hold documents now."""
        return any(is_at_or_below(path, place) for place in self.unsettled for path in paths)

    async def _compare(self) -> None:
        """Bring the database up to date with all files."""
        await self._watch(self.watched.refresh)
        self.due_since = None
        if await self._do(lambda _: asyncio.to_thread(self._everything), is_whole=True):
            self.compared_at = monotonic()

    async def _load_changes(self, events: Collection[str]) -> None:
        """Bring the database up to date with the files at which something happened."""
        paths = self._relevant(events)
        if not paths:
            return
        if not self.polling.is_running and await asyncio.to_thread(self.watched.update, paths):
            await self._watch(lambda: self.watched.update(paths))
        await self._do(lambda _: asyncio.to_thread(self._part, paths), is_whole=False)

    def _relevant(self, events: Collection[str]) -> Collection[str]:
        """The paths at which documents may have changed."""
        return events if self.polling.is_running else self.watched.changed(events)

    async def _watch(self, look_again: Callable[[], object]) -> None:
        """Set the watches, look again at the folders, and repeat that until both agree."""
        if self.plan.poll:
            await self.polling.start()
            return
        try:
            for _ in range(ATTEMPTS):
                if await self._set_watches(look_again):
                    break
            else:
                self.events.lose()  # try again at the next step
            if self.polling.is_running:
                await self.polling.close()
                self.said.pop("watches")
                self.tell("watching again")
        except CannotWatch as error:
            self._say_once(
                f"cannot watch the folders: {error}; "
                f"looking at all files every {POLL_SECONDS:g} seconds or so instead",
                "watches",
            )
            await self._poll_instead()
        for folder in sorted(self.watched.unreadable):
            self._say_once(f"cannot watch {folder}: Permission denied", folder)

    async def _poll_instead(self) -> None:
        await self.notifications.close()
        if not self.polling.is_running:
            await self.polling.start()
            self.events.lose()  # what happened before the first look

    async def _set_watches(self, look_again: Callable[[], object]) -> bool:
        """Set the watches; whether they are still those that are needed."""
        wanted = self.watched.to_watch
        try:
            await self.notifications.watch(wanted)
        except CannotWatch:
            await asyncio.to_thread(look_again)
            if self.watched.to_watch == wanted:
                raise
            return False
        await asyncio.to_thread(look_again)
        return self.watched.to_watch == wanted

    def _say_once(self, message: str, topic: str) -> None:
        """Say something unless it is what was said last on this topic."""
        if self.said.get(topic) != message:
            self.said[topic] = message
            self.tell(message)

    async def _do(
        self, find_work: Callable[[datetime], Awaitable[Work]], *, is_whole: bool
    ) -> bool:
        """Work that is looked for again where the database fails; whether all of it was done.

        `find_work` is called with the time of the load.
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
                now=now,
            )
            try:
                is_done = await cycle.run(await find_work(now))
                await self.timetable.look_ahead(now if is_whole else None)
            except DatabaseError as error:
                self.report.add(cycle.report)  # what was written until then was written
                self.tell(f"{error}; trying again")
                with suppress(TimeoutError):
                    await asyncio.wait_for(self.stop.wait(), RETRY_SECONDS)
                continue
            self._count(cycle, is_whole)
            if is_done:
                return True
        self.report.is_incomplete = True
        return False

    def _everything(self) -> Work:
        there = [place for place in self.plan.places if self._is_there(place)]
        prunings = {place: [place] for place in there if self._may_be_pruned(place)}
        return Work(discover(there, self.plan.selection), prunings, quick=True)

    async def _due(self, now: datetime) -> Work:
        """The files of articles that are to be published or unpublished."""
        paths = await self.timetable.due_files(now)
        self.timetable.reached = now
        return await asyncio.to_thread(self._part, paths)

    def _is_there(self, place: Place) -> bool:
        """Whether the folder of a place is there, and was not replaced since that was noted."""
        identity = place.identity
        return identity is not None and identity == self.identities[place]

    def _may_be_pruned(self, place: Place) -> bool:
        """Whether what is not in a place any more is known to have been deleted."""
        if holds_documents(place):
            self.holding[place] = self.identities[place]
        elif place not in self.holding:
            self.unsettled.add(place)
            self._say_once(
                f"{place.file} holds no documents; those loaded from there stay", place.file
            )
            return False
        self.unsettled.discard(place)
        self.said.pop(place.file, None)
        return True

    def _part(self, paths: Collection[str]) -> Work:
        entries: list[Iterator[FoundFile | Skipped]] = []
        prunings: dict[Place, list[Place]] = {}
        for place in self.plan.places:
            own = [os.path.relpath(path, place.root.name) for path in paths]
            own = sorted(path for path in own if path[0] != "." and place.holds(path))
            if own and self._is_there(place):
                entries.append(find(place, own, self.plan.selection))
                prunings[place] = [Place(place.root, path, not has_extension(path)) for path in own]
        return Work(chain.from_iterable(entries), prunings, quick=False)

    def _count(self, cycle: Cycle, is_whole: bool) -> None:
        """Add what was done; old faults of files that were looked at, or are gone, are over."""
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
        counts = {
            "added": cycle.report.added,
            "updated": cycle.report.updated,
            "removed": cycle.report.removed,
            "rejected": len({fault.path for fault in set(cycle.report.rejected) - before}),
        }
        if said := ", ".join(f"{name} {count:,}" for name, count in counts.items() if count):
            self.tell(f"{said}; revision {cycle.report.revision}")
        _tell_rejected(self.tell, [fault for fault in cycle.report.rejected if fault not in before])


def _loaded(report: Report) -> str:
    """What the first load did, in a line."""
    counts = {
        "added": report.added,
        "updated": report.updated,
        "unchanged": report.unchanged,
        "removed": report.removed,
    }
    said = ", ".join(f"{name} {count:,}" for name, count in counts.items() if count)
    return f"loaded {report.loaded:,}" + (f": {said}" if said else "")


def _tell_rejected(tell: Tell, faults: Sequence[Fault]) -> None:
    for fault in faults[:MOST_FAULTS]:
        tell(f"rejected: {fault.place}: {fault.message}")
    if (more := len(faults) - MOST_FAULTS) > 0:
        tell(f"rejected: … and {more:,} more; `newsgraph check` lists them all")


def _state(folder: Place, identity: tuple[int, int] | None) -> str:
    """What became of the folder of a place."""
    if identity is not None:
        return "was replaced"
    state = "cannot be read" if os.path.isdir(folder.absolute) else "is not there"
    return f"{state}; its documents stay"
