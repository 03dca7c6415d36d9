"""Databases that do not respond as they should, for live clients."""

from __future__ import annotations

import asyncio

from graph.errors import DatabaseUnavailable
from graph.store.driver.database import Database
from graph.store.driver.read_commands import ReadCommand, Row


class Failing(Database):
    """A database that cannot be reached while `is_away`."""

    def __init__(self, source: Database) -> None:
        super().__init__(source._handle, address=source.address)
        self.source = source
        self.is_away = False
        self.failures = 0

    async def run(self, command: ReadCommand, *, deadline: float | None = None) -> list[Row]:
        if self.is_away:
            self.failures += 1
            raise DatabaseUnavailable("away")
        return await self.source.run(command, deadline=deadline)


class Nested(Failing):
    """A database of which only the providers cannot be read while `is_away`."""

    async def run(self, command: ReadCommand, *, deadline: float | None = None) -> list[Row]:
        if command.collection == "providers":
            return await super().run(command, deadline=deadline)
        return await self.source.run(command, deadline=deadline)


class Slow(Failing):
    """A database that does not respond at once."""

    async def run(self, command: ReadCommand, *, deadline: float | None = None) -> list[Row]:
        for _ in range(100):
            await asyncio.sleep(0)
        return await super().run(command, deadline=deadline)


class Broken(Failing):
    """A database of which all reads end with an unexpected error while `is_away`."""

    async def run(self, command: ReadCommand, *, deadline: float | None = None) -> list[Row]:
        if self.is_away:
            raise ValueError("a bug")
        return await self.source.run(command, deadline=deadline)
