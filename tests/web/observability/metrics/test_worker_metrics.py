"""`/metrics` with several workers: one of them reports the metrics of all."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from time import monotonic
from typing import Any

import httpx
import pytest
from prometheus_client.core import GaugeMetricFamily, InfoMetricFamily

from graph.app import create_app
from graph.config import Settings
from graph.web.observability.metrics import worker_metrics
from graph.web.observability.metrics.aggregator import (
    MetricsAggregator,
    decode_metrics,
    encode_metrics,
)
from graph.web.observability.metrics.worker_metrics import (
    FOLDER_VARIABLE,
    WorkerMetrics,
    metrics_folder,
    worker_metrics_from_environment,
)
from tests.processes import free_port
from tests.served import PATIENCE, Client
from tests.web.observability.metrics.test_metrics import (
    QUERY,
    Samples,
    ask,
    operations,
    samples_of,
    scrape,
)
from tests.web.server.test_shutdown import process

ANSWERING = ("newsgraph_workers_answering", ())
REPLACED = ("newsgraph_workers_replaced_total", ())
COUNTER = ("newsgraph_operations", "Operations.", "counter")


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder for sockets: that of a test may have too long a name for them."""
    with metrics_folder() as made:
        assert made is not None
        yield made


@pytest.fixture
def ended() -> int:
    """The id of a process that is not there any more."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


@asynccontextmanager
async def worker(folder: Path, **options: Any) -> AsyncIterator[httpx.AsyncClient]:
    """One of three workers that meet there, in this process."""
    settings = Settings.model_validate({"mongo_url": "mongomock://", "workers": 3, **options})
    app = create_app(settings, worker_metrics=WorkerMetrics(folder))
    transport = httpx.ASGITransport(app=app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://test") as client,
    ):
        yield client


def write_metrics(folder: Path, pid: int, count: int) -> None:
    """Write the metrics of a process that answered so many operations."""
    sample = ["newsgraph_operations_total", {"operation": "Front", "outcome": "ok"}, count]
    waiting = ["newsgraph_operations_in_flight", "In flight.", "gauge"]
    gauge = [*waiting, [["newsgraph_operations_in_flight", {}, 7]]]
    cpu = ["process_cpu_seconds", "Time.", "counter"]
    used = [*cpu, [["process_cpu_seconds_total", {"pid": str(pid)}, 9]]]
    (folder / f"{pid}-other.metrics").write_text(json.dumps([[*COUNTER, [sample]], gauge, used]))


async def test_each_worker_reports_the_sum_of_all(folder: Path) -> None:
    async with worker(folder) as one, worker(folder) as other, worker(folder) as third:
        await ask(one)
        await ask(one)
        await ask(other)
        for client in (one, other, third):
            samples = await scrape(client)
            assert operations(samples, "Front", "ok") == 3
            duration = "newsgraph_operation_duration_seconds"
            assert samples[f"{duration}_count", (("operation", "Front"),)] == 3
            assert samples[f"{duration}_bucket", (("le", "+Inf"), ("operation", "Front"))] == 3
            assert samples["newsgraph_ready", ()] == 1
            assert samples["newsgraph_corpus_revision", ()] == 0
            assert (samples["newsgraph_workers", ()], samples[ANSWERING]) == (3, 3)
            [build] = [value for (name, _), value in samples.items() if name.endswith("build_info")]
            assert build == 1


async def test_the_buckets_of_a_summed_histogram_are_in_order(folder: Path) -> None:
    async with worker(folder) as one, worker(folder) as other:
        await ask(one, "query A { corpus { revision } }")
        await ask(other)
        lines = (await one.get("/metrics")).text.splitlines()
    for name in ("A", "Front"):
        found = [line for line in lines if "seconds_bucket" in line and f'"{name}"' in line]
        bounds = [float(line.split('"')[1]) for line in found]
        assert bounds == sorted(bounds)
        assert len(bounds) == 13


async def test_metrics_of_one_process_name_it(folder: Path) -> None:
    async with worker(folder) as one:
        samples = await scrape(one)
    for name, labels in samples:
        assert ("pid" in dict(labels)) is name.startswith("process_")


async def test_of_gauges_that_cannot_be_summed_the_minimum_is_reported() -> None:
    totals = MetricsAggregator()
    for ready, revision, waiting in ((1, 8, 2), (0, 7, 3)):
        families = [
            InfoMetricFamily("newsgraph_build", "What runs.", value={"version": "1"}),
            GaugeMetricFamily("newsgraph_ready", "Ready.", ready),
            GaugeMetricFamily("newsgraph_corpus_revision", "Revision.", revision),
            GaugeMetricFamily("newsgraph_db_commands_waiting", "Waiting.", waiting),
        ]
        totals.add(decode_metrics(encode_metrics(families)))
    values = [sample.value for family in totals.collect() for sample in family.samples]
    assert values == [1, 0, 7, 5]


async def test_a_worker_that_does_not_answer_delays_no_longer_than_the_time_limit(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker_metrics, "TIMEOUT_SECONDS", 0.05)
    write_metrics(folder, os.getpid(), 5)
    with socket.socket(socket.AF_UNIX) as silent:
        silent.bind(str(folder / f"{os.getpid()}-other.socket"))
        silent.listen()
        async with worker(folder) as one:
            await ask(one)
            began = monotonic()
            samples = await scrape(one)
            assert monotonic() - began < PATIENCE / 4
    assert samples[ANSWERING] == 1
    assert operations(samples, "Front", "ok") == 6  # what was counted stays so
    assert samples["newsgraph_operations_in_flight", ()] == 0
    assert {dict(labels).get("pid") for _, labels in samples} == {None, str(os.getpid())}


async def test_counts_of_an_ended_worker_stay_and_its_files_are_deleted(
    folder: Path, ended: int
) -> None:
    write_metrics(folder, ended, 5)
    path = folder / f"{ended}-other.socket"
    with socket.socket(socket.AF_UNIX) as killed:
        killed.bind(str(path))
    async with worker(folder) as one, worker(folder) as other:
        for client in (one, other, one):
            samples = await scrape(client)
            assert operations(samples, "Front", "ok") == 5
            assert samples[ANSWERING] == 2
            assert ("process_cpu_seconds_total", (("pid", str(ended)),)) not in samples
        assert sorted({path.suffix for path in folder.iterdir()}) == [".metrics", ".socket"]
        assert len(list(folder.iterdir())) == 4
        assert not path.exists()


async def test_a_worker_that_stops_reports_what_it_counted_since_the_last_scrape(
    folder: Path,
) -> None:
    async with worker(folder) as one:
        async with worker(folder) as other:
            await ask(other)
        assert operations(await scrape(one), "Front", "ok") == 1


async def test_a_worker_that_cannot_write_its_metrics_is_left_out_and_logs_it(
    folder: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with worker(folder) as one, worker(folder) as other:
        await ask(other)
        await scrape(one)
        with monkeypatch.context() as patch:

            def full(path: Path, data: bytes) -> int:
                raise OSError(28, "No space left on device")

            patch.setattr(Path, "write_bytes", full)
            samples = await scrape(one)
    assert samples[ANSWERING] == 1
    assert operations(samples, "Front", "ok") == 1
    assert "No space left on device" in caplog.text


async def test_a_worker_without_a_metrics_folder_still_serves(
    folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with worker(folder / "nowhere") as one:
        await ask(one)
        samples = await scrape(one)
    assert operations(samples, "Front", "ok") == 1
    assert samples[ANSWERING] == 1
    assert "the other workers do not report the metrics of this one" in caplog.text


@pytest.mark.parametrize("name", ["x" * 100, "nowhere/x"], ids=["too-long", "missing"])
def test_without_sockets_each_worker_reports_its_own_metrics(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    if "/" not in name:
        (tmp_path / name).mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / name))
    with metrics_folder() as made:
        assert made is None
    assert "each worker reports its own metrics only" in caplog.text


def test_the_metrics_folder_is_private_and_deleted_at_the_end() -> None:
    with metrics_folder() as made:
        assert made is not None
        assert made.stat().st_mode & 0o777 == 0o700
        assert list(made.iterdir()) == []
    assert not made.exists()


def test_a_process_alone_has_no_peers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(FOLDER_VARIABLE, raising=False)
    assert worker_metrics_from_environment() is None


async def scraped(port: int) -> Samples:
    async with await Client.connect(port) as client:
        return samples_of((await client.get("/metrics")).body.decode())


async def send_query(port: int) -> None:
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", verify=False) as client:
        assert (await ask(client, QUERY)).status_code == 200


async def all_answering(port: int, without: str = "") -> Samples:
    """The metrics once both workers answer."""
    async with asyncio.timeout(60):
        while True:
            samples = await scraped(port)
            if samples[ANSWERING] == 2 and without not in workers(samples):
                return samples
            await asyncio.sleep(0.1)


def workers(samples: Samples) -> set[str]:
    """The processes that have metrics."""
    return {dict(labels)["pid"] for _, labels in samples if "pid" in dict(labels)}


async def test_the_sum_includes_a_killed_worker_and_nothing_is_left_behind(
    monkeypatch: pytest.MonkeyPatch, folder: Path
) -> None:
    monkeypatch.setenv("TMPDIR", str(folder))
    port = free_port()
    async with process("mongomock://", port, workers=2) as server:
        before = await all_answering(port)
        assert before[REPLACED] == 0
        for _ in range(20):
            await send_query(port)
        assert operations(await all_answering(port), "Front", "ok") == 20
        assert {operations(await scraped(port), "Front", "ok") for _ in range(10)} == {20}
        victim = min(workers(before))
        os.kill(int(victim), signal.SIGKILL)
        after = await all_answering(port, without=victim)
        assert operations(after, "Front", "ok") == 20
        [made] = folder.glob("newsgraph-*")
        assert after[REPLACED] == 1
        alive = {*workers(after), str(server.fork.pid)}
        assert {path.name.partition("-")[0] for path in made.iterdir()} == alive
        server.fork.send_signal(signal.SIGTERM)
        code, stderr = await server.end()
    assert code == 0
    assert f"worker {victim} was killed by SIGKILL: another is started" in stderr
    assert list(folder.iterdir()) == []
