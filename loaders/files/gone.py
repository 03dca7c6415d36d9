"""Whether a document's file is gone."""

from __future__ import annotations

import os
from errno import ENAMETOOLONG, ENOENT, ENOTDIR
from itertools import product
from typing import Final

from loaders.files.places import COMPRESSED, EXTENSIONS, stem

NOT_THERE: Final = frozenset({ENOENT, ENOTDIR, ENAMETOOLONG})
"""Errors that prove that a path does not exist. After any other, nobody knows."""

_ENDINGS: Final = tuple(map("".join, product(sorted(EXTENSIONS), ("", COMPRESSED))))


def is_gone(root: str, path: str) -> bool:
    """Whether there is no file at a path below a root, nor one of the same slug beside it."""
    file = os.path.join(root, path)
    return _is_missing(file) and all(_is_missing(stem(file) + ending) for ending in _ENDINGS)


def _is_missing(file: str) -> bool:
    """Only what is known to be away is gone: a folder that cannot be read says nothing."""
    try:
        os.lstat(file)
    except OSError as error:
        return error.errno in NOT_THERE
    return False
