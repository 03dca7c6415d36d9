"""Databases for tests: in memory, and a real mongod under each driver."""

from __future__ import annotations

import gc
import logging
import os
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Generator, Iterator
from contextlib import asynccontextmanager
from typing import Any, Final

import httpx
import pytest
import pytest_asyncio
from pymongo.monitoring import CommandListener, CommandStartedEvent

from graph.app import create_app
from graph.config import Settings
from graph.errors import UsageError
from graph.search.index.service import SearchService
from graph.store.cache.read_cache import ReadCache
from graph.store.driver import streams
from graph.store.driver.client import open_database
from graph.store.driver.database import Database
from graph.store.embedded.server import embedded, find_mongod
from tests import durations
from tests.builders import drop
from tests.loaders.builders import inlined
from tests.memory import data_folder
from tests.pool import pool_of
from tests.search.indexes import service_over

Answer = dict[str, Any]
_SEARCHES: Final = re.compile(r"\b(search|suggest)\b", re.IGNORECASE)

Ask = Callable[..., Awaitable[Answer]]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--record-durations", action="store_true", help=f"write {durations.RECORDED.name}"
    )


def pytest_configure(config: pytest.Config) -> None:
    is_worker = hasattr(config, "workerinput")  # of pytest-xdist
    if config.getoption("--record-durations") and not is_worker:
        config.pluginmanager.register(durations.Recorder())


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Keep what is imported and collected out of the garbage collector's sight.

    It lasts until the run ends; to traverse it again and again takes a tenth of the run's CPU.
    """
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the longest modules first."""
    seconds = durations.recorded()
    items.sort(key=lambda item: durations.rank(seconds, item.nodeid))


class Commands(CommandListener):
    """The commands that reached the server, by name."""

    def __init__(self) -> None:
        self.names: list[str] = []

    def started(self, event: CommandStartedEvent) -> None:
        if not event.command_name.startswith("sasl"):  # a connection that proves who it is
            self.names.append(event.command_name)

    def succeeded(self, event: object) -> None:
        pass

    def failed(self, event: object) -> None:
        pass


@pytest.fixture(autouse=True)
def log_levels() -> Iterator[None]:
    """Whatever a test makes the log tell, the next one begins as the first did."""
    loggers = [logging.getLogger(), logging.getLogger("pymongo")]
    levels = [logger.level for logger in loggers]
    yield
    for logger, level in zip(loggers, levels, strict=True):
        logger.setLevel(level)


@pytest.fixture(autouse=True, scope="session")
def short_waits_of_change_streams() -> Iterator[None]:
    """A stream is closed once MongoDB has answered its last read: a server ends so much later."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(streams, "WATCH_SECONDS", 0.25)
        yield


@pytest.fixture
def inline() -> Iterator[None]:
    """Loads in this test start no processes."""
    with inlined():
        yield


@pytest.fixture
def commands() -> Commands:
    return Commands()


@pytest_asyncio.fixture(scope="session")
async def mongod() -> AsyncIterator[str | UsageError]:
    """The URL of a private mongod that the whole run shares, or why there is none."""
    with data_folder() as folder:
        server = embedded(folder)
        try:
            url = await server.__aenter__()
        except UsageError as error:
            yield error
            return
        yield url
        pool_of(url).close()
        await server.__aexit__(None, None, None)


@pytest_asyncio.fixture(scope="session")
async def failing_mongod(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[str]:
    """The URL of a mongod that can be told to fail (its `failCommand`)."""
    try:
        mongod = find_mongod()
    except UsageError as error:
        pytest.skip(str(error))
    folder = tmp_path_factory.mktemp("bin")
    script = f'#!/bin/sh\nexec "{mongod}" "$@" --setParameter enableTestCommands=1\n'
    (folder / "mongod").write_text(script)
    (folder / "mongod").chmod(0o755)
    with pytest.MonkeyPatch.context() as patch, data_folder() as data:
        patch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
        async with embedded(data) as url:
            yield url
            pool_of(url).close()


@pytest_asyncio.fixture
async def database(mongod: str | UsageError, commands: Commands) -> AsyncIterator[Database]:
    """An empty database on the real server. `tests/store` holds the drivers and the mock to it."""
    async with fresh(mongod, "motor", commands) as opened:
        yield opened


@pytest_asyncio.fixture
async def mock() -> AsyncIterator[Database]:
    """An empty database in memory."""
    async with open_database(Settings(mongo_url="mongomock://")) as opened:
        yield opened


@pytest_asyncio.fixture
async def server(database: Database) -> Database:
    """An empty database on the real server, even where `database` has other kinds, too."""
    return database


@pytest_asyncio.fixture(params=["motor", "pymongo"])
async def bare(request: pytest.FixtureRequest, mongod: str | UsageError) -> AsyncIterator[Database]:
    """A database on the real server of which nothing was made yet, not even an index."""
    if isinstance(mongod, UsageError):
        pytest.skip(str(mongod))
    url = mongod.replace("/?", f"/bare_{request.param}?")
    settings = Settings.model_validate({"mongo_url": url, "mongo_driver": request.param})
    async with open_database(settings) as database:
        yield database
        await drop(database)


@asynccontextmanager
async def fresh(
    mongod: str | UsageError, driver: str, commands: Commands
) -> AsyncIterator[Database]:
    """An empty database on the real server, for one test at a time; see tests/pool.py."""
    if isinstance(mongod, UsageError):
        pytest.skip(str(mongod))
    pool = pool_of(mongod)
    name = pool.take()
    settings = Settings.model_validate({"mongo_url": pool.url(name), "mongo_driver": driver})
    async with open_database(settings, listeners=[commands]) as database:
        yield database
    pool.give_back(name)


@pytest.fixture
def url(mongod: str | UsageError) -> Iterator[str]:
    """The URL of an empty database on the real server, for a process of its own."""
    if isinstance(mongod, UsageError):
        pytest.skip(str(mongod))
    pool = pool_of(mongod)
    name = pool.take()
    yield pool.url(name)
    pool.give_back(name)


def query_sender(
    database: Database, reads: ReadCache | None = None, search: SearchService | None = None
) -> Ask:
    """A function that sends a query with its variables over HTTP and returns the answer.

    Without `search`, an index of the articles as they are then is made for what searches.
    """
    app = create_app(Settings(mongo_url="mongomock://"))
    app.state.database, app.state.reads, app.state.search = database, reads, search

    async def ask(query: str, **variables: Any) -> Answer:
        if search is None and _SEARCHES.search(query):
            app.state.search = await service_over(database)
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            body = {"query": query, "variables": variables}
            answer: Answer = (await client.post("/graphql", json=body)).json()
        return answer

    return ask


@pytest.fixture
def ask(database: Database) -> Ask:
    return query_sender(database)


@pytest.fixture
def ask_mock(mock: Database) -> Ask:
    return query_sender(mock)


@pytest.fixture
def ask_server(server: Database) -> Ask:
    return query_sender(server)
