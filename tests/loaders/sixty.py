"""A corpus of sixty articles, loads of it, and the documents stored afterwards."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from graph.config import Settings
from graph.documents import (
    ARTICLES,
    CORPUS,
    COUNTS,
    META,
    PROVIDERS,
    TAXONOMY,
    TOMBSTONES,
    TOPICS,
)
from graph.store.driver.database import Database
from loaders.load.options import LoadOptions
from loaders.load.run import load
from loaders.report.report import Report
from tests.loaders.builders import article, write


def build(folder: Path) -> Path:
    """Sixty articles of last year, of which some are unpublished, and their taxonomy."""
    for number in range(60):
        lines = [f"topics: [T{number % 7}, All]", f"published: {str(number % 5 > 0).lower()}"]
        text = article(*lines).replace("topics:\n  - Transport\n", "", 1)
        write(folder / f"_news/{number:03}.md", text)
    write(folder / "_data/topics/all.yaml", "name: All\nkeywords: [everything]\n")
    write(folder / "_data/organizations/gull.md", "---\nname: G\ndomain: gull.example\n---\n")
    age(folder)
    return folder


def age(folder: Path) -> None:
    """Let all files be of last year."""
    for path in folder.rglob("*.*"):
        os.utime(path, (1_700_000_000, 1_700_000_000))


async def run(database: Database, folder: Path, **options: Any) -> Report:
    return await load(database, Settings(), LoadOptions.of([folder], jobs=1), **options)


async def contents(database: Database) -> dict[str, Any]:
    """Everything that is stored, but for times and random ids."""
    found: dict[str, Any] = {}
    for name in (ARTICLES, TAXONOMY, TOPICS, PROVIDERS, COUNTS, TOMBSTONES):
        found[name] = await database.find(name, {}, sort=[("_id", 1)])
        for row in found[name]:
            source = row.get("source", row)
            source.pop("loadedAt", None)
            if source.get("hasUpdatedDateTime") is False:
                del row["updatedDateTime"]
    [corpus_row] = await database.find(META, {"_id": CORPUS})
    del corpus_row["lastLoad"], corpus_row["id"]
    corpus_row["history"] = [raised["revision"] for raised in corpus_row["history"]]
    return {**found, META: corpus_row}


def changes(report: Report) -> tuple[int, int, int, int]:
    return report.added, report.updated, report.volatile_only, report.removed
