"""Find the files of documents.

Folders are walked while their files are loaded: no list of all files is held in memory.
"""

from __future__ import annotations

import os
import stat
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from heapq import heappop, heappush
from itertools import islice
from pathlib import Path
from typing import Final, NamedTuple

from loaders.files.places import Place, Root, SourceFile, has_extension, is_utf8
from loaders.files.selection import EVERY_FILE, FileSelection

LARGE: Final = 10_000
"""The number of entries above which a folder is read twice, instead of being listed in memory."""

NOT_UTF_8: Final = "the name is not UTF-8"


class Skipped(NamedTuple):
    """A file or folder that is not loaded, and the reason. `fault` says that this is an error."""

    path: str
    reason: str
    fault: bool


def discover(
    places: Sequence[Place], selection: FileSelection = EVERY_FILE
) -> Iterator[SourceFile | Skipped]:
    """Yield the files at these places, each once, and the files and folders that are skipped.

    Files with the same slug, or with slugs that differ only in case, are skipped. Each gets a fault
    that names the others: on some systems they would be one file.
    """
    named = [_source_file(place.root, place.path) for place in places if not place.is_folder]
    files = [file._replace(is_named=True) for file in named]
    walk = _Walk(selection, [file for file in files if selection.takes(file.path)])
    yield from walk.all([place for place in places if place.is_folder])


def find(
    place: Place, paths: Iterable[str], selection: FileSelection = EVERY_FILE
) -> Iterator[SourceFile | Skipped]:
    """Yield what is at these paths of a place now: files, and all files of folders."""
    folders: list[Place] = []
    parents: set[str] = set()
    slugs: set[str] = set()
    for path in sorted(filter(place.holds, paths), key=lambda path: path.split("/")):
        if folders and folders[-1].holds(path):
            continue  # found with its folder
        folder = Place(place.root, path, is_folder=True)
        if _can_be_entered(folder, place):
            folders.append(folder)
        if path != place.path or not place.is_folder:
            slug = place.root.slug_of(path)
            slugs.add(slug_identity(slug))
            parents.update(_folders_of(place.root, path, slug))
    yield from _Walk(selection).all(folders)
    around = (Place(place.root, parent, is_folder=True) for parent in sorted(parents))
    around = (folder for folder in around if not any(place.holds(folder.path) for place in folders))
    yield from _Walk(selection, only=slugs).all(
        [folder for folder in around if _can_be_entered(folder, place)]
    )


def walk(
    places: Sequence[Place], selection: FileSelection = EVERY_FILE
) -> Iterator[SourceFile | Skipped | Place]:
    """Yield every folder at these places, followed by its contents. Slugs are not compared."""
    listing = _Walk(selection, start_folders=set(places))
    ahead = [place for place in places if place.is_folder]
    while ahead:
        yield (folder := ahead.pop())
        for entry in listing.entries([folder]):
            if isinstance(entry, Place):
                ahead.append(entry)
            else:
                yield entry


def _folders_of(root: Root, path: str, slug: str) -> Iterator[str]:
    """Yield the folders that files of a slug can be in."""
    yield os.path.dirname(path)
    if root.has_bundles:
        yield os.path.dirname(slug)
        yield slug


def _can_be_entered(folder: Place, place: Place) -> bool:
    """Return whether a walk of the place reaches this folder.

    Walks follow no links, and do not enter folders that are hidden or have the name of a document.
    """
    base = place.folder
    parts = list(filter(None, folder.path.removeprefix(base.path).split("/")))
    if any(part.startswith(".") or has_extension(part) for part in parts):
        return False
    ways = [os.path.join(base.absolute, *parts[:number]) for number in range(1, len(parts) + 1)]
    return os.path.isdir(folder.absolute) and not any(map(os.path.islink, ways))


@dataclass
class _Walk:
    """A walk through folders that may hold files of the same slug, which it detects.

    Folders whose paths differ only in case, or lie in different roots, are walked as one.
    `named_files` are loaded as well; `only` limits the walk to these slugs. The walk begins with
    `start_folders`.
    """

    selection: FileSelection
    named_files: Sequence[SourceFile] = ()
    only: set[str] | None = None
    start_folders: set[Place] = field(default_factory=set)
    by_identity: dict[str, list[SourceFile]] = field(default_factory=dict)
    ahead: dict[str, list[Place]] = field(default_factory=dict)
    order: list[str] = field(default_factory=list)

    def all(self, folders: list[Place]) -> Iterator[SourceFile | Skipped]:
        for file in self.named_files:
            self.by_identity.setdefault(slug_identity(file.slug), []).append(file)
        self.start_folders.update(folders)
        for folder in folders:
            self._add(folder)
        # A folder precedes all below it, so that folders of the same identity are complete when
        # they are read. Folders can be nested too deeply for recursion.
        while self.order:
            yield from self._files(self.ahead.pop(heappop(self.order)))
        yield from self._resolved(self.by_identity.values())

    def _add(self, folder: Place) -> None:
        identity = slug_identity(folder.path)
        if identity not in self.ahead:
            heappush(self.order, identity)
        self.ahead.setdefault(identity, []).append(folder)

    def _files(self, folders: list[Place]) -> Iterator[SourceFile | Skipped]:
        """Find the duplicate slugs, then yield the files. A large folder is read twice for this."""
        entries = list(islice(self.entries(folders), LARGE))
        is_large = len(entries) == LARGE
        duplicates, below = self._duplicate_slugs(self.entries(folders) if is_large else entries)
        possible_duplicates: dict[str, list[SourceFile]] = {}
        for entry in self.entries(folders) if is_large else entries:
            if isinstance(entry, Skipped):
                yield entry
            elif isinstance(entry, Place):
                if self.only is None:
                    self._add(entry)
            elif (identity := slug_identity(entry.slug)) in self.by_identity:
                self.by_identity[identity].append(entry)
            elif hash(identity) in below:  # the index of that folder may have the same slug
                self.by_identity[identity] = [entry]
            elif hash(identity) in duplicates:
                possible_duplicates.setdefault(identity, []).append(entry)
            else:
                yield entry
        yield from self._resolved(possible_duplicates.values())

    def _duplicate_slugs(
        self, entries: Iterable[SourceFile | Skipped | Place]
    ) -> tuple[set[int], set[int]]:
        """Return hashes of the slugs that occur more than once, also as the name of a folder.

        A hash takes eight bytes, however long the name is.
        """
        seen: set[int] = set()
        twice: set[int] = set()
        below: set[int] = set()
        for entry in entries:
            if isinstance(entry, SourceFile):
                mark = hash(slug_identity(entry.slug))
                (twice if mark in seen else seen).add(mark)
            elif isinstance(entry, Place) and entry.root.has_bundles:
                below.add(hash(slug_identity(entry.path)))
        return twice, below

    def _resolved(self, groups: Iterable[list[SourceFile]]) -> Iterator[SourceFile | Skipped]:
        for group in groups:
            distinct: dict[str, SourceFile] = {}
            for file in group:
                distinct.setdefault(os.path.join(file.root.name, file.path), file)
            for file in distinct.values():
                others = sorted(other.file for other in distinct.values() if other != file)
                if others:
                    reason = f"has the same slug as {', '.join(others)}: '{file.slug}'"
                    yield Skipped(file.file, reason, fault=True)
                else:
                    yield file

    def entries(self, folders: Iterable[Place]) -> Iterator[SourceFile | Skipped | Place]:
        for folder in folders:
            try:
                with os.scandir(folder.absolute) as listing:
                    for item in listing:
                        if entry := self._entry(folder, item):
                            yield entry
            except (FileNotFoundError, NotADirectoryError) as error:
                if folder in self.start_folders:  # others were deleted after they were listed
                    yield _unreadable(folder, error)
            except OSError as error:
                yield _unreadable(folder, error)

    def _entry(self, folder: Place, item: os.DirEntry[str]) -> SourceFile | Skipped | Place | None:
        if item.name.startswith("."):
            return None
        path = f"{folder.path}/{item.name}" if folder.path else item.name
        if item.is_dir(follow_symlinks=False):
            return self._folder(folder, item, path) if self.selection.enters(f"{path}/") else None
        if has_extension(item.name):
            return self._file(folder, item, path) if self.selection.takes(path) else None
        if _is_link_to_folder(item) and self.selection.enters(f"{path}/"):
            reason = "is a link to a folder, not followed"
            return Skipped(_display_path(folder, path), reason, fault=False)
        return None

    def _folder(self, folder: Place, item: os.DirEntry[str], path: str) -> Skipped | Place:
        if has_extension(item.name):
            return Skipped(_display_path(folder, path), "is a folder, not a document", fault=False)
        if not is_utf8(item.name):
            return Skipped(_display_path(folder, path), NOT_UTF_8, fault=True)
        return Place(folder.root, path, is_folder=True)

    def _file(
        self, folder: Place, item: os.DirEntry[str], path: str
    ) -> SourceFile | Skipped | None:
        if not is_utf8(item.name):
            return Skipped(_display_path(folder, path), NOT_UTF_8, fault=True)
        file = _source_file(folder.root, path)
        if self.only is not None and slug_identity(file.slug) not in self.only:
            return None
        reason = _reason_to_skip(item, folder.root)
        if reason is None:
            return file
        return Skipped(file.file, reason, fault=False) if os.path.lexists(item.path) else None


def _unreadable(folder: Place, error: OSError) -> Skipped:
    return Skipped(_display_path(folder), f"cannot be read: {error.strerror}", fault=True)


def _is_link_to_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_symlink() and entry.is_dir()
    except OSError:  # a link to itself, or to an unreadable folder
        return False


def _reason_to_skip(entry: os.DirEntry[str], root: Root) -> str | None:
    """Return why an entry is not a file to load: it is a pipe or a device, or leads out of the
    root.
    """
    try:
        if not entry.is_symlink():
            return None if entry.is_file(follow_symlinks=False) else "is not a regular file"
        if not stat.S_ISREG(entry.stat().st_mode):
            return "is a link to something that is not a regular file"
        inside = Path(entry.path).resolve().is_relative_to(Path(root.name).resolve())
    except OSError as error:
        return f"is a link that leads nowhere: {error.strerror}"
    return None if inside else "is a link that leads out of the loaded folder"


def _source_file(root: Root, path: str) -> SourceFile:
    return SourceFile(root, path, root.slug_of(path))


def slug_identity(slug: str) -> str:
    """Return what slugs have in common that differ only in case."""
    if slug.isascii():
        return slug.lower()
    return unicodedata.normalize("NFC", slug).casefold()


def _display_path(folder: Place, path: str | None = None) -> str:
    file = os.path.join(folder.root.folder, folder.path if path is None else path) or "."
    return file.encode("utf-8", "replace").decode()
