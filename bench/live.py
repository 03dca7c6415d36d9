"""How soon a load reaches all live clients of one server process, and what each client costs.

    python bench/live.py --streams 5000 --subscribers 1000

All clients are in this process. bench/README.md describes how to read the table.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import resource
import sys
import tempfile
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from statistics import quantiles
from time import monotonic
from typing import Final
from urllib.parse import urlencode, urlsplit

from command import exit_code
from contenders import BenchError
from cores import cores, on
from responders import ON, RESPONDERS, Responder, Serving, serving
from rounds import say
from server import running

from graph.config import Settings
from graph.store.driver.client import open_database
from loaders.load.options import LoadOptions
from loaders.load.run import load

DATABASE: Final = "live"
FRONT: Final = "{ articles(first: 10) { nodes { slug title provider { name } } } }"
CHANGES: Final = "subscription { articleChanged { kind slug nextSince article { title } } }"
ARTICLES: Final = 100
SECONDS: Final = 120.0
"""How long the last client may take."""

AT_ONCE: Final = 100
"""Connections that are opened at a time."""

_WAKING: Final = 3.0
"""Seconds after which the last subscription has begun: nothing tells the client."""

_SPARE_FILES: Final = 1_000


@dataclass(frozen=True)
class Measured:
    """The clients of one kind: the memory of each in bytes, and for each load the seconds from its
    end to each client's event, in ascending order.
    """

    name: str
    clients: int
    memory: float
    delays: Sequence[Sequence[float]]


class Client(asyncio.Protocol):
    """A connection that notes when it receives a result.

    Args:
        request: what it sends at once.
        following: what it sends when it has the first bytes of the response.
        mark: what each result contains once.
    """

    def __init__(self, request: bytes, following: bytes, mark: bytes) -> None:
        self._request = request
        self._following = following
        self._mark = mark
        self._tail = b""
        self._received: asyncio.Future[float] | None = None
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        if self._following and self._transport is not None:
            self._transport.write(self._following)
            self._following = b""
        received = self._tail + data
        self._tail = received[1 - len(self._mark) :]
        if self._mark in received and self._received is not None and not self._received.done():
            self._received.set_result(monotonic())

    def connection_lost(self, exc: Exception | None) -> None:
        if self._received is not None and not self._received.done():
            self._received.set_exception(BenchError(f"a connection was lost: {exc}"))

    def next(self) -> asyncio.Future[float]:
        """Return the time of the next result. Raises BenchError if the connection was lost."""
        if self._transport is None or self._transport.is_closing():
            raise BenchError("a connection was lost")
        self._received = asyncio.get_running_loop().create_future()
        return self._received

    def close(self) -> None:
        """Close the connection."""
        if self._transport is not None:
            self._transport.close()


def _stream() -> Client:
    path = f"/graphql?{urlencode({'query': FRONT})}"
    head = f"GET {path} HTTP/1.1\r\nHost: bench\r\nAccept: text/event-stream\r\n\r\n"
    return Client(head.encode(), b"", b'\ndata: {"data":')


def _subscriber() -> Client:
    head = (
        "GET /graphql HTTP/1.1\r\nHost: bench\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
        "Sec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n"
    )
    subscribe = {"type": "subscribe", "id": "1", "payload": {"query": CHANGES}}
    frames = [_frame(json.dumps(each)) for each in ({"type": "connection_init"}, subscribe)]
    return Client(head.encode(), b"".join(frames), b'"type":"next"')


def _frame(text: str) -> bytes:
    """Return a masked text frame; the mask is zero, so the text stays as it is."""
    data, mask = text.encode(), bytes(4)
    size = bytes([128 + len(data)]) if len(data) < 126 else b"\xfe" + len(data).to_bytes(2, "big")
    return b"\x81" + size + mask + data


def main() -> int:
    """Run the command; see `exit_code`."""
    given = _arguments()
    return exit_code(lambda: _bench(given))


def _bench(given: argparse.Namespace) -> None:
    _raise_file_limit(max(given.streams, given.subscribers) + _SPARE_FILES)
    used, results = cores(), []
    with (
        running(None) as mongod,
        tempfile.TemporaryDirectory() as folder,
        ProcessPoolExecutor(1, get_context("spawn")) as loader,
    ):
        mongod.drop(DATABASE)
        load_turn = partial(_submit, loader, Path(folder), mongod.url(DATABASE))
        _write(Path(folder))
        load_turn(0).result()
        for name, kind, clients in (
            ("event streams", _stream, given.streams),
            ("subscribers", _subscriber, given.subscribers),
        ):
            with (
                serving(_responder(clients), mongod.url(DATABASE), used.answering) as server,
                on(used.asking),
            ):
                run = _measure(name, kind, clients, server, load_turn, given.loads)
                results.append(asyncio.run(run))
    sys.stdout.write(f"`{' '.join(['python', *sys.argv])}`\n\n{_table(results)}")


def _raise_file_limit(needed: int) -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < needed:
        raise BenchError(f"{needed:,} open files are needed, and the limit is {hard:,}: ulimit -n")
    resource.setrlimit(resource.RLIMIT_NOFILE, (needed, hard))


def _responder(clients: int) -> Responder:
    limit = str(clients + 100)
    names = ("STREAMS", "STREAMS_PER_CLIENT", "CONNECTIONS")
    environment = {f"NEWSGRAPH_MAX_{name}": limit for name in names}
    environment["NEWSGRAPH_HEARTBEAT"] = "600"  # these clients do not answer pings
    return replace(RESPONDERS[ON], environment=environment)


async def _measure(
    name: str,
    kind: Callable[[], Client],
    clients: int,
    server: Serving,
    load_turn: Callable[[int], Future[float]],
    loads: int,
) -> Measured:
    port = urlsplit(server.url).port or 0
    loop, slots = asyncio.get_running_loop(), asyncio.Semaphore(AT_ONCE)

    async def opened() -> Client:
        async with slots:
            _, client = await loop.create_connection(kind, "127.0.0.1", port)
        return client

    first = await opened()  # the server imports and compiles what it needs for its first client
    await asyncio.sleep(_WAKING)
    before = _memory(server.pid)
    connected = await asyncio.gather(*(opened() for _ in range(clients)))
    await asyncio.sleep(_WAKING)
    memory = (_memory(server.pid) - before) / clients
    delays = []
    for turn in range(loads):
        waiting = [client.next() for client in connected]
        ended = await asyncio.wrap_future(load_turn(turn + 1))
        async with asyncio.timeout(SECONDS):
            delays.append(sorted(each - ended for each in await asyncio.gather(*waiting)))
        say(f"{name}: load {turn + 1} of {loads}")
    for client in (first, *connected):
        client.close()
    return Measured(name, clients, memory, delays)


def _write(folder: Path) -> None:
    for number in range(ARTICLES):
        text = f"---\ntitle: Story {number}\nprovider: {{name: Gull, domain: gull.example}}\n---\n"
        (folder / f"{number}.md").write_text(f"{text}What happened.\n")


def _submit(loader: Executor, folder: Path, url: str, turn: int) -> Future[float]:
    return loader.submit(_load, folder, url, turn)


def _load(folder: Path, url: str, turn: int) -> float:
    """Change the newest article, load it, and return when that ended."""
    head = f"title: Turn {turn}\npublishedDateTime: 2030-01-01T00:00:00Z"
    text = f"---\n{head}\nprovider: {{name: Gull, domain: gull.example}}\n---\nWhat happened.\n"
    (folder / "turn.md").write_text(text)
    return asyncio.run(_loaded(folder, url))


async def _loaded(folder: Path, url: str) -> float:
    settings = Settings(mongo_url=url)
    async with open_database(settings) as database:
        await load(database, settings, LoadOptions.of([folder]))
        return monotonic()


def _memory(pid: int) -> int:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmRSS"))


def _table(results: Sequence[Measured]) -> str:
    lines = ["| clients | memory of each, KB | p50 ms | p99 ms | last ms |"]
    lines.append("|---|---:|---:|---:|---:|")
    for each in results:
        cuts = quantiles([delay for delays in each.delays for delay in delays], n=100)
        last = max(delays[-1] for delays in each.delays)
        times = " | ".join(f"{seconds * 1000:,.0f}" for seconds in (cuts[49], cuts[98], last))
        lines.append(f"| {each.clients:,} {each.name} | {each.memory / 1000:.1f} | {times} |")
    return "\n".join(lines) + "\n"


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    add = parser.add_argument
    add("--streams", type=int, default=5_000, help="clients of a live query (default: 5000)")
    add("--subscribers", type=int, default=1_000, help="over WebSockets (default: 1000)")
    add("--loads", type=int, default=5, help="how many (default: 5)")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
