"""A mongod that stops answering: reads end in time, and succeed again when it continues."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from subprocess import Popen
from time import monotonic
from typing import Any, Final

import pytest
from pymongo import MongoClient
from pymongo.errors import ConnectionFailure

from graph.config import Settings
from graph.errors import DatabaseError, DatabaseUnavailable, UsageError
from graph.store.cache.corpus_state import follow_corpus
from graph.store.driver.client import open_database
from graph.store.driver.database import Database
from graph.store.driver.streams import ChangeStream
from graph.store.embedded.server import find_mongod
from graph.store.probe import probing
from graph.store.telemetry.connection_pool import connections_of
from tests.memory import data_folder
from tests.processes import free_port, listens, running, until
from tests.revisions import reached
from tests.served import Client, eventually, served

SECONDS: Final = 1.5
"""How long these databases are waited for."""

GRACE: Final = 2.0
DRIVERS: Final = ("motor", "pymongo")


class Mongod:
    """A mongod that can be paused."""

    def __init__(self, process: Popen[bytes], port: int) -> None:
        self.url = f"mongodb://127.0.0.1:{port}/pauses"
        self._process = process

    def pause(self) -> None:
        """Return once it has stopped."""
        self._process.send_signal(signal.SIGSTOP)
        os.waitpid(self._process.pid, os.WUNTRACED)

    def go_on(self) -> None:
        self._process.send_signal(signal.SIGCONT)


@pytest.fixture(scope="module")
def own_mongod() -> Iterator[Mongod]:
    """A replica set of one member, so that it has change streams."""
    port = free_port()
    try:
        program = str(find_mongod())
    except UsageError as error:
        pytest.skip(str(error))
    with data_folder() as folder:
        (folder / "db").mkdir()
        command = [program, "--dbpath", str(folder / "db"), "--port", str(port)]
        command += ["--replSet", "one", "--bind_ip", "127.0.0.1", "--nounixsocket"]
        command += ["--wiredTigerCacheSizeGB", "0.25"]
        with running(command, folder / "log", ending=signal.SIGKILL) as process:
            until(lambda: listens(port), 30, "a mongod")
            with MongoClient[dict[str, Any]]("127.0.0.1", port, directConnection=True) as client:
                member = {"_id": 0, "host": f"127.0.0.1:{port}"}
                client.admin.command("replSetInitiate", {"_id": "one", "members": [member]})
                until(lambda: client.admin.command("hello")["isWritablePrimary"], 30, "a primary")
            yield Mongod(process, port)


@pytest.fixture
def paused_later(own_mongod: Mongod) -> Iterator[Mongod]:
    """A mongod that runs before and after the test."""
    yield own_mongod
    own_mongod.go_on()


@asynccontextmanager
async def opened(mongod: Mongod, driver: str) -> AsyncIterator[Database]:
    values = {"mongo_url": mongod.url, "mongo_driver": driver, "mongo_timeout": SECONDS}
    async with open_database(Settings.model_validate(values)) as database:
        limited = database.limited(10)
        await seconds_until_answer(limited)
        yield limited


async def seconds_until_answer(database: Database, seconds: float = 20) -> float:
    """Return after how many seconds the database answered a read."""
    began = monotonic()
    while True:
        try:
            await database.find("articles", {"_id": "a"})
        except DatabaseError:
            assert monotonic() - began < seconds, "the database has not answered again"
        else:
            return monotonic() - began


async def failed(database: Database, is_one: bool) -> float:
    """Return after how many seconds a read failed."""
    began = monotonic()
    query = {"_id": "a"} if is_one else {"title": "a"}
    with pytest.raises(DatabaseUnavailable):
        await database.find("articles", query)
    return monotonic() - began


@pytest.mark.parametrize("driver", DRIVERS)
async def test_reads_end_in_time_while_the_database_is_paused(
    paused_later: Mongod, driver: str
) -> None:
    async with opened(paused_later, driver) as database:
        await asyncio.gather(*(database.find("articles", {}) for _ in range(40)))
        await asyncio.gather(*(database.ping() for _ in range(20)))
        threads = threading.active_count()
        paused_later.pause()
        times = await asyncio.gather(*(failed(database, n % 2 == 0) for n in range(60)))
        assert max(times) < SECONDS + GRACE
        with pytest.raises(DatabaseUnavailable):
            database.require_answers(0)
        paused_later.go_on()
        assert await seconds_until_answer(database) < SECONDS + GRACE
        await eventually(lambda: used_connections(database) == 0)
        # The driver's monitors may have started one more each.
        await eventually(lambda: threading.active_count() <= threads + 2)


@pytest.mark.parametrize("driver", DRIVERS)
async def test_a_server_whose_clients_hang_up_during_pauses_answers_the_next(
    paused_later: Mongod, driver: str
) -> None:
    rng = random.Random(7)
    settings: dict[str, Any] = {
        "mongo_url": paused_later.url,
        "mongo_driver": driver,
        "mongo_timeout": SECONDS,
    }
    # With the response cache, operations outlive their clients; without it, they are cancelled.
    for cache in ("on", "off"):
        async with served(**settings, cache=cache, operation_timeout=0.4) as running:
            async with await Client.connect(running.port) as client:
                await until_ok(client)
            for _ in range(2):
                paused_later.pause()
                await asyncio.gather(*(hang_up(running.port, rng) for _ in range(40)))
                paused_later.go_on()
            async with await Client.connect(running.port) as client:
                await until_ok(client)
            await eventually(lambda: running.operations.running == 0)


async def hang_up(port: int, rng: random.Random) -> None:
    """Send an operation, and disconnect at about the time at which its time is over."""
    async with await Client.connect(port) as client:
        await client.post(f"{{ articles(first: {rng.randint(1, 90)}) {{ nodes {{ title }} }} }}")
        await asyncio.sleep(rng.uniform(0.1, 0.5))


async def until_ok(client: Client) -> None:
    """Wait until the database is queried and answers."""
    for _ in range(40):
        if "errors" not in (await client.ask("{ articles { nodes { title } } }")).json:
            return
        await asyncio.sleep(0.1)
    raise AssertionError("the server answers with errors")


@pytest.mark.parametrize("driver", DRIVERS)
async def test_clients_that_hang_up_while_no_server_is_found_break_nothing(driver: str) -> None:
    # Cancelled in server selection, PyMongo's async client would keep its topology locked for ever.
    rng = random.Random(7)
    values = {"mongo_url": f"mongodb://127.0.0.1:{free_port()}/pauses", "mongo_driver": driver}
    settings = Settings.model_validate({**values, "mongo_timeout": 0.5})
    async with open_database(settings) as database:
        await asyncio.gather(*(cancelled(database, rng) for _ in range(300)))
        async with asyncio.timeout(SECONDS + GRACE):
            with pytest.raises(DatabaseUnavailable):
                await database.find("articles", {})


@pytest.mark.parametrize("driver", DRIVERS)
async def test_a_change_stream_ends_while_the_database_is_paused(
    paused_later: Mongod, driver: str
) -> None:
    async with opened(paused_later, driver) as database:
        async with database.watch("meta") as stream:
            assert await stream.try_next() is None
            paused_later.pause()
            began = monotonic()
            with pytest.raises(ConnectionFailure):
                await until_it_fails(stream)
        assert monotonic() - began < SECONDS + GRACE
        paused_later.go_on()
        await seconds_until_answer(database)
        async with database.watch("meta") as stream:
            assert await stream.try_next() is None


@pytest.mark.parametrize("driver", DRIVERS)
async def test_followers_of_the_database_stop_at_once_while_it_is_paused(
    paused_later: Mongod, driver: str
) -> None:
    async with opened(paused_later, driver) as database:
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(probing(database, 0.001))
            state = await stack.enter_async_context(follow_corpus(database))
            await asyncio.wait_for(reached(state, 0), 20)
            paused_later.pause()
            began = monotonic()
        assert monotonic() - began < SECONDS
        paused_later.go_on()


def used_connections(database: Database) -> int:
    connections = connections_of(database)
    assert connections is not None
    return connections.used


async def until_it_fails(stream: ChangeStream) -> None:
    while stream.alive:
        await stream.try_next()


async def cancelled(database: Database, rng: random.Random) -> None:
    """Read, and be cancelled soon, more than once, as by a time limit and by a disconnection."""
    reading = asyncio.create_task(database.find("articles", {"title": "a"}))
    await asyncio.sleep(rng.uniform(0, 0.5))
    for _ in range(3):
        reading.cancel()
        await asyncio.sleep(0)
    await asyncio.wait([reading])
    assert reading.cancelled() or isinstance(reading.exception(), DatabaseError | None)
