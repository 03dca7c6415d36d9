"""Events of changed paths, from the system or by polling."""

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
"""The pause after which events are reported together."""

LONGEST_MS: Final = 200
"""How long events without a pause are collected."""

POLL_SECONDS = 2.0
"""The pause between two polls."""

POLL_SHARE: Final = 10
"""The minimum pause after a poll, in multiples of its duration: polling takes a tenth of a core."""


MAX_WAITING: Final = 100_000
"""The number of waiting paths above which they are dropped, and all files have to be compared."""

RELEASE_PAUSES: Final = (0.05, 0.1, 0.2, 0.4, 0.8)
"""Seconds between attempts to set watches again after others were closed."""


class CannotWatch(Exception):
    """The system cannot watch these folders; the message says why."""


class Batch(NamedTuple):
    """The paths of events; `is_lossy` says that some may be missing."""

    paths: set[str]
    is_lossy: bool


@dataclass
class Events:
    """Events that have not been taken yet."""

    paths: set[str] = field(default_factory=set)
    is_lossy: bool = False
    arrived: asyncio.Event = field(default_factory=asyncio.Event)

    def add(self, paths: Iterable[str]) -> None:
        self.paths.update(paths)
        if len(self.paths) > MAX_WAITING:
            self.paths.clear()
            self.lose()
        elif self.paths:
            self.arrived.set()

    def lose(self) -> None:
        """Note that events were lost."""
        self.is_lossy = True
        self.arrived.set()

    async def take(self, seconds: float) -> Batch:
        """Take the events, after waiting for at most some seconds."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self.arrived.wait()
        batch = Batch(self.paths, self.is_lossy)
        self.paths, self.is_lossy = set(), False
        self.arrived.clear()
        return batch


class Notifications:
    """Events from the system, such as inotify or FSEvents."""

    def __init__(self, events: Events) -> None:
        self._events = events
        self._stop = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def watch(self, folders: Set[str]) -> None:
        """Watch these folders, without those below them, instead of the previous ones.

        No event is missed, because the new watches begin before the old ones end. Raises
        CannotWatch if the system refuses a watch; then no folder is watched.
        """
        if not folders:
            await self.close()
            return
        try:
            stop, task = await self._begin(folders)
        except CannotWatch:
            # The limit may be reached because the old and the new watches exist at the same time.
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
        """Begin after Linux has released the closed watches, which takes a moment."""
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
                yield_on_timeout=True,  # the first time, this signals that the watches exist
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
    """Return why the system refused, and which limit to raise."""
    text = str(error)
    if "MaxFilesWatch" in text or "watch limit" in text:
        return "the limit of watched folders is reached (fs.inotify.max_user_watches on Linux)"
    if "os error 24" in text or "os error 23" in text:
        return "no inotify instance is left (fs.inotify.max_user_instances on Linux)"
    return text.partition(" about [")[0]


class Polling:
    """Events found by comparing the names, sizes and times of all files with the previous ones."""

    def __init__(self, places: Sequence[Place], selection: FileSelection, events: Events) -> None:
        self._places = places
        self._selection = selection
        self._events = events
        self._task: asyncio.Task[None] | None = None

    @property
    def is_running(self) -> bool:
        return self._task is not None

    async def start(self) -> None:
        """Poll for the first time. Later changes are events."""
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
