from __future__ import annotations

import socket
import time
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette

from graph.app import create_app
from graph.config import Settings
from graph.store.database import Database
from tests.builders import article, store


def serving(settings: Settings) -> tuple[httpx.AsyncClient, Starlette]:
    app = create_app(settings)
    transport = httpx.ASGITransport(app=app)
    return httpx.AsyncClient(transport=transport, base_url="http://test"), app


async def test_ready_once_something_was_loaded(database: Database) -> None:
    client, app = serving(Settings(mongo_url="mongomock://"))
    app.state.database = database
    async with client:
        assert (await client.get("/livez")).json() == {"status": "alive"}
        if not database.mock:
            unready = await client.get("/readyz")
            assert unready.status_code == 503
            assert "run `newsgraph load` once" in unready.json()["reason"]
        await store(database, article("a"))
        ready = await client.get("/readyz")
    assert (ready.status_code, ready.json()) == (200, {"status": "ready", "revision": 1})


@pytest.mark.parametrize("driver", ["motor", "pymongo"])
async def test_57_without_a_database_it_starts_and_says_why_it_is_not_ready(driver: str) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    url = f"mongodb://root:hunter2@127.0.0.1:{port}/news"
    settings = Settings.model_validate(
        {"mongo_url": url, "mongo_driver": driver, "mongo_timeout": 0.3}
    )
    client, app = serving(settings)
    async with app.router.lifespan_context(app), client:
        assert (await client.get("/livez")).status_code == 200
        started = time.monotonic()
        unready = await client.get("/readyz")
        answer = await client.post("/graphql", json={"query": "{ corpus { revision } }"})
        assert time.monotonic() - started < 5
    assert (unready.status_code, unready.headers["retry-after"]) == (503, "2")
    reason = f"MongoDB at mongodb://127.0.0.1:{port}/news cannot be reached"
    assert unready.json() == {"status": "unready", "reason": reason}
    [error] = answer.json()["errors"]
    assert (error["message"], error["extensions"]) == (reason, {"code": "DATABASE_UNAVAILABLE"})


async def test_pages_beside_the_api() -> None:
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
