"""GraphQL over WebSocket (graphql-transport-ws): its protocol, its limits, and its ends."""

from __future__ import annotations

import asyncio
import gc
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any, Final

import pytest
import pytest_asyncio
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from graph.config import Scope, Token
from graph.live import live_subscription
from graph.store.cache import corpus_state
from graph.store.cache.corpus_state import follow_corpus
from graph.store.driver.database import Database
from graph.web.http.request.auth import token_digest
from graph.web.server.protocol import HttpProtocol
from tests.builders import article, change, store
from tests.served import PATIENCE, Client, Served, eventually, served

ONE: Final = '{ article(slug: "a") { title } }'
CHANGES: Final = "subscription { articleChanged { kind slug } }"
INIT: Final = {"type": "connection_init"}


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(corpus_state, "POLL_SECONDS", 0.005)
    monkeypatch.setattr(live_subscription, "RETRY_SECONDS", 0.005)


@asynccontextmanager
async def serving(mock: Database, **settings: Any) -> AsyncIterator[Served]:
    """A server whose live operations follow the database of the test."""
    await store(mock, article("a"), article("hidden", published=False))
    async with follow_corpus(mock) as corpus, served(mock, **settings) as server:
        server.app.state.live._corpus = corpus
        yield server


@pytest_asyncio.fixture
async def server(mock: Database) -> AsyncIterator[Served]:
    async with serving(mock) as server:
        yield server


class Socket:
    """A client of the protocol."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection

    async def send(self, message: Any) -> None:
        await self.connection.send(json.dumps(message))

    async def receive(self) -> Any:
        async with asyncio.timeout(PATIENCE):
            return json.loads(await self.connection.recv())

    async def init(self, **payload: str) -> None:
        await self.send({**INIT, "payload": payload})
        assert await self.receive() == {"type": "connection_ack"}

    async def subscribe(self, id_: Any, query: str, **variables: Any) -> None:
        payload = {"query": query, "variables": variables}
        await self.send({"type": "subscribe", "id": id_, "payload": payload})

    async def closed(self) -> int | None:
        """The code with which the server closes the connection."""
        try:
            async with asyncio.timeout(PATIENCE):
                while True:
                    await self.connection.recv()
        except ConnectionClosed as closed:
            return closed.rcvd.code if closed.rcvd else None


@asynccontextmanager
async def opened(server: Served, **options: Any) -> AsyncIterator[Socket]:
    url = f"ws://127.0.0.1:{server.port}/graphql"
    async with connect(url, **{"subprotocols": ["graphql-transport-ws"], **options}) as connection:
        yield Socket(connection)


async def subscribed(server: Served, socket: Socket, id_: str = "1") -> None:
    """Subscribe, and return once the subscription has begun."""
    running = len(server.app.state.live._clients)
    clients = sum(server.app.state.live._clients.values())
    await socket.subscribe(id_, CHANGES)
    await eventually(lambda: sum(server.app.state.live._clients.values()) > clients)
    assert len(server.app.state.live._clients) >= running
    (live,) = server.app.state.live._operations.values()
    await eventually(lambda: live.corpus.stamp is not None and bool(live._pages))
    await asyncio.gather(*live._pages.values())


async def test_a_query_has_one_result_and_is_complete(server: Served) -> None:
    async with opened(server) as socket:
        await socket.init()
        await socket.subscribe("q", ONE)
        result = {"data": {"article": {"title": "Title of a"}}}
        assert await socket.receive() == {"id": "q", "type": "next", "payload": result}
        assert await socket.receive() == {"id": "q", "type": "complete"}
        await socket.subscribe("q", ONE)  # the id is free again
        assert (await socket.receive())["type"] == "next"


async def test_a_subscription_reports_changes_until_it_is_completed(
    server: Served, mock: Database
) -> None:
    async with opened(server) as socket:
        await socket.init()
        await subscribed(server, socket)
        await store(mock, article("b"))
        changed = {"data": {"articleChanged": {"kind": "CHANGED", "slug": "b"}}}
        assert await socket.receive() == {"id": "1", "type": "next", "payload": changed}
        await change(mock, [], removed=["b"])
        payload = (await socket.receive())["payload"]
        assert payload["data"]["articleChanged"] == {"kind": "REMOVED", "slug": "b"}
        await socket.send({"type": "complete", "id": "1"})
        await eventually(lambda: len(server.app.state.live) == 0)
        await socket.send({"type": "ping"})
        assert await socket.receive() == {"type": "pong"}


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("{", "GRAPHQL_PARSE_FAILED"),
        ("{ nothing }", "GRAPHQL_VALIDATION_FAILED"),
        (CHANGES.replace("d {", 'd(since: "nonsense") {'), "BAD_USER_INPUT"),
        ("", "BAD_REQUEST"),
    ],
)
async def test_an_invalid_operation_is_an_error_of_its_id(
    server: Served, query: str, code: str
) -> None:
    async with opened(server) as socket:
        await socket.init()
        await socket.subscribe("1", query)
        message = await socket.receive()
        assert (message["type"], message["id"]) == ("error", "1")
        assert message["payload"][0]["extensions"]["code"] == code
        await socket.subscribe("1", ONE)
        assert (await socket.receive())["type"] == "next"


async def test_a_token_is_accepted_in_the_handshake_or_the_initialisation(mock: Database) -> None:
    token = Token(token_digest("ng_editor"), frozenset({Scope.UNPUBLISHED}))
    query = '{ article(slug: "hidden") { slug } }'
    header = {"Authorization": "Bearer ng_editor"}
    async with serving(mock, tokens=(token,)) as server:
        for headers, payload, found in (
            (header, {}, {"slug": "hidden"}),
            ({}, header, {"slug": "hidden"}),
            ({}, {"Authorization": "Bearer ng_stranger"}, None),
        ):
            async with opened(server, additional_headers=headers) as socket:
                await socket.init(**payload)
                await socket.subscribe("1", query)
                assert (await socket.receive())["payload"] == {"data": {"article": found}}


async def test_29_without_an_initialisation_the_connection_is_closed(mock: Database) -> None:
    async with serving(mock, connection_init_timeout=0.1) as server, opened(server) as socket:
        assert await socket.closed() == 4408


async def test_30_an_operation_before_the_initialisation_closes_the_connection(
    server: Served,
) -> None:
    async with opened(server) as socket:
        await socket.subscribe("1", ONE)
        assert await socket.closed() == 4401


async def test_31_an_id_twice_or_a_second_initialisation_closes_the_connection(
    server: Served,
) -> None:
    async with opened(server) as socket:
        await socket.init()
        await socket.subscribe("1", CHANGES)
        await socket.subscribe("1", CHANGES)
        assert await socket.closed() == 4409
    async with opened(server) as socket:
        await socket.init()
        await socket.send(INIT)
        assert await socket.closed() == 4429


async def test_clients_with_variables_that_cannot_be_compared_share_nothing(mock: Database) -> None:
    deep: list[Any] = []
    for _ in range(300):
        deep = [deep]
    query = "subscription ($t: [String!]) { articleChanged(where: {topics: {any: $t}}) { slug } }"
    async with serving(mock) as server, opened(server) as energy, opened(server) as water:
        for socket, topic in ((energy, "Energy"), (water, "Water")):
            await socket.init()
            await socket.subscribe("1", query, t=[topic], unused=deep)
        lives = server.app.state.live._operations.values()
        await eventually(lambda: len(lives) == 2 and all(live._pages for live in lives))
        await asyncio.gather(*(page for live in lives for page in live._pages.values()))
        await store(mock, article("e", topics=["Energy"]), article("w", topics=["Water"]))
        for socket, slug in ((energy, "e"), (water, "w")):
            data = (await socket.receive())["payload"]["data"]
            assert data == {"articleChanged": {"slug": slug}}


@pytest.mark.parametrize(
    "text",
    [
        "[]",
        "1",
        "null",
        "nonsense",
        '"subscribe"',
        "[" * 100_000,
        '{"type": "start", "id": "1", "payload": {"query": "{ __typename }"}}',
        '{"type": ["subscribe"], "id": "1"}',
        '{"type": "subscribe", "id": ["1"], "payload": {"query": "{ __typename }"}}',
        '{"type": "subscribe", "id": "", "payload": {"query": "{ __typename }"}}',
        '{"type": "subscribe", "payload": {"query": "{ __typename }"}}',
        '{"type": "subscribe", "id": "1", "payload": "{ __typename }"}',
        '{"type": "subscribe", "id": "1"}',
        '{"type": "ping", "payload": 1}',
        '{"type": "subscribe", "id": "\\ud800", "payload": {"query": "{ __typename }"}}',
        b"{}",
    ],
    ids=lambda text: repr(text)[:60],
)
async def test_32_an_invalid_message_closes_the_connection(
    server: Served, text: str | bytes, caplog: pytest.LogCaptureFixture
) -> None:
    async with opened(server) as socket:
        await socket.init()
        await socket.connection.send(text)
        assert await socket.closed() == 4400
    assert [record for record in caplog.records if record.exc_info] == []


async def test_32_text_that_is_not_utf_8_and_large_messages_close_the_connection(
    server: Served, caplog: pytest.LogCaptureFixture
) -> None:
    async with opened(server) as socket:
        await socket.init()
        await socket.connection.send(b"\xff", text=True)
        assert await socket.closed() == 1007
    async with opened(server) as socket:
        await socket.init()
        with suppress(ConnectionClosed):  # while it is sent
            await socket.connection.send("x" * 17_000_000)
        assert await socket.closed() == 1009
    await eventually(lambda: server.connections == 0)
    assert [record for record in caplog.records if record.exc_info] == []


async def test_an_invalid_frame_closes_the_connection(server: Served) -> None:
    async with opened(server) as socket:
        await socket.init()
        socket.connection.transport.write(b"\xff\xff")  # reserved bits, without an extension
        assert await socket.closed() == 1002


async def test_a_client_that_does_not_answer_pings_is_disconnected(
    mock: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with serving(mock, heartbeat=0.1, stream_timeout=0.1) as server, opened(server) as socket:
        await socket.init()
        monkeypatch.setattr(socket.connection.protocol, "data_to_send", list)
        assert await socket.closed() == 1011


async def test_33_operations_and_connections_are_limited(mock: Database) -> None:
    async with (
        serving(mock, max_subscriptions=2, max_streams=2) as server,
        opened(server) as socket,
        opened(server),
    ):
        await socket.init()
        for id_ in "abc":
            await socket.subscribe(id_, CHANGES)
        message = await socket.receive()
        assert (message["id"], message["type"]) == ("c", "error")
        assert message["payload"][0]["extensions"]["code"] == "TOO_MANY_STREAMS"
        with pytest.raises(InvalidStatus) as refused:
            async with opened(server):
                pass
        assert refused.value.response.status_code == 503
        assert b'"OVERLOADED"' in (refused.value.response.body or b"")


async def test_33_scripts_of_other_sites_and_the_legacy_protocol_are_rejected(
    mock: Database,
) -> None:
    async with serving(mock, cors_origins=("https://news.example",)) as server:
        for origin, is_accepted in (
            ("https://evil.example", False),
            ("https://news.example", True),
            (f"http://127.0.0.1:{server.port}", True),
            ("null", False),
        ):
            if is_accepted:
                async with opened(server, origin=origin) as socket:
                    await socket.init()
                continue
            with pytest.raises(InvalidStatus) as refused:
                async with opened(server, origin=origin):
                    pass
            assert refused.value.response.status_code == 403
        for subprotocols in (["graphql-ws"], None):
            async with opened(server, subprotocols=subprotocols) as socket:
                assert await socket.closed() == 4406


async def test_34_a_client_that_does_not_read_is_disconnected(mock: Database) -> None:
    """Unread data fills the buffers of the kernel and of the server, and no more memory."""
    fields = " ".join(f"t{number}: title" for number in range(90))
    async with serving(mock, stream_timeout=0.2) as server:
        await store(mock, article("a", title="x" * 100_000))
        async with opened(server, max_queue=1, ping_interval=None) as socket:
            await socket.init()
            for number in range(10):
                query = f'{{ article(slug: "a") {{ {fields} }} }}'
                await socket.subscribe(str(number), query)
            await eventually(lambda: server.connections == 0)
            socket.connection.transport.abort()


async def test_35_sockets_that_vanish_leave_nothing_behind(server: Served) -> None:
    async with opened(server) as socket:
        await socket.init()
        await subscribed(server, socket)
    await eventually(lambda: server.connections == 0 and len(server.app.state.live) == 0)
    tasks = len(asyncio.all_tasks())
    for number in range(30):
        async with opened(server) as socket:
            await socket.init()
            await socket.subscribe("1", CHANGES)
            if number % 2:
                socket.connection.transport.abort()
    await eventually(lambda: server.connections == 0 and len(server.app.state.live) == 0)
    await eventually(lambda: len(asyncio.all_tasks()) <= tasks)


async def test_35_closed_sockets_are_freed_at_once(server: Served) -> None:
    """In production, the collector of garbage rarely runs."""

    def protocols() -> int:
        return sum(type(each) is HttpProtocol for each in gc.get_objects())

    gc.collect()
    before = protocols()
    gc.disable()
    try:
        for _ in range(5):
            async with opened(server) as socket:
                await socket.init()
        await eventually(lambda: server.connections == 0)
        assert protocols() <= before
    finally:
        gc.enable()


async def test_65_connections_are_closed_with_1001_when_the_server_stops(mock: Database) -> None:
    async with serving(mock, shutdown_grace=30.0) as server:
        async with opened(server) as socket, opened(server) as idle:
            await socket.init()
            await subscribed(server, socket)
            server.stop()
            assert [await socket.closed(), await idle.closed()] == [1001, 1001]
            await server.ended()
        assert not server.server.is_late


async def test_an_upgrade_of_another_path_is_ignored(server: Served) -> None:
    request = (
        b"GET /livez HTTP/1.1\r\nHost: test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    )
    async with await Client.connect(server.port) as client:
        await client.send(request)
        assert (await client.reply()).status == 200
