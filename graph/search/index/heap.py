"""The heap of this process, as the C library manages it."""

from __future__ import annotations

import ctypes
from typing import Final

_malloc_trim: Final = getattr(ctypes.CDLL(None), "malloc_trim", None)
"""None where the C library is not glibc."""


def trim_heap() -> None:
    """Return freed memory to the system, which takes milliseconds.

    glibc keeps what was freed, in up to eight heaps for each core, and the engine writes each
    commit in new threads: without this, each of the heaps would come to hold the memory of a
    commit.
    """
    if _malloc_trim is not None:
        _malloc_trim(0)
