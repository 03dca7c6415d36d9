"""Fixtures of the loaders' tests."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from graph.store.driver.client import open_database
from graph.store.driver.database import Database
from loaders.load import pipeline, writer
from tests.loaders.builders import SETTINGS
from tests.loaders.sixty import build


@pytest_asyncio.fixture
async def memory() -> AsyncIterator[Database]:
    async with open_database(SETTINGS) as database:
        yield database


@pytest.fixture
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    """Loads in this test write often."""
    monkeypatch.setattr(writer, "BATCH", 8)
    monkeypatch.setattr(pipeline, "LARGEST_JOB", 4)
    monkeypatch.setattr(pipeline, "FIRST_JOB", 4)


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    """A folder with sixty articles, of which some are unpublished, and their taxonomy."""
    return build(tmp_path / "site")
