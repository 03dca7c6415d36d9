"""Database users with the fewest rights: `read` for the server, `readWrite` for the loader."""

from __future__ import annotations

import asyncio
import json
import logging
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final, NamedTuple

import httpx
import pytest
import pytest_asyncio
from pymongo import MongoClient
from pymongo.errors import OperationFailure
from starlette.applications import Starlette

from graph.app import create_app
from graph.config import Settings
from graph.errors import DatabaseError, DatabaseUnavailable, UsageError
from graph.schema.execution.explain import explain
from graph.store.driver.client import open_database
from loaders.load.options import LoadOptions
from loaders.load.run import load
from loaders.report.report import Report
from tests.loaders.builders import inlined
from tests.loaders.load.test_load_everywhere import put
from tests.revisions import reached

PAGE: Final = Path(__file__).parents[1] / "docs" / "deployment.md"
SEEDS: Final = Path(__file__).parents[1] / "seeds"
SECONDS: Final = 20.0

READS: Final = {
    "lists": "{ articles(first: 5) { totalCount nodes { title topics { name articleCount } } } }",
    "search": '{ articles(search: "tide") { totalCount edges { score highlights { field } } } }',
    "facets": "{ articles(first: 1) { facets { topics { value count } } } }",
    "related": "{ articles(first: 3) { nodes { related(first: 2) { article { slug } } "
    "relatedFrom(first: 2) { nodes { slug } } similar(first: 2) { article { slug } } } } }",
    "topics": "{ topics { nodes { name articles(first: 2) { nodes { slug } } } } }",
    "providers": "{ providers(first: 3) { nodes { name articleCount } } }",
    "authors": "{ authors(first: 3) { nodes { name articleCount } } }",
    "changes": "{ changes { nodes { nodeId } } corpus { revision articleCount } }",
}


class Roles(NamedTuple):
    """The URLs of one database for the users of the page, and for one without a role."""

    reader: str
    loader: str
    nobody: str


@pytest_asyncio.fixture(scope="module")
async def roles(mongod: str | UsageError) -> AsyncIterator[Roles]:
    """A database with the users of docs/deployment.md, loaded by the loader's user."""
    if isinstance(mongod, UsageError):
        pytest.skip(str(mongod))
    client: MongoClient[dict[str, Any]] = MongoClient(mongod)
    users = {**users_of_page(), "nobody": []}
    for user, granted in users.items():
        client["news"].command("createUser", user, pwd=f"secret-of-{user}", roles=granted)
    roles = Roles(*(url_of(mongod, user) for user in users))
    await load_with(roles.loader, SEEDS)
    yield roles
    for user in users:
        client["news"].command("dropUser", user)
    client.drop_database("news")
    client.close()


def users_of_page() -> dict[str, list[str]]:
    """The users of docs/deployment.md with their roles, the server's first."""
    found = re.findall(r'createUser\(\{user: "(\w+)", .*?roles: (\[.*?\])\}\)', PAGE.read_text())
    return {user: json.loads(granted) for user, granted in found}


def url_of(mongod: str, user: str) -> str:
    host = mongod.rpartition("@")[2].partition("/")[0]
    return f"mongodb://{user}:secret-of-{user}@{host}/news?directConnection=true"


async def load_with(url: str, folder: Path, **plan: Any) -> Report:
    settings = Settings(mongo_url=url)
    async with open_database(settings) as database:
        with inlined():
            return await load(database, settings, LoadOptions.of([folder], **plan))


@asynccontextmanager
async def serving(url: str, driver: str) -> AsyncIterator[tuple[httpx.AsyncClient, Starlette]]:
    app = create_app(Settings.model_validate({"mongo_url": url, "mongo_driver": driver}))
    transport = httpx.ASGITransport(app=app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://test") as client,
    ):
        yield client, app


async def ask(client: httpx.AsyncClient, query: str) -> Any:
    answer = (await client.post("/graphql", json={"query": query})).json()
    assert "errors" not in answer, answer
    return answer["data"]


def test_the_page_gives_the_server_read_and_the_loader_read_write() -> None:
    assert users_of_page() == {"newsgraph_serve": ["read"], "newsgraph_load": ["readWrite"]}


async def test_a_loader_with_read_write_adds_changes_and_removes(
    roles: Roles, tmp_path: Path
) -> None:
    put(tmp_path, "a")
    deleted = put(tmp_path, "b")
    first = await load_with(roles.loader, tmp_path)
    assert (first.added, first.rejected) == (2, [])
    put(tmp_path, "a", title="Another")
    deleted.unlink()
    second = await load_with(roles.loader, tmp_path, prune=True)
    assert (second.updated, second.removed) == (1, 1)


@pytest.mark.parametrize("driver", ["motor", "pymongo"])
async def test_a_server_with_read_answers_everything_and_says_that_it_is_ready(
    roles: Roles, driver: str
) -> None:
    async with serving(roles.reader, driver) as (client, app), asyncio.timeout(SECONDS):
        await app.state.probe.check()
        ready = await client.get("/readyz")
        answers = {name: await ask(client, query) for name, query in READS.items()}
        metrics = (await client.get("/metrics")).text
    assert ready.status_code == 200, ready.text
    assert all(answers.values())
    assert "newsgraph_ready 1.0" in metrics
    assert "newsgraph_db_command_failures_total{" not in metrics


@pytest.mark.parametrize("driver", ["motor", "pymongo"])
async def test_a_server_with_read_follows_loads_by_a_change_stream(
    roles: Roles, driver: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "newsgraph")
    put(tmp_path, driver, title="Fresh from the press")
    async with serving(roles.reader, driver) as (client, app), asyncio.timeout(SECONDS):
        report = await load_with(roles.loader, tmp_path)
        assert report.revision is not None
        await reached(app.state.corpus_state, report.revision)
        newest = await ask(client, f'{{ article(slug: "{driver}") {{ title }} }}')
    assert newest == {"article": {"title": "Fresh from the press"}}
    assert "the corpus is read every" not in caplog.text


async def test_a_dry_run_needs_no_right_to_write(roles: Roles, tmp_path: Path) -> None:
    put(tmp_path, "never-loaded")
    report = await load_with(roles.reader, tmp_path, dry_run=True)
    assert (report.added, report.revision) == (1, None)


async def test_explain_needs_no_more_than_read(roles: Roles) -> None:
    settings = Settings(mongo_url=roles.reader)
    async with open_database(settings) as database:
        explained = await explain(
            database.limited(SECONDS), READS["lists"], {}, None, settings.video_hosts
        )
    assert "find articles" in explained


def test_a_server_with_read_cannot_write(roles: Roles) -> None:
    with (
        MongoClient[dict[str, Any]](roles.reader) as client,
        pytest.raises(OperationFailure, match="not authorized"),
    ):
        client["news"]["articles"].insert_one({"_id": "mine"})


async def test_a_load_without_the_right_to_write_says_at_once_which_role_it_needs(
    roles: Roles, tmp_path: Path
) -> None:
    put(tmp_path, "a", title="Changed without the right to")
    with pytest.raises(DatabaseError, match="the role readWrite to load") as refused:
        async with asyncio.timeout(SECONDS):
            await load_with(roles.reader, tmp_path)
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize("driver", ["motor", "pymongo"])
async def test_a_server_without_the_right_to_read_says_which_role_it_needs(
    roles: Roles, driver: str
) -> None:
    async with serving(roles.nobody, driver) as (client, app), asyncio.timeout(SECONDS):
        found = await app.state.probe.check()
        answer = await client.get("/readyz")
    assert "the role read on the database to serve" in found.detail
    assert answer.status_code == 503
    assert "role" not in answer.text


async def test_a_wrong_password_says_what_to_correct(roles: Roles, tmp_path: Path) -> None:
    put(tmp_path, "a")
    wrong = roles.loader.replace("secret", "mistake")
    with pytest.raises(DatabaseUnavailable, match="correct the user, the password") as refused:
        await load_with(wrong, tmp_path)
    assert "mistake" not in str(refused.value)
