"""An error in one field of the root makes that field null, and leaves the others."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any, Final

import pytest
import pytest_asyncio
from graphql import is_non_null_type

from graph.config import Settings
from graph.errors import DatabaseTimeout, SearchUnavailable
from graph.schema import Context, schema
from graph.schema.execution.executor import Executor
from graph.schema.execution.result import OperationResult
from graph.schema.relay.global_id import to_global_id
from graph.store.driver.client import open_database
from graph.store.driver.database import Database
from graph.store.driver.deadline_reader import DeadlineReader
from graph.store.driver.read_commands import ReadCommand, Row
from tests.builders import article
from tests.stored import store

EXECUTORS: Final = {mode: Executor(schema, compiler=mode) for mode in ("on", "off")}


@pytest_asyncio.fixture(scope="module")
async def database() -> AsyncIterator[Database]:
    """A database in memory with one article, which these tests only read."""
    async with open_database(Settings(mongo_url="mongomock://")) as opened:
        await store(opened, article("a", topics=["AI"]))
        yield opened


class SlowFilters(Database):
    """A database in which looking through texts takes too long."""

    lacks = frozenset()

    def __init__(self, source: Database) -> None:
        super().__init__(source._handle, address=source.address)
        self.source = source
        self.attempts = 0

    async def run(self, command: ReadCommand, *, deadline: float | None = None) -> list[Row]:
        if "$regex" in str(command):
            self.attempts += 1
            raise DatabaseTimeout("too slow")
        return await self.source.run(command, deadline=deadline)


@pytest.fixture(params=EXECUTORS)
def executor(request: pytest.FixtureRequest) -> Executor:
    return EXECUTORS[request.param]


async def answer_to(
    executor: Executor, database: Any, query: str, **variables: Any
) -> OperationResult:
    return await executor.execute(query, variables, None, Context(database))


def test_every_field_of_the_root_is_nullable() -> None:
    root = schema._schema.query_type
    assert root
    assert [name for name, field in root.fields.items() if is_non_null_type(field.type)] == []


async def test_a_forbidden_filter_leaves_other_fields(
    executor: Executor, database: Database
) -> None:
    query = "{ articles(where: {published: {eq: false}}) { totalCount } corpus { articleCount } }"
    answer = await answer_to(executor, database, query)
    assert answer.data == {"articles": None, "corpus": {"articleCount": 1}}
    (error,) = answer.errors
    assert error.path == ["articles"]
    assert error.locations


@pytest.mark.parametrize(
    "failing",
    [
        "articles(first: 0) { totalCount }",
        "topics(first: 101) { totalCount }",
        "providers(last: 0) { totalCount }",
        "authors(first: 1, last: 1) { totalCount }",
        'changes(since: "x") { nextSince }',
        "node(id: 5) { id }",
        "nodes(ids: $many) { id }",
        "article { slug }",
        "topic { slug }",
        "provider { name }",
        "author { slug }",
    ],
)
async def test_any_field_that_fails_leaves_the_others(
    executor: Executor, database: Database, failing: str
) -> None:
    variables = {"many": ["x"] * 101} if "$" in failing else {}
    head = "query ($many: [ID!]!)" if variables else ""
    query = f'{head} {{ failing: {failing} article(slug: "a") {{ slug }} }}'
    answer = await answer_to(executor, database, query, **variables)
    assert answer.data == {"failing": None, "article": {"slug": "a"}}
    assert [error.path for error in answer.errors] == [["failing"]]


async def test_a_search_without_an_index_leaves_the_front_page(
    executor: Executor, database: Database
) -> None:
    query = '{ articles(search: "tide") { totalCount } front: articles { totalCount } }'
    answer = await answer_to(executor, database, query)
    assert answer.data == {"articles": None, "front": {"totalCount": 1}}
    (error,) = answer.errors
    assert isinstance(error.original_error, SearchUnavailable)


async def test_a_filter_that_takes_too_long_leaves_the_front_page(
    executor: Executor, database: Database
) -> None:
    slow = SlowFilters(database)
    query = """{ articles(where: {title: {contains: "tide"}}) { nodes { slug } }
        front: articles(orderBy: {field: TITLE}) { nodes { slug } } }"""
    answer = await answer_to(executor, DeadlineReader(slow, None), query)
    assert answer.data == {"articles": None, "front": {"nodes": [{"slug": "a"}]}}
    assert [error.path for error in answer.errors] == [["articles"]]
    assert slow.attempts == 1  # the front page has the rest of the time


async def test_each_malformed_id_of_nodes_is_a_separate_error(
    executor: Executor, database: Database
) -> None:
    existing, other = to_global_id("Article", "a"), to_global_id("Story", "a")
    ids = ["malformed", existing, other, "", to_global_id("Topic", "none")]
    query = "query ($ids: [ID!]!) { nodes(ids: $ids) { id } corpus { articleCount } }"
    answer = await answer_to(executor, database, query, ids=ids)
    assert answer.data == {
        "nodes": [None, {"id": existing}, None, None, None],
        "corpus": {"articleCount": 1},
    }
    assert {str(error.path): error.message for error in answer.errors} == {
        "['nodes', 0]": 'ids: "malformed" is not an id of this API',
        "['nodes', 3]": 'ids: "" is not an id of this API',
    }


async def test_an_id_of_an_unknown_type_finds_nothing(
    executor: Executor, database: Database
) -> None:
    query = "query ($id: ID!) { node(id: $id) { id } }"
    answer = await answer_to(executor, database, query, id=to_global_id("Story", "a"))
    assert (answer.data, list(answer.errors)) == ({"node": None}, [])
