"""The owner of a document: the root that it was loaded from, as long as its file exists."""

from __future__ import annotations

import os
from collections.abc import Iterable

from graph.store.load.stored_versions import Version
from loaders.files.deleted_files import is_deleted
from loaders.files.places import SourceFile


def owner(source_file: SourceFile, versions: Iterable[Version]) -> str | None:
    """Return the other root that owns a file's slug, or None if there is none or its file
    is gone.
    """
    for version in versions:
        if version.root != source_file.root.identity and _holds(version, source_file):
            return version.root
    return None


def former_root(source_file: SourceFile, versions: Iterable[Version]) -> str | None:
    """Return the other root that a file's document was loaded from, if its file there is gone."""
    others = (version for version in versions if version.root != source_file.root.identity)
    return next((version.root for version in others if _is_deleted(version)), None)


def _holds(version: Version, source_file: SourceFile) -> bool:
    return not _is_deleted(version) and not _is_same_file(version, source_file)


def _is_deleted(version: Version) -> bool:
    """Return whether its file is gone. This is unknown for the files of a named source."""
    return os.path.isabs(version.root) and is_deleted(version.root, version.path)


def _is_same_file(version: Version, source_file: SourceFile) -> bool:
    """Return whether the other root only leads to the same file by a link."""
    if not os.path.isabs(version.root):
        return False
    try:
        return os.path.samefile(os.path.join(version.root, version.path), source_file.absolute)
    except OSError:
        return False
