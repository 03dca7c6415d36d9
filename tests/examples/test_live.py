"""examples/live: live queries and subscriptions, over event streams and WebSockets."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import pytest

from graph.store.driver.database import Database
from tests.builders import article, change, store, token
from tests.examples.node import installed, run
from tests.examples.serving import Served

SECONDS: Final = 30.0
"""How long a test waits for a line; a machine may be busy."""

SUBSCRIBERS: Final = ["changes", "sockets"]

Corpus = tuple[Database, Served]


@pytest.fixture(scope="module")
def project() -> Path:
    return installed("live")


class Program:
    """A program that runs until the test has read what it expects."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process

    async def lines(self, count: int) -> list[str]:
        """Return the next lines that it prints."""
        assert self.process.stdout is not None
        async with asyncio.timeout(SECONDS):
            return [(await self.process.stdout.readline()).decode().strip() for _ in range(count)]


@asynccontextmanager
async def started(project: Path, name: str, url: str, *more: str) -> AsyncIterator[Program]:
    process = await asyncio.create_subprocess_exec(
        "node", f"src/{name}.js", "--url", url, *more, cwd=project, stdout=asyncio.subprocess.PIPE
    )
    try:
        yield Program(process)
    finally:
        process.kill()
        await process.wait()


class Relay:
    """Passes on the bytes of connections, which it can cut."""

    def __init__(self, upstream: str) -> None:
        self._port = urlsplit(upstream).port
        self._writers: list[asyncio.StreamWriter] = []

    async def connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection."""
        upstream, to_upstream = await asyncio.open_connection("127.0.0.1", self._port)
        self._writers += [writer, to_upstream]
        await asyncio.gather(_copy(reader, to_upstream), _copy(upstream, writer))

    def cut(self) -> None:
        """Reset all connections."""
        for writer in self._writers:
            writer.transport.abort()
        self._writers.clear()


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while data := await reader.read(65_536):
            writer.write(data)
    except OSError:
        return  # the connection was cut
    finally:
        writer.close()


async def test_the_front_page_is_printed_each_time_that_it_changes(
    project: Path, corpus: Corpus
) -> None:
    database, served = corpus
    await store(database, article("a"))
    async with started(project, "front", served.url) as program:
        assert await program.lines(2) == ["1 articles", "Title of a (The Gull)"]
        await store(database, article("a", title="Another"))
        assert await program.lines(2) == ["1 articles", "Another (The Gull)"]
    [request] = served.requests
    assert (request.method, request.headers["accept"]) == ("GET", "text/event-stream")


@pytest.mark.parametrize("name", SUBSCRIBERS)
async def test_each_change_is_printed_once_even_if_the_connection_is_lost(
    project: Path, corpus: Corpus, name: str
) -> None:
    database, served = corpus
    since = await token(database, 0, "Article")
    await store(database, article("a"), article("b"))
    relay = Relay(served.host)
    async with await asyncio.start_server(relay.connect, "127.0.0.1", 0) as server:
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/graphql"
        async with started(project, name, url, "--since", since) as program:
            assert await program.lines(2) == ["CHANGED a Title of a", "CHANGED b Title of b"]
            relay.cut()
            await change(database, [article("a", published=False)], removed=["b"])
            assert await program.lines(2) == ["UNPUBLISHED a", "REMOVED b"]
            await store(database, article("c"))
            assert await program.lines(1) == ["CHANGED c Title of c"]
        relay.cut()


@pytest.mark.parametrize("name", SUBSCRIBERS)
async def test_an_error_of_the_subscription_ends_the_program(
    project: Path, seeds: Served, name: str
) -> None:
    command = ["node", f"src/{name}.js", "--url", seeds.url, "--since", "nothing"]
    ended = await run(*command, folder=project)
    assert (ended.status, ended.lines) == (1, [])
    assert "since" in ended.error


async def test_a_status_that_is_an_error_ends_the_program(project: Path, seeds: Served) -> None:
    ended = await run("node", "src/front.js", "--url", f"{seeds.host}/nowhere", folder=project)
    assert (ended.status, ended.lines) == (1, [])
    assert ended.error.strip() == "the server responded with the status 404"
