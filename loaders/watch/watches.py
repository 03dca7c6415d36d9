"""Watches on folders, and polling where the system cannot watch them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Sequence
from typing import Final

from loaders.files.places import Place
from loaders.files.selection import FileSelection
from loaders.watch.events import POLL_SECONDS, CannotWatch, Events, Notifications, Polling
from loaders.watch.folders import WatchedFolders
from loaders.watch.messages import Messages

_ATTEMPTS: Final = 5
"""Attempts to set the watches while folders come and go."""

_TOPIC: Final = "watches"


class Watches:
    """The watches on the folders of some places.

    With `poll`, or where the system refuses to watch, files are polled instead. `events` receives
    the paths at which something happened.
    """

    def __init__(
        self, places: Sequence[Place], selection: FileSelection, *, poll: bool, messages: Messages
    ) -> None:
        self.events = Events()
        self._poll = poll
        self._messages = messages
        self._watched = WatchedFolders(places, selection)
        self._notifications = Notifications(self.events)
        self._polling = Polling(places, selection, self.events)

    async def refresh(self) -> None:
        """Find all folders again, and watch them."""
        await self._set(self._watched.refresh)

    async def update(self, paths: Collection[str]) -> None:
        """Watch new folders and links among `paths`, and no longer watch those that are gone."""
        if self._polling.is_running:
            return
        if await asyncio.to_thread(self._watched.update, paths):
            await self._set(lambda: self._watched.update(paths))

    def relevant(self, paths: Collection[str]) -> Collection[str]:
        """Return the paths at which documents may have changed."""
        return paths if self._polling.is_running else self._watched.changed(paths)

    async def close(self) -> None:
        await self._notifications.close()
        await self._polling.close()

    async def _set(self, look_again: Callable[[], object]) -> None:
        """Set the watches until they match the folders that `look_again` finds."""
        if self._poll:
            await self._polling.start()
            return
        try:
            for _ in range(_ATTEMPTS):
                if await self._try_to_set(look_again):
                    break
            else:
                self.events.lose()  # try again at the next step
            if self._polling.is_running:
                await self._polling.close()
                self._messages.forget(_TOPIC)
                self._messages.say("watching again")
        except CannotWatch as error:
            self._messages.say_once(
                f"cannot watch the folders: {error}; checking all files every {POLL_SECONDS:g} "
                "seconds or so instead",
                _TOPIC,
            )
            await self._poll_instead()
        for folder in sorted(self._watched.unreadable):
            self._messages.say_once(f"cannot watch {folder}: Permission denied", folder)

    async def _try_to_set(self, look_again: Callable[[], object]) -> bool:
        """Set the watches. Return whether they match the folders that are there afterwards."""
        folders = self._watched.to_watch
        try:
            await self._notifications.watch(folders)
        except CannotWatch:
            await asyncio.to_thread(look_again)
            if self._watched.to_watch == folders:
                raise
            return False
        await asyncio.to_thread(look_again)
        return self._watched.to_watch == folders

    async def _poll_instead(self) -> None:
        await self._notifications.close()
        if not self._polling.is_running:
            await self._polling.start()
            self.events.lose()  # changes before the first look
