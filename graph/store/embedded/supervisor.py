"""Run an embedded mongod for as long as any process uses it.

    python supervisor.py USERS COMMAND...

Every process that uses the server holds a shared lock on the file USERS. The kernel releases a lock
however its holder ends. So once this process gets an exclusive lock, there are no users left, and
it stops mongod. It holds the lock until mongod has ended, so that new users wait for that.

It detaches from its parent at once, because it may outlive it. To be small and fast, it is started
by its path and imports only the standard library.
"""

from __future__ import annotations

import ctypes
import fcntl
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import IO

STOP_SECONDS = 30.0
"""How long mongod may take to close its files before it is killed."""

_PR_SET_PDEATHSIG = 1


def main(users: str, *command: str) -> int:
    """Run the command in the background until it ends or has no users. Return its exit code."""
    if os.fork():
        return 0
    os.umask(0o077)
    server = subprocess.Popen(command, stdin=subprocess.DEVNULL, preexec_fn=_ended_with_parent())
    signal.signal(signal.SIGTERM, lambda *_: server.terminate())
    with Path(users).open("a") as lock:
        threading.Thread(target=_stop_when_unused, args=(lock, server), daemon=True).start()
        return server.wait()


def _stop_when_unused(lock: IO[str], server: subprocess.Popen[bytes]) -> None:
    fcntl.flock(lock, fcntl.LOCK_EX)
    server.terminate()
    try:
        server.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        server.kill()


def _ended_with_parent() -> Callable[[], None] | None:
    """Return a function that makes Linux stop a child when its parent is killed; None elsewhere."""
    if not sys.platform.startswith("linux"):
        return None
    prctl = ctypes.CDLL(None).prctl  # looked up before the fork: little is safe after it
    return lambda: prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
