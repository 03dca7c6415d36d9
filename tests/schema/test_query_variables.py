"""The operations of docs/queries as they are shipped: with their variables, on the seeds."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import pytest
from graphql import OperationDefinitionNode, parse
from graphql.language.ast import NonNullTypeNode

from graph.config import Settings
from graph.errors import UsageError
from graph.store.driver.client import open_database
from loaders.load.options import LoadOptions
from loaders.load.run import load
from tests.conftest import query_sender
from tests.pool import pool_of

ROOT: Final = Path(__file__).parents[2]
QUERIES: Final = ROOT / "docs" / "queries"
FILES: Final = sorted(QUERIES.glob("*.graphql"))


def required(text: str) -> set[str]:
    """The variables that an operation cannot do without."""
    [operation] = parse(text).definitions
    assert isinstance(operation, OperationDefinitionNode)
    return {
        each.variable.name.value
        for each in operation.variable_definitions or ()
        if isinstance(each.type, NonNullTypeNode) and each.default_value is None
    }


def variables(path: Path) -> dict[str, Any]:
    """The variables that are shipped with an operation."""
    beside = path.with_suffix(".variables.json")
    read: dict[str, Any] = json.loads(beside.read_text()) if beside.exists() else {}
    return read


def is_empty(value: Any) -> bool:
    return value is None or value == [] or (isinstance(value, dict) and value.get("nodes") == [])


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_an_operation_has_the_variables_that_it_requires(path: Path) -> None:
    assert required(path.read_text()) <= set(variables(path))


def test_variables_belong_to_an_operation() -> None:
    stems = {path.name.removesuffix(".variables.json") for path in QUERIES.glob("*.json")}
    assert stems <= {path.stem for path in FILES}


@pytest.mark.usefixtures("inline")
async def test_every_operation_finds_something_in_the_seeds(mongod: str | UsageError) -> None:
    if isinstance(mongod, UsageError):
        pytest.skip(str(mongod))
    pool = pool_of(mongod)
    name = pool.take()
    settings = Settings.model_validate({"mongo_url": pool.url(name)})
    async with open_database(settings) as database:
        await load(database, settings, LoadOptions.of([ROOT / "seeds"]))
        ask = query_sender(database)
        for path in FILES:
            answer = await ask(path.read_text(), **variables(path))
            assert "errors" not in answer, (path.stem, answer["errors"])
            empty = [key for key, value in answer["data"].items() if is_empty(value)]
            assert empty == [], path.stem
    pool.give_back(name)
