from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from graph.documents import ARTICLES, META, TAXONOMY
from graph.errors import UsageError
from graph.store.driver.bulk_writes import Write, WriteFailure
from graph.store.driver.database import Database
from graph.store.load import write as store_write
from loaders.load import pipeline, writer
from loaders.load import run as module
from loaders.load.options import LoadOptions
from loaders.load.run import check, load
from loaders.report.progress import progress
from loaders.report.report import Fault
from loaders.workers.jobs import Job, WorkerResult
from tests.loaders.builders import (
    SETTINGS,
    InlineWorker,
    article,
    counts,
    faults,
    loaded,
    warnings,
    write,
)

TOPIC = "taxonomy: topic\n_id: ai\nname: AI\n"
ORGANIZATION = "---\ntaxonomy: organization\nname: D\ndomain: d.example\n---\n"


pytestmark = pytest.mark.usefixtures("inline")


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    write(tmp_path / "_news/a.md", article("secured: one", "heat: 1"))
    write(tmp_path / "_news/b.md")
    write(tmp_path / "_news/bad.md", "---\ntitle: a: b\n---\n")
    write(tmp_path / "topics/ai.yaml", TOPIC)
    write(tmp_path / "organizations/d.md", ORGANIZATION)
    return tmp_path


async def revisions(database: Database) -> dict[str, int]:
    rows = await database.find(ARTICLES, {}) + await database.find(TAXONOMY, {})
    return {row["_id"]: row["source"]["revision"] for row in rows}


async def test_check_needs_no_database(corpus: Path) -> None:
    report = await check(LoadOptions.of([corpus], jobs=1), SETTINGS)
    assert report.kinds == {"articles": 2, "topics": 1, "providers": 1, "authors": 0}
    assert counts(report) == {}
    assert [fault.place for fault in report.rejected] == [f"{corpus}/_news/bad.md:2:9"]


async def test_the_first_load_adds_every_document(memory: Database, corpus: Path) -> None:
    report = await loaded(memory, corpus)
    assert (report.loaded, counts(report)) == (4, {"added": 4, "revision": 1})
    assert await revisions(memory) == {
        "_news/a": 1,
        "_news/b": 1,
        "topics/ai": 1,
        "organizations/d": 1,
    }
    [corpus_row] = await memory.find(META, {})
    assert (corpus_row["pending"], corpus_row["articleCount"]) == ([], 2)
    assert corpus_row["lastLoad"]["added"] == 4
    assert corpus_row["lastLoad"]["rejected"] == 1


async def test_loading_again_writes_nothing(memory: Database, corpus: Path) -> None:
    await loaded(memory, corpus)
    before = await memory.find(ARTICLES, {})
    report = await loaded(memory, corpus)
    assert (report.loaded, counts(report)) == (4, {"unchanged": 4, "revision": 1})
    assert await memory.find(ARTICLES, {}) == before


async def test_changes_in_meaning_make_a_revision(memory: Database, corpus: Path) -> None:
    await loaded(memory, corpus)
    write(corpus / "_news/a.md", article("secured: two", "heat: 2"))
    report = await loaded(memory, corpus)
    assert counts(report) == {"updated": 1, "unchanged": 3, "revision": 2}
    assert (await revisions(memory))["_news/a"] == 2
    assert (await revisions(memory))["_news/b"] == 1


async def test_changes_of_volatile_fields_make_no_revision(memory: Database, corpus: Path) -> None:
    await loaded(memory, corpus)
    write(corpus / "_news/a.md", article("secured: two", "heat: 1"))
    report = await loaded(memory, corpus)
    assert counts(report) == {"volatileOnly": 1, "unchanged": 3, "revision": 1}
    [row] = await memory.find(ARTICLES, {"_id": "_news/a"})
    assert (row["secured"], row["source"]["revision"]) == ("two", 1)


async def test_a_dry_run_compares_and_writes_nothing(memory: Database, corpus: Path) -> None:
    await loaded(memory, corpus / "_news/a.md", root=corpus)
    before = [await memory.find(name, {}) for name in (ARTICLES, TAXONOMY, META)]
    write(corpus / "_news/a.md", article("secured: two", "heat: 2"))
    report = await loaded(memory, corpus, dry_run=True)
    assert counts(report) == {"added": 3, "updated": 1}
    assert [await memory.find(name, {}) for name in (ARTICLES, TAXONOMY, META)] == before


@pytest.mark.parametrize(
    ("limit", "value", "expected"),
    [("BATCH", 2, [2, 2, 1]), ("BATCH_BYTES", 1, [1, 1, 1, 1, 1]), ("BATCH", 9, [5])],
)
async def test_many_documents_go_in_batches(
    memory: Database,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    limit: str,
    value: int,
    expected: list[int],
) -> None:
    class OneByOne(InlineWorker):
        async def results(self, job: Job) -> AsyncIterator[list[WorkerResult]]:
            async for results in super().results(job._replace(careful=True)):
                yield results

    monkeypatch.setattr(module, "Worker", OneByOne)
    monkeypatch.setattr(writer, limit, value)
    for name in "abcde":
        write(tmp_path / f"{name}.md")
    sizes: list[int] = []
    put = store_write.put

    async def spy(database: Database, collection: str, writes: list[Write]) -> list[WriteFailure]:
        sizes.append(len(writes))
        return await put(database, collection, writes)

    monkeypatch.setattr(store_write, "put", spy)
    assert (await loaded(memory, tmp_path)).added == 5
    assert [size for size in sizes if size] == expected


async def test_an_interrupted_load_is_completed_by_the_next(
    memory: Database, corpus: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def die(*_: object) -> int:
        raise KeyError("power")

    with monkeypatch.context() as patch:
        patch.setattr(store_write, "finish", die)
        with pytest.raises(KeyError):
            await loaded(memory, corpus)
    assert counts(await loaded(memory, corpus)) == {"unchanged": 4, "revision": 1}


async def test_a_missing_path_touches_no_database(memory: Database, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="missing"):
        await loaded(memory, tmp_path / "missing")
    assert await memory.find(META, {}) == []


async def test_files_of_one_slug_are_both_rejected(tmp_path: Path) -> None:
    first, second = write(tmp_path / "a.md"), write(tmp_path / "a.txt")
    report = await check(LoadOptions.of([tmp_path], jobs=1), SETTINGS)
    assert report.loaded == 0
    assert report.rejected == [
        Fault(str(first), None, None, None, f"has the same slug as {second}: 'a'"),
        Fault(str(second), None, None, None, f"has the same slug as {first}: 'a'"),
    ]


async def test_skipped_files_are_reported(memory: Database, tmp_path: Path) -> None:
    write(tmp_path / "a.md")
    write(tmp_path / os.fsdecode(b"\xff.md"))
    os.mkfifo(tmp_path / "pipe.md")
    for report in (
        await check(LoadOptions.of([tmp_path], jobs=1), SETTINGS),
        await loaded(memory, tmp_path),
    ):
        assert report.loaded == 1
        assert faults(report, tmp_path) == {"?.md": "the name is not UTF-8"}
        assert warnings(report, tmp_path) == {"pipe.md": "is not a regular file"}


async def test_each_document_is_counted_once(memory: Database, corpus: Path) -> None:
    done: list[int] = []
    plan = LoadOptions.of([corpus], jobs=1)
    await check(plan, SETTINGS, advance=done.append)
    assert sum(done) == 5
    await load(memory, SETTINGS, plan, advance=done.append)
    await load(memory, SETTINGS, plan, advance=done.append)
    assert sum(done) == 15


async def test_a_load_that_is_stopped_completes_what_it_began(
    memory: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pipeline, "FIRST_JOB", 2)
    monkeypatch.setattr(pipeline, "LARGEST_JOB", 2)
    for number in range(40):
        write(tmp_path / f"{number:02}.md")
    stop = asyncio.Event()
    plan = LoadOptions.of([tmp_path], jobs=1, prune=True)
    report = await load(memory, SETTINGS, plan, stop=stop, advance=lambda _: stop.set())
    assert 0 < report.added < 40
    assert await memory.count(ARTICLES, {}) == report.added
    assert report.revision == 1
    rest = await load(memory, SETTINGS, plan)
    assert (rest.added, rest.unchanged) == (40 - report.added, report.added)


def test_the_progress_bar_goes_to_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    with progress(lambda: 2) as advance:
        advance(2)
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "2/" in captured.err
