"""Event streams over sockets: their end when the server stops, and clients that do not read."""

from __future__ import annotations

import asyncio
from typing import Final
from urllib.parse import quote

from graph.store.driver.database import Database
from tests.builders import article, store
from tests.served import PATIENCE, QUERY, Client, Served, eventually, served

STREAM: Final = (
    f"GET /graphql?query={quote(QUERY)} HTTP/1.1\r\nHost: test\r\nAccept: text/event-stream\r\n\r\n"
).encode()


async def opened(server: Served, request: bytes = STREAM) -> Client:
    """A client that has received its first event."""
    client = await Client.connect(server.port)
    await client.send(request)
    async with asyncio.timeout(PATIENCE):
        assert b"\r\ntransfer-encoding: chunked" in await client.reader.readuntil(b"\r\n\r\n")
        assert b"retry: " in await client.reader.readuntil(b"\n\n")
        assert b"event: next" in await client.reader.readuntil(b"\n\n")
    return client


async def test_65_streams_end_in_order_when_the_server_stops(mock: Database) -> None:
    await store(mock, article("a"))
    async with served(mock, shutdown_grace=30.0) as server, await opened(server) as client:
        server.stop()
        rest = await client.rest()
        await server.ended()
        assert rest.endswith(b"0\r\n\r\n")
        assert not server.server.is_late


async def test_66_a_client_that_goes_away_leaves_nothing_behind(mock: Database) -> None:
    await store(mock, article("a"))
    async with served(mock) as server:
        client = await opened(server)
        assert len(server.app.state.live) == 1
        client.vanish()
        await eventually(lambda: len(server.app.state.live) == 0)
        await eventually(lambda: server.requests == 0)


async def test_34_the_connection_of_a_client_that_does_not_read_is_closed(mock: Database) -> None:
    """What it does not read fills the buffers of the kernel and of the server, and no more."""
    fields = " ".join(f"t{number}: title" for number in range(90))
    query = f'{{ article(slug: "a") {{ {fields} }} }}'
    request = STREAM.replace(quote(QUERY).encode(), quote(query).encode())
    await store(mock, article("a", title="x" * 100_000))
    async with (
        served(mock, stream_timeout=0.2, heartbeat=0.2) as server,
        await Client.connect(server.port) as client,
    ):
        await client.send(request)
        await eventually(lambda: server.connections == 1)
        await eventually(lambda: server.connections == 0)
        assert server.requests == 0
