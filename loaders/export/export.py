"""Export the articles and taxonomy files of a database to a folder."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime
from itertools import islice
from pathlib import Path
from time import monotonic
from typing import Final

from graph.documents import ARTICLES, TAXONOMY, Row
from graph.errors import UsageError
from graph.store.driver.database import Database
from graph.store.load.clock import utc_now
from graph.store.revision import common_site, read_corpus
from loaders.export.case_variants import CaseVariants
from loaders.export.export_mapping import rules_text
from loaders.export.exported_file import exported_file, has_own_update, path_of, unusable
from loaders.export.folder import ExportFolder
from loaders.files.places import Root
from loaders.report.progress import Advance, silent
from loaders.report.report import Fault, Report

BATCH: Final = 200
"""The number of documents in memory at a time."""


async def document_count(database: Database) -> int:
    """Return the number of documents that an export writes."""
    return await database.count(ARTICLES, {}) + await database.count(TAXONOMY, {})


class Export:
    """An export of a database to a folder."""

    def __init__(self, database: Database, folder: Path, report: Report) -> None:
        self._database = database
        self._path = folder
        self._root = Root(str(folder), str(folder.absolute()))
        self._report = report
        self._roots: set[str] = set()
        self._without_update = 0
        self._variants = CaseVariants()

    async def run(
        self, *, prune: bool = False, advance: Advance = silent, stop: asyncio.Event | None = None
    ) -> None:
        """Write the files that differ, and name or delete those whose documents are gone.

        Raises UsageError if the folder is not one of an export, or if `prune` would empty it.
        """
        started = monotonic()
        if prune and not await document_count(self._database):
            raise UsageError("the database holds no documents: --prune would delete all files")
        rules = rules_text(common_site(await read_corpus(self._database)))
        self._folder = await asyncio.to_thread(ExportFolder.prepared, self._path, rules)
        now = utc_now()
        await self._collect_slugs()
        for collection in (ARTICLES, TAXONOMY):
            async for documents in self._batches(collection):
                if stop is not None and stop.is_set():
                    break
                taken = await self._articles_among(documents) if collection == TAXONOMY else set()
                await asyncio.to_thread(self._write, documents, taken, now)
                advance(len(documents))
        if stop is None or not stop.is_set():
            await self._handle_unexpected(prune, stop)
        self._note_losses()
        self._report.close(monotonic() - started)

    async def _collect_slugs(self) -> None:
        for collection in (ARTICLES, TAXONOMY):
            async for documents in self._batches(collection, projection={"_id": True}):
                for document in documents:
                    self._variants.add(document["_id"])

    async def _batches(
        self, collection: str, projection: Row | None = None
    ) -> AsyncIterator[list[Row]]:
        """Yield the documents of a collection in the order of their `_id`."""
        query: Row = {}
        while documents := await self._database.find(
            collection, query, projection=projection, sort=[("_id", 1)], limit=BATCH
        ):
            yield documents
            query = {"_id": {"$gt": documents[-1]["_id"]}}

    async def _articles_among(self, documents: list[Row]) -> set[str]:
        """Return the slugs of taxonomy files that are those of articles, too."""
        slugs = [document["_id"] for document in documents]
        rows = await self._database.find(
            ARTICLES, {"_id": {"$in": slugs}}, projection={"_id": True}
        )
        return {row["_id"] for row in rows}

    def _write(self, documents: list[Row], taken: set[str], now: datetime) -> None:
        for document in documents:
            path = path_of(document)
            reason = unusable(self._root, path)
            if reason is None and document["_id"] in taken:
                reason = "an article has the same slug"
            if reason is not None:
                self._reject(document["_id"], reason)
            elif (other := self._variants.earlier(document["_id"])) is None:
                self._write_file(document, now)
            else:
                self._write_variant(document, now, other)

    def _write_variant(self, document: Row, now: datetime, other: str) -> None:
        """Write a document whose slug differs from another one only in case, if there can be a file
        for each.
        """
        reason = f"differs from {other} only in case: a load takes only one of the two"
        if self._folder.is_case_sensitive:
            self._write_file(document, now)
        else:
            reason += ", and this file system cannot hold both files: it is not written"
        self._reject(path_of(document), reason)

    def _write_file(self, document: Row, now: datetime) -> None:
        file = exported_file(document, self._root, now)
        try:
            verdict = self._folder.write(file.path, file.data)
        except OSError as error:
            self._reject(file.path, f"cannot be written: {error.strerror}")
            return
        self._report.accept(file.kind, verdict)
        self._report.reject(file.faults)
        self._report.warn(file.warnings)
        self._roots.add(document["source"]["root"])
        self._without_update += file.kind == "articles" and not has_own_update(document)

    async def _handle_unexpected(self, prune: bool, stop: asyncio.Event | None) -> None:
        """Delete files without a document, or name them in warnings."""
        remaining = self._folder.paths()
        while paths := list(islice(remaining, BATCH)):
            if stop is not None and stop.is_set():
                break
            expected = await self._expected(paths)
            by_slug = {path.rpartition(".")[0]: path for path in expected}
            for path in paths:
                if path not in expected:
                    other = by_slug.get(path.rpartition(".")[0])
                    self._handle_unexpected_file(path, other, prune)

    async def _expected(self, paths: list[str]) -> set[str]:
        """Return the paths of the documents whose slugs these paths have."""
        query = {"_id": {"$in": [path.rpartition(".")[0] for path in paths]}}
        articles = await self._database.find(ARTICLES, query, projection={"bodyIsHtml": True})
        others = await self._database.find(TAXONOMY, query, projection={"_id": True})
        return {path_of(row) for row in (*others, *articles)}

    def _handle_unexpected_file(self, path: str, other: str | None, prune: bool) -> None:
        """Delete a file that is not that of a document, or report it.

        `other` is the file that its document has now: the body was Markdown and is HTML, or the
        reverse.
        """
        try:
            if prune and self._folder.delete(path):
                self._report.removed += 1
                return
        except OSError as error:
            self._reject(path, f"cannot be deleted: {error.strerror}")
            return
        if other is not None:
            advice = "it has no front matter, delete it yourself" if prune else "--prune deletes it"
            file = f"{self._root.folder}/{other}"
            self._reject(path, f"has the same slug as {file}, so a load rejects both: {advice}")
        elif prune:
            reason = "it was not written by an export and is not deleted"
            self._report.warn([self._fault(path, reason)])
        else:
            reason = "its document is not in the database: --prune deletes the file"
            self._report.warn([self._fault(path, reason)])

    def _note_losses(self) -> None:
        if self._without_update:
            reason = (
                f"{self._without_update:,} articles have no updatedDateTime of their own: loading "
                "the export sets it to the time of that load"
            )
            self._report.warn([self._fault("", reason)])
        if len(self._roots) > 1:
            reason = (
                f"the documents come from {len(self._roots):,} folders or sources: loading the "
                "export makes them one source"
            )
            self._report.warn([self._fault("", reason)])

    def _reject(self, path: str, reason: str) -> None:
        self._report.reject([self._fault(path, reason)])

    def _fault(self, path: str, reason: str) -> Fault:
        file = f"{self._root.folder}/{path}" if path else self._root.folder
        return Fault(file, None, None, None, reason)
