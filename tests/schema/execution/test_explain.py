"""The output of `newsgraph explain` for an operation."""

from __future__ import annotations

import ast
import re
from typing import Any

import orjson
import pytest

from graph.compiler import CompiledOperation
from graph.config import Settings
from graph.demo import EXAMPLE
from graph.errors import DatabaseUnavailable, UsageError
from graph.schema.execution.explain import explain
from graph.store.driver.client import open_database
from graph.store.driver.database import Database
from graph.store.driver.mock import MockDatabase
from graph.store.driver.read_commands import Row
from graph.store.telemetry.recorded_reader import RecordedReader
from tests.builders import article, moment, story, topic_file
from tests.conftest import Commands
from tests.stored import store

ONE = '{ article(slug: "a") { title } }'


async def explained(
    database: Database,
    query: str,
    variables: dict[str, Any] | None = None,
    name: str | None = None,
    *,
    compare: bool = False,
) -> str:
    source = database.limited(10)
    return await explain(source, query, variables or {}, name, frozenset(), compare=compare)


def lines_of(account: str) -> dict[str, str]:
    """The lines of an account that have a name, by it."""
    found = re.findall(
        r"^(operation|compiled|compared|cost|reads|error) +(.+)$", account, re.MULTILINE
    )
    return dict(found)


def commands_of(account: str) -> list[tuple[str, dict[str, Any]]]:
    """The commands in an explanation: the action, the collection and the arguments."""
    found = re.findall(r"^ +(\d+)\.  (\w+ \w+) (\{.*\})$", account, re.MULTILINE)
    assert [int(number) for number, _, _ in found] == list(range(1, len(found) + 1))
    return [(where, orjson.loads(text)) for _, where, text in found]


def python_of(account: str) -> str:
    """The Python that an account ends with."""
    _, _, source = account.partition("\n\n")
    return source


async def fill(database: Database) -> None:
    await store(
        database,
        article("a", topics=["Tides"], publishedDateTime=moment(3), related=[story(None)]),
        article("b", topics=["Tides"], publishedDateTime=moment(2)),
        topic_file("Tides"),
    )


async def test_explain_shows_name_cost_reads_and_python(database: Database) -> None:
    await fill(database)
    account = await explained(database, f"query Page {ONE}")
    lines = lines_of(account)
    assert lines["operation"] == "Page"
    assert lines["compiled"].startswith("yes, ")
    assert lines["cost"] == "at most 1 objects"
    assert lines["reads"] == "1"
    ((where, how),) = commands_of(account)
    assert where == "find articles"
    assert how["projection"] == {"_id": 1, "title": 1}
    assert "def " in python_of(account)
    ast.parse(python_of(account))


async def test_an_operation_without_a_name_says_so(database: Database) -> None:
    assert lines_of(await explained(database, ONE))["operation"] == "(without a name)"


async def test_the_commands_are_those_that_the_server_gets(
    server: Database, commands: Commands
) -> None:
    await fill(server)
    commands.names.clear()
    account = await explained(server, EXAMPLE)
    sent = [name for name in commands.names if name not in ("endSessions", "getMore")]
    listed = commands_of(account)
    assert lines_of(account)["reads"] == str(len(listed)) == str(len(sent))
    # A driver counts by an aggregation.
    assert sorted(where.split()[0].replace("count", "aggregate") for where, _ in listed) == (
        sorted(sent)
    )
    assert {where for where, _ in listed} >= {"find articles", "find topics"}


async def test_the_cost_is_that_of_these_variables(database: Database) -> None:
    query = "query ($n: Int = 5) { articles(first: $n) { nodes { title } } }"
    assert lines_of(await explained(database, query))["cost"] == "at most 6 objects"
    assert lines_of(await explained(database, query, {"n": 100}))["cost"] == "at most 101 objects"


async def test_large_costs_are_readable(database: Database) -> None:
    query = """{ articles(first: 100) { nodes { relatedFrom(first: 100) { nodes { title } } } } }"""
    assert lines_of(await explained(database, query))["cost"] == "at most 10,201 objects"


@pytest.mark.parametrize("included", [True, False])
async def test_the_values_of_directives_are_explained(database: Database, included: bool) -> None:
    await fill(database)
    query = 'query ($with: Boolean!) { article(slug: "a") { title body @include(if: $with) } }'
    account = await explained(database, query, {"with": included})
    assert "for this $with; others are compiled when they come" in account
    ((_, how),) = commands_of(account)
    assert ("body" in how["projection"]) is included


async def test_an_operation_that_is_not_compiled_says_so(database: Database) -> None:
    account = await explained(
        database, '{ __schema { queryType { name } } article(slug: "a") { slug } }'
    )
    assert lines_of(account)["compiled"] == "no: it runs on graphql-core (not_compiled)"
    assert python_of(account) == ""


async def test_errors_of_the_run_are_shown(database: Database) -> None:
    await fill(database)
    account = await explained(database, '{ article(slug: "a") { images(first: 0) { url } } }')
    assert "first" in lines_of(account)["error"]


async def test_on_request_the_answer_is_compared_with_graphql_core_s(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def compared(query: str) -> str:
        return lines_of(await explained(database, query, compare=True))["compared"]

    await fill(database)
    assert "compared" not in lines_of(await explained(database, ONE))
    account = await explained(database, ONE, compare=True)
    assert lines_of(account)["compared"] == "the result is the same as graphql-core's"
    assert lines_of(account)["reads"] == "1"
    assert await compared("{ __schema { queryType { name } } }") == (
        "nothing: graphql-core gave the result (not_compiled)"
    )
    assert await compared('{ article(slug: "a") { images(first: 0) { url } } }') == (
        "nothing: graphql-core gave the result (errors)"
    )

    async def wrong(*_: object) -> dict[str, Any]:
        return {"article": None}

    monkeypatch.setattr(CompiledOperation, "run", wrong)
    assert await compared(ONE) == (
        "a bug of the compiler: data.article is None, with graphql-core {'title': 'Title of a'}"
    )

    async def broken(*_: object) -> dict[str, Any]:
        raise KeyError("title")

    monkeypatch.setattr(CompiledOperation, "run", broken)
    assert await compared(ONE) == (
        "a bug of the compiler: the compiled run failed, graphql-core's did not"
    )


class Away(MockDatabase):
    """A database that cannot be reached."""

    async def run(self, *arguments: Any, **options: Any) -> list[Row]:
        raise DatabaseUnavailable("away")


async def test_without_a_database_explain_fails(mock: Database) -> None:
    with pytest.raises(DatabaseUnavailable):
        await explain(Away(mock._handle), ONE, {}, None, frozenset())


async def test_one_of_several_operations_is_named(database: Database) -> None:
    query = f"query One {ONE} query Two {{ articles {{ totalCount }} }}"
    assert lines_of(await explained(database, query, name="Two"))["operation"] == "Two"
    with pytest.raises(UsageError, match="operation name"):
        await explained(database, query)
    with pytest.raises(UsageError, match="Three"):
        await explained(database, query, name="Three")


@pytest.mark.parametrize(
    ("query", "variables", "message"),
    [
        ("{ articles(", {}, "Syntax Error"),
        ("", {}, "Syntax Error"),
        ("{ articles { nodes { slog } } }", {}, "slog"),
        ("{ a b }", {}, "'a'.*; .*'b'"),
        ("query ($n: Int!) { articles(first: $n) { totalCount } }", {}, r"\$n"),
        ("query ($n: Int!) { articles(first: $n) { totalCount } }", {"n": "x"}, r"\$n"),
    ],
)
async def test_an_invalid_operation_is_a_usage_error(
    query: str, variables: dict[str, Any], message: str
) -> None:
    async with open_database(Settings(mongo_url="mongomock://")) as database:
        with pytest.raises(UsageError, match=message):
            await explained(database, query, variables)


async def test_dates_in_commands_are_explained_as_in_json(database: Database) -> None:
    query = """{ articles(where: {publishedDateTime: {gte: "2025-03-02T00:00:00Z"}}) {
                 nodes { slug } totalCount } }"""
    listed = commands_of(await explained(database, query))
    assert len(listed) == 2
    for _, how in listed:
        assert "2025-03-02T00:00:00Z" in orjson.dumps(how).decode()


async def test_a_recorded_database_reads_as_its_source_does(database: Database) -> None:
    await fill(database)
    recorded = RecordedReader(database)
    options: dict[str, Any] = {"projection": {"title": 1}, "sort": [("_id", -1)], "limit": 1}
    stages: list[dict[str, Any]] = [{"$match": {"_id": "a"}}, {"$project": {"title": 1}}]
    assert await recorded.find("articles", {}, **options) == [{"_id": "b", "title": "Title of b"}]
    assert await recorded.aggregate("articles", stages) == [{"_id": "a", "title": "Title of a"}]
    assert await recorded.count("articles", {"_id": "a"}) == 1
    assert [next(iter(command.items())) for command in recorded.commands] == [
        ("find", "articles"),
        ("aggregate", "articles"),
        ("aggregate", "articles"),
    ]
    assert recorded.commands[0]["sort"] == {"_id": -1}
