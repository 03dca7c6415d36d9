"""Damage to the files of an index, found by their checksums.

The engine writes a checksum at the end of each file but does not compare it. A single wrong bit can
make it ask for more memory than there is, which ends the process.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import orjson

_META: Final = "meta.json"
"""The file that lists the segments of the last commit."""

_MANAGED: Final = ".managed.json"
"""The file that lists the files that the engine may delete."""

_SUFFIXES: Final = ("fast", "fieldnorm", "idx", "pos", "store", "term")
_ENDING: Final = struct.Struct("<II")
"""The length of the footer, a JSON object, and a number that all files end with."""

_MAGIC: Final = 1337
_CHUNK: Final = 1 << 20


def is_damaged(folder: Path) -> bool:
    """Whether a file of the last commit is missing, or not as it was written.

    An index without any commit is not damaged. Raises OSError for files that cannot be read.
    """
    if not (folder / _META).exists():
        return False
    try:
        meta = orjson.loads((folder / _META).read_bytes())
        managed = orjson.loads((folder / _MANAGED).read_bytes())
        return type(managed) is not list or not all(
            _is_whole(folder / name) for name in _files(meta)
        )
    except (FileNotFoundError, KeyError, TypeError, ValueError, AttributeError):
        return True


def _files(meta: Any) -> Iterator[str]:
    for segment in meta["segments"]:
        name = segment["segment_id"].replace("-", "")
        yield from (f"{name}.{suffix}" for suffix in _SUFFIXES)
        if segment["deletes"] is not None:
            yield f"{name}.{segment['deletes']['opstamp']}.del"


def _is_whole(path: Path) -> bool:
    with path.open("rb") as file:
        size = path.stat().st_size
        if size < _ENDING.size:
            return False
        file.seek(size - _ENDING.size)
        length, magic = _ENDING.unpack(file.read(_ENDING.size))
        content = size - _ENDING.size - length
        if magic != _MAGIC or content < 0:
            return False
        file.seek(content)
        footer = orjson.loads(file.read(length))
        file.seek(0)
        checksum = 0
        while content:
            chunk = file.read(min(_CHUNK, content))
            if not chunk:
                return False
            content -= len(chunk)
            checksum = zlib.crc32(chunk, checksum)
        return bool(footer["crc"] == checksum)
