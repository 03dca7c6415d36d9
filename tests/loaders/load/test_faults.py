"""Loads that are interrupted, run twice at once, or fail because of their database."""

from __future__ import annotations

import asyncio
import json
import os
import signal
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path
from typing import Any, Final

import pytest
import pytest_asyncio

from graph.config import Settings
from graph.documents import (
    ARTICLES,
    COUNTS,
    META,
    PROVIDERS,
    TAXONOMY,
    TOMBSTONES,
    TOPICS,
)
from graph.errors import DatabaseError, DatabaseUnavailable
from graph.store.driver.calls import retry
from graph.store.driver.client import open_database
from graph.store.driver.database import Database
from graph.store.load import write as writes
from graph.store.load.derivation import derive
from loaders.load.options import LoadOptions
from loaders.load.run import load
from loaders.report.report import Report
from tests.conftest import Commands, fresh
from tests.forks import Streams, reader_gone, start
from tests.loaders.builders import article, write
from tests.loaders.sixty import changes, contents, run

ROOT = Path(__file__).parents[3]
STORED = (ARTICLES, TAXONOMY, TOPICS, PROVIDERS, COUNTS, TOMBSTONES, META)
MANY: Final = 640
_names = count()

pytestmark = pytest.mark.usefixtures("small_batches", "inline")


@pytest.fixture
def url(failing_mongod: str) -> str:
    """A database of its own."""
    return failing_mongod.replace("/?", f"/faults{next(_names)}?")


@asynccontextmanager
async def failing(mongod: str, driver: str, commands: Commands) -> AsyncIterator[Database]:
    async with fresh(mongod, driver, commands) as opened:
        yield opened
        await heal(opened)


@pytest_asyncio.fixture
async def database(failing_mongod: str, commands: Commands) -> AsyncIterator[Database]:
    """An empty database on a server in which tests can inject failures."""
    async with failing(failing_mongod, "motor", commands) as opened:
        yield opened


@pytest_asyncio.fixture(params=["motor", "pymongo"])
async def each_driver(
    request: pytest.FixtureRequest, failing_mongod: str, commands: Commands
) -> AsyncIterator[Database]:
    """The same; the test runs under each driver."""
    async with failing(failing_mongod, request.param, commands) as opened:
        yield opened


async def fail(database: Database, mode: Any, **data: Any) -> None:
    """Let the server fail the named commands."""
    command = {"configureFailPoint": "failCommand", "mode": mode, "data": data}
    await database._handle.client.admin.command(command)


async def heal(database: Database) -> None:
    command = {"configureFailPoint": "failCommand", "mode": "off"}
    await database._handle.client.admin.command(command)


async def empty(database: Database) -> None:
    for name in STORED:
        await database.delete(name, {})


async def test_53_a_connection_that_breaks_a_few_times_changes_nothing(
    each_driver: Database, corpus: Path
) -> None:
    """The driver itself tries twice, and we do so again."""
    await run(each_driver, corpus / "_news", report=Report())
    expected = await contents(each_driver)
    for command in ("find", "insert", "update", "aggregate"):
        await empty(each_driver)
        await fail(each_driver, {"times": 3}, failCommands=[command], closeConnection=True)
        report = await run(each_driver, corpus / "_news")
        await heal(each_driver)
        assert (report.added, report.loaded, report.rejected) == (60, 60, []), command
        assert await contents(each_driver) == expected, command


async def test_53_a_load_waits_for_a_primary_that_steps_down(
    database: Database, corpus: Path
) -> None:
    not_primary = 10107
    await fail(database, {"times": 4}, failCommands=["insert"], errorCode=not_primary)
    report = await run(database, corpus)
    assert (report.added, report.rejected) == (62, [])
    assert changes(await run(database, corpus)) == (0, 0, 0, 0)


STEPPED_DOWN: Final = {"code": 11602, "errmsg": "the primary steps down"}


async def test_53_a_primary_that_steps_down_after_the_last_write_causes_no_second_revision(
    each_driver: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Subscribers would receive each event twice."""
    site = write(tmp_path / "site" / "a.md").parent
    await run(each_driver, site)
    write(site / "b.md")
    raise_revision = writes._raise_revision

    async def raise_unheard(*given: Any) -> bool:
        await fail(
            each_driver, {"times": 1}, failCommands=["update"], writeConcernError=STEPPED_DOWN
        )
        return await raise_revision(*given)

    monkeypatch.setattr(writes, "_raise_revision", raise_unheard)
    report = await run(each_driver, site)
    corpus = (await contents(each_driver))[META]
    rows = await each_driver.find(ARTICLES, {}, projection={"source.revision": 1})
    assert (report.added, report.revision, corpus["revision"], corpus["pending"]) == (1, 2, 2, [])
    assert {row["_id"]: row["source"]["revision"] for row in rows} == {"a": 1, "b": 2}


async def test_53_a_load_that_waited_too_long_ends_with_a_true_summary(
    database: Database, corpus: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retry, "PATIENCE_SECONDS", 0.2)
    await run(database, write(corpus.parent / "other" / "x.md").parent)
    await fail(database, "alwaysOn", failCommands=["insert"], closeConnection=True)
    report = Report()
    with pytest.raises(DatabaseUnavailable, match="cannot be reached"):
        await run(database, corpus, report=report)
    await heal(database)
    assert changes(report) == (0, 0, 0, 0)
    assert await database.count(ARTICLES, {}) == 1
    assert (await run(database, corpus)).added == 62


async def test_54_two_loads_of_the_same_files_write_each_document_once(
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
        row.pop("revision", None)
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


@pytest.mark.parametrize("name", ["put", "remove"])
async def test_54_a_load_killed_after_another_ended_is_completed_by_the_next(
    memory: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """Its changes after the other one ended are derived, and have a revision."""
    site, other = (write(tmp_path / slug / f"{slug}.md").parent for slug in ("site", "other"))
    if name == "remove":
        write(site / "gone.md")
        await run(memory, site)
        (site / "gone.md").unlink()
    options = LoadOptions.of([site], jobs=1, prune=True)
    change = getattr(writes, name)

    async def killed(*_: object) -> int:
        raise DatabaseError("killed")

    with monkeypatch.context() as patch:

        async def change_late(database: Database, collection: str, changed: Sequence[Any]) -> Any:
            if changed:
                patch.setattr(writes, name, change)
                assert (await run(memory, other)).added == 1
                patch.setattr(writes, "finish", killed)
            return await change(database, collection, changed)

        patch.setattr(writes, name, change_late)
        with pytest.raises(DatabaseError, match="killed"):
            await load(memory, Settings(), options)
    before = (await contents(memory))[META]["revision"]
    report = await load(memory, Settings(), options)
    assert (changes(report), report.revision) == ((0, 0, 0, 0), before + 1)
    rows = await derived(memory)
    await derive.rebuild(memory, before + 2)
    assert await derived(memory) == rows


async def test_55_a_document_that_the_database_rejects_is_named_and_the_others_load(
    bare: Database, tmp_path: Path
) -> None:
    for number in range(200):
        write(tmp_path / f"{number:03}.md")
    write(tmp_path / "poison.md", article().replace("Ferry sails", "poison"))
    await bare._handle.create_collection(ARTICLES, validator={"title": {"$ne": "poison"}})
    report = await run(bare, tmp_path)
    assert (report.added, report.loaded, report.exit_code()) == (200, 200, 1)
    [fault] = report.rejected
    assert fault.path == str(tmp_path / "poison.md")
    assert fault.reason.startswith("the database rejected it: Document failed validation")
    assert await bare.count(ARTICLES, {}) == 200
    assert (await run(bare, tmp_path)).exit_code() == 1


async def test_55_a_write_that_no_majority_confirms_is_no_success(
    each_driver: Database, corpus: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    error = {"code": 64, "codeName": "WriteConcernTimeout", "errmsg": "waiting timed out"}
    await fail(each_driver, {"times": 1}, failCommands=["insert"], writeConcernError=error)
    assert (await run(each_driver, corpus)).added == 62
    await empty(each_driver)
    monkeypatch.setattr(retry, "PATIENCE_SECONDS", 0.2)
    await fail(each_driver, "alwaysOn", failCommands=["insert"], writeConcernError=error)
    report = Report()
    with pytest.raises(DatabaseUnavailable, match="no majority of its servers"):
        await run(each_driver, corpus, report=report)
    await heal(each_driver)
    assert changes(report) == (0, 0, 0, 0)
    assert report.loaded == 0


async def test_56_a_stopped_load_reports_what_it_did_and_is_completed_later(
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
    with pytest.raises(DatabaseError, match="rejected a command: OutOfDiskSpace"):
        await run(database, corpus, report=report)
    await heal(database)
    assert changes(report) == (0, 0, 0, 0)
    assert (await run(database, corpus)).added == 62


async def first_article(database: Database) -> None:
    """Return as soon as the load has written something."""
    async with asyncio.timeout(30):
        while not await database.count(ARTICLES, {}):  # noqa: ASYNC110 (another process loads)
            await asyncio.sleep(0.005)


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with so many articles that it takes a slow load eight seconds to write them."""
    folder = tmp_path_factory.mktemp("many")
    for name in range(MANY):
        write(folder / f"{name:03}.md")
    return folder


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_56_a_signal_ends_the_command_in_order(
    url: str, many: Path, tmp_path: Path, number: signal.Signals
) -> None:
    out, err = tmp_path / "out", tmp_path / "err"
    options = ["--mongo-url", url, "--report", "json", "--jobs", "1"]
    streams = Streams(Path(os.devnull), out, err)
    async with open_database(Settings(mongo_url=url)) as opened:
        process = start("load", many, *options, module="tests.loaders.slow", streams=streams)
        try:
            await first_article(opened)
            process.send_signal(number)
            code = await asyncio.to_thread(process.wait)
        finally:
            process.kill()
        stderr = err.read_text()
        assert (code, stderr.count("Traceback")) == (128 + number, 0), stderr
        assert "stopping after the current writes" in stderr
        report = json.loads(out.read_text())
        assert 0 < report["added"] < MANY
        assert report["added"] == await opened.count(ARTICLES, {})
        assert (await contents(opened))[META]["pending"] == []


def test_56_output_that_is_no_longer_read_is_no_error(tmp_path: Path) -> None:
    err = tmp_path / "err"
    with reader_gone() as out:
        process = start("check", ROOT / "seeds", streams=Streams(Path(os.devnull), out, err))
        assert (process.wait(), err.read_text()) == (1, "")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full, which Linux has")
@pytest.mark.parametrize("form", ["text", "json", "github"])
def test_56_a_report_that_cannot_be_written_is_an_error(form: str, corpus: Path) -> None:
    err = corpus.parent / "err"
    streams = Streams(Path(os.devnull), Path("/dev/full"), err)
    process = start("check", corpus / "_data", "--report", form, streams=streams)
    reason = "newsgraph: the report cannot be written: No space left on device\n"
    assert (process.wait(), err.read_text()) == (2, reason)
