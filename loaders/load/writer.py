"""Results into the database: each is compared with what is stored, and written if it differs."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence, Set
from dataclasses import dataclass, field
from functools import cached_property, partial
from types import TracebackType
from typing import Final, Self

from graph.documents import ARTICLES, TAXONOMY, LoadSummary, Reason
from graph.store.driver.database import Database, Write
from graph.store.driver.encoding import decode, encode
from graph.store.driver.retry import retried
from graph.store.load import write
from graph.store.load.write import FileFingerprint, Load, Version
from loaders.files.places import FoundFile
from loaders.load.owners import former_root, owner
from loaders.report.progress import Advance, silent
from loaders.report.report import Fault, Report, Verdict
from loaders.workers.jobs import LoadStamp, Parsed, Result

BATCH: Final = 1000
BATCH_BYTES: Final = 8_000_000


@dataclass(frozen=True)
class DocumentChange:
    """A file's document beside what is stored of it.

    `strays` are versions in another collection than the one where the document belongs now.
    """

    found: FoundFile
    parsed: Parsed
    stored: Version | None
    strays: Sequence[Version]

    @cached_property
    def verdict(self) -> Verdict:
        stored, parsed = self.stored, self.parsed
        if self.strays:
            return "updated"
        if stored is None:
            return "added"
        if stored.hash != parsed.hash:
            return "updated"
        return "unchanged" if stored.volatile_hash == parsed.volatile_hash else "volatile_only"

    @property
    def versions(self) -> Sequence[Version]:
        """All that is stored under the file's slug."""
        return [*self.strays, self.stored] if self.stored else self.strays

    @property
    def is_in_meaning(self) -> bool:
        return self.verdict in ("added", "updated")

    @property
    def unpublishes(self) -> bool:
        """Whether a published article becomes one that is not."""
        was = self.stored is not None and self.stored.is_published
        return was and self.is_in_meaning and not self.parsed.facts.get("published")

    @property
    def write(self) -> Write:
        """What to store. A document that did not change in meaning keeps its revision, and the
        time at which a load last found it changed.
        """
        data = self.parsed.data
        assert data is not None
        if self.stored is not None and not self.is_in_meaning:
            document = decode(data)
            source = document["source"]
            source["revision"] = self.stored.revision
            if source.get("hasUpdatedDateTime") is False and self.stored.updated is not None:
                document["updatedDateTime"] = self.stored.updated
            data = encode(document)
        return Write(self.parsed.id, data, new=self.stored is None)


@dataclass
class DocumentWriter:
    """Takes results and writes them in bulks; a document counts once a majority has it.

    Without a `load` it compares and counts, and writes nothing: a dry run. With `take_over` it
    replaces documents that belong to other folders, which are rejected otherwise. `due` are the
    slugs of the articles that the clock publishes or unpublishes: their files are parsed again.
    """

    database: Database
    report: Report
    load: Load | None
    advance: Advance = silent
    quick: bool = False
    take_over: bool = False
    due: Set[str] = frozenset()
    moved: Counter[tuple[str, str]] = field(default_factory=Counter)
    batch: list[tuple[FoundFile, Parsed]] = field(default_factory=list)
    size: int = 0
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    writing: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Write no more: of what is on its way, each document arrives whole or not at all."""
        if self.writing is not None:
            self.writing.cancel()
            await asyncio.gather(self.writing, return_exceptions=True)

    @property
    def stamping(self) -> LoadStamp | None:
        if self.load is None:
            return None
        return LoadStamp(self.load.at, self.load.revision, facts=not self.load.first)

    async def lookup(self, files: Sequence[FoundFile]) -> dict[str, FileFingerprint]:
        """What is stored of these files."""
        slugs: dict[str, list[str]] = {}
        for found in files:
            slugs.setdefault(found.root.identity, []).append(found.slug)
        stamps: dict[str, FileFingerprint] = {}
        for root, below in slugs.items():
            stamps |= await retried(
                partial(write.stamps, self.database, root, below, times=self.quick)
            )
        for slug in stamps.keys() & self.due:
            stamps[slug] = stamps[slug]._replace(hash=b"", size=None, mtime=None)
        return stamps

    async def take(self, results: list[tuple[FoundFile, FileFingerprint | None, Result]]) -> None:
        """Take results; a full batch is written while the next one fills, and no third waits."""
        async with self.turn:
            for found, stamp, parsed in results:
                if parsed is None:
                    assert stamp is not None
                    self.report.accept(stamp.kind, "unchanged")
                else:
                    self._add(found, parsed, is_stored=stamp is not None)
            self.advance(len(results))
            if len(self.batch) >= BATCH or self.size > BATCH_BYTES:
                await self._begin_to_write()

    def _add(self, found: FoundFile, parsed: Parsed, *, is_stored: bool) -> None:
        self.report.reject(parsed.faults)
        # A file that is no document need not be one, unless it was: what it held is still served.
        is_broken = is_stored and parsed.data is None
        (self.report.reject if is_broken else self.report.warn)(parsed.warnings)
        if parsed.data is not None:
            self.batch.append((found, parsed))
            self.size += len(parsed.data)

    async def flush(self) -> None:
        """Write what is left."""
        async with self.turn:
            await self._begin_to_write()
            await self._written()

    async def _begin_to_write(self) -> None:
        await self._written()
        batch, self.batch, self.size = self.batch, [], 0
        self.writing = asyncio.create_task(self._write_batch(batch))

    async def _written(self) -> None:
        writing, self.writing = self.writing, None
        if writing is not None:
            await writing

    async def _write_batch(self, batch: list[tuple[FoundFile, Parsed]]) -> None:
        if not batch:
            return
        changes = await self._compared(batch)
        if not self.take_over:
            changes = await asyncio.to_thread(self._own, changes)
        taken = await self._write(changes) if self.load else changes
        for change in taken:
            self.report.accept(change.parsed.kind, change.verdict)
            self.report.note_window(change.parsed.window)

    async def _compared(self, batch: list[tuple[FoundFile, Parsed]]) -> list[DocumentChange]:
        slugs = [found.slug for found, _ in batch]
        stored: dict[str, list[Version]] = {}
        if self.load is None or not self.load.first:
            for version in await retried(partial(write.versions, self.database, slugs)):
                stored.setdefault(version.slug, []).append(version)
        changes = []
        for found, parsed in batch:
            versions = stored.get(found.slug, [])
            strays = [version for version in versions if version.collection != parsed.collection]
            own = next((version for version in versions if version not in strays), None)
            changes.append(DocumentChange(found, parsed, own, strays))
        return changes

    def _own(self, changes: list[DocumentChange]) -> list[DocumentChange]:
        """Those changes that replace no document of another folder; the others are rejected."""
        own = []
        for change in changes:
            found = change.found
            if holder := owner(found, change.versions):
                reason = f"the slug belongs to a document from {holder}; --take-over replaces it"
                self.report.reject([Fault(found.file, None, None, None, reason)])
                continue
            own.append(change)
            if former := former_root(found, change.versions):
                self.moved[former, found.root.folder or "."] += 1
        return own

    def _warn_of_moves(self) -> None:
        """One warning for all documents of a folder that was moved."""
        for (former, folder), count in self.moved.items():
            documents = "1 document" if count == 1 else f"{count:,} documents"
            reason = f"takes over {documents} from {former}, where their files are gone"
            self.report.warn([Fault(folder, None, None, None, reason)])
        self.moved.clear()

    async def _write(self, changes: list[DocumentChange]) -> list[DocumentChange]:
        """Store what differs; those changes that the database took."""
        assert self.load is not None
        if any(change.is_in_meaning for change in changes):
            await self._mark()
        for change in changes:
            if change.is_in_meaning:
                before = change.stored.facts if change.stored else None
                self.load.touched.add(before, change.parsed.facts)
                for stray in change.strays:
                    self.load.touched.add(stray.facts, None)
        await self._bury(changes)
        # In this order, a load that is killed leaves nothing that the next one does not find: it
        # looks for the stamp of an article first.
        await self._remove_strays(TAXONOMY, changes)
        taken: list[DocumentChange] = []
        for collection in (TAXONOMY, ARTICLES):
            belonging = [change for change in changes if change.parsed.collection == collection]
            taken += await self._put(collection, belonging)
        await self._remove_strays(ARTICLES, taken)
        return taken

    async def _bury(self, changes: list[DocumentChange]) -> None:
        """Tell of the articles that will not be seen any more, before they are gone."""
        strays = [stray for change in changes for stray in change.strays]
        unpublished = [change.stored for change in changes if change.stored and change.unpublishes]
        await self._bury_each(strays, "removed")
        await self._bury_each(unpublished, "unpublished")

    async def _bury_each(self, lost: Sequence[Version], reason: Reason) -> None:
        assert self.load is not None
        slugs = [version.slug for version in lost if version.is_published]
        await retried(partial(write.write_tombstones, self.database, self.load, slugs, reason))

    async def _remove_strays(self, collection: str, changes: list[DocumentChange]) -> None:
        strays = [stray for change in changes for stray in change.strays]
        slugs = [stray.slug for stray in strays if stray.collection == collection]
        await retried(partial(write.remove, self.database, collection, slugs))

    async def _mark(self) -> None:
        assert self.load is not None
        await retried(partial(write.mark_pending, self.database, self.load))

    async def _put(self, collection: str, changes: list[DocumentChange]) -> list[DocumentChange]:
        writes = [change.write for change in changes]
        refusals = await retried(partial(write.put, self.database, collection, writes))
        reasons = {refusal.id: refusal.reason for refusal in refusals}
        for change in changes:
            if reason := reasons.get(change.found.slug):
                self.report.reject([Fault(change.found.file, None, None, None, reason)])
        return [change for change in changes if change.found.slug not in reasons]

    async def remove(self, collection: str, slugs: Sequence[str]) -> None:
        """Remove documents whose file is gone."""
        stored = await retried(partial(write.versions, self.database, slugs))
        lost = [version for version in stored if version.collection == collection]
        gone = [version.slug for version in lost]
        if self.load is not None and gone:
            await self._mark()
            for version in lost:
                self.load.touched.add(version.facts, None)
            await self._bury_each(lost, "removed")
            await retried(partial(write.remove, self.database, collection, gone))
        self.report.removed += len(gone)

    async def finish(self) -> None:
        """Write what is left and close the load."""
        await self.flush()
        self._warn_of_moves()
        if self.load is None:
            return
        summary: LoadSummary = {
            "at": self.load.at,
            "added": self.report.added,
            "updated": self.report.updated,
            "removed": self.report.removed,
            "rejected": self.report.rejected_files,
        }
        finish = partial(write.finish, self.database, self.load, summary)
        self.report.revision = await retried(finish)
