"""The folders to watch for some places: those that a load would enter."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from loaders.files.discover import walk
from loaders.files.places import Place, Root, SourceFile, has_extension, is_utf8
from loaders.files.selection import FileSelection

MAX_LINKS: Final = 40
"""The maximum number of links on the way of a path, as on Linux."""


@dataclass
class WatchedFolders:
    """The folders to watch for some places. All paths are absolute.

    `folders` may hold documents. `links` maps each path on the way of a link, and its target, to
    the files that are such links; the folders of these paths are watched, too. `targets` is its
    inverse. `unreadable` folders cannot be watched.
    """

    places: Sequence[Place]
    selection: FileSelection
    folders: set[str] = field(default_factory=set)
    links: dict[str, set[str]] = field(default_factory=dict)
    targets: dict[str, set[str]] = field(default_factory=dict)
    unreadable: set[str] = field(default_factory=set)

    @property
    def to_watch(self) -> set[str]:
        """The folders in which relevant events can happen."""
        return self.folders.union(map(os.path.dirname, self.links))

    def refresh(self) -> None:
        """Find all folders and links again."""
        self.folders, self.unreadable = set(), set()
        self.links, self.targets = {}, {}
        for place in self.places:
            self._add(place)

    def changed(self, events: Iterable[str]) -> set[str]:
        """Return the paths at which documents may have changed, after events at the paths
        `events`.
        """
        paths: set[str] = set()
        for path in events:
            paths |= self.links.get(path, set())
            if path in self.folders or self._is_candidate(path):
                paths.add(path)
        return paths

    def update(self, paths: Iterable[str]) -> bool:
        """Add new folders and links, and remove old ones. Return whether there were any.

        A folder with an event at its own path counts as both: it may have been replaced.
        """
        before = self.to_watch
        is_replaced = False
        for path in paths:
            self._drop_link(path)
            if path in self.folders or path in self.unreadable:
                is_replaced = True
                self._drop_folder(path)
            for place in self.places:
                self._add_part(place, path)
        return is_replaced or self.to_watch != before

    def _is_candidate(self, path: str) -> bool:
        folder, name = os.path.split(path)
        if folder not in self.folders or name.startswith("."):
            return False
        if not any(is_at_or_below(path, place) for place in self.places):
            return False
        return has_extension(name) or path in self.unreadable or os.path.isdir(path)

    def _add(self, place: Place) -> None:
        if not place.is_folder:
            self._add_folder(place.folder.absolute)
            self._add_link(place.absolute)
            return
        for entry in walk([place], self.selection):
            if isinstance(entry, Place):
                self._add_folder(entry.absolute)
            elif isinstance(entry, SourceFile):
                self._add_link(entry.absolute)

    def _add_part(self, place: Place, path: str) -> None:
        """Add what is now at a path in a watched folder, if it belongs to a place."""
        relative = os.path.relpath(path, place.root.name) if is_at_or_below(path, place) else None
        if relative is None:
            return
        if path == place.absolute:
            self._add(place)
        elif has_extension(path):
            if self.selection.takes(relative) and _leads_below(path, place.root):
                self._add_link(path)
        elif (
            os.path.isdir(path)
            and not os.path.islink(path)
            and self.selection.enters(f"{relative}/")
        ):
            self._add(Place(place.root, relative, is_folder=True))

    def _add_folder(self, path: str) -> None:
        if os.access(path, os.R_OK | os.X_OK):
            self.folders.add(path)
        elif os.path.isdir(path):
            self.unreadable.add(path)

    def _add_link(self, path: str) -> None:
        for target in map(self._named, _way_of(path)):
            if not is_utf8(target) or not os.access(os.path.dirname(target), os.R_OK | os.X_OK):
                continue  # a comparison of all files finds its changes
            self.targets.setdefault(path, set()).add(target)
            self.links.setdefault(target, set()).add(path)

    def _named(self, real: str) -> str:
        """Return a real path as a path below its place: a folder is watched under one name only."""
        for place in self.places:
            folder = place.folder.absolute
            base = os.path.realpath(folder)
            if real.startswith(f"{base}/"):
                return os.path.join(folder, real[len(base) + 1 :])
        return real

    def _drop_folder(self, path: str) -> None:
        below = f"{path}/"
        self.folders = {f for f in self.folders if f != path and not f.startswith(below)}
        self.unreadable = {f for f in self.unreadable if f != path and not f.startswith(below)}
        for link in [link for link in self.targets if link.startswith(below)]:
            self._drop_link(link)

    def _drop_link(self, path: str) -> None:
        for target in self.targets.pop(path, set()):
            self.links[target].discard(path)
            if not self.links[target]:
                del self.links[target]


def _way_of(link: str) -> list[str]:
    """Return the links that a link leads through, after itself, and the final path.

    No folder in these paths is a link. The result is empty if it is not a link, or is broken.
    """
    if not os.path.islink(link):
        return []
    way: list[str] = []
    folder = os.path.realpath(os.path.dirname(link))
    ahead = [os.path.basename(link)]  # the remaining parts, in reverse order
    while ahead:
        path = os.path.normpath(os.path.join(folder, ahead.pop()))
        try:
            target = os.readlink(path)
        except OSError:  # not a link
            folder = path
            continue
        way.append(path)
        if len(way) > MAX_LINKS:
            return []
        ahead += reversed(target.split("/"))
        folder = "/" if os.path.isabs(target) else folder
    return [*way[1:], folder]


def _leads_below(path: str, root: Root) -> bool:
    """Return whether a path leads below a root, even if no file is there now: it may reappear."""
    return os.path.realpath(path).startswith(os.path.join(os.path.realpath(root.name), ""))


def is_at_or_below(path: str, place: Place) -> bool:
    """Return whether an absolute path is a place, or below it."""
    base = place.absolute
    return path == base or (place.is_folder and path.startswith(os.path.join(base, "")))


def signatures(places: Sequence[Place], selection: FileSelection) -> dict[str, int]:
    """Return for each file a number that changes when the file does. Takes about 150 bytes each."""
    watched: dict[str, int] = {}
    for place in places:
        entries = walk([place], selection) if place.is_folder else [_file(place)]
        for entry in entries:
            if isinstance(entry, SourceFile):
                path = entry.absolute
                try:
                    status = os.stat(path)
                except OSError:
                    continue
                parts = status.st_size, status.st_mtime_ns, status.st_ino, status.st_mode
                watched[path] = hash(parts)
    return watched


def _file(place: Place) -> SourceFile:
    return SourceFile(place.root, place.path, "")
