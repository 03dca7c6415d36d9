"""Reads with a deadline."""

from __future__ import annotations

from graph.store.driver.database import Database
from graph.store.driver.read_commands import ReadCommand, Reader, Row


class DeadlineReader(Reader):
    """The database for one operation: no read outlasts `deadline`, a time on the clock
    `time.monotonic`.
    """

    is_cacheable = False

    def __init__(self, database: Database, deadline: float | None) -> None:
        self.lacks = database.lacks
        self._database = database
        self._deadline = deadline

    async def run(self, command: ReadCommand) -> list[Row]:
        return await self._database.run(command, deadline=self._deadline)
