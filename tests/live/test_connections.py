"""Event streams over sockets: their end when the server stops, and clients that do not read."""

from __future__ import annotations

import asyncio
import gc
import json
import socket
import struct
from itertools import pairwise
from typing import Final
from urllib.parse import quote

import pytest

from graph.store.driver.database import Database
from tests.builders import article, store
from tests.served import PATIENCE, QUERY, Client, Served, eventually, served
from tests.thorough import cases

STREAM: Final = (
    f"GET /graphql?query={quote(QUERY)} HTTP/1.1\r\nHost: test\r\nAccept: text/event-stream\r\n\r\n"
).encode()
HANDSHAKE: Final = (
    b"GET /graphql HTTP/1.1\r\nHost: test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
    b"Sec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n"
)
CLIENTS: Final = cases(500, 5_000)
AT_ONCE: Final = 25


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


async def test_66_a_client_that_disconnects_leaves_nothing_behind(mock: Database) -> None:
    await store(mock, article("a"))
    async with served(mock) as server:
        client = await opened(server)
        assert len(server.app.state.live) == 1
        client.vanish()
        await eventually(lambda: len(server.app.state.live) == 0)
        await eventually(lambda: server.requests == 0)


async def test_34_the_connection_of_a_client_that_does_not_read_is_closed(mock: Database) -> None:
    """Unread data fills the buffers of the kernel and of the server, and no more memory."""
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


@pytest.mark.parametrize("kind", ["stream", "socket"])
async def test_35_clients_that_come_and_go_leave_nothing_behind(mock: Database, kind: str) -> None:
    """Half of them are killed: their host resets the connection."""
    await store(mock, article("a"))
    limits = {"max_streams": 10_000, "max_streams_per_client": 10_000}
    async with served(mock, **limits) as server:
        live = server.app.state.live
        live._database = mock

        async def churn(number: int) -> None:
            for _ in range(number // AT_ONCE):
                await asyncio.gather(*(visit(server, kind, n % 2 == 0) for n in range(AT_ONCE)))
            await eventually(lambda: (server.connections, server.requests, len(live)) == (0, 0, 0))

        await churn(AT_ONCE * 5)
        tasks, objects = len(asyncio.all_tasks()), [await living()]
        for _ in range(2):
            await churn(CLIENTS // 2)
            objects.append(await living())
        await eventually(lambda: len(asyncio.all_tasks()) <= tasks)
        first, second = (after - before for before, after in pairwise(objects))
        assert min(first, second) < CLIENTS / 8  # something is made once, whoever comes


async def visit(server: Served, kind: str, is_killed: bool) -> None:
    """Connect, receive something, and go."""
    client = await (opened(server) if kind == "stream" else subscribed(server))
    if is_killed:
        connection = client.writer.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    client.vanish()


async def subscribed(server: Served) -> Client:
    """A WebSocket with a subscription."""
    client = await Client.connect(server.port)
    await client.send(HANDSHAKE)
    async with asyncio.timeout(PATIENCE):
        assert b" 101 " in await client.reader.readuntil(b"\r\n\r\n")
    await client.send(frame({"type": "connection_init"}))
    async with asyncio.timeout(PATIENCE):
        await client.reader.readuntil(b"connection_ack")
    query = "subscription { articleChanged { slug } }"
    await client.send(frame({"type": "subscribe", "id": "1", "payload": {"query": query}}))
    return client


def frame(message: object) -> bytes:
    """A short text of a client, masked with zeros."""
    text = json.dumps(message).encode()
    return b"\x81\xfe" + struct.pack(">H", len(text)) + bytes(4) + text


async def living() -> int:
    """The number of objects that cannot be collected."""
    await asyncio.sleep(0)
    gc.collect()
    return len(gc.get_objects())
