"""Live clients that stay connected while another program uses the server."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterator, Sequence
from contextlib import contextmanager
from threading import Thread
from time import monotonic, sleep
from typing import Any, Final, NamedTuple, TypeVar

from cores import on
from live_clients import Client, connected, stream, subscriber

SECONDS: Final = 60.0
"""How long connecting may take, and how long a result may take after a load."""

_PAUSE: Final = 0.1

T = TypeVar("T")


class Received(NamedTuple):
    """The results that all clients received, and how many clients received none or were lost."""

    results: int
    without: int


class Audience:
    """Clients of a live query and of a subscription, in a thread of this process."""

    def __init__(self, loop: asyncio.AbstractEventLoop, port: int, streams: int, sockets: int):
        self._loop = loop
        self._port = port
        self._kinds = [*[stream] * streams, *[subscriber] * sockets]
        self._turn = 0
        self._clients: list[Client] = []

    def renew(self) -> None:
        """Disconnect every second client, and connect as many others; at first all of them."""
        left, self._clients = self._clients[::2], self._clients[1::2]
        for client in left:
            self._loop.call_soon_threadsafe(client.close)
        kinds = self._kinds[::2] if left else self._kinds
        # From other addresses: a server needs a moment to notice who has left.
        first = self._turn * len(self._kinds)
        self._turn += 1
        self._clients += self._run(connected(self._port, kinds, first))

    def received(self, before: Sequence[int]) -> Received:
        """Return what clients have received, as soon as each has more than `counts` said before."""
        ended = monotonic() + SECONDS
        while True:
            new = [now - then for now, then in zip(self.counts, before, strict=True)]
            without = sum(each.is_lost or not n for each, n in zip(self._clients, new, strict=True))
            if not without or monotonic() > ended:
                return Received(sum(new), without)
            sleep(_PAUSE)

    @property
    def counts(self) -> list[int]:
        """The number of results of each client so far."""
        return [client.results for client in self._clients]

    def close(self) -> None:
        """Disconnect all clients."""
        for client in self._clients:
            self._loop.call_soon_threadsafe(client.close)

    def _run(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(SECONDS)


@contextmanager
def audience(port: int, streams: int, sockets: int, core: int) -> Iterator[Audience]:
    """Yield clients that run on a core, none of them connected, and disconnect them at the end."""
    loop = asyncio.new_event_loop()

    def run() -> None:
        with on(core):
            loop.run_forever()

    thread = Thread(target=run, daemon=True)
    thread.start()
    clients = Audience(loop, port, streams, sockets)
    try:
        yield clients
    finally:
        clients.close()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
