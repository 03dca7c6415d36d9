from __future__ import annotations

import asyncio
import socket
import time
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

from graph.app import create_app
from graph.config import Settings
from graph.documents import ARTICLES
from graph.errors import DatabaseError, DatabaseUnavailable
from graph.store.driver.client import open_database
from graph.store.driver.database import Database
from graph.store.driver.mock import MockDatabase
from graph.store.driver.read_commands import Row
from graph.store.indexes import ensure_indexes
from graph.store.load import write
from graph.store.probe import Probe, probing
from tests.builders import article, drop
from tests.conftest import Commands
from tests.served import PATIENCE
from tests.store.driver.conftest import fail
from tests.stored import store


def serving(settings: Settings) -> tuple[httpx.AsyncClient, Starlette]:
    app = create_app(settings)
    transport = httpx.ASGITransport(app=app)
    return httpx.AsyncClient(transport=transport, base_url="http://test"), app


async def test_the_server_is_ready_once_something_was_loaded(bare: Database) -> None:
    client, app = serving(Settings(mongo_url="mongomock://"))
    app.state.probe = probe = Probe(bare)
    async with client:
        assert (await client.get("/livez")).json() == {"status": "alive"}
        await probe.check()
        unready = await client.get("/readyz")
        assert unready.status_code == 503
        assert unready.json()["reason"] == "empty: run newsgraph load"
        await require_ready_after_a_load(bare, probe, client)


async def test_missing_indexes_are_named_only_in_the_log_until_a_load_creates_them(
    server: Database, caplog: pytest.LogCaptureFixture
) -> None:
    client, app = serving(Settings(mongo_url="mongomock://"))
    app.state.probe = probe = Probe(server)
    await store(server, article("a"))
    await server._handle[ARTICLES].drop_index("due")
    try:
        async with client:
            for _ in range(2):
                await probe.check()
            reason = (await client.get("/readyz")).json()["reason"]
            await write.begin(server)
            assert (await probe.check()).is_ready
    finally:
        await ensure_indexes(server)
    assert reason == "indexes are missing: run newsgraph load"
    [record] = caplog.records
    assert "indexes are missing: articles.due; run `newsgraph load`" in record.getMessage()


async def test_with_an_in_memory_database_the_server_becomes_ready(mock: Database) -> None:
    client, app = serving(Settings(mongo_url="mongomock://"))
    app.state.probe = probe = Probe(mock)
    async with client:
        assert (await client.get("/livez")).json() == {"status": "alive"}
        await require_ready_after_a_load(mock, probe, client)


async def require_ready_after_a_load(
    database: Database, probe: Probe, client: httpx.AsyncClient
) -> None:
    await store(database, article("a"))
    await probe.check()
    ready = await client.get("/readyz")
    assert (ready.status_code, ready.json()) == (200, {"status": "ready", "revision": 1})


async def test_57_without_a_database_the_server_starts_and_says_why_it_is_not_ready(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    url = f"mongodb://root:hunter2@127.0.0.1:{port}/news"
    settings = Settings(mongo_url=url, mongo_timeout=0.3)
    client, app = serving(settings)
    async with app.router.lifespan_context(app), client:
        assert (await client.get("/livez")).status_code == 200
        started = time.monotonic()
        await app.state.probe.next()
        unready = await client.get("/readyz")
        answer = await client.post("/graphql", json={"query": "{ corpus { revision } }"})
        assert time.monotonic() - started < 5
    assert (unready.status_code, unready.headers["retry-after"]) == (503, "2")
    reason = "the database cannot be reached: try again in a moment"
    assert unready.json() == {"status": "unready", "reason": reason}
    [error] = answer.json()["errors"]
    assert (error["message"], error["extensions"]) == (reason, {"code": "DATABASE_UNAVAILABLE"})
    for response in (unready, answer):
        assert "mongodb" not in f"{response.headers}{response.text}".lower()
        assert str(port) not in response.text
    detail = f"MongoDB at mongodb://127.0.0.1:{port}/news cannot be reached"
    logged = [record.getMessage() for record in caplog.records]
    assert f"serving, but not ready: {detail}" in logged
    assert f"an operation failed: {detail}" in logged
    assert "hunter2" not in caplog.text


async def test_the_schema_and_media_are_served_beside_the_api() -> None:
    client, app = serving(Settings(mongo_url="mongomock://"))
    async with app.router.lifespan_context(app), client:
        assert (await client.get("/schema.graphql")).text.startswith('"""')
        assert (await client.get("/media/x.svg")).status_code == 404


async def test_media_are_served_from_their_folder(tmp_path: Path) -> None:
    (tmp_path / "x.svg").write_text("<svg/>")
    client, _ = serving(Settings(mongo_url="mongomock://", media_dir=tmp_path))
    async with client:
        assert (await client.get("/media/x.svg")).text == "<svg/>"
        assert (await client.get("/media/%2e%2e/etc/passwd")).status_code == 404


class Silent(MockDatabase):
    """A database that never answers, unless it is woken."""

    def __init__(self, source: Database) -> None:
        super().__init__(source._handle)
        self.address = "mongodb://silent"
        self.woken = asyncio.Event()

    async def find(self, *arguments: Any, **options: Any) -> list[Row]:
        await self.woken.wait()
        return await super().find(*arguments, **options)


class Breaking(MockDatabase):
    """A database whose reads raise an error, until it is taken away."""

    def __init__(self, source: Database, error: Exception) -> None:
        super().__init__(source._handle)
        self.address = "mongodb://breaking"
        self.error: Exception | None = error

    async def find(self, *arguments: Any, **options: Any) -> list[Row]:
        if self.error is not None:
            raise self.error
        return await super().find(*arguments, **options)


async def readiness_at_once(client: httpx.AsyncClient) -> httpx.Response:
    """The response of `/readyz`, which a slow database must not delay."""
    async with asyncio.timeout(PATIENCE / 10):
        return await client.get("/readyz")


@pytest.mark.parametrize("driver", ["motor", "pymongo"])
async def test_a_silent_database_does_not_delay_health_checks(
    driver: str,
) -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        url = f"mongodb://127.0.0.1:{silent.getsockname()[1]}/news"
        options = {"mongo_url": url, "mongo_driver": driver}
        times = {"mongo_timeout": 1, "probe_seconds": 0.1}
        client, app = serving(Settings.model_validate({**options, **times}))
        async with client, asyncio.timeout(PATIENCE), app.router.lifespan_context(app):
            assert "has not been checked yet" in (await readiness_at_once(client)).json()["reason"]
            for _ in range(2):
                await app.state.probe.next()
                unready = await readiness_at_once(client)
                assert unready.status_code == 503
                reason = "the database cannot be reached: try again in a moment"
                assert unready.json()["reason"] == reason


@pytest.mark.parametrize("command", ["ping", "listIndexes"])
async def test_a_probe_without_an_answer_ends_and_a_later_one_finds_the_database(
    command: str, failing_mongod: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("graph.app.PATIENCE_SECONDS", 0.2)
    url = failing_mongod.replace("/?", f"/silent_{command}?")
    options = {
        "mongo_url": url,
        "mongo_timeout": 0.3,
        "probe_seconds": 0.1,
        "cache": "off",
    }
    settings = Settings.model_validate(options)
    client, app = serving(settings)
    async with open_database(settings) as database, client, asyncio.timeout(3 * PATIENCE):
        await store(database, article("a"))
        try:
            async with app.router.lifespan_context(app):
                await found(app, ready=True)
                blocked = {"blockConnection": True, "blockTimeMS": 1500}
                await fail(database, "alwaysOn", failCommands=[command], **blocked)
                await found(app, ready=False)
                answer = await readiness_at_once(client)
                assert answer.status_code == 503
                assert answer.json()["reason"].endswith("did not answer in 0.5 s")
                await fail(database, "off")
                await found(app, ready=True)
                assert (await readiness_at_once(client)).status_code == 200
        finally:
            await fail(database, "off")
            await drop(database)


async def found(app: Starlette, *, ready: bool) -> None:
    """Return once a look has found that it is so, or not."""
    async with asyncio.timeout(PATIENCE):
        while (await app.state.probe.next()).is_ready is not ready:
            pass


@pytest.fixture
def app() -> Starlette:
    return create_app(Settings(mongo_url="mongomock://"))


async def readiness(app: Starlette) -> httpx.Response:
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        return await client.get("/readyz")


async def test_before_its_start_the_server_is_not_ready(app: Starlette) -> None:
    answer = await readiness(app)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")
    assert answer.json() == {"status": "unready", "reason": "the server is starting"}


async def test_before_the_first_probe_has_ended_the_server_is_not_ready_without_delay(
    app: Starlette, mock: Database
) -> None:
    silent = Silent(mock)
    async with probing(silent, 60) as app.state.probe:
        async with asyncio.timeout(5):
            answer = await readiness(app)
        assert answer.status_code == 503
        assert "has not been checked yet" in answer.json()["reason"]
        silent.woken.set()
        await app.state.probe.next()
        assert (await readiness(app)).status_code == 200


async def test_a_database_that_stops_answering_makes_the_server_unready(
    app: Starlette, mock: Database
) -> None:
    app.state.probe = Probe(Silent(mock), patience=0.01)
    await app.state.probe.check()
    answer = await readiness(app)
    assert answer.status_code == 503
    assert answer.json()["reason"] == "the database did not answer in 0.01 s"


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (DatabaseUnavailable("it is away"), DatabaseUnavailable.public),
        (DatabaseError("it refused find"), DatabaseError.public),
        (ZeroDivisionError("secret"), "the check of the database failed: see the log"),
    ],
    ids=["away", "refused", "defect"],
)
async def test_the_probe_repeats_after_every_result(
    app: Starlette, mock: Database, error: Exception, reason: str
) -> None:
    database = Breaking(mock, error)
    async with probing(database, 0.001) as app.state.probe:
        async with asyncio.timeout(5):
            await app.state.probe.next()
            answer = await readiness(app)
            assert (answer.status_code, answer.json()["reason"]) == (503, reason)
            database.error = None
            while not (await app.state.probe.next()).is_ready:
                pass
        assert (await readiness(app)).status_code == 200


async def test_health_checks_send_no_database_command(
    app: Starlette, server: Database, commands: Commands
) -> None:
    await store(server, article("a"))
    async with probing(server, 300) as app.state.probe:
        await app.state.probe.next()
        before = list(commands.names)
        for _ in range(3):
            assert (await readiness(app)).json() == {"status": "ready", "revision": 1}
    assert commands.names == before
