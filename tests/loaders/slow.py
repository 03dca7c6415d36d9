"""newsgraph with slow loads: eight documents, then a pause.

python -m tests.loaders.slow load FOLDER
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Final

from graph.cli import app
from graph.store.driver.bulk_writes import Write, WriteFailure
from graph.store.driver.database import Database
from loaders.load import pipeline, writer

PAUSE_SECONDS: Final = 0.1

_write = Database.write


async def write(self: Database, collection: str, writes: Sequence[Write]) -> list[WriteFailure]:
    failures = await _write(self, collection, writes)
    await asyncio.sleep(PAUSE_SECONDS)
    return failures


if __name__ == "__main__":
    Database.write = write  # type: ignore[method-assign]
    writer.BATCH = 8  # type: ignore[misc]
    pipeline.FIRST_JOB = pipeline.LARGEST_JOB = 4
    app()
