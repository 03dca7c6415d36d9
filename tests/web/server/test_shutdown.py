"""The end of a server: what is in progress is finished within its time, and nothing is logged."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from time import monotonic

import pytest
import pytest_asyncio

from graph.store.driver.database import Database
from tests.builders import article, store
from tests.conftest import Commands, fresh
from tests.processes import free_port
from tests.served import PATIENCE, Client, eventually, served
from tests.store.driver.test_find import fail
from tests.web.server.test_time import ANSWER, Gate, asked, gate, slow_down

__all__ = ["gate"]


@pytest_asyncio.fixture
async def slow(failing_mongod: str) -> AsyncIterator[tuple[Database, str]]:
    """A database with one article whose reads can be made slow, and its URL."""
    async with fresh(failing_mongod, "pymongo", Commands()) as opened:
        await store(opened, article("a"))
        yield opened, failing_mongod.replace("/?", f"/{opened._handle.name}?")
        await fail(opened, "off")


@asynccontextmanager
async def process(
    url: str, port: int, **settings: object
) -> AsyncIterator[asyncio.subprocess.Process]:
    """A server in a process of its own that is ready, ended afterwards.

    It waits for a busy database for as long as the test does.
    """
    settings = {"mongo_timeout": PATIENCE, "log_level": "warning", **settings}
    chosen = {f"NEWSGRAPH_{name.upper()}": str(value) for name, value in settings.items()}
    server = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "graph", "serve", "--mongo-url", url, "--port", str(port)),
        stderr=asyncio.subprocess.PIPE,
        env={**os.environ, **chosen},
    )
    try:
        await ready(port, server)
        yield server
    finally:
        if server.returncode is None:
            server.kill()
            await server.wait()


async def ready(port: int, server: asyncio.subprocess.Process) -> None:
    """Return once a server answers."""
    async with asyncio.timeout(60):
        while server.returncode is None:
            try:
                async with await Client.connect(port) as client:
                    if (await client.get("/readyz")).status == 200:
                        return
            except (OSError, asyncio.IncompleteReadError):
                await asyncio.sleep(0.05)
    raise AssertionError("the server ended before it was ready")


async def closed(port: int) -> None:
    """Return once nobody listens; several processes do not stop at the same moment."""
    async with asyncio.timeout(PATIENCE):
        while True:
            try:
                client = await Client.connect(port)
            except ConnectionRefusedError:
                return
            client.vanish()
            await asyncio.sleep(0.02)


async def end_of(server: asyncio.subprocess.Process) -> tuple[int | None, str]:
    """The exit code of a server, and what it said."""
    assert server.stderr is not None
    async with asyncio.timeout(PATIENCE + 10):
        said = await server.stderr.read()
        return await server.wait(), said.decode()


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_65_a_server_that_is_stopped_finishes_what_it_does_and_exits_with_0(
    slow: tuple[Database, str], workers: int, number: signal.Signals
) -> None:
    database, url = slow
    port = free_port()
    async with (
        process(url, port, workers=workers) as server,
        await Client.connect(port) as idle,
        await Client.connect(port) as busy,
    ):
        assert (await idle.get("/livez")).status == 200
        before = await slow_down(database, 3)
        await busy.post()
        await asked(database, before, busy)
        server.send_signal(number)
        assert await idle.rest() == b""
        await closed(port)
        reply = await busy.reply()
        assert (reply.json, reply.headers["connection"]) == (ANSWER, "close")
        assert await end_of(server) == (0, "")


@pytest.mark.parametrize("driver", ["motor", "pymongo"])
async def test_65_what_is_not_finished_within_the_grace_is_answered_and_ended(
    slow: tuple[Database, str], driver: str
) -> None:
    database, url = slow
    port = free_port()
    async with (
        process(url, port, shutdown_grace=0.3, mongo_driver=driver) as server,
        await Client.connect(port) as busy,
    ):
        before = await slow_down(database, 7)
        await busy.post()
        await asked(database, before, busy)
        began = monotonic()
        server.send_signal(signal.SIGTERM)
        reply = await busy.reply()
        assert (reply.status, reply.codes) == (503, ["SHUTTING_DOWN"])
        code, said = await end_of(server)
        assert monotonic() - began < 5
    assert code == 0
    assert "Traceback" not in said


async def test_an_operation_that_is_cut_off_is_told_so(
    gate: Gate, caplog: pytest.LogCaptureFixture
) -> None:
    async with (
        served(gate, shutdown_grace=0.1) as server,
        await Client.connect(server.port) as client,
    ):
        await client.post()
        await eventually(lambda: len(gate.waiting) == 1)
        server.stop()
        reply = await client.reply()
        assert (reply.status, reply.codes) == (503, ["SHUTTING_DOWN"])
        assert await client.rest() == b""
        await server.ended()
    [record] = caplog.records
    assert "Cancel 1 running task(s)" in record.getMessage()
    assert record.exc_info is None
    assert gate.cancelled == [1]


async def test_a_request_that_is_on_its_way_may_still_arrive(gate: Gate) -> None:
    gate.open.set()
    body = json.dumps({"query": '{ article(slug: "a") { title } }'}).encode()
    head = b"POST /graphql HTTP/1.1\r\nHost: test\r\nContent-Type: application/json\r\n"
    async with served(gate) as server, await Client.connect(server.port) as client:
        await client.send(head + b"Content-Length: %d\r\n\r\n" % len(body) + body[:5])
        await eventually(lambda: server.requests == 1)
        server.stop()
        await eventually(lambda: not server.server.servers[0].is_serving())
        await client.send(body[5:])
        assert (await client.reply()).json == ANSWER
        await server.ended()
