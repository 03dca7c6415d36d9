"""Load: discover, read, compare and write, batch by batch."""

from __future__ import annotations

import time
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from graph.config import Settings
from graph.store import write
from graph.store.database import Database
from loaders.discover import Found, discover
from loaders.documents import COUNTED_AS, Accepted, Rejected, read, stamped
from loaders.progress import progress_bar
from loaders.report import Problem, Report

BATCH: Final = 500


async def load(
    database: Database,
    settings: Settings,
    paths: Sequence[Path],
    *,
    dry_run: bool = False,
    progress: bool = False,
) -> Report:
    """Bring the documents below `paths` into the database.

    A document is counted once a majority of the servers has it. With `dry_run` nothing is
    written, and the report says what would be. Raises UsageError for a path that is not there,
    DatabaseUnavailable where the database does not answer.
    """
    started = time.monotonic()
    report = Report()
    session = _Session(database, report, datetime.now(UTC), dry_run=dry_run)
    files = list(discover(paths))
    revision = await session.begin()
    with progress_bar(len(files), shown=progress) as advance:
        for batch in _batches(_read_all(files, settings, report)):
            await session.take(batch, revision)
            advance(len(batch))
    await session.finish()
    report.seconds = time.monotonic() - started
    return report


def check(paths: Sequence[Path], settings: Settings, *, progress: bool = False) -> Report:
    """The report of a load that has no database: every fault of every document."""
    started = time.monotonic()
    report = Report()
    files = list(discover(paths))
    with progress_bar(len(files), shown=progress) as advance:
        for accepted in _read_all(files, settings, report):
            report.kinds[COUNTED_AS[accepted.kind]] += 1
            advance(1)
    report.seconds = time.monotonic() - started
    return report


def _read_all(files: Iterable[Found], settings: Settings, report: Report) -> Iterator[Accepted]:
    """The documents of the files that are in order; what is wrong goes to the report."""
    seen: dict[str, Found] = {}
    for found in files:
        first = seen.setdefault(_identity(found), found)
        if first is not found:
            report.rejected.append(_twin(found, first))
            continue
        outcome = read(found, settings.volatile)
        if isinstance(outcome, Rejected):
            report.rejected += outcome.problems
        else:
            report.warnings += outcome.warnings
            yield outcome


def _identity(found: Found) -> str:
    """Slugs that differ only in case would be one file on some systems."""
    return unicodedata.normalize("NFC", found.slug).casefold()


def _twin(found: Found, first: Found) -> Problem:
    reason = f"{first.path} has the same slug, {first.slug}; rename one of them"
    return Problem(str(found.path), 1, 1, None, reason)


def _batches(documents: Iterable[Accepted]) -> Iterator[list[Accepted]]:
    batch: list[Accepted] = []
    for document in documents:
        batch.append(document)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


class _Session:
    """One load: compares documents with the stored ones and writes those that differ."""

    def __init__(
        self, database: Database, report: Report, loaded_at: datetime, *, dry_run: bool
    ) -> None:
        self.database = database
        self.report = report
        self.loaded_at = loaded_at
        self.dry_run = dry_run
        self.pending = False

    async def begin(self) -> int:
        """The revision that changes in meaning will carry."""
        return 0 if self.dry_run else await write.begin(self.database)

    async def take(self, batch: Sequence[Accepted], revision: int) -> None:
        """Compare a batch with what is stored, write what differs, and count."""
        for collection in sorted({accepted.collection for accepted in batch}):
            part = [accepted for accepted in batch if accepted.collection == collection]
            ids = [accepted.document["_id"] for accepted in part]
            stored = await write.stamps(self.database, collection, ids)
            await self._take_part(collection, part, stored, revision)

    async def _take_part(
        self,
        collection: str,
        part: Sequence[Accepted],
        stored: dict[str, write.Stamp],
        revision: int,
    ) -> None:
        added, updated, volatile, unchanged = [], [], [], 0
        for accepted in part:
            document = accepted.document
            stamp = stored.get(document["_id"])
            if stamp is None:
                added.append(stamped(document, self.loaded_at, revision))
            elif stamp.hash != document["source"]["hash"]:
                updated.append(stamped(document, self.loaded_at, revision))
            elif stamp.digest != document["source"]["digest"]:
                volatile.append(stamped(document, self.loaded_at, stamp.revision))
            else:
                unchanged += 1
        await self._write(collection, [*added, *updated, *volatile], bool(added or updated))
        self.report.added += len(added)
        self.report.updated += len(updated)
        self.report.volatile_only += len(volatile)
        self.report.unchanged += unchanged
        for accepted in part:
            self.report.kinds[COUNTED_AS[accepted.kind]] += 1

    async def _write(
        self, collection: str, documents: Sequence[dict[str, object]], changed: bool
    ) -> None:
        if self.dry_run or not documents:
            return
        if changed and not self.pending:
            await write.mark_pending(self.database)
            self.pending = True
        await write.replace(self.database, collection, documents)

    async def finish(self) -> None:
        """Derive what hangs on the documents, if any changed, and note the revision."""
        if self.dry_run:
            return
        report = self.report
        self.report.revision = await write.finish(
            self.database,
            {
                "at": self.loaded_at,
                "added": report.added,
                "updated": report.updated,
                "removed": report.removed,
                "rejected": report.rejected_files,
            },
            report.changed,
        )
