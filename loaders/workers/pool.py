"""Worker processes: started on demand, and replaced when they die."""

from __future__ import annotations

import asyncio
import os
import pickle
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from typing import Final, Self

from graph.errors import NewsgraphError
from loaders.workers.jobs import Job, WorkerResult, rejection
from loaders.workers.worker import LENGTH, READY

DOCUMENT_SECONDS: Final = 30.0
"""The time limit for one file; the slowest valid file takes about one second."""

WORKER: Final = (sys.executable, "-m", "loaders.workers.worker")

_BUFFER_BYTES: Final = 1 << 20


class WorkerDied(Exception):
    """A worker ended during a job; the message says how."""


class Worker:
    """Runs one process at a time. The next one is started when a job needs it."""

    def __init__(self, command: Sequence[str] = WORKER, seconds: float = DOCUMENT_SECONDS) -> None:
        self._command = command
        self._seconds = seconds
        self._process: Process | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, kind: object, error: object, trace: object) -> None:
        await self._end(at_once=error is not None)

    async def results(self, job: Job) -> AsyncIterator[list[WorkerResult]]:
        """Yield the results of a job in order. A file that ends the worker is rejected.

        If a worker dies, the files without results are processed again, one at a time, to find
        which of them ended it.
        """
        while job.files:
            done = 0
            try:
                async for results in self._run(job):
                    done += len(results)
                    yield results
            except WorkerDied as error:
                await self._end(at_once=True)
                if job.careful:
                    file, _ = job.files[done]
                    yield [rejection(file, str(error))]
                    done += 1
            job = job._replace(files=job.files[done:], careful=True)

    async def _run(self, job: Job) -> AsyncIterator[list[WorkerResult]]:
        process = await self._running()
        assert process.stdin is not None
        data = pickle.dumps(job, pickle.HIGHEST_PROTOCOL)
        with suppress(BrokenPipeError, ConnectionResetError):  # reported when the results are read
            process.stdin.write(LENGTH.pack(len(data)) + data)
            await process.stdin.drain()
        done = 0
        while done < len(job.files):
            results = await self._receive(process)
            done += len(results)
            yield results

    async def _receive(self, process: Process) -> list[WorkerResult]:
        assert process.stdout is not None
        try:
            async with asyncio.timeout(self._seconds):
                [length] = LENGTH.unpack(await process.stdout.readexactly(LENGTH.size))
                results: list[WorkerResult] = pickle.loads(await process.stdout.readexactly(length))
        except TimeoutError:
            raise WorkerDied(
                f"took more than {self._seconds:g} seconds to read: it was skipped"
            ) from None
        except asyncio.IncompleteReadError:
            code = await process.wait()
            raise WorkerDied(
                f"made the process that read it end {_exit_description(code)}"
            ) from None
        return results

    async def _running(self) -> Process:
        """Return the process; a new one if there is none, or it ended while it was idle."""
        if self._process is not None and self._process.returncode is None:
            return self._process
        await self._end(at_once=True)
        return await self._start()

    async def _start(self) -> Process:
        try:
            self._process = await asyncio.create_subprocess_exec(
                *self._command,
                stdin=PIPE,
                stdout=PIPE,
                limit=_BUFFER_BYTES,
                env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
            )
        except OSError as error:
            raise NewsgraphError(f"a worker process cannot be started: {error.strerror}") from None
        assert self._process.stdout is not None
        try:
            await self._process.stdout.readexactly(len(READY))
        except asyncio.IncompleteReadError:
            code = await self._process.wait()
            raise NewsgraphError(
                f"a worker process cannot be started: it ended {_exit_description(code)}"
            ) from None
        return self._process

    async def _end(self, *, at_once: bool) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        assert process.stdin is not None
        process.stdin.close()
        if at_once:
            with suppress(ProcessLookupError):
                process.kill()
        await process.wait()


def _exit_description(code: int) -> str:
    return f"by signal {-code}" if code < 0 else f"with exit code {code}"
