"""Fewer privileges for a forked command, so that permissions and limits apply to it, too."""

from __future__ import annotations

import ctypes
import os
from pathlib import Path
from typing import Final

_LIBC: Final = ctypes.CDLL(None, use_errno=True)
_NEW_USER_NAMESPACE: Final = 0x10000000
_CAPABILITIES_VERSION: Final = 0x20080522
_FILE_CAPABILITIES: Final = (1, 2, 3)
"""CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH and CAP_FOWNER."""


def heed_permissions() -> None:
    """Have the permissions of files count for this process, also if root runs it."""
    header = (ctypes.c_uint32 * 2)(_CAPABILITIES_VERSION, 0)
    sets = (ctypes.c_uint32 * 6)()  # effective, permitted, inheritable; then the higher bits
    _check(_LIBC.capget(header, sets))
    for capability in _FILE_CAPABILITIES:
        sets[0] &= ~(1 << capability)
        sets[1] &= ~(1 << capability)
    _check(_LIBC.capset(header, sets))


def limit_inotify(name: str, value: int) -> None:
    """Move this process to a user namespace with a limit of inotify, `max_inotify_watches` or
    `max_inotify_instances`. Raises OSError where the system does not allow it.
    """
    user = os.geteuid()
    _check(_LIBC.unshare(_NEW_USER_NAMESPACE))
    Path("/proc/self/uid_map").write_text(f"0 {user} 1")
    Path("/proc/sys/user", name).write_text(str(value))


def _check(result: int) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
