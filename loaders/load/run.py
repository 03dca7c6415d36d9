"""Run a load or a check, and return its report."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from time import monotonic

from graph.config import Settings
from graph.store.driver.calls.retry import retried
from graph.store.driver.database import Database
from graph.store.load import write
from graph.store.load.clock import Clock, utc_now
from graph.store.load.due import due_articles
from graph.store.load.sites import record_sites
from graph.store.load.stored_versions import FileFingerprint
from loaders.files.discover import discover
from loaders.files.endings import warn_of_no_documents
from loaders.files.places import SourceFile
from loaders.load.options import LoadOptions
from loaders.load.pipeline import Pipeline, no_fingerprints
from loaders.load.prune import prune, refuse_to_empty
from loaders.load.writer import DocumentWriter
from loaders.report.progress import Advance, silent
from loaders.report.report import Report
from loaders.workers.jobs import FileResult
from loaders.workers.pool import Worker


async def check(
    plan: LoadOptions,
    settings: Settings,
    *,
    advance: Advance = silent,
    clock: Clock = utc_now,
) -> Report:
    """Validate files as a load does, without a database."""
    started = monotonic()
    report = Report()

    async def count(results: list[tuple[SourceFile, FileFingerprint | None, FileResult]]) -> None:
        for _, _, parsed in results:
            assert parsed is not None
            report.reject(parsed.faults)
            report.warn(parsed.warnings)
            report.kinds[parsed.kind] += parsed.data is not None
            report.note_window(parsed.window)
        advance(len(results))

    report.warn(plan.warnings)
    pipeline = Pipeline(
        settings.volatile,
        None,
        no_fingerprints,
        count,
        report,
        mappings=plan.mappings,
        now=clock(),
    )
    async with worker_processes(plan.jobs) as workers:
        await pipeline.run(discover(plan.places, plan.selection), workers)
    await asyncio.to_thread(warn_of_no_documents, plan, report)
    report.close(monotonic() - started)
    return report


async def load(
    database: Database,
    settings: Settings,
    plan: LoadOptions,
    *,
    report: Report | None = None,
    advance: Advance = silent,
    stop: asyncio.Event | None = None,
    clock: Clock = utc_now,
) -> Report:
    """Bring the database up to date with the files of the plan.

    A file is parsed if its fingerprint has changed, and its document is written if that has
    changed. Articles are published or not as of the time when the load begins, by `clock`. A dry
    run reports the same and writes nothing. `stop` ends the load early, in an orderly way.

    Raises UsageError if a prune would remove everything, DatabaseError if the database fails.
    `report` then contains what was done before, and the next load completes it.
    """
    started = monotonic()
    report = Report() if report is None else report
    stop = asyncio.Event() if stop is None else stop
    try:
        report.warn(plan.warnings)
        await database.ping()  # not retried: the URL may be wrong
        if plan.prune and not plan.allow_empty:
            await refuse_to_empty(database, plan.places)
        now = clock()
        running_load = None if plan.dry_run else await retried(partial(write.begin, database, now))
        due = await retried(partial(due_articles, database, now))
        async with DocumentWriter(
            database,
            report,
            running_load,
            advance,
            quick=plan.quick,
            take_over=plan.take_over,
            due=due,
        ) as writer:
            pipeline = Pipeline(
                settings.volatile,
                writer.load_stamp,
                writer.lookup,
                writer.take,
                report,
                stop,
                plan.mappings,
                now,
            )
            await _write_documents(pipeline, writer, plan)
            if not stop.is_set():
                await asyncio.to_thread(warn_of_no_documents, plan, report)
            if plan.prune and not stop.is_set():
                await _prune_places(writer, plan)
            await writer.finish()
        if running_load is not None:
            await retried(partial(record_sites, database, plan.source_sites))
    finally:
        report.close(monotonic() - started)
    return report


async def _write_documents(pipeline: Pipeline, writer: DocumentWriter, plan: LoadOptions) -> None:
    """Write the documents of all files that have changed."""
    async with worker_processes(plan.jobs) as workers:
        await pipeline.run(discover(plan.places, plan.selection), workers)
    await writer.flush()


async def _prune_places(writer: DocumentWriter, plan: LoadOptions) -> None:
    """Remove the documents whose files are gone."""
    for place in plan.places:
        await prune(writer, place, is_ignored=plan.ignores(place))


@asynccontextmanager
async def worker_processes(count: int) -> AsyncIterator[list[Worker]]:
    """Yield workers, and end their processes afterwards."""
    async with AsyncExitStack() as stack:
        yield [await stack.enter_async_context(Worker()) for _ in range(count)]
