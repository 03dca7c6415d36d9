"""Forked workers for loads: starting Python and importing a parser takes 0.4 seconds of CPU.

A load cannot tell a forked worker from a real one: jobs and results go through pipes, and files,
signals and the end of its input end it. The start of real processes is tested in
tests/loaders/workers and with the real commands.
"""

from __future__ import annotations

import asyncio
import os
import sys
from asyncio.streams import FlowControlMixin
from asyncio.subprocess import Process
from collections.abc import Callable, Sequence
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerProcess
from typing import Any, Final, cast

from loaders.workers import parser, worker
from loaders.workers.pool import WORKER, Worker
from loaders.workers.worker import READY
from tests.forks import CAN_SHARE, PROCESSES
from tests.loaders import deadly

__all__ = ["install", "parser", "started"]  # the parser is imported before the fork

MAIN: Final[dict[Sequence[str], Callable[[], None]]] = {
    WORKER: worker.main,
    deadly.COMMAND: deadly.main,
}
"""What the commands run that are forked; all others are started as they are."""

_LIMIT: Final = 1 << 20


class ForkedProcess:
    """The parts of an `asyncio.subprocess.Process` that a pool uses."""

    def __init__(
        self,
        process: ForkServerProcess,
        stdin: asyncio.StreamWriter,
        stdout: asyncio.StreamReader,
        output: asyncio.ReadTransport,
    ) -> None:
        self._process = process
        self._output = output
        self.stdin = stdin
        self.stdout = stdout

    @property
    def pid(self) -> int | None:
        return self._process.pid

    @property
    def returncode(self) -> int | None:
        return self._process.exitcode

    def send_signal(self, number: int) -> None:
        if self._process.exitcode is None and self._process.pid is not None:
            os.kill(self._process.pid, number)

    def kill(self) -> None:
        self._process.kill()

    async def wait(self) -> int:
        loop, ended = asyncio.get_running_loop(), asyncio.Event()
        if self._process.exitcode is None:
            loop.add_reader(self._process.sentinel, ended.set)
            try:
                await ended.wait()
            finally:
                loop.remove_reader(self._process.sentinel)
        self._process.join()
        self.stdin.close()
        self._output.close()
        assert self._process.exitcode is not None
        return self._process.exitcode


async def forked(main: Callable[[], None]) -> ForkedProcess:
    """A process that does the jobs that come in on its standard input."""
    jobs, to_jobs = PROCESSES.Pipe(duplex=False)
    results, to_results = PROCESSES.Pipe(duplex=False)
    process = PROCESSES.Process(target=_run, args=(main, jobs, to_results), daemon=True)
    process.start()
    jobs.close()
    to_results.close()
    loop = asyncio.get_running_loop()
    stdout = asyncio.StreamReader(limit=_LIMIT)
    output, _ = await loop.connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(stdout), _file(results, "rb")
    )
    transport, protocol = await loop.connect_write_pipe(FlowControlMixin, _file(to_jobs, "wb"))
    stdin = asyncio.StreamWriter(transport, protocol, None, loop)
    return ForkedProcess(process, stdin, stdout, output)


def _file(connection: Connection[Any, Any], mode: str) -> Any:
    with connection:
        return os.fdopen(os.dup(connection.fileno()), mode, buffering=0)


def _run(
    main: Callable[[], None], jobs: Connection[Any, Any], results: Connection[Any, Any]
) -> None:
    for connection, descriptor in ((jobs, 0), (results, 1)):
        os.dup2(connection.fileno(), descriptor)
        connection.close()
    sys.stdin = os.fdopen(0, closefd=False)
    main()


started = Worker._start
"""Starts a real process."""


async def _start_forked(pool_worker: Worker) -> Process:
    main = MAIN.get(pool_worker._command)
    if main is None:
        return await started(pool_worker)
    process = pool_worker._process = cast(Process, await forked(main))
    assert process.stdout is not None
    assert await process.stdout.readexactly(len(READY)) == READY
    return process


def install() -> None:
    """Fork the workers of this process from now on, where Python can."""
    if CAN_SHARE:
        Worker._start = _start_forked  # type: ignore[assignment, method-assign]
