"""No N+1: both executors send the same number of commands, however many objects a level has."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any, Final

import pytest
import pytest_asyncio

from graph.errors import UsageError
from graph.schema.execution.executor import Executor
from graph.schema.relay.global_id import to_global_id
from graph.store.driver.database import Database
from graph.store.telemetry.recorded_reader import RecordedReader
from tests.compiler.corpus import load
from tests.compiler.sameness import Watched, context_of
from tests.compiler.test_sameness import CASES, WITH_ERRORS
from tests.conftest import Commands, fresh
from tests.schema.test_queries_page import FILES, VARIABLES

CASES_WITHOUT_ERRORS: Final = [case for case in CASES if case.path.stem not in WITH_ERRORS]
ONE_NODE_BESIDE_A_LIST: Final = """
query ($ids: [ID!]!) {
  __schema { queryType { name } }
  nodes(ids: $ids) { id }
  articles(first: 20) { nodes { topics { articleCount } } }
}
"""


async def commands_of(
    executor: Executor,
    database: Database,
    query: str,
    variables: Mapping[str, Any] | None = None,
    scopes: frozenset[str] = frozenset(),
) -> int:
    """How many commands an operation sends, which has no errors."""
    recorded = RecordedReader(database)
    context = await context_of(query, recorded, scopes, database)
    answer = await executor.execute(query, variables, None, context)
    assert answer.errors == (), query
    return len(recorded.commands)


def with_first(query: str, first: int) -> str:
    return re.sub(r"\bfirst: \d+", f"first: {first}", query)


@pytest_asyncio.fixture(scope="module")
async def server(mongod: str | UsageError) -> AsyncIterator[Database]:
    """A database that holds the odd corpus, which these tests only read."""
    async with fresh(mongod, "motor", Commands()) as database:
        await load(database)
        yield database


@pytest.mark.parametrize("case", CASES_WITHOUT_ERRORS, ids=lambda case: case.path.stem)
async def test_an_operation_sends_as_many_commands_on_both_executors(
    server: Database, case: Any
) -> None:
    executor = Watched()
    for variables in case.runs:
        compiled = await commands_of(executor, server, case.text, variables, case.scopes)
        reference = await commands_of(executor.reference, server, case.text, variables, case.scopes)
        assert compiled == reference


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
async def test_a_page_sends_as_many_commands_on_both_executors(
    server: Database, path: Path
) -> None:
    variables = VARIABLES.get(path.stem, {})
    executor = Watched()
    counts = {
        await commands_of(each, server, with_first(path.read_text(), first), variables)
        for each in (executor, executor.reference)
        for first in (5, 20)
    }
    assert len(counts) == 1


async def test_one_node_leaves_the_batches_of_a_list_alone(server: Database) -> None:
    variables = {"ids": [to_global_id("Article", "tide")]}
    executor = Watched()
    for each in (executor, executor.reference):
        assert await commands_of(each, server, ONE_NODE_BESIDE_A_LIST, variables) == 3
