"""Write results to the database: compare each with the stored document, and write it if it
differs.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Final, Self

from graph.documents import ARTICLES, TAXONOMY, LoadSummary, Reason, TombstoneType
from graph.store.driver.calls.retry import retried
from graph.store.driver.database import Database
from graph.store.load import write
from graph.store.load.due import DueArticle
from graph.store.load.stored_versions import (
    FileFingerprint,
    Version,
    read_fingerprints,
    read_versions,
)
from graph.store.load.write import Load
from loaders.files.places import SourceFile
from loaders.load.document_change import DocumentChange
from loaders.load.owners import former_root, owner
from loaders.report.progress import Advance, silent
from loaders.report.report import Fault, Report
from loaders.workers.jobs import FileResult, LoadStamp, ParsedFile

BATCH: Final = 1000
BATCH_BYTES: Final = 8_000_000


@dataclass
class DocumentWriter:
    """Writes results in bulk. A document is counted when a majority of the replica set has stored
    it.

    Without a `load` it compares and counts, and writes nothing: a dry run. Documents that belong to
    other roots are rejected, unless `take_over` replaces them. `due` are the articles that are due
    to be published or unpublished: their files are parsed again. Where that is impossible, an
    article whose time is over is unpublished all the same.
    """

    database: Database
    report: Report
    load: Load | None
    advance: Advance = silent
    quick: bool = False
    take_over: bool = False
    due: Sequence[DueArticle] = ()
    parsed: set[str] = field(default_factory=set)
    moved: Counter[tuple[str, str]] = field(default_factory=Counter)
    batch: list[tuple[SourceFile, ParsedFile]] = field(default_factory=list)
    size: int = 0
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    write_task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        """Stop writing. Each document that is being written is stored completely or not at all."""
        if self.write_task is not None:
            self.write_task.cancel()
            await asyncio.gather(self.write_task, return_exceptions=True)

    @property
    def load_stamp(self) -> LoadStamp | None:
        if self.load is None:
            return None
        return LoadStamp(self.load.began_at, self.load.revision, facts=not self.load.is_first)

    async def lookup(self, files: Sequence[SourceFile]) -> dict[str, FileFingerprint]:
        """Return the fingerprints of these files in the database, by slug."""
        slugs: dict[str, list[str]] = {}
        for source_file in files:
            slugs.setdefault(source_file.root.identity, []).append(source_file.slug)
        fingerprints: dict[str, FileFingerprint] = {}
        for root, below in slugs.items():
            fingerprints |= await retried(
                partial(read_fingerprints, self.database, root, below, times=self.quick)
            )
        for slug in fingerprints.keys() & {article.slug for article in self.due}:
            fingerprints[slug] = fingerprints[slug]._replace(hash=b"", size=None, mtime=None)
        return fingerprints

    async def take(
        self, results: list[tuple[SourceFile, FileFingerprint | None, FileResult]]
    ) -> None:
        """Take results. A full batch is written while the next one fills; a third is not begun."""
        async with self.turn:
            for source_file, stamp, parsed in results:
                if parsed is None:
                    assert stamp is not None
                    self.report.accept(stamp.kind, "unchanged")
                else:
                    self._add(source_file, parsed, is_stored=stamp is not None)
            self.advance(len(results))
            if len(self.batch) >= BATCH or self.size > BATCH_BYTES:
                await self._start_write()

    def _add(self, source_file: SourceFile, parsed: ParsedFile, *, is_stored: bool) -> None:
        self.report.reject(parsed.faults)
        # A file without a document is rejected if it had one, which is still served.
        is_broken = is_stored and parsed.data is None
        (self.report.reject if is_broken else self.report.warn)(parsed.warnings)
        if parsed.data is not None:
            self.batch.append((source_file, parsed))
            if self.due:
                self.parsed.add(source_file.slug)
            self.size += len(parsed.data)

    async def flush(self) -> None:
        """Write the remaining results."""
        async with self.turn:
            await self._start_write()
            await self._finish_write()

    async def _start_write(self) -> None:
        await self._finish_write()
        batch, self.batch, self.size = self.batch, [], 0
        self.write_task = asyncio.create_task(self._write_batch(batch))

    async def _finish_write(self) -> None:
        write_task, self.write_task = self.write_task, None
        if write_task is not None:
            await write_task

    async def _write_batch(self, batch: list[tuple[SourceFile, ParsedFile]]) -> None:
        if not batch:
            return
        changes = await self._compare(batch)
        if not self.take_over:
            changes = await asyncio.to_thread(self._reject_others_slugs, changes)
        written = await self._write(changes) if self.load else changes
        for change in written:
            self.report.accept(change.parsed.kind, change.verdict)
            self.report.note_window(change.parsed.window)

    async def _compare(self, batch: list[tuple[SourceFile, ParsedFile]]) -> list[DocumentChange]:
        slugs = [source_file.slug for source_file, _ in batch]
        stored: dict[str, list[Version]] = {}
        if self.load is None or not self.load.is_first:
            for version in await retried(partial(read_versions, self.database, slugs)):
                stored.setdefault(version.slug, []).append(version)
        changes = []
        for source_file, parsed in batch:
            versions = stored.get(source_file.slug, [])
            strays = [version for version in versions if version.collection != parsed.collection]
            stored_version = next((version for version in versions if version not in strays), None)
            changes.append(DocumentChange(source_file, parsed, stored_version, strays))
        return changes

    def _reject_others_slugs(self, changes: list[DocumentChange]) -> list[DocumentChange]:
        """Return the changes that do not replace a document of another root, and reject the
        others.
        """
        accepted = []
        for change in changes:
            source_file = change.source_file
            if holder := owner(source_file, change.versions):
                reason = f"the slug belongs to a document from {holder}; --take-over replaces it"
                self.report.reject([Fault(source_file.file, None, None, None, reason)])
                continue
            accepted.append(change)
            if former := former_root(source_file, change.versions):
                self.moved[former, source_file.root.folder or "."] += 1
        return accepted

    def _warn_of_moves(self) -> None:
        """Add one warning for all documents of a folder that was moved."""
        for (former, folder), count in self.moved.items():
            documents = "1 document" if count == 1 else f"{count:,} documents"
            reason = f"takes over {documents} from {former}, where their files no longer exist"
            self.report.warn([Fault(folder, None, None, None, reason)])
        self.moved.clear()

    async def _write(self, changes: list[DocumentChange]) -> list[DocumentChange]:
        """Store the documents that differ. Return the changes that the database accepted."""
        assert self.load is not None
        if any(change.changes_content for change in changes):
            await self._mark_pending()
        for change in changes:
            if change.changes_content:
                before = change.stored.facts if change.stored else None
                self.load.affected.add(before, change.parsed.facts)
                for stray in change.strays:
                    self.load.affected.add(stray.facts, None)
        strays = [stray for change in changes for stray in change.strays]
        unpublished = [change.stored for change in changes if change.stored and change.unpublishes]
        await self._write_tombstones(strays, "removed")
        await self._write_tombstones(unpublished, "unpublished")
        # In this order, the next load completes one that is killed, because it looks for the
        # fingerprint of an article first.
        await self._remove_strays(TAXONOMY, changes)
        written: list[DocumentChange] = []
        for collection in (TAXONOMY, ARTICLES):
            belonging = [change for change in changes if change.parsed.collection == collection]
            written += await self._store(collection, belonging)
        await self._remove_strays(ARTICLES, written)
        if self.load.changed:
            await self._mark_pending_again()
        return written

    async def _write_tombstones(self, versions: Sequence[Version], reason: Reason) -> None:
        """Write the tombstones of the articles among these, before they are changed."""
        assert self.load is not None
        slugs: dict[TombstoneType, list[str]] = {"Article": [], "UnpublishedArticle": []}
        for version in versions:
            if version.collection == ARTICLES:
                slugs["Article" if version.is_published else "UnpublishedArticle"].append(
                    version.slug
                )
        for kind, slugs_of_kind in slugs.items():
            await retried(
                partial(
                    write.write_tombstones, self.database, self.load, slugs_of_kind, reason, kind
                )
            )

    async def _remove_strays(self, collection: str, changes: list[DocumentChange]) -> None:
        strays = [stray for change in changes for stray in change.strays]
        slugs = [stray.slug for stray in strays if stray.collection == collection]
        await retried(partial(write.remove, self.database, collection, slugs))

    async def _mark_pending(self) -> None:
        assert self.load is not None
        await retried(partial(write.mark_pending, self.database, self.load))

    async def _mark_pending_again(self) -> None:
        assert self.load is not None
        await retried(partial(write.mark_pending_again, self.database, self.load))

    async def _store(self, collection: str, changes: list[DocumentChange]) -> list[DocumentChange]:
        writes = [change.write for change in changes]
        refusals = await retried(partial(write.put, self.database, collection, writes))
        reasons = {refusal.id: refusal.reason for refusal in refusals}
        for change in changes:
            if reason := reasons.get(change.source_file.slug):
                self.report.reject([Fault(change.source_file.file, None, None, None, reason)])
        return [change for change in changes if change.source_file.slug not in reasons]

    async def remove(self, collection: str, slugs: Sequence[str]) -> None:
        """Remove documents whose file is gone."""
        stored = await retried(partial(read_versions, self.database, slugs))
        versions = [version for version in stored if version.collection == collection]
        slugs = [version.slug for version in versions]
        if self.load is not None and slugs:
            await self._mark_pending()
            for version in versions:
                self.load.affected.add(version.facts, None)
            await self._write_tombstones(versions, "removed")
            await retried(partial(write.remove, self.database, collection, slugs))
            await self._mark_pending_again()
        self.report.removed += len(slugs)

    async def _expire(self) -> None:
        """Unpublish the articles whose time is over and whose files are gone or rejected."""
        slugs = [
            article.slug
            for article in self.due
            if article.is_over and article.slug not in self.parsed
        ]
        stored = await retried(partial(read_versions, self.database, slugs)) if slugs else []
        over = [version for version in stored if version.is_published]
        if self.load is not None and over:
            await self._mark_pending()
            for version in over:
                self.load.affected.add(version.facts, {**version.facts, "published": False})
            await self._write_tombstones(over, "unpublished")
            slugs = [version.slug for version in over]
            await retried(partial(write.unpublish, self.database, self.load, slugs))
            await self._mark_pending_again()
        for _ in over:
            self.report.accept("articles", "updated")

    async def finish(self) -> None:
        """Write the remaining results and complete the load."""
        await self.flush()
        await self._expire()
        self._warn_of_moves()
        if self.load is None:
            return
        summary: LoadSummary = {
            "at": self.load.began_at,
            "added": self.report.added,
            "updated": self.report.updated,
            "removed": self.report.removed,
            "rejected": self.report.rejected_files,
        }
        finish = partial(write.finish, self.database, self.load, summary)
        self.report.revision = await retried(finish)
