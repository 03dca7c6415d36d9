"""The places to load documents from: the paths that a command names."""

from __future__ import annotations

import os
import stat
import unicodedata
from collections.abc import Sequence
from pathlib import Path
from typing import Final, NamedTuple

from graph.errors import UsageError

EXTENSIONS: Final = frozenset(
    {".md", ".markdown", ".mdx", ".qmd", ".html", ".htm", ".txt", ".yml", ".yaml"}
)
COMPRESSED: Final = ".gz"

INDEXES: Final = frozenset({"index", "_index"})
"""Names of the files that stand for their folder."""


class Root(NamedTuple):
    """A folder that documents are loaded from: its path as the command names it, and its absolute
    path.

    `source` is its name in stored documents, instead of its path. With `has_bundles`, the index
    file of a folder has the slug of the folder, as with most generators.
    """

    folder: str
    name: str
    source: str = ""
    has_bundles: bool = False

    @property
    def identity(self) -> str:
        """Its name in stored documents."""
        return self.source or self.name

    def slug_of(self, path: str) -> str:
        """Return the slug of a file: its path without the extension, in Unicode's composed form
        (NFC).

        With bundles, the slug of `a/index.md` and of `a/_index.md` is `a`.
        """
        folder, _, name = path.rpartition("/")
        base = stem(name)
        if self.has_bundles and folder and base in INDEXES:
            slug = folder
        else:
            slug = f"{folder}/{base}" if folder else base
        return slug if slug.isascii() else unicodedata.normalize("NFC", slug)


class SourceFile(NamedTuple):
    """A file that should hold a document.

    `path` is relative to the root. `slug` is the path without the extension, with `/` between its
    parts and in Unicode's composed form (NFC): file systems differ in how they spell accents.
    `is_named` says that the command names this file, and not just a folder above it.
    """

    root: Root
    path: str
    slug: str
    is_named: bool = False

    @property
    def file(self) -> str:
        """The path to show."""
        return f"{self.root.folder}/{self.path}" if self.root.folder else self.path

    @property
    def absolute(self) -> str:
        """The absolute path: the working directory may be replaced while files are loaded."""
        return os.path.join(self.root.name, self.path)


class Place(NamedTuple):
    """A file or folder to load; `path` is relative to the root."""

    root: Root
    path: str
    is_folder: bool

    @property
    def file(self) -> str:
        """The path to show."""
        return os.path.join(self.root.folder or ".", self.path)

    @property
    def absolute(self) -> str:
        return os.path.join(self.root.name, self.path) if self.path else self.root.name

    @property
    def folder(self) -> Place:
        """The folder itself, or the one that contains the file."""
        return self if self.is_folder else Place(self.root, os.path.dirname(self.path), True)

    @property
    def identity(self) -> tuple[int, int] | None:
        """The device and inode of its folder, with links resolved; None if it cannot be read."""
        folder = self.folder.absolute
        try:
            status = os.stat(folder)
        except OSError:
            return None
        if not stat.S_ISDIR(status.st_mode) or not os.access(folder, os.R_OK | os.X_OK):
            return None
        return status.st_dev, status.st_ino

    def holds(self, path: str) -> bool:
        """Return whether a path, relative to the same root, is this place or below it."""
        if self.path == path or (self.is_folder and not self.path):
            return True
        return self.is_folder and path.startswith(f"{self.path}/")


def places(paths: Sequence[Path], base: Path | None = None) -> list[Place]:
    """Return the places that these paths name. A folder is a root, and so is the folder of a file,
    unless `base` is the root of all.

    Raises UsageError, which names the path, if one is missing, cannot be read, cannot hold a
    document, or is not below `base`.
    """
    if base is not None and not stat.S_ISDIR(_mode(base)):
        raise UsageError(f"--root {base}: is not a folder")
    distinct: dict[Place, None] = {}
    for path in paths:
        mode = _mode(path)
        is_folder = stat.S_ISDIR(mode)
        if not is_folder:
            _require_document(path, mode)
        root = _root(base if base is not None else path if is_folder else path.parent)
        distinct[Place(root, _below(path, root), is_folder)] = None
    return [place for place in distinct if not any(_is_above(other, place) for other in distinct)]


def _is_above(folder: Place, place: Place) -> bool:
    """Return whether a folder is above a place, which is then part of the walk of the folder."""
    return folder != place and folder.root == place.root and folder.holds(place.path)


def has_extension(name: str) -> bool:
    """Return whether the extension of a file name is one of a document."""
    return stem(name) not in ("", name)


def stem(name: str) -> str:
    """Return a file name without its extension, which may include `.gz`."""
    base, dot, extension = name.rpartition(".")
    if f"{dot}{extension}".lower() == COMPRESSED:
        base, dot, extension = base.rpartition(".")
    return base if f"{dot}{extension}".lower() in EXTENSIONS else name


def is_utf8(name: str) -> bool:
    """Return whether a name can be stored. Bytes that are not UTF-8 arrive as lone surrogates."""
    return name.isascii() or not any("\ud800" <= letter <= "\udfff" for letter in name)


def _mode(path: Path) -> int:
    try:
        mode = path.stat().st_mode
        if not os.access(path, os.R_OK):
            raise PermissionError(13, "Permission denied")
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror}") from None
    except ValueError:  # whose message depends on Python's version
        raise UsageError(f"{path}: cannot be read: the name contains a NUL character") from None
    if not is_utf8(os.path.abspath(path)):
        raise UsageError(f"{path}: the name is not UTF-8")
    return mode


def _require_document(path: Path, mode: int) -> None:
    if not stat.S_ISREG(mode):
        raise UsageError(f"{path}: is neither a file nor a folder")
    if not has_extension(path.name):
        extensions = ", ".join(sorted(EXTENSIONS))
        raise UsageError(f"{path}: the name does not end in one of {extensions}, perhaps with .gz")


def _root(folder: Path) -> Root:
    return Root("" if folder == Path() else str(folder), os.path.abspath(folder))


def _below(path: Path, root: Root) -> str:
    """Return the path relative to its root, with `/` between its parts. Raises UsageError if it is
    not below the root.
    """
    place = os.path.relpath(os.path.abspath(path), root.name)
    if place == ".." or place.startswith("../"):
        raise UsageError(f"{path}: is not below the root {root.folder or '.'}")
    return "" if place == "." else place
