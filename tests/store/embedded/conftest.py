"""Folders for the servers started here: in memory, where each starts in half the time."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.memory import data_folder


@pytest.fixture
def tmp_path() -> Iterator[Path]:
    """An empty folder, which is deleted after the test."""
    with data_folder() as folder:
        yield folder
