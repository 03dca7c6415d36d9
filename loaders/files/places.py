"""Where documents are loaded from: the paths that a command was given, and names of files."""

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
    """A folder that documents are loaded from: as the command names it, and its absolute path.

    `source` is the name that stored documents have for it, if not its path. With `has_bundles`,
    the index of a folder stands for the folder, as in most generators of sites.
    """

    folder: str
    name: str
    source: str = ""
    has_bundles: bool = False

    @property
    def identity(self) -> str:
        """What stored documents call it."""
        return self.source or self.name

    def slug_of(self, path: str) -> str:
        """The slug of a file: its path without the extension, in Unicode's composed form.

        With bundles, that of `a/index.md` and of `a/_index.md` is `a`.
        """
        folder, _, name = path.rpartition("/")
        own = stem(name)
        if self.has_bundles and folder and own in INDEXES:
            slug = folder
        else:
            slug = f"{folder}/{own}" if folder else own
        return slug if slug.isascii() else unicodedata.normalize("NFC", slug)


class FoundFile(NamedTuple):
    """A file that should hold a document, and the identity that its place gives it.

    `path` is the file's own below the root. `slug` is that without its extension, with `/` between
    its parts, in Unicode's composed form: file systems differ in how they spell accents.
    `is_named` says that the user named this file, and not just a folder above it.
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
        """The path to open: a relative one leads nowhere once the working directory is replaced."""
        return os.path.join(self.root.name, self.path)


class Place(NamedTuple):
    """A file or a folder that is to be loaded; `path` is its own below the root."""

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
        """The folder itself, or that of a file."""
        return self if self.is_folder else Place(self.root, os.path.dirname(self.path), True)

    @property
    def identity(self) -> tuple[int, int] | None:
        """Device and inode of its folder, links resolved; None where there is none to be read."""
        folder = self.folder.absolute
        try:
            status = os.stat(folder)
        except OSError:
            return None
        if not stat.S_ISDIR(status.st_mode) or not os.access(folder, os.R_OK | os.X_OK):
            return None
        return status.st_dev, status.st_ino

    def holds(self, path: str) -> bool:
        """Whether a path below the same root is this place, or in it."""
        if self.path == path or (self.is_folder and not self.path):
            return True
        return self.is_folder and path.startswith(f"{self.path}/")


def places(paths: Sequence[Path], base: Path | None = None) -> list[Place]:
    """The places that these paths name. A folder is a root, a file's folder is its root; `base`
    is the root of all, if it is given.

    Raises UsageError, which names the path, for one that is missing, cannot be read, can hold no
    document, or is not below `base`.
    """
    if base is not None and not stat.S_ISDIR(_mode(base)):
        raise UsageError(f"--root {base}: is not a folder")
    found: dict[Place, None] = {}
    for path in paths:
        mode = _mode(path)
        is_folder = stat.S_ISDIR(mode)
        if not is_folder:
            _require_document(path, mode)
        root = _root(base if base is not None else path if is_folder else path.parent)
        found[Place(root, _below(path, root), is_folder)] = None
    return [place for place in found if not any(_is_above(other, place) for other in found)]


def _is_above(folder: Place, place: Place) -> bool:
    """Whether a folder is above a place, which needs no visit of its own then."""
    return folder != place and folder.root == place.root and folder.holds(place.path)


def has_extension(name: str) -> bool:
    """Whether a file of this name should hold a document."""
    return stem(name) not in ("", name)


def stem(name: str) -> str:
    """A file's name without its extension, of which `.gz` may be a part."""
    base, dot, extension = name.rpartition(".")
    if f"{dot}{extension}".lower() == COMPRESSED:
        base, dot, extension = base.rpartition(".")
    return base if f"{dot}{extension}".lower() in EXTENSIONS else name


def is_utf8(name: str) -> bool:
    """Whether a name can be stored: what is not UTF-8 arrives as lone surrogates."""
    return name.isascii() or not any("\ud800" <= letter <= "\udfff" for letter in name)


def _mode(path: Path) -> int:
    try:
        mode = path.stat().st_mode
        if not os.access(path, os.R_OK):
            raise PermissionError(13, "Permission denied")
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror}") from None
    except ValueError:  # which Python words differently from version to version
        raise UsageError(f"{path}: cannot be read: the name holds a NUL character") from None
    if not is_utf8(os.path.abspath(path)):
        raise UsageError(f"{path}: the name is not UTF-8")
    return mode


def _require_document(path: Path, mode: int) -> None:
    if not stat.S_ISREG(mode):
        raise UsageError(f"{path}: is neither a file nor a folder")
    if not has_extension(path.name):
        known = ", ".join(sorted(EXTENSIONS))
        raise UsageError(f"{path}: the name does not end in one of {known}, perhaps with .gz")


def _root(folder: Path) -> Root:
    return Root("" if folder == Path() else str(folder), os.path.abspath(folder))


def _below(path: Path, root: Root) -> str:
    """The path below its root, with `/` between its parts; UsageError where it is not there."""
    place = os.path.relpath(os.path.abspath(path), root.name)
    if place == ".." or place.startswith("../"):
        raise UsageError(f"{path}: is not below the root {root.folder or '.'}")
    return "" if place == "." else place
