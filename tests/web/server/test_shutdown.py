"""The end of a server: requests in progress are finished in time, and nothing is logged."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

import pytest
import pytest_asyncio

from graph.config import Settings
from graph.documents import ARTICLES
from graph.store.driver.client import open_database
from tests.builders import article
from tests.forks import Fork, Streams, start
from tests.processes import free_port
from tests.served import PATIENCE, Client, eventually, served
from tests.stored import store
from tests.web.server.test_time import ANSWER, Gate, gate

__all__ = ["gate"]


class Relay:
    """A port in front of a mongod, which can hold back replies to reads of articles."""

    def __init__(self, url: str) -> None:
        self._server = urlsplit(url)
        self.reading = asyncio.Event()
        """Whether such a read was sent."""
        self.released = asyncio.Event()
        """Whether replies are let through."""
        self.released.set()

    @asynccontextmanager
    async def open(self) -> AsyncIterator[str]:
        """The URL of the same database through the relay."""
        async with await asyncio.start_server(self._relay, "127.0.0.1", 0) as listening:
            port = listening.sockets[0].getsockname()[1]
            yield self._server._replace(netloc=self._netloc(f"127.0.0.1:{port}")).geturl()

    def hold(self) -> None:
        """Hold replies from now on."""
        self.reading.clear()
        self.released.clear()

    def _netloc(self, address: str) -> str:
        user, at, _ = self._server.netloc.rpartition("@")
        return f"{user}{at}{address}"

    async def _relay(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        address = unquote(self._server.netloc.rpartition("@")[2])
        try:
            if address.startswith("/"):
                upstream_reader, upstream_writer = await asyncio.open_unix_connection(address)
            else:
                host, _, port = address.rpartition(":")
                upstream_reader, upstream_writer = await asyncio.open_connection(host, int(port))
        except OSError:
            writer.close()
            return
        is_held = asyncio.Event()
        await asyncio.gather(
            self._send(reader, upstream_writer, is_held),
            self._reply(upstream_reader, writer, is_held),
        )

    async def _send(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, is_held: asyncio.Event
    ) -> None:
        with suppress(ConnectionError):
            while data := await reader.read(1 << 16):
                if not self.released.is_set() and ARTICLES.encode() in data:
                    is_held.set()
                    self.reading.set()
                writer.write(data)
                await writer.drain()
        writer.close()

    async def _reply(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, is_held: asyncio.Event
    ) -> None:
        with suppress(ConnectionError):
            while data := await reader.read(1 << 16):
                if is_held.is_set():
                    await self.released.wait()
                writer.write(data)
                await writer.drain()
        writer.close()


@pytest_asyncio.fixture
async def relay(url: str) -> AsyncIterator[tuple[Relay, str]]:
    """A relay before a database with one article, and the database's URL through it."""
    async with open_database(Settings(mongo_url=url)) as database:
        await store(database, article("a"))
    made = Relay(url)
    async with made.open() as relayed:
        yield made, relayed
        made.released.set()


class Process(NamedTuple):
    """A server in a process of its own, and its log file."""

    fork: Fork
    log: Path

    async def end(self) -> tuple[int, str]:
        """The exit code and the log."""
        code = await asyncio.to_thread(self.fork.wait, PATIENCE + 10)
        return code, self.log.read_text()


@asynccontextmanager
async def process(url: str, port: int, **settings: object) -> AsyncIterator[Process]:
    """A server in a process of its own that is ready, ended afterwards.

    It waits for a busy database for as long as the test does.
    """
    settings = {"mongo_timeout": PATIENCE, "log_level": "warning", **settings}
    chosen = {f"NEWSGRAPH_{name.upper()}": str(value) for name, value in settings.items()}
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder, "log")
        server = start(
            *("serve", "--mongo-url", url, "--port", str(port)),
            streams=Streams(Path(os.devnull), log, log),
            environment={**os.environ, **chosen},
        )
        try:
            await ready(port, server)
            yield Process(server, log)
        finally:
            server.kill()
            await asyncio.to_thread(server.wait)


async def ready(port: int, server: Fork) -> None:
    """Return once a server answers."""
    async with asyncio.timeout(60):
        while server.poll() is None:
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
            except ConnectionResetError:  # it stopped listening before it accepted the connection
                continue
            client.vanish()
            await asyncio.sleep(0.02)


@pytest.mark.parametrize(("workers", "number"), [(1, signal.SIGINT), (2, signal.SIGTERM)])
async def test_65_a_stopped_server_finishes_its_requests_and_exits_with_0(
    relay: tuple[Relay, str], workers: int, number: signal.Signals
) -> None:
    mongod_relay, url = relay
    port = free_port()
    async with (
        process(url, port, workers=workers) as server,
        await Client.connect(port) as idle,
        await Client.connect(port) as busy,
    ):
        assert (await idle.get("/livez")).status == 200
        mongod_relay.hold()
        await busy.post()
        async with asyncio.timeout(PATIENCE):
            await mongod_relay.reading.wait()
        server.fork.send_signal(number)
        assert await idle.rest() == b""
        await closed(port)
        mongod_relay.released.set()
        reply = await busy.reply()
        assert (reply.json, reply.headers["connection"]) == (ANSWER, "close")
        assert await server.end() == (0, "")


@pytest.mark.parametrize("driver", ["motor", "pymongo"])
async def test_65_requests_not_finished_within_the_grace_period_are_answered_and_ended(
    relay: tuple[Relay, str], driver: str
) -> None:
    mongod_relay, url = relay
    port = free_port()
    async with (
        process(url, port, shutdown_grace=0.3, mongo_driver=driver) as server,
        await Client.connect(port) as busy,
    ):
        mongod_relay.hold()
        await busy.post()
        async with asyncio.timeout(PATIENCE):
            await mongod_relay.reading.wait()
        server.fork.send_signal(signal.SIGTERM)
        reply = await busy.reply()
        assert (reply.status, reply.codes) == (503, ["SHUTTING_DOWN"])
        code, stderr = await server.end()
    assert code == 0
    assert "Traceback" not in stderr


async def test_an_operation_that_is_cut_off_gets_an_error(
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


async def test_a_request_that_is_partly_sent_when_the_server_stops_is_answered(gate: Gate) -> None:
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
