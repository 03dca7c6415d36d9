"""Reads with a deadline."""

from __future__ import annotations

from time import monotonic

from graph.errors import DatabaseTimeout
from graph.store.driver.database import Database
from graph.store.driver.read_commands import ReadCommand, Reader, Row


class DeadlineReader(Reader):
    """The database for one operation: no read outlasts `deadline`, a time on the clock
    `time.monotonic`.

    When graphql-core repeats an operation to report its error, it need not wait again. A command
    that timed out is not sent again, so that the time that is left is for the other fields. Nothing
    is sent if the database has not answered for as long as an operation waits for it.
    """

    is_cacheable = False

    def __init__(self, database: Database, deadline: float | None) -> None:
        self.lacks = database.lacks
        self._database = database
        self._deadline = deadline
        self._began = monotonic()
        self._timeouts: list[tuple[ReadCommand, DatabaseTimeout]] = []

    async def run(self, command: ReadCommand) -> list[Row]:
        self._database.require_answers(self._began)
        for earlier, error in self._timeouts:
            if command == earlier:
                raise error
        try:
            return await self._database.run(command, deadline=self._deadline)
        except DatabaseTimeout as error:
            self._timeouts.append((command, error))
            raise
