"""Operations: their deadline, how many run at once, and clients that disconnect."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from time import monotonic

import pytest
import pytest_asyncio

from graph.app import caching
from graph.config import Settings
from graph.documents import ARTICLES
from graph.errors import DatabaseTimeout, OperationTimeout, Overloaded
from graph.store.cache.cached_reader import CachedReader
from graph.store.cache.read_cache import ReadCache
from graph.store.driver.client import open_database
from graph.store.driver.database import Database
from graph.store.driver.deadline_reader import DeadlineReader
from graph.store.driver.mock import MockDatabase
from graph.store.driver.read_commands import ReadCommand, Row
from graph.web.graphql.cache.stale_responses import Responses
from graph.web.server.operation_limiter import OperationLimiter
from tests.builders import article
from tests.conftest import Commands, fresh
from tests.revisions import reached
from tests.served import PATIENCE, QUERY, Client, Reply, Served, eventually, served
from tests.store.driver.conftest import Sent, fail
from tests.stored import store

ANSWER = {"data": {"article": {"title": "Title of a"}}}
LISTS = "{ articles(first: 5) { nodes { title topics { name articleCount } } totalCount } }"


@pytest.fixture
def commands() -> Sent:
    return Sent()


@pytest_asyncio.fixture
async def slow(failing_mongod: str, commands: Commands) -> AsyncIterator[Database]:
    """A database with one article whose reads can be made slow."""
    async with fresh(failing_mongod, "motor", commands) as opened:
        await store(opened, article("a", topics=["AI"]))
        yield opened
        await fail(opened, "off")


async def slow_down(database: Database, seconds: float) -> int:
    """Let each read of an article take so long; how many did until now."""
    reply = await database._handle.client.admin.command(
        {
            "configureFailPoint": "failCommand",
            "mode": "alwaysOn",
            "data": {
                "failCommands": ["find", "aggregate"],
                "namespace": f"{database._handle.name}.{ARTICLES}",
                "blockConnection": True,
                "blockTimeMS": int(seconds * 1000),
            },
        }
    )
    return int(reply["count"])


@asynccontextmanager
async def cached(server: Served, database: Database, seconds: float) -> AsyncIterator[None]:
    """Let a server cache reads and responses."""
    settings = Settings(mongo_url="mongomock://")
    limited = database.limited(seconds)
    async with caching(settings, limited) as caches:
        assert caches.corpus_state is not None
        await reached(caches.corpus_state, 1)
        server.app.state.database, server.app.state.reads = limited, caches.reads
        server.app.state.responses = caches.responses
        yield


class Gate(MockDatabase):
    """A database whose reads wait until they are let through."""

    def __init__(self, source: Database) -> None:
        super().__init__(source._handle)
        self.open = asyncio.Event()
        self.waiting: list[int] = []
        self.cancelled: list[int] = []

    async def run(self, command: ReadCommand, *, deadline: float | None = None) -> list[Row]:
        self.waiting.append(1)
        try:
            await self.open.wait()
        except asyncio.CancelledError:
            self.cancelled.append(1)
            raise
        return await super().run(command)


@pytest_asyncio.fixture
async def gate() -> AsyncIterator[Gate]:
    async with open_database(Settings(mongo_url="mongomock://")) as opened:
        await store(opened, article("a"))
        yield Gate(opened)


def timed_out(reply: Reply) -> bool:
    """Whether a reply says nothing but that there was no time."""
    return reply.status in (200, 294) and set(reply.codes) == {"TIMEOUT"}


@pytest.mark.parametrize(
    ("query", "keeps"), [(QUERY, False), (LISTS, True), ("{ __typename " + LISTS[1:], False)]
)
async def test_23_an_operation_ends_at_its_deadline_though_the_database_does_not(
    slow: Database, query: str, keeps: bool, caplog: pytest.LogCaptureFixture
) -> None:
    async with (
        served(slow.limited(10), operation_timeout=0.3) as server,
        await Client.connect(server.port) as client,
    ):
        if keeps:
            async with cached(server, slow, 10):
                await _end_at_the_deadline(slow, client, query)
        else:
            await _end_at_the_deadline(slow, client, query)
    assert [record.getMessage() for record in caplog.records] == []


async def _end_at_the_deadline(slow: Database, client: Client, query: str) -> None:
    await slow_down(slow, 2)
    started = monotonic()
    reply = await client.ask(query)
    assert monotonic() - started < 1.8
    assert timed_out(reply)
    assert reply.json["data"] is None
    message = "the operation took longer than 0.3 s: request less, or send several requests"
    assert reply.json["errors"][0]["message"] == message
    await fail(slow, "off")
    assert "errors" not in (await client.ask(query)).json


async def test_23_a_command_may_take_the_remaining_time_of_the_operation(
    slow: Database, commands: Sent
) -> None:
    async with (
        served(slow.limited(10), operation_timeout=3) as server,
        await Client.connect(server.port) as client,
    ):
        await slow_down(slow, 0.2)
        commands.all.clear()
        assert "errors" not in (await client.ask(LISTS)).json
    limits = [each["maxTimeMS"] for each in commands.all if "find" in each or "aggregate" in each]
    assert all(0 < limit <= 3000 for limit in limits)
    assert min(limits) <= 2800


async def test_23_a_command_has_no_more_than_the_query_timeout(
    slow: Database, commands: Sent
) -> None:
    async with (
        served(slow.limited(0.2), operation_timeout=60) as server,
        await Client.connect(server.port) as client,
    ):
        await slow_down(slow, 0.5)
        reply = await client.ask()
    assert timed_out(reply)
    assert {each["maxTimeMS"] for each in commands.all if "maxTimeMS" in each} == {200}


async def test_after_the_deadline_the_database_is_not_queried(
    slow: Database, commands: Sent
) -> None:
    commands.names.clear()
    with pytest.raises(DatabaseTimeout, match="before the database was queried"):
        await DeadlineReader(slow.limited(10), monotonic()).find(ARTICLES, {})
    assert commands.names == []


async def test_a_caller_that_waited_for_a_read_that_timed_out_reads_again(slow: Database) -> None:
    database, reads = slow.limited(10), cached_reads()
    await slow_down(slow, 0.4)
    hurried = CachedReader(DeadlineReader(database, monotonic() + 0.1), reads)
    patient = CachedReader(DeadlineReader(database, monotonic() + PATIENCE), reads)
    first = asyncio.create_task(hurried.find(ARTICLES, {}, projection={"title": 1}))
    await asyncio.sleep(0)
    second = asyncio.create_task(patient.find(ARTICLES, {}, projection={"title": 1}))
    with pytest.raises(DatabaseTimeout):
        await first
    assert [row["title"] for row in await second] == ["Title of a"]


async def test_a_body_that_takes_long_to_render_does_not_delay_the_timeout(
    gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended = threading.Event()

    def render(source: str, *, is_html: bool) -> str:
        ended.wait(PATIENCE)
        return source

    monkeypatch.setattr("graph.schema.types.article.render_html", render)
    gate.open.set()
    await store(gate, article("b", body="long " * 50_000))
    async with (
        served(gate, operation_timeout=0.2) as server,
        await Client.connect(server.port) as client,
    ):
        reply = await client.ask('{ article(slug: "b") { body(format: HTML) } }')
        ended.set()
    assert timed_out(reply)


async def test_operations_time_out_in_order_and_each_at_its_deadline() -> None:
    operations = OperationLimiter(limit=10, timeout=0.05)
    ends: list[int] = []

    async def operate(number: int) -> None:
        with pytest.raises(OperationTimeout), operations.begin():
            await asyncio.Event().wait()
        ends.append(number)

    async with asyncio.timeout(PATIENCE), asyncio.TaskGroup() as group:
        for number in range(5):
            group.create_task(operate(number))
            await asyncio.sleep(0)
    assert (ends, operations.running) == ([0, 1, 2, 3, 4], 0)


async def test_an_operation_that_swallows_its_cancellation_is_out_of_time_nevertheless() -> None:
    operations = OperationLimiter(limit=1, timeout=0.01)
    with pytest.raises(OperationTimeout), operations.begin(), suppress(asyncio.CancelledError):
        await asyncio.Event().wait()
    task = asyncio.current_task()
    assert task is not None
    assert (task.cancelling(), operations.running) == (0, 0)


async def test_an_operation_that_is_cancelled_by_others_is_not_out_of_time() -> None:
    operations = OperationLimiter(limit=1, timeout=PATIENCE)

    async def operate() -> None:
        with operations.begin():
            await asyncio.Event().wait()

    task = asyncio.create_task(operate())
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert operations.running == 0


async def test_no_more_operations_begin_than_the_limit() -> None:
    operations = OperationLimiter(limit=2, timeout=PATIENCE)
    with operations.begin(), operations.begin(), pytest.raises(Overloaded, match="2 operations"):
        operations.begin()
    with operations.begin():
        assert operations.running == 1


async def test_beyond_the_bound_operations_are_rejected_at_once_and_health_is_not(
    gate: Gate,
) -> None:
    async with (
        served(gate, max_in_flight=1) as server,
        await Client.connect(server.port) as patient,
        await Client.connect(server.port) as refused,
    ):
        await patient.post()
        await eventually(lambda: len(gate.waiting) == 1)
        reply = await refused.ask()
        assert (reply.status, reply.codes) == (503, ["OVERLOADED"])
        assert reply.headers["retry-after"] == "1"
        assert (await refused.get("/livez")).status == 200
        gate.open.set()
        assert (await patient.reply()).json == ANSWER
        assert (await refused.ask()).json == ANSWER


async def test_cached_and_shared_responses_do_not_count(gate: Gate) -> None:
    async with served(gate, max_in_flight=1) as server:
        server.app.state.responses = responses = Responses(1_000_000)
        responses.resume()
        server.app.state.reads = cached_reads()
        other = QUERY.replace('"a"', '"b"')
        async with (
            await Client.connect(server.port) as first,
            await Client.connect(server.port) as second,
        ):
            gate.open.set()
            assert (await first.ask()).json == ANSWER
            gate.open.clear()
            await first.post(other)
            await eventually(lambda: server.operations.running == 1)
            assert (await second.ask()).json == ANSWER
            await second.post(other)
            await eventually(lambda: server.requests == 2)
            gate.open.set()
            for client in (first, second):
                assert (await client.reply()).json == {"data": {"article": None}}


def cached_reads() -> ReadCache:
    """A cache of reads that is emptied by nobody."""
    reads = ReadCache(1_000_000)
    reads.resume()
    return reads


async def test_66_the_work_for_a_disconnected_client_is_cancelled(
    gate: Gate, caplog: pytest.LogCaptureFixture
) -> None:
    async with served(gate) as server:
        client = await Client.connect(server.port)
        await client.post()
        await eventually(lambda: len(gate.waiting) == 1)
        client.vanish()
        await eventually(lambda: len(gate.cancelled) == 1)
        await eventually(lambda: (server.requests, server.operations.running) == (0, 0))
    assert caplog.records == []


async def test_66_a_client_that_disconnects_does_not_affect_others_that_wait_for_the_same(
    gate: Gate,
) -> None:
    async with served(gate) as server:
        server.app.state.responses = responses = Responses(1_000_000)
        responses.resume()
        server.app.state.reads = cached_reads()
        disconnected = await Client.connect(server.port)
        await disconnected.post()
        await eventually(lambda: len(gate.waiting) == 1)
        async with await Client.connect(server.port) as waiting:
            await waiting.post()
            await eventually(lambda: server.requests == 2)
            disconnected.vanish()
            await eventually(lambda: server.requests == 1)
            gate.open.set()
            assert (await waiting.reply()).json == ANSWER
    assert (len(gate.waiting), gate.cancelled) == (1, [])


@pytest.mark.parametrize(
    ("kind", "status"), [("application/json", 200), ("application/graphql-response+json", 294)]
)
async def test_an_operation_that_timed_out_has_the_status_of_a_begun_one(
    gate: Gate, kind: str, status: int
) -> None:
    body = json.dumps({"query": QUERY}).encode()
    head = (
        f"POST /graphql HTTP/1.1\r\nHost: test\r\nAccept: {kind}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    async with (
        served(gate, operation_timeout=0.05) as server,
        await Client.connect(server.port) as client,
    ):
        await client.send(head.encode() + body)
        reply = await client.reply()
    assert timed_out(reply)
    assert (reply.status, reply.json["data"]) == (status, None)
    assert reply.headers["content-type"] == f"{kind}; charset=utf-8"
