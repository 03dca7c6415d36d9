"""Tasks in the background."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any


@asynccontextmanager
async def background_task(coroutine: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Run a coroutine until the context exits, and then raise its error, if it had one."""
    task = asyncio.create_task(coroutine)
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait([task])
        if not task.cancelled():
            task.result()


def retrieve_exception(future: asyncio.Future[Any]) -> None:
    """Keep asyncio from logging the error of a task whose waiters were all cancelled."""
    if not future.cancelled():
        future.exception()
