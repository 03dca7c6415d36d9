"""Read the bytes of a file: all from one moment, and within a limit."""

from __future__ import annotations

import gzip
import hashlib
import io
import os
import stat
import time
import zlib
from functools import lru_cache
from typing import Final, NamedTuple

from graph.fields.record_kinds import SHAPES, version_of
from loaders.files.places import COMPRESSED

MAX_FILE_BYTES: Final = 16_000_000
"""The maximum size of a file, and of what a compressed file expands to."""

_CONVERSION_RULES: Final = 8
"""Raise it when the document that a file yields changes for another reason than declared fields.

`tests/test_recorded_versions.py` fails if that is forgotten, as it does for the other versions.
"""

DOCUMENT_VERSION: Final = f"{_CONVERSION_RULES}-{version_of(SHAPES)}"
"""A file is parsed again if its document was made with another version."""

RULES_BYTES: Final = 4
"""The last bytes of a fingerprint, which depend on the rules only. While they stay the same, a file
of the same size and time has the same document.
"""

CLOCK_NS: Final = 2_000_000_000
"""The resolution of the coarsest file times, which are those of FAT, in nanoseconds."""

_ATTEMPTS: Final = 3
# Opening a pipe without a writer, or a device, must not block.
_FLAGS: Final = os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC


class UnreadableFile(Exception):
    """A file cannot be read; the message says why."""


class File(NamedTuple):
    """The bytes of a file, and when it was modified, in nanoseconds since 1970.

    `mtime` is 0 if that is so recent that another change might have the same time.
    """

    data: bytes
    mtime: int


def read(path: str) -> File:
    """Read a file as it is at one moment. Raises UnreadableFile."""
    try:
        descriptor = os.open(path, _FLAGS)
        try:
            return _read(descriptor)
        finally:
            os.close(descriptor)
    except OSError as error:
        raise UnreadableFile(f"cannot be read: {error.strerror}") from None


def _read(descriptor: int) -> File:
    before = os.fstat(descriptor)
    for _ in range(_ATTEMPTS):
        if not stat.S_ISREG(before.st_mode):
            raise UnreadableFile("is not a regular file")
        if before.st_size > MAX_FILE_BYTES:
            raise UnreadableFile(_TOO_LARGE)
        data = os.pread(descriptor, before.st_size + 1, 0)
        after = os.fstat(descriptor)
        if len(data) == after.st_size and after.st_mtime_ns == before.st_mtime_ns:
            return File(data, _reliable_mtime(after.st_mtime_ns))
        before = after
    raise UnreadableFile("changed while it was read: load it again")


def _reliable_mtime(mtime: int) -> int:
    return mtime if time.time_ns() - mtime > CLOCK_NS else 0


_TOO_LARGE: Final = f"is larger than {MAX_FILE_BYTES // 1_000_000} MB"


def content(path: str, data: bytes) -> bytes:
    """Return the content of a file, decompressed if it is a `.gz`. Raises UnreadableFile."""
    if not path.lower().endswith(COMPRESSED):
        return data
    try:
        # Not gzip.decompress: a small file may expand to more than there is memory.
        with gzip.open(io.BytesIO(data)) as file:
            expanded = file.read(MAX_FILE_BYTES + 1)
        if not data:  # which gzip takes for zero files, one after the other
            raise EOFError
    except (OSError, EOFError, zlib.error):
        raise UnreadableFile("is not a complete gzip file") from None
    if len(expanded) > MAX_FILE_BYTES:
        raise UnreadableFile(f"expands to more than {MAX_FILE_BYTES // 1_000_000} MB")
    return expanded


def fingerprint(
    root: str, path: str, data: bytes, volatile: frozenset[str], mapping: bytes = b""
) -> bytes:
    """Return 16 bytes that identify everything that the document of a file depends on.

    `mapping` is the fingerprint of the site's mapping. The last bytes are those of
    `rules_fingerprint`.
    """
    digest = _salted(root, volatile, mapping).copy()
    rules = digest.digest()[:RULES_BYTES]
    digest.update(f"{path}\0".encode())
    digest.update(data)
    return digest.digest()[: 16 - RULES_BYTES] + rules


def rules_fingerprint(root: str, volatile: frozenset[str], mapping: bytes = b"") -> bytes:
    """Return the RULES_BYTES bytes that identify what all documents of a root depend on."""
    return _salted(root, volatile, mapping).digest()[:RULES_BYTES]


@lru_cache
def _salted(root: str, volatile: frozenset[str], mapping: bytes) -> hashlib._Hash:
    salt = [DOCUMENT_VERSION, mapping.hex(), *sorted(volatile), root, ""]
    return hashlib.sha256("\0".join(salt).encode())
