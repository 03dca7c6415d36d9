"""A commit of the index returns freed memory to the system."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import pytest

from graph.search.index.index import IndexState, SearchIndex
from tests.builders import article
from tests.search.indexes import SCHEMA

_LIBC: Final = ctypes.CDLL(None)
_BLOCK: Final = 64 * 1024
"""Less than glibc maps and returns by itself."""

_BLOCKS: Final = 1_000


def test_a_commit_returns_freed_memory(tmp_path: Path) -> None:
    if not hasattr(_LIBC, "malloc_trim"):
        pytest.skip("the C library is not glibc")
    index = SearchIndex(SCHEMA, tmp_path)
    assert index.lock()
    with _freed_blocks():
        freed = _resident()
        index.add([article("a")])
        index.commit(IndexState("corpus", 1))
        assert _resident() < freed - _BLOCKS * _BLOCK / 2


@contextmanager
def _freed_blocks() -> Iterator[None]:
    """Leave freed blocks in the heap, below one in use: glibc returns only the top by itself."""
    _LIBC.malloc.restype = ctypes.c_void_p
    _LIBC.free.argtypes = [ctypes.c_void_p]
    blocks = [_LIBC.malloc(ctypes.c_size_t(_BLOCK)) for _ in range(_BLOCKS)]
    top = _LIBC.malloc(ctypes.c_size_t(_BLOCK))
    for block in blocks:
        ctypes.memset(block, 1, _BLOCK)
        _LIBC.free(block)
    try:
        yield
    finally:
        _LIBC.free(top)


def _resident() -> int:
    """The resident memory of this process in bytes, without that of files."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("RssAnon"))
