"""Metrics of several worker processes at one address, published to each other on request.

They meet in a folder that nobody else can enter. Each listens there on a socket; who is asked
writes into a file of its own what it counts, and the others read it. The file outlives the process.
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

PLACE: Final = "NEWSGRAPH_WORKERS_PLACE"
"""The variable by which server processes are told where they meet."""

PATIENCE_SECONDS: Final = 1.0
"""How long a process waits for the others."""

_DONE: Final = b"done"

log = logging.getLogger("newsgraph")


class Snapshots(NamedTuple):
    """What the others wrote down: just now, long ago by those that are late, or before they ended.

    What ended is told once, and to one process: that must tell it from then on.
    """

    now: list[bytes]
    late: list[bytes]
    ended: list[bytes]


class WorkerMetrics:
    """The other processes that meet in a folder, as one of them sees them."""

    def __init__(self, place: Path) -> None:
        self._place = place
        self._socket = place / _name()
        self._file = self._socket.with_suffix(".told")
        self._unfinished = self._socket.with_suffix(".new")
        self._is_known = False

    @asynccontextmanager
    async def publish(self, tell: Callable[[], bytes]) -> AsyncIterator[None]:
        """Write down what `tell` returns whenever another asks, and on the way out."""

        def answer(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            try:
                if self.write(tell()):
                    writer.write(_DONE)
            finally:
                writer.close()

        try:
            server = await asyncio.start_unix_server(answer, self._unfinished)
            self._unfinished.rename(self._socket)  # who finds it finds somebody listening
        except OSError as error:
            log.warning("the other workers do not tell the metrics of this one: %s", error)
            yield
            return
        self._is_known = True
        try:
            yield
        finally:
            self.write(tell())
            self._socket.unlink(missing_ok=True)
            server.close()

    def write(self, told: bytes) -> bool:
        """Write down what this process tells; whether the others can read it."""
        if not self._is_known:
            return False
        try:
            self._unfinished.write_bytes(told)
            self._unfinished.rename(self._file)
        except OSError as error:
            log.warning("the metrics of this worker were not written down: %s", error)
            return False
        return True

    async def ask(self) -> Snapshots:
        """What all others tell, after no more than the patience that there is with them."""
        others = [path for path in self._place.glob("*.socket") if path != self._socket]
        answers = await asyncio.gather(*map(_asked, others))
        present = {path.stem for path, is_done in zip(others, answers, strict=True) if is_done}
        told = Snapshots([], [], [])
        for path in sorted(self._place.glob("*.told")):
            if path == self._file:
                continue
            if path.stem in present:
                told.now.extend(_read(path))
            elif _lives(path) or not self._is_known:
                told.late.extend(_read(path))
            else:
                told.ended.extend(_taken(path))
        return told


async def _asked(path: Path) -> bool:
    """Whether the process that listens there has written down what it counts."""
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            reader, writer = await asyncio.open_unix_connection(path)
            try:
                return await reader.read() == _DONE
            finally:
                writer.close()
    except ConnectionRefusedError:
        _forget(path)
    except OSError as error:
        log.debug("a worker does not tell its metrics: %r", error)
    return False


def _forget(path: Path) -> None:
    """Take away the socket of a process that was killed."""
    path.unlink(missing_ok=True)


def _read(path: Path) -> Iterator[bytes]:
    with suppress(FileNotFoundError):  # it ended just now, and another took what it told
        yield path.read_bytes()


def _taken(path: Path) -> Iterator[bytes]:
    """What a process that ended wrote last, unless another takes it."""
    taken = path.with_suffix(f".{os.getpid()}")
    with suppress(FileNotFoundError):
        path.rename(taken)
        yield taken.read_bytes()
        taken.unlink()


def _lives(path: Path) -> bool:
    """Whether the process that a file is named for is there."""
    try:
        os.kill(int(path.stem.partition("-")[0]), 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # it is somebody else's by now
        return False
    return True


def worker_metrics_from_environment() -> WorkerMetrics | None:
    """The peers of a process that `newsgraph serve` started beside others."""
    place = os.environ.get(PLACE)
    return WorkerMetrics(Path(place)) if place else None


@contextmanager
def meeting_place() -> Iterator[Path | None]:
    """A folder where processes can meet, removed on the way out; None where none can be made."""
    with ExitStack() as stack:
        place: Path | None
        try:
            made = TemporaryDirectory(prefix="newsgraph-", ignore_cleanup_errors=True)
            place = Path(stack.enter_context(made))
            _require_sockets(place)
        except OSError as error:
            log.warning("each worker tells its own metrics alone: no sockets in TMPDIR: %s", error)
            place = None
        yield place


def _require_sockets(place: Path) -> None:
    """Raise OSError where no process could listen: a path may be too long for a socket."""
    path = place / _name()
    with socket.socket(socket.AF_UNIX) as trial:
        trial.bind(str(path))
    path.unlink()


def _name() -> str:
    return f"{os.getpid()}-{token_hex(4)}.socket"
