"""One cycle of following: load changed files, and remove the documents of deleted ones."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import NamedTuple

from graph.documents import SourceSite
from graph.store.driver.calls.retry import retried
from graph.store.driver.database import Database
from graph.store.load import write
from graph.store.load.clock import utc_now
from graph.store.load.due import due_articles
from graph.store.load.sites import record_sites
from graph.store.load.stored_versions import FileFingerprint
from loaders.files.discover import Skipped
from loaders.files.places import Place, SourceFile
from loaders.files.selection import IsIgnored, ignore_nothing
from loaders.load.pipeline import Pipeline
from loaders.load.prune import prune
from loaders.load.writer import DocumentWriter
from loaders.report.report import Report
from loaders.workers.jobs import FileResult, PackedMapping
from loaders.workers.pool import Worker


class Work(NamedTuple):
    """The work of a cycle: files to load, and the parts of each place to prune.

    With `quick`, files whose size and time are those of the last load are not read.
    """

    entries: Iterator[SourceFile | Skipped]
    prunings: Mapping[Place, Sequence[Place]]
    quick: bool


@dataclass
class Cycle:
    """A load of some files, its report, and the files that it visited and read.

    `sites` is what the sources say of their sites for readers; it is stored after the load.
    """

    database: Database
    volatile: frozenset[str]
    workers: Sequence[Worker]
    stop: asyncio.Event
    take_over: bool = False
    ignores: Callable[[Place], IsIgnored] = lambda place: ignore_nothing
    mappings: Mapping[str, PackedMapping] = field(default_factory=dict)
    sites: Sequence[SourceSite] = ()
    now: datetime = field(default_factory=utc_now)
    report: Report = field(default_factory=lambda: Report(changes_only=True))
    visited: set[str] = field(default_factory=set)
    read: set[str] = field(default_factory=set)

    async def run(self, work: Work) -> bool:
        """Do the work. Return False if `stop` ended it early. Raises DatabaseError."""
        running_load = await retried(partial(write.begin, self.database, self.now))
        due = await retried(partial(due_articles, self.database, self.now))
        async with DocumentWriter(
            self.database,
            self.report,
            running_load,
            quick=work.quick,
            take_over=self.take_over,
            due=due,
        ) as writer:

            async def take(
                results: list[tuple[SourceFile, FileFingerprint | None, FileResult]],
            ) -> None:
                self.read.update(source.file for source, _, parsed in results if parsed is not None)
                await writer.take(results)

            pipeline = Pipeline(
                self.volatile,
                writer.load_stamp,
                writer.lookup,
                take,
                self.report,
                self.stop,
                self.mappings,
                self.now,
            )
            await pipeline.run(self._visit(work.entries), self.workers)
            await writer.flush()
            is_complete = not self.stop.is_set()
            if is_complete:
                for place, parts in work.prunings.items():
                    await prune(writer, place, parts, is_ignored=self.ignores(place))
            await writer.finish()
        if self.sites:
            await retried(partial(record_sites, self.database, self.sites))
        return is_complete

    def _visit(self, entries: Iterator[SourceFile | Skipped]) -> Iterator[SourceFile | Skipped]:
        for entry in entries:
            if isinstance(entry, SourceFile):
                self.visited.add(entry.file)
            else:
                self.visited.add(entry.path)
                self.read.add(entry.path)
            yield entry
