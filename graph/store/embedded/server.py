"""A private mongod, shared by the processes that use a data folder.

Each process holds a shared lock on the file `users`. The first one starts a supervisor process,
which runs mongod until nobody holds that lock any more. However a process ends, the others keep
their database, and no mongod is left behind. The last process to leave waits until mongod has
closed its files.

If mongod ends because it or its supervisor was killed, its users start it again on the same port,
and their drivers reconnect.

Lock files:

    turn      held briefly by a process that joins or leaves
    users     held, shared, by the users; the supervisor waits for an exclusive lock
    running   held by the supervisor
"""

from __future__ import annotations

import asyncio
import errno
import fcntl
import logging
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import IO, Final

from graph.errors import DatabaseUnavailable, NewsgraphError, UsageError
from graph.store.embedded import supervisor
from graph.store.embedded.mongod import START_SECONDS, Mongod, private
from graph.store.embedded.mongod import find_mongod as find_mongod

_WATCH_SECONDS: Final = 0.5
_LONGEST_PAUSE: Final = 30.0

_NO_ROOM: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EMFILE, errno.ENFILE})

log = logging.getLogger("newsgraph")


@asynccontextmanager
async def embedded(data_dir: Path) -> AsyncIterator[str]:
    """Yield the URL of the mongod of `data_dir`, with its password, ready for writes.

    Raises UsageError if there is no mongod or the folder cannot be used, DatabaseUnavailable if
    mongod does not start.
    """
    user = _User(data_dir)
    url = await asyncio.to_thread(user.join)
    try:
        yield url
    finally:
        user.leave()  # blocking: Ctrl-C would cancel an await here


class _User:
    """This process, as a user of the server."""

    def __init__(self, data_dir: Path) -> None:
        self._requested_dir = data_dir
        self._left = threading.Event()
        self._watch = threading.Thread(target=self._keep_running, daemon=True)

    def join(self) -> str:
        """Start using the server; start it if it is not running."""
        with _problems_of(self._requested_dir):
            self._requested_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._data_dir = self._requested_dir.resolve()
            self._mongod = Mongod(self._data_dir)
            with self._turn():
                self._lock = self._open("users")
                try:
                    _acquire(self._lock, fcntl.LOCK_SH, self._data_dir)
                    self._ensure_running()
                except BaseException:
                    self._leave()
                    raise
        self._watch.start()
        return self._mongod.url

    def leave(self) -> None:
        """Stop using the server. If there are no other users, wait until it has ended."""
        self._left.set()
        self._watch.join()
        try:
            with self._turn():
                self._leave()
        except OSError:
            self._lock.close()  # the folder was deleted; the supervisor notices the released lock

    def _leave(self) -> None:
        self._lock.close()
        if not self._is_used():
            with self._open("running") as running:
                _acquire(running, fcntl.LOCK_EX, self._data_dir)

    def _ensure_running(self) -> None:
        if self._is_running():
            try:
                self._mongod.await_ready(self._is_running)
                return
            except DatabaseUnavailable:
                if self._is_running():
                    raise
                # It was stopping: its supervisor releases `users` shortly before `running`.
        with self._open("running") as running:
            _acquire(running, fcntl.LOCK_EX, self._data_dir)
            self._mongod.start(self._data_dir / "users", running)
        self._mongod.await_ready(self._is_running)

    def _is_running(self) -> bool:
        with self._open("running") as running:
            return not _try(running, fcntl.LOCK_SH)

    def _is_used(self) -> bool:
        """Whether other processes use the server. The supervisor holds `users` exclusively when it
        stops.
        """
        with self._open("users") as users:
            return not _try(users, fcntl.LOCK_EX) and _try(users, fcntl.LOCK_SH)

    def _keep_running(self) -> None:
        """Restart the server whenever it ends, until this process leaves."""
        pause = _WATCH_SECONDS
        while not self._left.wait(pause):
            pause = _WATCH_SECONDS
            try:
                if not self._is_running():
                    log.warning("the embedded MongoDB ended unexpectedly and is being restarted")
                    with _problems_of(self._requested_dir), self._turn():
                        self._ensure_running()
            except (NewsgraphError, OSError) as error:
                log.error("%s", error)
                pause = _LONGEST_PAUSE

    @contextmanager
    def _turn(self) -> Iterator[None]:
        with self._open("turn") as turn:
            _acquire(turn, fcntl.LOCK_EX, self._data_dir)
            yield

    def _open(self, name: str) -> IO[bytes]:
        return open(self._data_dir / name, "ab", opener=private)


def _try(file: IO[bytes], lock: int) -> bool:
    try:
        fcntl.flock(file, lock | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _acquire(file: IO[bytes], lock: int, data_dir: Path) -> None:
    """Wait for a lock, for no longer than a start and a stop may take."""
    deadline = time.monotonic() + START_SECONDS + supervisor.STOP_SECONDS
    while not _try(file, lock):
        if time.monotonic() > deadline:
            raise DatabaseUnavailable(
                f"{data_dir} is in use by another newsgraph process whose database neither starts "
                "nor stops: stop that process first"
            )
        time.sleep(0.01)


@contextmanager
def _problems_of(data_dir: Path) -> Iterator[None]:
    """Convert operating system errors on our own files to errors that say what to do."""
    try:
        yield
    except OSError as error:
        reason = f"{error.filename or data_dir}: {error.strerror or error}"
        if error.errno in _NO_ROOM:
            raise DatabaseUnavailable(f"the embedded mongod does not start: {reason}") from None
        raise UsageError(
            f"the embedded database cannot keep its data in {data_dir}: {reason}; set "
            "NEWSGRAPH_DATA_DIR to a folder that you can write to"
        ) from None
