"""The README's query has the answer that the README shows."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from graph.config import Settings
from graph.store.driver.database import Database
from loaders.load.options import LoadOptions
from loaders.load.run import load
from tests.conftest import Ask

ROOT = Path(__file__).parents[1]


@pytest.mark.usefixtures("inline")
async def test_the_query_of_the_readme_has_the_answer_of_the_readme(
    database: Database, ask: Ask
) -> None:
    readme = (ROOT / "README.md").read_text()
    [query] = re.findall(r"```graphql\n(.*?)```", readme, re.DOTALL)
    [answer] = re.findall(r"```json\n(.*?)```", readme, re.DOTALL)
    await load(database, Settings(mongo_url="mongomock://"), LoadOptions.of([ROOT / "seeds"]))
    assert await ask(query) == json.loads(answer)
