"""Clients of live results that cost little: thousands of them fit in one process."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Sequence
from time import monotonic
from typing import Final
from urllib.parse import urlencode

from contenders import BenchError

FRONT: Final = "{ articles(first: 10) { nodes { slug title provider { name } } } }"
CHANGES: Final = "subscription { articleChanged { kind slug nextSince article { title } } }"

AT_ONCE: Final = 100
"""Connections that are opened at a time."""

PER_ADDRESS: Final = 40
"""Clients of one address of the loopback network, fewer than a server allows by default."""

_TEXT: Final = 0x81
_PING: Final = 0x89
_PONG: Final = 0x8A


class Client(asyncio.Protocol):
    """A connection that notes when it receives a result.

    Args:
        request: what it sends at once.
        following: what it sends when it has the first bytes of the response.
        greeting: what is in the response once the operation was accepted.
        mark: what each result contains once.
    """

    def __init__(self, request: bytes, following: bytes, greeting: bytes, mark: bytes) -> None:
        self.results = 0
        self.is_lost = False
        self._request = request
        self._following = following
        self._greeting = greeting
        self._mark = mark
        self._tail = b""
        self._received: asyncio.Future[float] | None = None
        self._transport: asyncio.Transport | None = None
        self.accepted: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # of a stream
        self._transport = transport
        transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        if self._following and self._transport is not None:
            self._transport.write(self._following)
            self._following = b""
        received = self._tail + data
        new = received.count(self._mark) - self._tail.count(self._mark)
        self._tail = received[1 - max(len(self._mark), len(self._greeting)) :]
        if self._greeting in received and not self.accepted.done():
            self.accepted.set_result(None)
        self.results += new
        if new and self._received is not None and not self._received.done():
            self._received.set_result(monotonic())

    def connection_lost(self, exc: Exception | None) -> None:
        self.is_lost = True
        for each in (self.accepted, self._received):
            if each is not None and not each.done():
                each.set_exception(BenchError(f"a connection was lost: {exc}"))

    def next(self) -> asyncio.Future[float]:
        """Return the time of the next result. Raises BenchError if the connection was lost."""
        if self.is_lost or self._transport is None:
            raise BenchError("a connection was lost")
        self._received = asyncio.get_running_loop().create_future()
        return self._received

    def close(self) -> None:
        """Close the connection."""
        if self._transport is not None:
            self._transport.close()


class Subscriber(Client):
    """A connection that becomes a WebSocket, and answers its pings."""

    def __init__(self, request: bytes, following: bytes, greeting: bytes, mark: bytes) -> None:
        super().__init__(request, following, greeting, mark)
        self._head = b""
        self._frames = b""

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if not self._head:
            self._head, _, data = data.partition(b"\r\n\r\n")
        self._frames += data
        while (size := _size(self._frames)) is not None:
            frame, self._frames = self._frames[:size], self._frames[size:]
            if frame[0] == _PING and self._transport is not None:
                self._transport.write(_frame(frame[2:], _PONG))


def _size(frames: bytes) -> int | None:
    """Return the length of the first frame of a server; None if it is not complete."""
    if len(frames) < 2:
        return None
    more = {126: 2, 127: 8}.get(frames[1], 0)
    payload = int.from_bytes(frames[2 : 2 + more], "big") if more else frames[1]
    size = 2 + more + payload
    return size if len(frames) >= size else None


def stream() -> Client:
    """Return a client of a live query of the front page, over an event stream."""
    path = f"/graphql?{urlencode({'query': FRONT})}"
    head = f"GET {path} HTTP/1.1\r\nHost: bench\r\nAccept: text/event-stream\r\n\r\n"
    return Client(head.encode(), b"", b"\nevent: next", b'\ndata: {"data":')


def subscriber() -> Client:
    """Return a client of the subscription to all changes, over a WebSocket."""
    head = (
        "GET /graphql HTTP/1.1\r\nHost: bench\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
        "Sec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n"
    )
    subscribe = {"type": "subscribe", "id": "1", "payload": {"query": CHANGES}}
    messages = ({"type": "connection_init"}, subscribe)
    frames = b"".join(_frame(json.dumps(each).encode(), _TEXT) for each in messages)
    return Subscriber(head.encode(), frames, b"connection_ack", b'"type":"next"')


def _frame(data: bytes, kind: int) -> bytes:
    """Return a masked frame; the mask is zero, so the data stay as they are."""
    size = bytes([128 + len(data)]) if len(data) < 126 else b"\xfe" + len(data).to_bytes(2, "big")
    return bytes([kind]) + size + bytes(4) + data


async def connected(
    port: int, kinds: Sequence[Callable[[], Client]], first: int = 0
) -> list[Client]:
    """Connect clients, and return them when all their operations were accepted.

    They come from as many addresses as the limit for each needs; those of the clients numbered from
    `first` on. Raises BenchError if a connection
    is lost, and OSError if one is refused.
    """
    loop, slots = asyncio.get_running_loop(), asyncio.Semaphore(AT_ONCE)

    async def opened(number: int, kind: Callable[[], Client]) -> Client:
        high, low = divmod(number // PER_ADDRESS, 250)
        source = f"127.0.{high + 1}.{low + 1}"
        async with slots:
            _, client = await loop.create_connection(
                kind, "127.0.0.1", port, local_addr=(source, 0)
            )
            await client.accepted
        return client

    return await asyncio.gather(*(opened(*each) for each in enumerate(kinds, first)))
