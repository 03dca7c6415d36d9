"""A collection of small documents, the commands that its server received, and injected faults."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any, Final

import pytest
import pytest_asyncio
from pymongo.monitoring import CommandStartedEvent

from graph.store.driver.bulk_writes import Write
from graph.store.driver.database import Database
from graph.store.driver.encoding import encode
from graph.store.driver.read_commands import BATCH
from tests.conftest import Commands, fresh

SMALL: Final = "small"
MORE: Final = BATCH + 5
"""More documents than a batch has."""


class Sent(Commands):
    """The commands that reached the server, whole."""

    def __init__(self) -> None:
        super().__init__()
        self.all: list[dict[str, Any]] = []

    def started(self, event: CommandStartedEvent) -> None:
        super().started(event)
        self.all.append(dict(event.command))


@pytest.fixture
def commands() -> Sent:
    return Sent()


@pytest_asyncio.fixture(params=["motor", "pymongo"])
async def failing(
    request: pytest.FixtureRequest, failing_mongod: str, commands: Sent
) -> AsyncIterator[Database]:
    """A database of three documents on a server in which tests can inject failures."""
    async with fresh(failing_mongod, request.param, commands) as opened:
        await fill(opened, 3)
        commands.names.clear()
        commands.all.clear()
        yield opened
        await fail(opened, "off")


async def fail(database: Database, mode: Any, **data: Any) -> None:
    """Let the server fail the named commands."""
    data = {"data": data} if data else {}
    command = {"configureFailPoint": "failCommand", "mode": mode, **data}
    await database._handle.client.admin.command(command)


async def fill(database: Database, number: int) -> None:
    writes = [Write(f"{i:05}", encode({"_id": f"{i:05}", "n": i}), new=True) for i in range(number)]
    assert await database.write(SMALL, writes) == []
