"""Whether the folders of places are present, were replaced, or may not be mounted."""

from __future__ import annotations

import os
from collections.abc import Collection, Sequence

from loaders.files.places import Place
from loaders.load.prune import holds_documents
from loaders.watch.folders import is_at_or_below
from loaders.watch.messages import Messages

FolderIdentity = tuple[int, int] | None
"""The device and inode of a folder; None if it is not present."""


class Mounts:
    """The folders of some places, and whether documents that are gone from them were deleted.

    A folder that is new and empty is more often not mounted than emptied. The documents that were
    loaded from it therefore stay until it contains some.
    """

    def __init__(self, places: Sequence[Place], messages: Messages) -> None:
        self._messages = messages
        self._identities = {place: place.identity for place in places}
        self._filled: set[Place] = set()
        self._empty: set[Place] = set()

    def note_replaced(self, paths: Collection[str]) -> bool:
        """Return whether the folder of a place was replaced; `paths` are those of events."""
        is_replaced = False
        for place, before in self._identities.items():
            identity = self._identities[place] = place.identity
            if identity != before:
                self._messages.say(f"{place.folder.file}: {_state(place.folder, identity)}")
            elif place.folder.absolute not in paths:  # a new folder can have the inode of the old
                continue
            self._filled.discard(place)
            is_replaced = True
        return is_replaced

    def may_be_filled(self, paths: Collection[str]) -> bool:
        """Return whether an event at one of `paths` may have filled an empty place."""
        return any(is_at_or_below(path, place) for place in self._empty for path in paths)

    def is_present(self, place: Place) -> bool:
        """Return whether the folder of a place is present, and is the one noted last."""
        identity = place.identity
        return identity is not None and identity == self._identities[place]

    def may_be_pruned(self, place: Place) -> bool:
        """Return whether documents that are missing from a place have been deleted."""
        if holds_documents(place):
            self._filled.add(place)
        elif place not in self._filled:
            self._empty.add(place)
            self._messages.say_once(
                f"{place.file} contains no documents; those that were loaded from it stay",
                place.file,
            )
            return False
        self._empty.discard(place)
        self._messages.forget(place.file)
        return True


def _state(folder: Place, identity: FolderIdentity) -> str:
    """Say what happened to the folder of a place."""
    if identity is not None:
        return "was replaced"
    state = "cannot be read" if os.path.isdir(folder.absolute) else "is not there"
    return f"{state}; its documents stay"
