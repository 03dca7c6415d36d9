"""Loads that are killed, interrupted, doubled, or let down by their database."""

from __future__ import annotations

import asyncio
import json
import os
import random
import shutil
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

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
from graph.errors import DatabaseError, DatabaseUnavailable
from graph.store import derive, retries
from graph.store.changes import read_changes
from graph.store.client import open_database
from graph.store.database import Database
from graph.store.revision import read_corpus
from loaders import pipeline, writer
from loaders.load import load
from loaders.plan import Plan
from loaders.report import Report
from tests.builders import drop
from tests.loaders.builders import article, write

ROOT = Path(__file__).parents[2]
NEWSGRAPH = [sys.executable, "-m", "graph"]
_names = count()


@pytest.fixture
def url(failing_mongod: str) -> str:
    """A database of its own."""
    return failing_mongod.replace("/?", f"/faults{next(_names)}?")


@pytest_asyncio.fixture(params=["motor", "pymongo"])
async def database(request: pytest.FixtureRequest, url: str) -> AsyncIterator[Database]:
    settings = Settings.model_validate({"mongo_url": url, "mongo_driver": request.param})
    async with open_database(settings) as opened:
        yield opened


@pytest.fixture(autouse=True)
def _small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer, "BATCH", 8)
    monkeypatch.setattr(pipeline, "LARGEST_JOB", 4)
    monkeypatch.setattr(pipeline, "FIRST_JOB", 4)


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    """Sixty articles of last year, of which some are unpublished, and their taxonomy."""
    return build(tmp_path / "site")


def build(folder: Path) -> Path:
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
    return await load(database, Settings(), Plan.of([folder], jobs=1), **options)


async def contents(database: Database) -> dict[str, Any]:
    """Everything that is stored, but for when it was loaded."""
    found: dict[str, Any] = {}
    for name in (ARTICLES, TAXONOMY, TOPICS, PROVIDERS, COUNTS, TOMBSTONES):
        found[name] = await database.find(name, {}, sort=[("_id", 1)])
        for row in found[name]:
            row.get("source", row).pop("loadedAt", None)
    [corpus_row] = await database.find(META, {"_id": CORPUS})
    del corpus_row["lastLoad"]
    return {**found, META: corpus_row}


def changes(report: Report) -> tuple[int, int, int, int]:
    return report.added, report.updated, report.volatile_only, report.removed


async def fail(database: Database, mode: Any, **data: Any) -> None:
    """Let the server fail the named commands."""
    command = {"configureFailPoint": "failCommand", "mode": mode, "data": data}
    await database._handle.client.admin.command(command)


async def heal(database: Database) -> None:
    command = {"configureFailPoint": "failCommand", "mode": "off"}
    await database._handle.client.admin.command(command)


def killed(url: str, folder: Path, call: int, moment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tests.loaders.killed", url, str(folder), str(call), moment]
    return subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)


async def test_51_a_load_that_is_killed_anywhere_is_completed_by_the_next(
    failing_mongod: str, url: str, corpus: Path
) -> None:
    whole = await asyncio.to_thread(killed, url, corpus, 0, "never")
    assert whole.returncode == 0, whole.stderr
    calls = int(whole.stdout)
    async with open_database(Settings(mongo_url=url)) as opened:
        expected = await contents(opened)
    dice = random.Random(51)
    moments = [(call, "during") for call in range(1, calls + 1)]
    moments += [(call, when) for call in range(1, calls + 1) for when in ("before", "after")]
    for number, (call, moment) in enumerate(dice.sample(moments, 20)):
        place = failing_mongod.replace("/?", f"/killed{number}?")
        done = await asyncio.to_thread(killed, place, corpus, call, moment)
        assert done.returncode == -signal.SIGKILL, (call, moment, done.stderr)
        async with open_database(Settings(mongo_url=place)) as opened:
            await run(opened, corpus)
            assert await contents(opened) == expected, (call, moment)
            assert changes(await run(opened, corpus)) == (0, 0, 0, 0), (call, moment)
            assert await contents(opened) == expected, (call, moment)
            await drop(opened)


def edit(folder: Path) -> None:
    """Unpublish, change, remove and publish some articles; one becomes a topic file."""
    for number in (1, 2):
        file = folder / f"_news/{number:03}.md"
        file.write_text(file.read_text().replace("published: true", "published: false"))
    for number in (3, 4):
        file = folder / f"_news/{number:03}.md"
        file.write_text(file.read_text().replace("Ferry sails", "Ferry sails again"))
    for number in (5, 6, 7):
        (folder / f"_news/{number:03}.md").unlink()
    file = folder / "_news/010.md"
    file.write_text(file.read_text().replace("published: false", "published: true"))
    topic = "---\ntaxonomy: topic\nname: Eleven\nparent: Numbers\nkeywords: [eleven]\n---\n"
    (folder / "_news/011.md").write_text(topic)
    age(folder)


async def copied(database: Database, copy: dict[str, Any], since: int) -> dict[str, Any]:
    """A copy of the published articles, brought up to date with what changed."""
    page = await read_changes(database, since, 100, None, {"title": 1})
    for event in page.events:
        copy.pop(event.slug, None)
        if event.row is not None:
            copy[event.slug] = event.row["title"]
    return copy


async def test_51_who_follows_the_changes_is_told_of_what_a_killed_load_did(
    failing_mongod: str, url: str, corpus: Path
) -> None:
    async with open_database(Settings(mongo_url=url)) as opened:
        await run(opened, corpus)
        before = await copied(opened, {}, 0)
        edit(corpus)
        whole = await asyncio.to_thread(killed, url, corpus, 0, "never")
        assert whole.returncode == 0, whole.stderr
        expected = await without_derived_revisions(opened)
        assert {row["_id"]: row["reason"] for row in expected[TOMBSTONES]} == {
            "_news/001": "unpublished",
            "_news/002": "unpublished",
            "_news/006": "removed",
            "_news/007": "removed",
            "_news/011": "removed",
        }
        stored = expected[ARTICLES]
        published = {row["_id"]: row["title"] for row in stored if row["published"]}
        assert await copied(opened, dict(before), 1) == published
    calls = int(whole.stdout)
    dice = random.Random(52)
    moments = [(call, "during") for call in range(1, calls + 1)]
    moments += [(call, when) for call in range(1, calls + 1) for when in ("before", "after")]
    source = corpus.rename(corpus.with_name("edited"))
    for number, (call, moment) in enumerate(dice.sample(moments, 12)):
        place = failing_mongod.replace("/?", f"/followed{number}?")
        await seed(place, corpus)
        shutil.rmtree(corpus)
        shutil.copytree(source, corpus)
        done = await asyncio.to_thread(killed, place, corpus, call, moment)
        assert done.returncode == -signal.SIGKILL, (call, moment, done.stderr)
        async with open_database(Settings(mongo_url=place)) as opened:
            halfway = await copied(opened, dict(before), 1)
            known = (await read_corpus(opened))["revision"]
            await load(opened, Settings(), Plan.of([corpus], jobs=1, prune=True))
            assert await copied(opened, halfway, known) == published, (call, moment)
            assert await without_derived_revisions(opened) == expected, (call, moment)
            await drop(opened)
        shutil.rmtree(corpus)


async def without_derived_revisions(database: Database) -> dict[str, Any]:
    """Everything that is stored; completing a load derives more anew than the load would have."""
    found = await contents(database)
    for row in (*found[TOPICS], *found[PROVIDERS], *found[COUNTS]):
        del row["revision"]
    return found


async def seed(url: str, folder: Path) -> None:
    """Load the corpus as it was before it was edited."""
    build(folder)
    async with open_database(Settings(mongo_url=url)) as opened:
        await run(opened, folder)


@pytest.mark.parametrize("command", ["find", "insert", "update", "aggregate"])
@pytest.mark.parametrize("times", [1, 2, 3])
async def test_53_a_connection_that_breaks_a_few_times_changes_nothing(
    database: Database, corpus: Path, command: str, times: int
) -> None:
    await run(database, corpus / "_news", report=Report())
    expected = await contents(database)
    await drop(database)
    await fail(database, {"times": times}, failCommands=[command], closeConnection=True)
    report = await run(database, corpus / "_news")
    await heal(database)
    assert (report.added, report.loaded, report.rejected) == (60, 60, [])
    assert await contents(database) == expected


async def test_53_a_primary_that_steps_down_in_the_midst_is_waited_for(
    database: Database, corpus: Path
) -> None:
    not_primary = 10107
    await fail(database, {"times": 4}, failCommands=["insert"], errorCode=not_primary)
    report = await run(database, corpus)
    assert (report.added, report.rejected) == (62, [])
    assert changes(await run(database, corpus)) == (0, 0, 0, 0)


async def test_53_patience_ends_and_the_summary_is_true(
    database: Database, corpus: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retries, "PATIENCE_SECONDS", 0.2)
    await run(database, write(corpus.parent / "other" / "x.md").parent)
    await fail(database, "alwaysOn", failCommands=["insert"], closeConnection=True)
    report = Report()
    with pytest.raises(DatabaseUnavailable, match="cannot be reached"):
        await run(database, corpus, report=report)
    await heal(database)
    assert changes(report) == (0, 0, 0, 0)
    assert await database.count(ARTICLES, {}) == 1
    assert (await run(database, corpus)).added == 62


async def test_54_two_loads_of_the_same_files_put_each_document_in_place_once(
    database: Database, corpus: Path
) -> None:
    first, second = await asyncio.gather(run(database, corpus), run(database, corpus))
    assert first.rejected == second.rejected == []
    assert first.loaded == second.loaded == 62
    assert await database.count(ARTICLES, {}) == 60
    stored = await contents(database)
    assert stored[META]["pending"] == []
    assert stored[META]["revision"] == max(first.revision or 0, second.revision or 0)
    assert changes(await run(database, corpus)) == (0, 0, 0, 0)
    before = await derived(database)
    await derive.rebuild(database, stored[META]["revision"] + 1)
    assert await derived(database) == before


async def derived(database: Database) -> list[dict[str, Any]]:
    rows = [
        row
        for name in (TOPICS, PROVIDERS, COUNTS)
        for row in await database.find(name, {}, sort=[("_id", 1)])
    ]
    for row in rows:
        del row["revision"]
    return rows


async def test_54_a_load_beside_another_is_seen_under_a_revision_of_its_own(
    database: Database, corpus: Path, tmp_path: Path
) -> None:
    """The slower of two loads must not hide its documents under the revision of the faster."""
    other = write(tmp_path / "other" / "x.md").parent
    inner: list[Report] = []

    def advance(_: int) -> None:
        if not inner:
            inner.append(Report())
            tasks.append(asyncio.create_task(run(database, other, report=inner[0])))

    tasks: list[asyncio.Task[Report]] = []
    outer = await run(database, corpus, advance=advance)
    await tasks[0]
    rows = await database.find(ARTICLES, {}, projection={"source.revision": 1})
    revisions = {row["_id"]: row["source"]["revision"] for row in rows}
    assert {outer.revision, inner[0].revision} == {1, 2}
    assert revisions["x"] == inner[0].revision
    assert {revisions[f"_news/{n:03}"] for n in range(60)} == {outer.revision}


async def test_55_a_document_that_the_database_refuses_is_named_and_the_others_load(
    database: Database, tmp_path: Path
) -> None:
    for number in range(200):
        write(tmp_path / f"{number:03}.md")
    write(tmp_path / "poison.md", article().replace("Ferry sails", "poison"))
    await database._handle.create_collection(ARTICLES, validator={"title": {"$ne": "poison"}})
    report = await run(database, tmp_path)
    assert (report.added, report.loaded, report.exit_code()) == (200, 200, 1)
    [fault] = report.rejected
    assert fault.path == str(tmp_path / "poison.md")
    assert fault.reason.startswith("the database refused it: Document failed validation")
    assert await database.count(ARTICLES, {}) == 200
    assert (await run(database, tmp_path)).exit_code() == 1


async def test_55_what_no_majority_confirms_is_no_success(
    database: Database, corpus: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    error = {"code": 64, "codeName": "WriteConcernTimeout", "errmsg": "waiting timed out"}
    await fail(database, {"times": 1}, failCommands=["insert"], writeConcernError=error)
    assert (await run(database, corpus)).added == 62
    await drop(database)
    monkeypatch.setattr(retries, "PATIENCE_SECONDS", 0.2)
    await fail(database, "alwaysOn", failCommands=["insert"], writeConcernError=error)
    report = Report()
    with pytest.raises(DatabaseUnavailable, match="no majority of its servers"):
        await run(database, corpus, report=report)
    await heal(database)
    assert changes(report) == (0, 0, 0, 0)
    assert report.loaded == 0


async def test_56_a_load_that_is_asked_to_stop_tells_the_truth_and_is_completed_later(
    database: Database, corpus: Path
) -> None:
    stop = asyncio.Event()
    report = await run(database, corpus, stop=stop, advance=lambda _: stop.set())
    stored = await contents(database)
    assert 0 < report.added < 62
    assert report.added == len(stored[ARTICLES]) + len(stored[TAXONOMY])
    assert (stored[META]["revision"], stored[META]["pending"]) == (1, [])
    rest = await run(database, corpus)
    assert (rest.added, rest.unchanged) == (62 - report.added, report.added)


async def test_56_a_full_disk_ends_the_load_with_a_true_summary(
    database: Database, corpus: Path
) -> None:
    await run(database, corpus / "_data")
    await fail(database, "alwaysOn", failCommands=["insert"], errorCode=14031)  # OutOfDiskSpace
    report = Report()
    with pytest.raises(DatabaseError, match="refused a command: OutOfDiskSpace"):
        await run(database, corpus, report=report)
    await heal(database)
    assert changes(report) == (0, 0, 0, 0)
    assert (await run(database, corpus)).added == 62


@contextmanager
def command(*arguments: str, **options: Any) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [*NEWSGRAPH, *arguments],
        cwd=ROOT,
        text=True,
        stderr=subprocess.PIPE,
        **{"stdout": subprocess.PIPE, **options},
    )
    with process:
        try:
            yield process
        finally:
            process.kill()


async def first_article(database: Database) -> None:
    """Return as soon as the load has written something."""
    async with asyncio.timeout(30):
        while not await database.count(ARTICLES, {}):
            pass


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_56_a_signal_ends_the_command_in_order(
    url: str, tmp_path: Path, number: signal.Signals
) -> None:
    for name in range(9000):
        write(tmp_path / f"{name:04}.md")
    arguments = ["load", str(tmp_path), "--mongo-url", url, "--report", "json", "--jobs", "1"]
    async with open_database(Settings(mongo_url=url)) as opened:
        with command(*arguments) as process:
            await first_article(opened)
            process.send_signal(number)
            out, err = await asyncio.to_thread(process.communicate)
        assert (process.returncode, err.count("Traceback")) == (128 + number, 0), err
        assert "stopping when what was begun is written" in err
        report = json.loads(out)
        assert 0 < report["added"] < 9000
        assert report["added"] == await opened.count(ARTICLES, {})
        assert (await contents(opened))[META]["pending"] == []


def test_56_a_reader_that_goes_away_is_no_error() -> None:
    reader, writer_end = os.pipe()
    os.close(reader)
    with command("check", "seeds", stdout=writer_end) as process:
        os.close(writer_end)
        _, err = process.communicate()
    assert (process.returncode, err) == (1, "")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full, which Linux has")
@pytest.mark.parametrize("form", ["text", "json", "github"])
def test_56_a_report_that_cannot_be_written_is_said(form: str) -> None:
    with (
        Path("/dev/full").open("w") as full,
        command("check", "seeds", "--report", form, stdout=full) as process,
    ):
        _, err = process.communicate()
    reason = "newsgraph: the report cannot be written: No space left on device\n"
    assert (process.returncode, err) == (2, reason)


def test_a_database_that_is_away_is_exit_code_3(tmp_path: Path) -> None:
    write(tmp_path / "a.md")
    shutil.rmtree(tmp_path / "none", ignore_errors=True)
    arguments = ["load", str(tmp_path), "--mongo-url", "mongodb://127.0.0.1:1/x"]
    with command(*arguments) as process:
        out, err = process.communicate()
    assert (process.returncode, out) == (3, "")
    assert err == "newsgraph: MongoDB at mongodb://127.0.0.1:1/x cannot be reached\n"
