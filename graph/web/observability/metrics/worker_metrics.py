"""The exchange of metrics between worker processes that share an address.

Each worker listens on a Unix socket in a private folder. When another worker connects, it writes a
snapshot of its metrics to its file there, and the other reads it. The file outlives the process.
"""

from __future__ import annotations

import asyncio
import logging
import os
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager, suppress
from pathlib import Path
from secrets import token_hex
from tempfile import TemporaryDirectory
from typing import Final, NamedTuple

FOLDER_VARIABLE: Final = "NEWSGRAPH_WORKERS_PLACE"
"""The environment variable with the folder, for worker processes."""

TIMEOUT_SECONDS: Final = 1.0
"""How long a worker waits for the others."""

_SUFFIX: Final = ".metrics"
_DONE: Final = b"done"

log = logging.getLogger("newsgraph")


class Snapshots(NamedTuple):
    """The snapshots of the other workers.

    `current` ones were just written; `stale` ones are older, of workers that did not respond in
    time; `ended` ones are the last of workers that have ended. An `ended` snapshot is returned
    once, to one worker, which must include it in its own metrics from then on.
    """

    current: list[bytes]
    stale: list[bytes]
    ended: list[bytes]


class WorkerMetrics:
    """Publishes the metrics of this worker in a folder, and collects those of the others."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._socket = folder / _name()
        self._file = self._socket.with_suffix(_SUFFIX)
        self._unfinished = self._socket.with_suffix(".new")
        self._is_published = False

    @asynccontextmanager
    async def publish(self, snapshot: Callable[[], bytes]) -> AsyncIterator[None]:
        """Write the result of `snapshot` whenever another worker connects, and at the end."""

        def respond(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            try:
                if self.write(snapshot()):
                    writer.write(_DONE)
            finally:
                writer.close()

        try:
            server = await asyncio.start_unix_server(respond, self._unfinished)
            self._unfinished.rename(self._socket)  # it is listening before others find it
        except OSError as error:
            log.warning("the other workers do not report the metrics of this one: %s", error)
            yield
            return
        self._is_published = True
        try:
            yield
        finally:
            self.write(snapshot())
            self._socket.unlink(missing_ok=True)
            server.close()

    def write(self, snapshot: bytes) -> bool:
        """Write the snapshot of this worker. Return whether the others can read it."""
        if not self._is_published:
            return False
        return _write(snapshot, self._unfinished, self._file)

    async def collect(self) -> Snapshots:
        """Request and read the snapshots of all other workers; takes at most TIMEOUT_SECONDS."""
        others = [path for path in self._folder.glob("*.socket") if path != self._socket]
        responses = await asyncio.gather(*map(_request_snapshot, others))
        present = {path.stem for path, is_done in zip(others, responses, strict=True) if is_done}
        snapshots = Snapshots([], [], [])
        for path in sorted(self._folder.glob(f"*{_SUFFIX}")):
            if path == self._file:
                continue
            if path.stem in present:
                snapshots.current.extend(_read(path))
            elif _is_running(path) or not self._is_published:
                snapshots.stale.extend(_read(path))
            else:
                snapshots.ended.extend(_claim(path))
        return snapshots


async def _request_snapshot(path: Path) -> bool:
    """Request a snapshot from the worker at a socket. Return whether it has written one."""
    try:
        async with asyncio.timeout(TIMEOUT_SECONDS):
            reader, writer = await asyncio.open_unix_connection(path)
            try:
                return await reader.read() == _DONE
            finally:
                writer.close()
    except ConnectionRefusedError:
        _remove_socket(path)
    except OSError as error:
        log.debug("a worker did not write its metrics: %r", error)
    return False


def _remove_socket(path: Path) -> None:
    """Remove the socket of a worker that was killed."""
    path.unlink(missing_ok=True)


def _read(path: Path) -> Iterator[bytes]:
    with suppress(FileNotFoundError):  # it has just ended, and another claimed it
        yield path.read_bytes()


def _claim(path: Path) -> Iterator[bytes]:
    """Remove and return the last snapshot of an ended worker, unless another claims it first."""
    claimed = path.with_suffix(f".{os.getpid()}")
    with suppress(FileNotFoundError):
        path.rename(claimed)
        yield claimed.read_bytes()
        claimed.unlink()


def _is_running(path: Path) -> bool:
    """Return whether the process whose pid is in the name of a file is running."""
    try:
        os.kill(int(path.stem.partition("-")[0]), 0)
    except (ProcessLookupError, PermissionError):  # or the pid is that of another user's by now
        return False
    return True


def write_of_supervisor(folder: Path, snapshot: bytes) -> None:
    """Write the snapshot of the process that started the workers, which does not listen.

    They include its counters as those of a worker that does not respond.
    """
    path = folder / f"{os.getpid()}-supervisor{_SUFFIX}"
    _write(snapshot, path.with_suffix(".new"), path)


def _write(snapshot: bytes, unfinished: Path, path: Path) -> bool:
    """Write a snapshot atomically. Return whether that succeeded."""
    try:
        unfinished.write_bytes(snapshot)
        unfinished.rename(path)
    except OSError as error:
        log.warning("the metrics of this process could not be written: %s", error)
        return False
    return True


def worker_metrics_from_environment() -> WorkerMetrics | None:
    """Return the exchange of a worker that `newsgraph serve` started; None for a single process."""
    folder = os.environ.get(FOLDER_VARIABLE)
    return WorkerMetrics(Path(folder)) if folder else None


@contextmanager
def metrics_folder() -> Iterator[Path | None]:
    """Yield a temporary folder for the exchange; None if it or sockets in it cannot be created."""
    with ExitStack() as stack:
        folder: Path | None
        try:
            temporary = TemporaryDirectory(prefix="newsgraph-", ignore_cleanup_errors=True)
            folder = Path(stack.enter_context(temporary))
            _require_sockets(folder)
        except OSError as error:
            log.warning("each worker reports its own metrics only: no sockets in TMPDIR: %s", error)
            folder = None
        yield folder


def _require_sockets(folder: Path) -> None:
    """Raise OSError if no process can listen there: the path may be too long for a socket."""
    path = folder / _name()
    with socket.socket(socket.AF_UNIX) as probe:
        probe.bind(str(path))
    path.unlink()


def _name() -> str:
    return f"{os.getpid()}-{token_hex(4)}.socket"
