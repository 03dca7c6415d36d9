"""Builders of the loaders' tests: folders of small documents, and workers without a process."""

from __future__ import annotations

import gzip
import pickle
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from graph.config import Settings
from graph.store.driver.database import Database
from loaders.files.places import Root, SourceFile, stem
from loaders.load import run as load_module
from loaders.load.options import LoadOptions
from loaders.load.run import load
from loaders.report.report import Report
from loaders.workers import worker
from loaders.workers.jobs import Job, WorkerResult
from loaders.workers.pool import Worker

SETTINGS = Settings(mongo_url="mongomock://")

ARTICLE = """\
---
title: Ferry sails
publishedDateTime: 2025-03-01T08:30:00Z
provider:
  name: The Gull
  domain: gull.example
topics:
  - Transport
---
"""


def article(*lines: str, body: str = "") -> str:
    """An article with more lines in its front matter, and perhaps a body."""
    added = "".join(f"{line}\n" for line in lines)
    return ARTICLE.removesuffix("---\n") + f"{added}---\n{body}"


def write(path: Path, content: str | bytes = ARTICLE) -> Path:
    """A file, with the folders above it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def packed(content: str | bytes = ARTICLE) -> bytes:
    """Content as a `.gz` holds it."""
    data = content.encode() if isinstance(content, str) else content
    return gzip.compress(data, mtime=0)  # the same bytes each time


def root_of(folder: Path) -> Root:
    return Root(str(folder), str(folder))


def source_file_of(path: Path, root: Path) -> SourceFile:
    """The file as it is discovered below an absolute root."""
    place = path.relative_to(root).as_posix()
    return SourceFile(root_of(root), place, stem(place))


class InlineWorker(Worker):
    """A worker that does its jobs in this process: fast, and open to patches."""

    async def results(self, job: Job) -> AsyncIterator[list[WorkerResult]]:
        for results in messages_of(job):
            yield results


@contextmanager
def inlined() -> Iterator[None]:
    """Loads here start no processes."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(load_module, "Worker", InlineWorker)
        yield


def messages_of(job: Job) -> list[list[WorkerResult]]:
    """The messages that a worker sends for a job."""
    output = BytesIO()
    worker.work(job, output)
    output.seek(0)
    messages: list[list[WorkerResult]] = []
    while header := output.read(worker.LENGTH.size):
        messages.append(pickle.loads(output.read(*worker.LENGTH.unpack(header))))
    return messages


async def loaded(database: Database, *paths: Path, **options: Any) -> Report:
    """The report of a load of these paths with these options of a plan."""
    return await load(database, SETTINGS, LoadOptions.of(paths, **{"jobs": 1, **options}))


def counts(report: Report) -> dict[str, int]:
    """The counts of a load, and its revision: only those that are not zero."""
    row = report.as_json()
    names = ("added", "updated", "unchanged", "volatileOnly", "removed", "revision")
    return {name: row[name] for name in names if row[name]}


def faults(report: Report, folder: Path) -> dict[str, str]:
    """The first reason for which each file below a folder is rejected."""
    first: dict[str, str] = {}
    for fault in report.rejected:
        first.setdefault(str(Path(fault.path).relative_to(folder)), fault.message)
    return first


def warnings(report: Report, folder: Path) -> dict[str, str]:
    """The message for each file below a folder that is skipped, or accepted with a warning."""
    return {str(Path(fault.path).relative_to(folder)): fault.message for fault in report.warnings}
