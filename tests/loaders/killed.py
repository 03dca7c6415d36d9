"""A load that kills its own process at a chosen database call: before, during or after it."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from graph.config import Settings
from graph.store.driver.client import open_database
from graph.store.driver.database import Database
from loaders.load import writer
from loaders.load.options import LoadOptions
from loaders.load.run import load

CALLS = ("find", "aggregate", "count", "write", "update", "change", "delete", "create_indexes")


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


class Death:
    """Counts calls of the database, and kills at one of them."""

    def __init__(self, at: int, moment: str) -> None:
        self.at = at
        self.moment = moment
        self.count = 0

    def wrap(self, call: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
        async def wrapped(*arguments: Any, **options: Any) -> Any:
            self.count += 1
            fatal = self.count == self.at
            if fatal and self.moment == "before":
                die()
            if fatal and self.moment == "during":
                asyncio.get_running_loop().call_later(0.001, die)
            result = await call(*arguments, **options)
            if fatal:
                die()
            return result

        return wrapped


def main(calls: Connection[int, Any], url: str, folder: str, at: int, moment: str) -> None:
    """Load in this process, and send the number of calls if it is not killed."""
    calls.send(asyncio.run(counted(url, folder, at, moment)))


async def counted(url: str, folder: str, at: int, moment: str) -> int:
    death = Death(at, moment)
    for name in CALLS:
        setattr(Database, name, death.wrap(getattr(Database, name)))
    writer.BATCH = 8  # type: ignore[misc]  # many small bulks: many points to die at
    settings = Settings(mongo_url=url)
    async with open_database(settings) as database:
        await load(database, settings, LoadOptions.of([Path(folder)], jobs=1, prune=True))
    return death.count
