"""A server on a real socket in the event loop of the test, and clients that speak bytes."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final, Self

from starlette.applications import Starlette
from starlette.types import ASGIApp

from graph.app import create_app
from graph.config import Settings
from graph.serving import Server, config_of
from graph.store.driver.database import Database
from graph.web.server.operation_limiter import OperationLimiter

PATIENCE: Final = 20.0
"""Seconds that a test waits for what must happen; a machine may be busy."""

QUERY: Final = '{ article(slug: "a") { title } }'


async def eventually(condition: Callable[[], bool]) -> None:
    """Return once a condition holds."""
    async with asyncio.timeout(PATIENCE):
        while not condition():  # noqa: ASYNC110 (uvicorn tells nobody of what it counts)
            await asyncio.sleep(0.001)


@dataclass
class Served:
    """A server that runs."""

    port: int
    server: Server
    app: Starlette
    task: asyncio.Task[None]

    @property
    def operations(self) -> OperationLimiter:
        """The operations that run in it."""
        operations: OperationLimiter = self.app._endpoint._operations  # type: ignore[attr-defined]  # of our own application
        return operations

    @property
    def connections(self) -> int:
        """How many are open."""
        return len(self.server.server_state.connections)

    @property
    def requests(self) -> int:
        """How many are being answered."""
        return len(self.server.server_state.tasks)

    def stop(self) -> None:
        """Stop the server as a signal does."""
        self.server.should_exit = True

    async def ended(self) -> None:
        """Return once it has ended."""
        async with asyncio.timeout(PATIENCE):
            await asyncio.wait([self.task])


@asynccontextmanager
async def hosted(
    settings: Settings, app: ASGIApp
) -> AsyncIterator[tuple[int, Server, asyncio.Task[None]]]:
    """An application at a free port as `newsgraph serve` serves it: the port, the server, its task.

    Who comes before the server has begun waits for it.
    """
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        server = Server(config_of(settings, app))
        task = asyncio.create_task(server.serve(sockets=[listening]))
        try:
            yield int(listening.getsockname()[1]), server, task
        finally:
            server.should_exit = True
            async with asyncio.timeout(PATIENCE):
                await asyncio.wait([task])


@asynccontextmanager
async def served(database: Database | None = None, **settings: Any) -> AsyncIterator[Served]:
    """A server with these settings, on this database if there is one, stopped afterwards."""
    chosen = Settings(**{"mongo_url": "mongomock://", "cache": "off", **settings})
    app = create_app(chosen)
    async with hosted(chosen, app) as (port, server, task):
        async with await Client.connect(port) as client:
            assert (await client.get("/livez")).status == 200
        if database is not None:
            app.state.database = database
        yield Served(port, server, app, task)


@dataclass
class Reply:
    """A response."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def codes(self) -> list[str]:
        """The codes of its errors."""
        return [error["extensions"]["code"] for error in self.json["errors"]]


class Client:
    """One connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    @classmethod
    async def connect(cls, port: int) -> Self:
        return cls(*await asyncio.open_connection("127.0.0.1", port))

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        self.vanish()

    def vanish(self) -> None:
        """Close the connection, whatever is on its way."""
        self.writer.transport.abort()

    async def send(self, data: bytes) -> None:
        """Send bytes, as they are."""
        self.writer.write(data)
        await self.writer.drain()

    async def get(self, path: str) -> Reply:
        await self.send(b"GET %b HTTP/1.1\r\nHost: test\r\n\r\n" % path.encode())
        return await self.reply()

    async def post(self, query: str = QUERY) -> None:
        """Send an operation, and do not wait for the answer."""
        await self.send(request_of(query))

    async def ask(self, query: str = QUERY) -> Reply:
        await self.post(query)
        return await self.reply()

    async def reply(self) -> Reply:
        """The next response."""
        async with asyncio.timeout(PATIENCE):
            head = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            first, *lines = head.strip().split("\r\n")
            headers = dict(line.lower().split(": ", 1) for line in lines)
            body = await self.reader.readexactly(int(headers.get("content-length", 0)))
        return Reply(int(first.split()[1]), headers, body)

    async def rest(self) -> bytes:
        """The bytes that arrive until the server closes the connection."""
        async with asyncio.timeout(PATIENCE):
            return await self.reader.read()


def request_of(query: str) -> bytes:
    """The bytes of an operation's request."""
    body = json.dumps({"query": query}).encode()
    head = "POST /graphql HTTP/1.1\r\nHost: test\r\nContent-Type: application/json\r\n"
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body
