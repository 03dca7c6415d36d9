"""The folder that documents are exported to. Nothing is ever written or deleted outside of it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final, Literal

from graph.errors import UsageError
from loaders.export.exported_file import HTML, MARKDOWN
from loaders.files.places import is_utf8
from loaders.sites.rules.rule_file import NAME

MARKER: Final = ".newsgraph-export"
"""The folder that says that an export made the folder around it; files are written in it first."""

_TEMPORARY: Final = ".tmp"

_FRONT_MATTER: Final = b"---\n"

WriteResult = Literal["added", "updated", "unchanged"]


class OutsideFolder(OSError):
    """A path leads out of the exported folder."""


class ExportFolder:
    """A folder of exported files."""

    def __init__(self, folder: Path) -> None:
        self._root = os.path.realpath(folder)
        self._marker = os.path.join(self._root, MARKER)
        self._temporary = os.path.join(self._marker, f"{os.getpid()}{_TEMPORARY}")

    @staticmethod
    def prepared(folder: Path, rules: str) -> ExportFolder:
        """Create the folder with these rules as its newsgraph.toml, unless an earlier export did.

        Raises UsageError if it is a file, or holds anything that no export wrote.
        """
        marker = folder / MARKER
        if folder.exists() and not folder.is_dir():
            raise UsageError(f"{folder}: is not a folder")
        if folder.is_dir() and any(folder.iterdir()) and not marker.is_dir():
            raise UsageError(
                f"{folder}: is not empty, and was not made by an export: name a new folder"
            )
        marker.mkdir(parents=True, exist_ok=True)
        prepared = ExportFolder(folder)
        prepared._delete_temporary_files()
        prepared.write(NAME, rules.encode())
        return prepared

    @property
    def is_case_sensitive(self) -> bool:
        """Whether names that differ only in case are those of different files."""
        return not os.path.exists(os.path.join(self._root, MARKER.upper()))

    def write(self, path: str, data: bytes) -> WriteResult:
        """Write a file atomically, unless it has this content. Raises OSError."""
        target = self._inside(path)
        current = _content(target)
        if current == data:
            return "unchanged"
        os.makedirs(os.path.dirname(target), exist_ok=True)
        try:
            with open(self._temporary, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            os.replace(self._temporary, target)
        except BaseException:
            with suppress(OSError):
                os.unlink(self._temporary)
            raise
        return "added" if current is None else "updated"

    def _delete_temporary_files(self) -> None:
        """Delete what exports left that were killed."""
        for name in os.listdir(self._marker):
            pid = name.removesuffix(_TEMPORARY)
            if name != pid and pid.isdecimal() and not _is_other_process(int(pid)):
                with suppress(OSError):
                    os.unlink(os.path.join(self._marker, name))

    def paths(self) -> Iterator[str]:
        """Yield the paths of the files that may be exported documents, hidden ones excepted."""
        for folder, folders, names in os.walk(self._root):
            folders[:] = [name for name in folders if name[0] != "."]
            below = os.path.relpath(folder, self._root)
            for name in names:
                if name[0] != "." and name.endswith((MARKDOWN, HTML)) and is_utf8(name):
                    yield name if below == "." else f"{below}/{name}"

    def delete(self, path: str) -> bool:
        """Delete a document's file and the folders that are then empty.

        Return False if the file has no front matter: no export wrote it. Raises OSError.
        """
        target = self._inside(path)
        with open(target, "rb") as file:
            if file.read(len(_FRONT_MATTER)) != _FRONT_MATTER:
                return False
        os.unlink(target)
        with suppress(OSError):  # the first folder that is not empty
            while (target := os.path.dirname(target)) != self._root:
                os.rmdir(target)
        return True

    def _inside(self, path: str) -> str:
        """Return the absolute path. Raises OutsideFolder if a link on the way leads elsewhere."""
        target = os.path.join(self._root, path)
        parent = os.path.realpath(os.path.dirname(target))
        if os.path.commonpath([parent, self._root]) != self._root:
            raise OutsideFolder(None, "a link leads out of the exported folder")
        return os.path.join(parent, os.path.basename(target))


def _content(path: str) -> bytes | None:
    """Return the content of a file; None if there is none, or only a link."""
    if os.path.islink(path):
        return None
    try:
        with open(path, "rb") as file:
            return file.read()
    except FileNotFoundError:
        return None


def _is_other_process(pid: int) -> bool:
    """Return whether another process than this one has this id."""
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        return True
    return pid != os.getpid()
