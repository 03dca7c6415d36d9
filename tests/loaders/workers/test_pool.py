"""Documents that crash or block the process that reads them."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from multiprocessing import active_children
from pathlib import Path

import pytest
import pytest_asyncio

from graph.documents import ARTICLES
from graph.errors import NewsgraphError
from graph.store.driver.database import Database
from loaders.load import run as load_module
from loaders.load.options import LoadOptions
from loaders.load.run import check, load
from loaders.workers.jobs import Job, ParsedFile
from loaders.workers.pool import WORKER, Worker
from tests.loaders.builders import SETTINGS, counts, faults, loaded, source_file_of, write
from tests.loaders.deadly import COMMAND as DEADLY

SECONDS = 3
"""How long a file may take: a busy machine may stop a worker for more than one."""

REASONS = {
    "segv": f"made the process that read it end by signal {int(signal.SIGSEGV)}",
    "hang": f"took more than {SECONDS} seconds to read: it was skipped",
    "exit": "made the process that read it end with exit code 3",
    "oom": "needs more than 2 GiB of memory",
    "bug": "newsgraph failed to read it (ValueError): please report the file",
}


def children() -> set[int]:
    """The processes that this one has started, dead ones that nobody waited for among them."""
    listing = subprocess.run(
        ["ps", "-o", "pid=,args=", "--ppid", str(os.getpid())], capture_output=True, text=True
    )
    rows = [line.split(maxsplit=1) for line in listing.stdout.splitlines()]
    started = {int(pid) for pid, command in rows if "loaders" in command or "defunct" in command}
    return started | {process.pid for process in active_children() if process.pid is not None}


@pytest_asyncio.fixture(autouse=True)
async def _no_process_is_left() -> AsyncIterator[None]:
    before = children()
    yield
    assert children() <= before


@pytest.fixture
def _deadly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(load_module, "Worker", lambda: Worker(DEADLY, seconds=SECONDS))


def job(folder: Path, *names: str) -> Job:
    files = [(source_file_of(write(folder / f"{name}.md"), folder), None) for name in names]
    return Job([*files], None, frozenset())


async def outcomes(worker: Worker, job: Job) -> list[tuple[str, str | None]]:
    """The slug of each file, and the reason if it was rejected."""
    results = [result async for results in worker.results(job) for result in results]
    parsed = [result for result in results if isinstance(result, ParsedFile)]
    assert len(parsed) == len(results)
    return [(r.id, r.faults[0].reason if r.faults else None) for r in parsed]


@pytest.mark.parametrize("way", REASONS)
async def test_a_deadly_file_is_the_only_one_rejected(tmp_path: Path, way: str) -> None:
    async with Worker(DEADLY, seconds=SECONDS) as worker:
        assert await outcomes(worker, job(tmp_path, "1", way, "2")) == [
            ("1", None),
            (way, REASONS[way]),
            ("2", None),
        ]
        assert await outcomes(worker, job(tmp_path, "3")) == [("3", None)]


async def test_several_deadly_files_are_the_only_ones_rejected(tmp_path: Path) -> None:
    names = ["1-exit", "2", "3-exit", "4-exit", "5", "6", "7-exit"]
    async with Worker(DEADLY) as worker:
        assert await outcomes(worker, job(tmp_path, *names)) == [
            (name, REASONS["exit"] if "exit" in name else None) for name in names
        ]
        assert await outcomes(worker, job(tmp_path, "8")) == [("8", None)]


async def test_a_job_of_a_single_deadly_file_rejects_it(tmp_path: Path) -> None:
    async with Worker(DEADLY) as worker:
        assert await outcomes(worker, job(tmp_path, "exit")) == [("exit", REASONS["exit"])]


@pytest.mark.usefixtures("real_workers")
async def test_output_of_a_parser_is_discarded(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    async with Worker(DEADLY) as worker:
        assert await outcomes(worker, job(tmp_path, "noise", "a")) == [("noise", None), ("a", None)]
    assert capfd.readouterr() == ("", "")


@pytest.mark.usefixtures("_deadly", "real_workers")
async def test_a_load_with_deadly_files_loads_all_others(memory: Database, tmp_path: Path) -> None:
    for number in range(40):
        write(tmp_path / f"{number}.md")
    for way in REASONS:
        write(tmp_path / f"{way}.md")
    report = await loaded(memory, tmp_path, jobs=2)
    assert faults(report, tmp_path) == {f"{way}.md": reason for way, reason in REASONS.items()}
    assert (counts(report), report.exit_code()) == ({"added": 40, "revision": 1}, 1)
    assert await memory.count(ARTICLES, {}) == 40


@pytest.mark.parametrize(
    ("command", "reason"),
    [
        ((sys.executable, "-c", "raise SystemExit(4)"), "it ended with exit code 4"),
        (
            (sys.executable, "-c", "import os; os.kill(os.getpid(), 9)"),
            "it ended by signal 9",
        ),
        (("/nowhere/python",), "No such file or directory"),
    ],
)
async def test_a_worker_that_does_not_start_blames_no_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...], reason: str
) -> None:
    write(tmp_path / "a.md")
    monkeypatch.setattr(load_module, "Worker", lambda: Worker(command))
    with pytest.raises(NewsgraphError) as caught:
        await check(LoadOptions.of([tmp_path], jobs=2), SETTINGS)
    assert str(caught.value) == f"a worker process cannot be started: {reason}"


@pytest.mark.usefixtures("real_workers")
async def test_a_worker_that_died_while_idle_is_replaced(tmp_path: Path) -> None:
    async with Worker() as worker:
        assert await outcomes(worker, job(tmp_path, "a")) == [("a", None)]
        process = worker._process
        assert process is not None
        process.kill()
        await process.wait()
        assert await outcomes(worker, job(tmp_path, "b")) == [("b", None)]


async def test_a_killed_worker_is_not_blamed_on_a_file(tmp_path: Path) -> None:
    async with Worker() as worker:
        await outcomes(worker, job(tmp_path, "a"))
        assert worker._process is not None
        worker._process.kill()
        assert await outcomes(worker, job(tmp_path, "b", "c")) == [("b", None), ("c", None)]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_signals_to_the_whole_group_do_not_end_a_worker(
    tmp_path: Path, number: signal.Signals
) -> None:
    async with Worker() as worker:
        await outcomes(worker, job(tmp_path, "a"))
        process = worker._process
        assert process is not None
        process.send_signal(number)
        assert await outcomes(worker, job(tmp_path, "b")) == [("b", None)]
        assert worker._process is process


async def test_no_process_outlives_an_exception(tmp_path: Path) -> None:
    async def fail() -> None:
        async with Worker(DEADLY) as worker:
            await outcomes(worker, job(tmp_path, "a"))
            raise KeyError

    with pytest.raises(KeyError):
        await fail()


@pytest.mark.usefixtures("_deadly")
async def test_no_process_outlives_a_load_that_is_cancelled(
    memory: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started = asyncio.Event()
    run = Worker._receive

    async def spy(worker: Worker, process: asyncio.subprocess.Process) -> object:
        started.set()
        return await run(worker, process)

    monkeypatch.setattr(Worker, "_receive", spy)
    write(tmp_path / "hang.md")
    task = asyncio.create_task(load(memory, SETTINGS, LoadOptions.of([tmp_path], jobs=2)))
    await started.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


def test_a_worker_ends_when_its_parent_is_gone() -> None:
    done = subprocess.run(WORKER, input=b"", capture_output=True, timeout=30)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"ready", b"")
