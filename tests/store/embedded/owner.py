"""A process that uses the private mongod until it is killed."""

from __future__ import annotations

import asyncio
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from graph.store.embedded.server import embedded


def main(connection: Connection[str, Any], data_dir: Path) -> None:
    """Use the server over a folder, and send its URL."""
    asyncio.run(_use(connection, data_dir))


async def _use(connection: Connection[str, Any], data_dir: Path) -> None:
    async with embedded(data_dir) as url:
        connection.send(url)
        await asyncio.Event().wait()
