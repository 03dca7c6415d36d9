"""Find, read, parse and write files concurrently.

    discover → lookup → worker processes → sink

One task feeds the workers. For each worker process, a task waits for its results and passes them to
the sink. A slow step slows down those before it: the queue of jobs and the pipes to and from the
workers are short, and nothing is read in advance.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice

from graph.errors import NewsgraphError
from graph.store.load.stored_versions import FileFingerprint
from loaders.files.discover import Skipped
from loaders.files.places import SourceFile
from loaders.report.report import Fault, Report
from loaders.workers.jobs import FileResult, Job, LoadStamp, PackedMapping, Vanished
from loaders.workers.pool import Worker

FIRST_JOB = 16
LARGEST_JOB = 512
LARGEST_RELOAD_JOB = 4096
"""The number of files in a job: few at first, so that all workers start at once. It doubles with
each job up to a limit, which is higher for files that have all been loaded before: most of these
are unchanged and take no time.
"""

FingerprintLookup = Callable[[Sequence[SourceFile]], Awaitable[dict[str, FileFingerprint]]]
"""Returns the fingerprints of those files that were loaded before, by slug."""

Sink = Callable[[list[tuple[SourceFile, FileFingerprint | None, FileResult]]], Awaitable[None]]
"""Takes results, each with its file and the fingerprint it was looked up with. May delay its
caller.
"""


async def no_fingerprints(files: Sequence[SourceFile]) -> dict[str, FileFingerprint]:
    """Return no fingerprints: the lookup of a check, which has no database."""
    return {}


@dataclass
class Pipeline:
    """Turns files into results. `stop` ends it early, after completing the jobs that have begun.
    `mappings` are those of the sites, by the names of their roots. `now` is the time of the load.
    """

    volatile: frozenset[str]
    load_stamp: LoadStamp | None
    lookup: FingerprintLookup
    sink: Sink
    report: Report
    stop: asyncio.Event = field(default_factory=asyncio.Event)
    mappings: Mapping[str, PackedMapping] = field(default_factory=dict)
    now: datetime | None = None

    async def run(self, entries: Iterator[SourceFile | Skipped], workers: Sequence[Worker]) -> None:
        """Process the files with these workers. Skipped files are added to the report."""
        jobs: asyncio.Queue[_Batch | None] = asyncio.Queue(len(workers))
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._feed(entries, jobs, len(workers)))
                for worker in workers:
                    tasks.create_task(self._work(worker, jobs))
        except BaseExceptionGroup as errors:
            expected, others = errors.split((NewsgraphError, OSError))
            if expected is None or others is not None:
                raise
            raise _first(expected) from errors

    async def _feed(
        self,
        entries: Iterator[SourceFile | Skipped],
        jobs: asyncio.Queue[_Batch | None],
        workers: int,
    ) -> None:
        size = FIRST_JOB
        next_batch = _start(entries, size)
        while (batch := await next_batch) and not self.stop.is_set():
            next_batch = _start(entries, size)
            files = [entry for entry in batch if isinstance(entry, SourceFile)]
            self._report_skipped(entry for entry in batch if isinstance(entry, Skipped))
            fingerprints = await self.lookup(files)
            await jobs.put(_Batch(files, [fingerprints.get(file.slug) for file in files]))
            limit = LARGEST_RELOAD_JOB if len(fingerprints) == len(files) else LARGEST_JOB
            size = min(2 * size, limit)
        for _ in range(workers):
            await jobs.put(None)

    async def _work(self, worker: Worker, jobs: asyncio.Queue[_Batch | None]) -> None:
        while (batch := await jobs.get()) is not None:
            done = 0
            async for results in worker.results(self._job(batch)):
                part = slice(done, done + len(results))
                rows = zip(batch.files[part], batch.fingerprints[part], results, strict=True)
                await self.sink(
                    [
                        (source_file, fingerprint, result)
                        for source_file, fingerprint, result in rows
                        if not isinstance(result, Vanished)
                    ]
                )
                done += len(results)

    def _job(self, batch: _Batch) -> Job:
        packed = [
            fingerprint and (fingerprint.hash, fingerprint.size, fingerprint.mtime)
            for fingerprint in batch.fingerprints
        ]
        files = list(zip(batch.files, packed, strict=True))
        return Job(files, self.load_stamp, self.volatile, mappings=self.mappings, now=self.now)

    def _report_skipped(self, skipped: Iterator[Skipped]) -> None:
        for path, reason, is_fault in skipped:
            fault = Fault(path, None, None, None, reason)
            (self.report.reject if is_fault else self.report.warn)([fault])


@dataclass(frozen=True)
class _Batch:
    files: Sequence[SourceFile]
    fingerprints: Sequence[FileFingerprint | None]


def _start(
    entries: Iterator[SourceFile | Skipped], size: int
) -> asyncio.Future[list[SourceFile | Skipped]]:
    """Find the next files, in a thread: a folder may be large, or on a slow disk."""
    return asyncio.ensure_future(asyncio.to_thread(_next, entries, size))


def _next(entries: Iterator[SourceFile | Skipped], size: int) -> list[SourceFile | Skipped]:
    return list(islice(entries, size))


def _first(errors: BaseExceptionGroup[BaseException]) -> BaseException:
    error: BaseException = errors
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error
