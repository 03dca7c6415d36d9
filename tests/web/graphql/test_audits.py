"""GraphQL over HTTP: the audits of the npm package graphql-http, and a table of them."""

from __future__ import annotations

import asyncio
import json
import shutil
import socket
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

import httpx
import pytest
import pytest_asyncio
import uvicorn

from graph.app import create_app
from graph.config import Settings
from tests import packages
from tests.web.audits.table import AUDITS, Audit

OVERRULED: Final = {"423L", "86EE"}
"""Audits that contradict the specification: for a request without `query` and for a variable that
cannot be coerced they expect 400, where its edition of September 2026 says 422.
"""
HINT: Final = "the audits of graphql-http need Node.js, npm and once a registry of packages"


@pytest_asyncio.fixture(scope="module")
async def client() -> AsyncIterator[httpx.AsyncClient]:
    """A client of an application without documents, which sends no `Accept` by itself."""
    app = create_app(Settings(mongo_url="mongomock://"))
    transport = httpx.ASGITransport(app=app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://test") as client,
    ):
        del client.headers["accept"]
        yield client


@pytest.mark.parametrize("audit", AUDITS, ids=lambda audit: f"{audit.id}-{audit.level}")
async def test_1_an_audit_of_the_table_passes(client: httpx.AsyncClient, audit: Audit) -> None:
    response = await client.request(
        "GET" if audit.body is None else "POST",
        "/graphql",
        content=audit.body,
        params=audit.parameters,
        headers=audit.headers,
    )
    if audit.id in OVERRULED:
        assert response.status_code == 422
    else:
        assert response.status_code in audit.statuses
    content = json.loads(response.content.decode("utf-8"))
    assert audit.absent not in content
    if audit.media_type is not None:
        assert response.headers["content-type"] == f"{audit.media_type}; charset=utf-8"


def test_1_the_table_has_all_61_audits() -> None:
    assert len({audit.id for audit in AUDITS}) == len(AUDITS) == 61
    assert Counter(audit.level for audit in AUDITS) == {"MUST": 13, "SHOULD": 23, "MAY": 25}


async def test_1_all_audits_of_graphql_http_pass_but_those_that_are_overruled(
    folder: Path,
) -> None:
    async with _serving() as url:
        printed = await _output("node", "run.js", url, folder=folder)
    results: list[dict[str, Any]] = json.loads(printed)
    assert {each["id"] for each in results if each["status"] != "ok"} == OVERRULED
    assert [(each["id"], each["name"].split()[0]) for each in results] == [
        (audit.id, audit.level) for audit in AUDITS
    ]


@pytest.fixture
def folder() -> Path:
    """A folder with the package and the script that runs its audits."""
    if shutil.which("node") is None:
        pytest.skip(HINT)
    try:
        folder = packages.installed("audits")
    except packages.NotInstalled as error:
        pytest.skip(f"{HINT}: {error}")
    shutil.copy(packages.SOURCES["audits"] / "run.js", folder)
    return folder


async def _output(*command: str, folder: Path) -> str:
    process = await asyncio.create_subprocess_exec(
        *command, cwd=folder, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    try:
        out, err = await asyncio.wait_for(process.communicate(), 60)
    except TimeoutError:
        process.kill()
        await process.wait()
        raise RuntimeError(f"{command[0]} did not end within a minute") from None
    if process.returncode:
        raise RuntimeError(err.decode(errors="replace"))
    return out.decode()


@asynccontextmanager
async def _serving() -> AsyncIterator[str]:
    """The URL of a server of this process."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        app = create_app(Settings(mongo_url="mongomock://"))
        server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False))
        serving = asyncio.create_task(server.serve(sockets=[listening]))
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}/graphql"
        finally:
            server.should_exit = True
            await serving
