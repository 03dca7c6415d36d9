"""Discover: which files below the given paths are documents."""

from __future__ import annotations

import os
import stat
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final

from graph.errors import UsageError

ENDINGS: Final = frozenset({".md", ".markdown", ".txt", ".yml", ".yaml"})
YAML_ENDINGS: Final = frozenset({".yml", ".yaml"})


@dataclass(frozen=True, slots=True)
class Found:
    """A file that should be a document. `name` is its path below the root, `/` between parts."""

    path: Path
    name: str

    @property
    def slug(self) -> str:
        """The name without its ending: the document's identity."""
        return str(PurePosixPath(self.name).with_suffix(""))


def discover(paths: Sequence[Path]) -> Iterator[Found]:
    """The documents below these folders, and these files, each once, in order of their names.

    Hidden files and folders, links that lead out of a root, and everything that is no regular
    file are passed over. Raises UsageError for a path that is not there or cannot be read.
    """
    for path in paths:
        if not path.exists():
            raise UsageError(f"{path}: there is no such file or folder")
        if not os.access(path, os.R_OK):
            raise UsageError(f"{path}: no permission to read it")
        if path.is_dir():
            yield from _below(path, path.resolve(), "")
        else:
            yield Found(path, _normal(path.name))


def _below(folder: Path, root: Path, prefix: str) -> Iterator[Found]:
    for entry in sorted(os.scandir(folder), key=lambda entry: entry.name):
        if entry.name.startswith("."):
            continue
        path = Path(entry.path)
        name = f"{prefix}{_normal(entry.name)}"
        if entry.is_dir(follow_symlinks=False):
            yield from _below(path, root, f"{name}/")
        elif path.suffix.lower() in ENDINGS and _is_document(path, root):
            yield Found(path, name)


def _is_document(path: Path, root: Path) -> bool:
    try:
        inside = path.resolve(strict=True).is_relative_to(root)
        return inside and stat.S_ISREG(path.stat().st_mode)
    except (OSError, RuntimeError):  # a link to nothing, or to itself
        return False


def _normal(name: str) -> str:
    return unicodedata.normalize("NFC", name)
