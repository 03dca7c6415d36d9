"""Serves an ASGI application: one process, uvloop and httptools, nothing logged."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Awaitable, Callable
from typing import Any

import uvicorn
import uvloop

Message = dict[str, Any]
Scope = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]


def serve(make: Callable[[], Awaitable[Any]], port: int) -> None:
    """The application that `make` gives, made in the loop that it will run in."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_serve(make, port))


async def _serve(make: Callable[[], Awaitable[Any]], port: int) -> None:
    config = uvicorn.Config(
        await make(),
        port=port,
        interface="asgi3",
        http="httptools",
        lifespan="off",
        log_level="warning",
        access_log=False,
        server_header=False,
    )
    # What has been made so far stays for good: no collection need look at it again.
    gc.freeze()
    gc.set_threshold(100_000, 50, 100)
    await uvicorn.Server(config).serve()
