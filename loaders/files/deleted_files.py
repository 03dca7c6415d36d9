"""Whether the file of a document has been deleted."""

from __future__ import annotations

import os
from errno import ENAMETOOLONG, ENOENT, ENOTDIR
from itertools import product
from typing import Final

from loaders.files.places import COMPRESSED, EXTENSIONS, stem

NOT_FOUND_ERRORS: Final = frozenset({ENOENT, ENOTDIR, ENAMETOOLONG})
"""Errors that prove that a path does not exist. Other errors prove nothing."""

_ENDINGS: Final = tuple(map("".join, product(sorted(EXTENSIONS), ("", COMPRESSED))))


def is_deleted(root: str, path: str) -> bool:
    """Return whether no file is at a path below a root, nor one of the same slug beside it."""
    file = os.path.join(root, path)
    return _is_missing(file) and all(_is_missing(stem(file) + ending) for ending in _ENDINGS)


def _is_missing(file: str) -> bool:
    """Return whether a file certainly does not exist. An unreadable folder proves nothing."""
    try:
        os.lstat(file)
    except OSError as error:
        return error.errno in NOT_FOUND_ERRORS
    return False
