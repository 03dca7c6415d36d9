"""Loading: files in, documents in the database, a report out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic
from typing import Final, Literal

from graph.config import Settings
from graph.documents import ARTICLES, TAXONOMY, LoadSummary
from graph.store import write
from graph.store.database import Database
from graph.store.write import Stamp
from loaders.discover import Found, discover
from loaders.documents import Outcome, Row, convert, rejected, shown_path
from loaders.progress import tracked
from loaders.report import Fault, Report

BATCH: Final = 500
BATCH_BYTES: Final = 32_000_000

Verdict = Literal["added", "updated", "unchanged", "volatile_only"]


def check(paths: Sequence[Path], settings: Settings, *, progress: bool = False) -> Report:
    """Validate the files below `paths` as a load does, without a database."""
    started = monotonic()
    report = Report()
    for outcome in _accepted(list(discover(paths)), settings, report, progress):
        report.kinds[outcome.kind] += 1
    report.seconds = monotonic() - started
    return report


async def load(
    database: Database,
    settings: Settings,
    paths: Sequence[Path],
    *,
    dry_run: bool = False,
    progress: bool = False,
) -> Report:
    """Bring the database up to date with the files below `paths`.

    What a file's document is compared with is what is stored: unchanged ones are not written. A
    dry run reports the same and writes nothing. Raises UsageError for paths that cannot be
    read, DatabaseError where the database fails; what was written until then stays, and the next
    load completes it.
    """
    started = monotonic()
    report = Report()
    files = list(discover(paths))  # paths that cannot be read show before the database is touched
    writer = _DryRun(database, report) if dry_run else await _Writer.begin(database, report)
    for batch in _batches(_accepted(files, settings, report, progress)):
        await writer.take(batch)
    await writer.finish()
    report.seconds = monotonic() - started
    return report


def _accepted(
    files: Sequence[Found], settings: Settings, report: Report, progress: bool
) -> Iterator[Outcome]:
    """The outcomes that hold a document; faults and warnings of all go to the report."""
    namesakes = _namesakes(files)
    for found in tracked(files, shown=progress):
        if _identity(found) in namesakes:
            outcome = rejected(found, _ambiguous(found, namesakes[_identity(found)]))
        else:
            outcome = convert(found, settings.volatile)
        report.rejected += outcome.faults
        report.warnings += outcome.warnings
        if outcome.document is not None:
            yield outcome


def _namesakes(files: Iterable[Found]) -> dict[str, list[Found]]:
    """The files that share their slug with another, under it."""
    by_slug: dict[str, list[Found]] = defaultdict(list)
    for found in files:
        by_slug[_identity(found)].append(found)
    return {slug: group for slug, group in by_slug.items() if len(group) > 1}


def _identity(found: Found) -> str:
    """Slugs that differ in case alone would be one file on some systems."""
    return found.slug.casefold()


def _ambiguous(found: Found, group: list[Found]) -> Fault:
    others = ", ".join(shown_path(other) for other in group if other is not found)
    reason = f"has the same slug as {others}: {found.slug}"
    return Fault(shown_path(found), None, None, None, reason)


def _batches(outcomes: Iterable[Outcome]) -> Iterator[list[Outcome]]:
    batch: list[Outcome] = []
    size = 0
    for outcome in outcomes:
        batch.append(outcome)
        size += outcome.size
        if len(batch) == BATCH or size > BATCH_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _verdict(document: Row, stored: Stamp | None) -> Verdict:
    source = document["source"]
    if stored is None:
        return "added"
    if stored.hash != source["hash"]:
        return "updated"
    return "unchanged" if stored.digest == source["digest"] else "volatile_only"


@dataclass
class _DryRun:
    """Compares batches with what is stored, and counts."""

    database: Database
    report: Report

    async def take(self, batch: list[Outcome]) -> None:
        for collection in (TAXONOMY, ARTICLES):
            documents = [
                outcome.document
                for outcome in batch
                if outcome.collection == collection and outcome.document is not None
            ]
            if documents:
                await self._take_collection(collection, documents)
        for outcome in batch:
            self.report.kinds[outcome.kind] += 1

    async def _take_collection(self, collection: str, documents: list[Row]) -> None:
        ids = [document["_id"] for document in documents]
        stored = await write.stamps(self.database, collection, ids)
        verdicts = [self._judge(document, stored.get(document["_id"])) for document in documents]
        await self.write(collection, list(zip(verdicts, documents, strict=True)))
        # Only now are they acknowledged.
        for verdict in verdicts:
            setattr(self.report, verdict, getattr(self.report, verdict) + 1)

    def _judge(self, document: Row, stored: Stamp | None) -> Verdict:
        return _verdict(document, stored)

    async def write(self, collection: str, judged: list[tuple[Verdict, Row]]) -> None:
        """Store what differs; a dry run does not."""

    async def finish(self) -> None:
        """Close the load; a dry run leaves nothing to close."""


@dataclass
class _Writer(_DryRun):
    """Stores what differs. `revision` is the one that changes in meaning will carry."""

    revision: int
    loaded_at: datetime
    changed: bool = False

    @classmethod
    async def begin(cls, database: Database, report: Report) -> _Writer:
        return cls(database, report, await write.begin(database), _now())

    def _judge(self, document: Row, stored: Stamp | None) -> Verdict:
        verdict = _verdict(document, stored)
        revision = self.revision
        if stored is not None and verdict == "volatile_only":
            revision = stored.revision  # no change in meaning: the document keeps its own
        document["source"]["revision"] = revision
        return verdict

    async def write(self, collection: str, judged: list[tuple[Verdict, Row]]) -> None:
        if not self.changed and any(verdict in ("added", "updated") for verdict, _ in judged):
            await write.mark_pending(self.database)
            self.changed = True
        differing = [document for verdict, document in judged if verdict != "unchanged"]
        for document in differing:
            document["source"] |= {"loadedAt": self.loaded_at}
        await write.replace(self.database, collection, differing)

    async def finish(self) -> None:
        summary: LoadSummary = {
            "at": self.loaded_at,
            "added": self.report.added,
            "updated": self.report.updated,
            "removed": self.report.removed,
            "rejected": self.report.rejected_files,
        }
        self.report.revision = await write.finish(self.database, summary, self.changed)


def _now() -> datetime:
    """Now, as exact as a BSON date can be."""
    now = datetime.now(UTC)
    return now.replace(microsecond=now.microsecond // 1000 * 1000)
