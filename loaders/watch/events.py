"""Where something happened: told by the system, or found by looking at the files."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence, Set
from contextlib import suppress
from dataclasses import dataclass, field
from time import monotonic
from typing import Final, NamedTuple

from watchfiles import awatch

from loaders.files.places import Place
from loaders.files.selection import FileSelection
from loaders.watch.folders import signatures

QUIET_MS: Final = 30
"""How long nothing must happen before what happened is taken together."""

LONGEST_MS: Final = 200
"""How long changes that do not pause are collected."""

POLL_SECONDS = 2.0
"""How long to wait between two looks at all files."""

POLL_SHARE: Final = 10
"""How many times as long as a look took to wait at least: a tenth of a core is enough."""


MOST_WAITING: Final = 100_000
"""Paths beyond which it is only noted that there are more, as long as nobody takes them."""

RELEASE_PAUSES: Final = (0.05, 0.1, 0.2, 0.4, 0.8)
"""Seconds between attempts to set watches again after others were closed."""


class CannotWatch(Exception):
    """The system does not watch these folders; the message says why."""


class Batch(NamedTuple):
    """Paths at which something happened; where some may be missing, `is_lossy`."""

    paths: set[str]
    is_lossy: bool


@dataclass
class Events:
    """What happened and was not taken yet."""

    paths: set[str] = field(default_factory=set)
    is_lossy: bool = False
    arrived: asyncio.Event = field(default_factory=asyncio.Event)

    def add(self, paths: Iterable[str]) -> None:
        self.paths.update(paths)
        if len(self.paths) > MOST_WAITING:
            self.paths.clear()
            self.lose()
        elif self.paths:
            self.arrived.set()

    def lose(self) -> None:
        """Note that events were lost."""
        self.is_lossy = True
        self.arrived.set()

    @property
    def are_waiting(self) -> bool:
        return self.arrived.is_set()

    async def take(self, seconds: float) -> Batch:
        """What happened; nothing if that is so for some seconds."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self.arrived.wait()
        batch = Batch(self.paths, self.is_lossy)
        self.paths, self.is_lossy = set(), False
        self.arrived.clear()
        return batch


class Notifications:
    """Events from the system: inotify, FSEvents, …"""

    def __init__(self, events: Events) -> None:
        self._events = events
        self._stop = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def watch(self, folders: Set[str]) -> None:
        """Watch these folders, and not what is below them, instead of those before.

        Nothing is missed in between, for the new watches are there before the old ones go. Raises
        CannotWatch where the system refuses one of them: then none is watched any more.
        """
        if not folders:
            await self.close()
            return
        try:
            stop, task = await self._begin(folders)
        except CannotWatch:
            # For a moment there are twice as many watches as are needed.
            if self._task is None:
                raise
            await self.close()
            self._events.lose()
            stop, task = await self._begin_after_release(folders)
        await self.close()
        self._stop, self._task = stop, task

    async def close(self) -> None:
        task, self._task = self._task, None
        self._stop.set()
        if task is not None:
            await task

    async def _begin_after_release(
        self, folders: Set[str]
    ) -> tuple[asyncio.Event, asyncio.Task[None]]:
        """Begin once Linux has released the watches that were closed, which takes it a moment."""
        for pause in RELEASE_PAUSES:
            try:
                return await self._begin(folders)
            except CannotWatch:
                await asyncio.sleep(pause)
        return await self._begin(folders)

    async def _begin(self, folders: Set[str]) -> tuple[asyncio.Event, asyncio.Task[None]]:
        stop = asyncio.Event()
        ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        task = asyncio.create_task(self._listen(sorted(folders), stop, ready))
        try:
            await ready
        except BaseException:
            stop.set()
            await task
            raise
        return stop, task

    async def _listen(
        self, folders: list[str], stop: asyncio.Event, ready: asyncio.Future[None]
    ) -> None:
        try:
            async for changes in awatch(
                *folders,
                watch_filter=None,
                debounce=LONGEST_MS,
                step=QUIET_MS,
                stop_event=stop,
                rust_timeout=LONGEST_MS,
                yield_on_timeout=True,  # the first time, it says that the watches are there
                recursive=False,
                ignore_permission_denied=False,
            ):
                if not ready.done():
                    ready.set_result(None)
                self._events.add(path for _, path in changes)
        except* (OSError, RuntimeError) as errors:
            if ready.done():
                self._events.lose()  # a name that is not UTF-8, for example, ends the watches
            else:
                ready.set_exception(CannotWatch(_reason(errors.exceptions[0])))
        finally:
            if not ready.done():
                ready.set_result(None)


def _reason(error: Exception) -> str:
    """What the system lacks, and where that can be changed."""
    text = str(error)
    if "MaxFilesWatch" in text or "watch limit" in text:
        return "the limit of watched folders is reached (fs.inotify.max_user_watches on Linux)"
    if "os error 24" in text or "os error 23" in text:
        return "no inotify instance is left (fs.inotify.max_user_instances on Linux)"
    return text.partition(" about [")[0]


class Polling:
    """Events found by comparing the names, sizes and times of all files with those before."""

    def __init__(self, places: Sequence[Place], selection: FileSelection, events: Events) -> None:
        self._places = places
        self._selection = selection
        self._events = events
        self._task: asyncio.Task[None] | None = None

    @property
    def is_running(self) -> bool:
        return self._task is not None

    async def start(self) -> None:
        """Look for the first time; what changes from now on is an event."""
        if self._task is None:
            began = monotonic()
            before = await self._look()
            self._task = asyncio.create_task(self._run(before, monotonic() - began))

    async def close(self) -> None:
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def _run(self, before: dict[str, int], took: float) -> None:
        while True:
            await asyncio.sleep(max(POLL_SECONDS, POLL_SHARE * took))
            began = monotonic()
            now = await self._look()
            took = monotonic() - began
            self._events.add({path for path, _ in now.items() ^ before.items()})
            before = now

    async def _look(self) -> dict[str, int]:
        return await asyncio.to_thread(signatures, self._places, self._selection)
