"""From paths to the files that hold documents, and from a file to its bytes."""

from __future__ import annotations

import os
import stat
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from graph.errors import UsageError

EXTENSIONS: Final = frozenset({".md", ".markdown", ".txt", ".yml", ".yaml"})
MAX_FILE_BYTES: Final = 16_000_000


class UnreadableFile(Exception):
    """A found file cannot be read; the message says why."""


@dataclass(frozen=True)
class Found:
    """A file that should hold a document, and the identity that its place gives it.

    `slug` is the path below the loaded root without its extension, with `/` between its parts,
    in Unicode's composed form: file systems differ in how they spell accents.
    """

    path: Path
    slug: str


def discover(paths: Sequence[Path]) -> Iterator[Found]:
    """The files below `paths`, each once, in an order that depends on nothing but their names.

    A folder is a root; the root of a single file is its folder. Raises UsageError, which names
    the path, for one that is missing, cannot be read, or is no document.
    """
    seen: set[tuple[Path, str]] = set()
    for path in paths:
        for found in _below(path):
            key = (found.path.absolute(), found.slug)
            if key not in seen:
                seen.add(key)
                yield found


def read(path: Path) -> bytes:
    """The bytes of a file of at most MAX_FILE_BYTES, else UnreadableFile."""
    try:
        with path.open("rb") as file:
            if os.fstat(file.fileno()).st_size > MAX_FILE_BYTES:
                raise UnreadableFile(_TOO_LARGE)
            data = file.read(MAX_FILE_BYTES + 1)
    except OSError as error:
        raise UnreadableFile(f"cannot be read: {error.strerror}") from None
    if len(data) > MAX_FILE_BYTES:
        raise UnreadableFile(_TOO_LARGE)
    return data


_TOO_LARGE: Final = f"is larger than {MAX_FILE_BYTES // 1_000_000} MB"


def _below(path: Path) -> Iterator[Found]:
    try:
        mode = path.stat().st_mode
    except (OSError, ValueError) as error:
        raise _unreadable(path, error) from None
    if stat.S_ISDIR(mode):
        root = path.resolve()
        yield from (_found(file, path) for file in _walk(path, root))
    else:
        _require_document(path, mode)
        yield _found(path, path.parent)


def _walk(folder: Path, root: Path) -> Iterator[Path]:
    try:
        with os.scandir(folder) as listing:
            entries = sorted(listing, key=lambda entry: entry.name)
    except OSError as error:
        raise _unreadable(folder, error) from None
    for entry in entries:
        if entry.name.startswith("."):
            continue
        path = folder / entry.name
        # Links to folders are not followed: they can form loops.
        if entry.is_dir(follow_symlinks=False):
            yield from _walk(path, root)
        elif path.suffix.lower() in EXTENSIONS and _is_file_within(entry, root):
            yield path


def _is_file_within(entry: os.DirEntry[str], root: Path) -> bool:
    """Whether an entry is a regular file: no pipe, no device, no link out of the root."""
    try:
        if not entry.is_symlink():
            return entry.is_file(follow_symlinks=False)
        return entry.is_file() and Path(entry.path).resolve().is_relative_to(root)
    except OSError:  # a link to itself
        return False


def _require_document(path: Path, mode: int) -> None:
    if not stat.S_ISREG(mode):
        raise UsageError(f"{path}: is neither a file nor a folder")
    if path.suffix.lower() not in EXTENSIONS:
        raise UsageError(f"{path}: the name does not end in one of {', '.join(sorted(EXTENSIONS))}")
    if not os.access(path, os.R_OK):
        raise UsageError(f"{path}: cannot be read: Permission denied")


def _found(path: Path, root: Path) -> Found:
    slug = path.relative_to(root).with_suffix("").as_posix()
    return Found(path, unicodedata.normalize("NFC", slug))


def _unreadable(path: Path, error: OSError | ValueError) -> UsageError:
    reason = error.strerror if isinstance(error, OSError) else error
    return UsageError(f"{path}: cannot be read: {reason}")
