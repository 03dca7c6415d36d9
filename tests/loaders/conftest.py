"""What the loaders' tests share."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from graph.store.client import open_database
from graph.store.database import Database
from loaders import load as load_module
from tests.loaders.builders import SETTINGS, InlineWorker


@pytest.fixture
def inline(monkeypatch: pytest.MonkeyPatch) -> None:
    """Loads in this test start no processes."""
    monkeypatch.setattr(load_module, "Worker", InlineWorker)


@pytest_asyncio.fixture
async def memory() -> AsyncIterator[Database]:
    async with open_database(SETTINGS) as database:
        yield database
