"""Proxies for TCP connections on the loopback address that can stop to pass anything on."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Thread
from typing import Final

_BLOCK: Final = 65_536


class StallingProxy:
    """A proxy at `port`. While it is stalled, connections are accepted, but no byte passes."""

    def __init__(self, loop: asyncio.AbstractEventLoop, target: int) -> None:
        self._loop = loop
        self._target = target
        self._open = asyncio.Event()
        self._open.set()
        self.port = asyncio.run_coroutine_threadsafe(self._start(), loop).result()

    def stall(self) -> None:
        """Pass nothing on, in either direction."""
        self._loop.call_soon_threadsafe(self._open.clear)

    def go_on(self) -> None:
        """Pass on what has come in the meantime, and all that follows."""
        self._loop.call_soon_threadsafe(self._open.set)

    async def _start(self) -> int:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        return int(self._server.sockets[0].getsockname()[1])

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await self._open.wait()
        try:
            there, back = await asyncio.open_connection("127.0.0.1", self._target)
        except OSError:  # the server is down: so is the connection to it
            writer.transport.abort()
            return
        await asyncio.gather(self._pass_on(reader, back), self._pass_on(there, writer))

    async def _pass_on(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        try:
            while data := await source.read(_BLOCK):
                await self._open.wait()
                sink.write(data)
                await sink.drain()
        except OSError:  # one side was killed, which the other one must see
            sink.transport.abort()
        with suppress(OSError):
            sink.close()


@contextmanager
def proxy_loop() -> Iterator[asyncio.AbstractEventLoop]:
    """Yield an event loop that runs in a thread of its own, for proxies."""
    loop = asyncio.new_event_loop()
    thread = Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        yield loop
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
