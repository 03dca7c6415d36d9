"""Commands of newsgraph in forked processes of their own.

Starting Python and importing the modules of a command takes a second of CPU. A process forked from
one that has imported them takes a few milliseconds, and has everything that tests check: arguments,
environment, standard streams, signals, exit code. `python -m graph` itself is tested with real
processes in tests/test_cli.py and tests/test_exit_codes.py.
"""

from __future__ import annotations

import os
import runpy
import signal
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import forkserver, get_context, resource_tracker
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any, Final

PROCESSES: Final = get_context("forkserver")
PROCESSES.set_forkserver_preload(
    # Not the modules with the commands themselves: they look at the terminal when imported.
    [
        "gql.transport.httpx",
        "graph.schema.execution.explain",
        "graph.serving",
        "loaders.watch.follow",
        "mongomock_motor",
        "pytest",
        "rich.logging",
        "tests.forked_workers",
        "tests.loaders.killed",
        "tests.store.embedded.owner",
        "typer",
        "tests.nested_forks",
    ]
)
CAN_SHARE: Final = sys.version_info < (3, 14)
"""Whether processes can share a fork server: later versions of Python keep a secret for each."""

Prepare = Callable[[], None]
"""What a process does before it runs a command."""

SECONDS: Final = 60.0
FLUSH_FAILED: Final = 120
"""Python's exit code where the standard streams cannot be flushed at the end."""


def start_server() -> str:
    """Start a fork server that ends with this process; its address, for `share_server`."""
    forkserver.ensure_running()
    return str(forkserver._forkserver._forkserver_address)  # type: ignore[attr-defined]


def share_server(address: str | None = None) -> None:
    """Have a running fork server fork this process's children: by default, its own.

    It takes two seconds of CPU to start one.
    """
    server: Any = forkserver._forkserver
    server.ensure_running = resource_tracker.ensure_running
    if address is not None:
        server._forkserver_address = address
        server._forkserver_alive_fd = os.open(os.devnull, os.O_RDONLY)


@dataclass(frozen=True)
class Streams:
    """The files of the standard streams; a stream without a file is closed."""

    stdin: Path | None
    stdout: Path | Connection[Any, Any] | None
    stderr: Path

    def put_in_place(self) -> None:
        """Make them the standard streams of this process, as Python does when it starts."""
        writing = os.O_WRONLY | os.O_CREAT | os.O_APPEND
        _redirect(0, self.stdin, os.O_RDONLY)
        _redirect(1, self.stdout, writing)
        _redirect(2, self.stderr, writing)
        sys.stdin = os.fdopen(0, closefd=False) if self.stdin else None
        sys.stdout = os.fdopen(1, "w", closefd=False) if self.stdout else None
        sys.stderr = os.fdopen(2, "w", buffering=1, errors="backslashreplace", closefd=False)


def _redirect(descriptor: int, place: Path | Connection[Any, Any] | None, flags: int) -> None:
    if place is None:
        os.close(descriptor)
        return
    opened = os.open(place, flags, 0o600) if isinstance(place, Path) else os.dup(place.fileno())
    os.dup2(opened, descriptor)
    if opened != descriptor:
        os.close(opened)


def _main(
    module: str,
    arguments: list[str],
    streams: Streams,
    environment: dict[str, str],
    folder: Path,
    prepare: Prepare,
) -> None:
    """Run a module as `python -m` does."""
    streams.put_in_place()
    prepare()
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    sys.argv = [module, *arguments]
    _fork_workers()
    try:
        runpy.run_module(module, run_name="__main__", alter_sys=True)
    finally:
        _flush()


def _fork_workers() -> None:
    from tests.forked_workers import install  # which needs this module

    install()


def _flush() -> None:
    try:
        if sys.stdout is not None:
            sys.stdout.flush()
    except OSError:
        os._exit(FLUSH_FAILED)


def nothing() -> None:
    pass


class Fork:
    """A process that runs; like subprocess.Popen."""

    def __init__(self, process: ForkServerProcess) -> None:
        self._process = process

    @property
    def pid(self) -> int:
        assert self._process.pid is not None
        return self._process.pid

    def poll(self) -> int | None:
        """The exit code; negative for a signal that ended it, None while it runs."""
        return self._process.exitcode

    def wait(self, seconds: float = SECONDS) -> int:
        self._process.join(seconds)
        code = self.poll()
        assert code is not None, f"it has not ended after {seconds} s"
        return code

    def send_signal(self, number: signal.Signals) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


def bare_environment(**settings: str) -> dict[str, str]:
    """This process's environment with just these settings of newsgraph."""
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith("NEWSGRAPH_")
    }
    return {**environment, **settings}


def start(
    *arguments: str | Path,
    streams: Streams,
    module: str = "graph",
    environment: Mapping[str, str] | None = None,
    folder: Path | None = None,
    prepare: Prepare = nothing,
) -> Fork:
    """A process that runs a command; the caller ends it."""
    words = [str(argument) for argument in arguments]
    variables = bare_environment() if environment is None else dict(environment)
    place = folder or Path.cwd()
    process = PROCESSES.Process(
        target=_main, args=(module, words, streams, variables, place, prepare)
    )
    process.start()
    return Fork(process)


@contextmanager
def forked(
    *arguments: str | Path,
    log: Path,
    module: str = "graph",
    environment: Mapping[str, str] | None = None,
    folder: Path | None = None,
    ending: signal.Signals = signal.SIGINT,
    prepare: Prepare = nothing,
) -> Iterator[Fork]:
    """A command whose standard error, and output, go to a file; ended on the way out."""
    streams = Streams(Path(os.devnull), log, log)
    process = start(
        *arguments,
        streams=streams,
        module=module,
        environment=environment,
        folder=folder,
        prepare=prepare,
    )
    try:
        yield process
    finally:
        process.send_signal(ending)
        try:
            process.wait(20)
        finally:
            process.kill()


def run(
    *arguments: str | Path, module: str = "graph", stdin: str = "", **environment: str
) -> CompletedProcess[str]:
    """The result of a command, with only these settings of newsgraph."""
    with tempfile.TemporaryDirectory() as folder:
        source, out, err = (Path(folder, name) for name in ("stdin", "stdout", "stderr"))
        source.write_text(stdin)
        process = start(
            *arguments,
            streams=Streams(source, out, err),
            module=module,
            environment=bare_environment(**environment),
        )
        try:
            code = process.wait()
        finally:
            process.kill()
        return CompletedProcess(arguments, code, out.read_text(), err.read_text())


def reader_gone() -> Connection[Any, Any]:
    """A standard output whose reader has gone away."""
    reading, writing = PROCESSES.Pipe(duplex=False)
    reading.close()
    return writing
