"""Reads with a deadline: a command that timed out is not sent again."""

from __future__ import annotations

import pytest

from graph.errors import DatabaseTimeout, DatabaseUnavailable
from graph.store.driver.database import Database
from graph.store.driver.deadline_reader import DeadlineReader
from graph.store.driver.read_commands import FindCommand, ReadCommand, Row

SLOW = FindCommand("articles", {"type": "slow"})
FAST = FindCommand("articles", {"type": "fast"})
LOST = FindCommand("articles", {"type": "lost"})


class Recorded(Database):
    """A database that records commands and fails some of them."""

    def __init__(self, source: Database) -> None:
        super().__init__(source._handle, address=source.address)
        self.commands: list[ReadCommand] = []
        self.deadlines: list[float | None] = []
        self.is_silent = False

    def require_answers(self, began: float) -> None:
        if self.is_silent:
            raise DatabaseUnavailable("silent")

    async def run(self, command: ReadCommand, *, deadline: float | None = None) -> list[Row]:
        self.commands.append(command)
        self.deadlines.append(deadline)
        if command == SLOW:
            raise DatabaseTimeout("too slow")
        if command == LOST:
            raise DatabaseUnavailable("away")
        return []


async def test_a_command_that_timed_out_is_not_sent_again(mock: Database) -> None:
    database = Recorded(mock)
    reader = DeadlineReader(database, 5.0)
    for _ in range(2):
        with pytest.raises(DatabaseTimeout, match="too slow"):
            await reader.run(FindCommand("articles", {"type": "slow"}))
        assert await reader.run(FAST) == []
    assert database.commands == [SLOW, FAST, FAST]
    assert set(database.deadlines) == {5.0}


async def test_another_operation_sends_the_command_again(mock: Database) -> None:
    database = Recorded(mock)
    for _ in range(2):
        with pytest.raises(DatabaseTimeout):
            await DeadlineReader(database, None).run(SLOW)
    assert database.commands == [SLOW, SLOW]


async def test_a_command_that_failed_otherwise_is_sent_again(mock: Database) -> None:
    database = Recorded(mock)
    reader = DeadlineReader(database, None)
    for _ in range(2):
        with pytest.raises(DatabaseUnavailable):
            await reader.run(LOST)
    assert database.commands == [LOST, LOST]


async def test_no_command_is_sent_while_the_database_is_silent(mock: Database) -> None:
    database = Recorded(mock)
    reader = DeadlineReader(database, None)
    assert await reader.run(FAST) == []
    database.is_silent = True
    for command in (FAST, SLOW):
        with pytest.raises(DatabaseUnavailable, match="silent"):
            await reader.run(command)
    assert database.commands == [FAST]
