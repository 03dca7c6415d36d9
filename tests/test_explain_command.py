"""`newsgraph explain`, as a process."""

from __future__ import annotations

import asyncio

import pytest

from graph.errors import UsageError
from graph.store.driver.database import Database
from tests.builders import article, store
from tests.forks import run
from tests.processes import free_port

PAGE = "query Page($n: Int = 3) { articles(first: $n) { nodes { title provider { name } } } }"
MEMORY = ("--mongo-url", "mongomock://")


def test_explain_prints_cost_commands_and_python() -> None:
    outcome = run("explain", PAGE, *MEMORY)
    assert (outcome.returncode, outcome.stderr) == (0, "")
    lines = outcome.stdout.splitlines()
    assert lines[0] == "operation  Page"
    assert lines[1].startswith("compiled   yes, ")
    assert "cost       at most 7 objects" in lines
    assert "reads      1" in lines
    assert any("find articles" in line and '"projection":{"_id":1' in line for line in lines)
    assert any(line.startswith("def ") for line in lines)


def test_variables_and_the_name_of_the_operation_count() -> None:
    document = f"query Other {{ __typename }} {PAGE}"
    outcome = run("explain", document, "--operation", "Page", "--variables", '{"n": 1}', *MEMORY)
    assert "cost       at most 3 objects" in outcome.stdout


def test_the_operation_may_be_read_from_standard_input() -> None:
    outcome = run("explain", "-", *MEMORY, stdin=PAGE)
    assert outcome.stdout.startswith("operation  Page\n")


async def test_explain_reads_from_the_database_and_changes_nothing(
    server: Database, mongod: str | UsageError
) -> None:
    assert isinstance(mongod, str)
    await store(server, article("a"))
    before = [await server.find(name, {}) for name in ("articles", "meta")]
    url = mongod.replace("/?", f"/{server._handle.name}?")
    query = '{ article(slug: "a") { title excerpt(maxLength: 0) } }'
    outcome = await asyncio.to_thread(run, "explain", query, "--mongo-url", url)
    assert outcome.returncode == 0, outcome.stderr
    assert "find articles" in outcome.stdout
    assert "error      " in outcome.stdout
    assert [await server.find(name, {}) for name in ("articles", "meta")] == before


def test_explain_compares_the_answer_with_that_of_graphql_core() -> None:
    outcome = run("explain", PAGE, "--compare", *MEMORY)
    assert outcome.returncode == 0
    assert "compared   the result is the same as graphql-core's" in outcome.stdout.splitlines()


def test_an_operation_that_is_not_compiled_says_so() -> None:
    outcome = run("explain", "{ __schema { queryType { name } } }", *MEMORY)
    assert outcome.returncode == 0
    assert "compiled   no: it runs on graphql-core" in outcome.stdout
    assert "def " not in outcome.stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["{ articles("], "Syntax Error"),
        ([""], "Syntax Error"),
        (["{ nothing }"], "nothing"),
        ([PAGE, "--variables", '{"n": "three"}'], "$n"),
        ([PAGE, "--variables", "{"], "--variables: not JSON"),
        ([PAGE, "--variables", "[1]"], "--variables: not a JSON object"),
        ([PAGE, "--variables", "null"], "--variables: not a JSON object"),
        ([PAGE, "--operation", "Other"], "Other"),
        (["query A { __typename } query B { __typename }"], "operation name"),
    ],
)
def test_an_operation_that_cannot_be_run_exits_with_2_and_a_message(
    arguments: list[str], message: str
) -> None:
    outcome = run("explain", *arguments, *MEMORY)
    assert (outcome.returncode, outcome.stdout) == (2, "")
    assert message in outcome.stderr
    assert "Traceback" not in outcome.stderr


def test_a_database_that_is_away_exits_with_3_and_hides_the_password() -> None:
    place = f"127.0.0.1:{free_port()}/news"
    url = f"mongodb://root:hunter2@{place}"
    outcome = run("explain", PAGE, "--mongo-url", url, NEWSGRAPH_MONGO_TIMEOUT="0.3")
    assert (outcome.returncode, outcome.stdout) == (3, "")
    assert outcome.stderr == f"newsgraph: MongoDB at mongodb://{place} cannot be reached\n"
