"""Databases for tests: in memory, and a real mongod under each driver."""

from __future__ import annotations

import gc
import logging
import os
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Generator, Iterator
from contextlib import asynccontextmanager
from functools import cache
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
from graph.store.driver.calls.driver_calls import DriverCalls
from graph.store.driver.client import open_database, redacted
from graph.store.driver.database import Database
from graph.store.driver.encoding import DOCUMENTS
from graph.store.embedded.server import embedded, find_mongod
from loaders.workers.pool import Worker
from tests import durations, recorded_versions
from tests.builders import drop
from tests.forked_workers import install, started
from tests.forks import CAN_SHARE, share_server, start_server
from tests.loaders.builders import inlined
from tests.memory import data_folder
from tests.pool import pool_of
from tests.search.indexes import service_over

Answer = dict[str, Any]
_IN_MEMORY: Final = Settings(mongo_url="mongomock://")
_SEARCHES: Final = re.compile(r"\b(search|suggest)\b", re.IGNORECASE)

Ask = Callable[..., Awaitable[Answer]]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--record-durations", action="store_true", help=f"write {durations.RECORDED.name}"
    )
    parser.addoption(
        "--record-versions", action="store_true", help=f"write {recorded_versions.RECORDED.name}"
    )


def pytest_configure(config: pytest.Config) -> None:
    sent: dict[str, str] | None = getattr(config, "workerinput", None)  # to pytest-xdist's workers
    if sent is not None and "fork_server" in sent:
        share_server(sent["fork_server"])
    if config.getoption("--record-durations") and sent is None:
        config.pluginmanager.register(durations.Recorder())


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Let the workers of pytest-xdist share a fork server."""
    if CAN_SHARE:
        node.workerinput["fork_server"] = _fork_server()


@cache
def _fork_server() -> str:
    return start_server()


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Hide imported modules and collected tests from the garbage collector.

    It lasts until the run ends; to traverse it again and again takes a tenth of the run's CPU.
    """
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the longest units first."""
    seconds = durations.recorded()
    modules = {durations.module_of(item.nodeid) for item in items}
    ranks = {module: durations.rank(seconds, module) for module in modules}
    items.sort(key=lambda item: ranks[durations.module_of(item.nodeid)])


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> object:
    """With `--dist loadfile`, give the modules of a unit to one process."""
    from xdist.scheduler import LoadScopeScheduling

    if config.getoption("dist") != "loadfile":
        return None
    scheduler = LoadScopeScheduling(config, log)
    scheduler._split_scope = durations.unit_of
    return scheduler


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


class CommandsByDatabase(CommandListener):
    """Passes on the commands to the databases that a client uses."""

    def __init__(self) -> None:
        self.commands: dict[str, Commands] = {}

    def started(self, event: CommandStartedEvent) -> None:
        if (commands := self.commands.get(event.database_name)) is not None:
            commands.started(event)

    def succeeded(self, event: object) -> None:
        pass

    def failed(self, event: object) -> None:
        pass


@pytest.fixture(autouse=True)
def log_levels() -> Iterator[None]:
    """Reset the levels of loggers after each test."""
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


@pytest.fixture(autouse=True, scope="session")
def forked_workers() -> None:
    """Workers of loads are forked: see tests/forked_workers.py."""
    install()


@pytest.fixture
def real_workers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Loads in this test start real processes."""
    monkeypatch.setattr(Worker, "_start", started)


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
    """The URL of a mongod in which tests can inject failures (`failCommand`)."""
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


class Client:
    """A client of the shared mongod, for the databases of one test after the other.

    To open one takes longer than many a test: it connects twice, and starts two threads.
    """

    def __init__(self, mongod: str, opened: Database, listener: CommandsByDatabase) -> None:
        self._pool = pool_of(mongod)
        self._opened = opened
        self._listener = listener

    @asynccontextmanager
    async def empty(self, commands: Commands) -> AsyncIterator[Database]:
        """An empty database; `commands` are those that reach it."""
        name = self._pool.take()
        self._listener.commands[name] = commands
        handle = self._opened.client.get_database(name, codec_options=DOCUMENTS)
        calls = DriverCalls(self._opened._calls._heartbeats, self._opened._calls._seconds)
        yield Database(handle, address=redacted(self._pool.url(name)), calls=calls)
        await calls.end(1)
        del self._listener.commands[name]
        self._pool.give_back(name)


@pytest_asyncio.fixture(scope="session")
async def client_of_all(mongod: str | UsageError) -> AsyncIterator[Client]:
    if isinstance(mongod, UsageError):
        pytest.skip(str(mongod))
    listener = CommandsByDatabase()
    settings = Settings(mongo_url=mongod, mongo_driver="motor")
    async with open_database(settings, listeners=[listener]) as opened:
        yield Client(mongod, opened, listener)


@pytest_asyncio.fixture
async def database(client_of_all: Client, commands: Commands) -> AsyncIterator[Database]:
    """An empty database on the real server. `tests/store` holds the drivers and the mock to it."""
    async with client_of_all.empty(commands) as opened:
        yield opened


@pytest_asyncio.fixture
async def mock() -> AsyncIterator[Database]:
    """An empty database in memory."""
    async with open_database(_IN_MEMORY) as opened:
        yield opened


@pytest_asyncio.fixture
async def server(database: Database) -> Database:
    """An empty database on the real server, even where `database` has other kinds, too."""
    return database


@pytest_asyncio.fixture
async def bare(mongod: str | UsageError) -> AsyncIterator[Database]:
    """A database on the real server of which nothing was made yet, not even an index."""
    if isinstance(mongod, UsageError):
        pytest.skip(str(mongod))
    async with open_database(Settings(mongo_url=mongod.replace("/?", "/bare?"))) as database:
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

    Without `search`, queries with a search get an index of the articles as they are then.
    """
    app = create_app(_IN_MEMORY)
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
