"""Connections on real sockets: slow, large, malformed, idle and too many."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from graph.store.driver.database import Database
from tests.builders import article
from tests.served import Client, Reply, eventually, request_of, served
from tests.stored import store

HEAD = b"POST /graphql HTTP/1.1\r\nHost: test\r\nContent-Type: application/json\r\n"
GUARDS = {"x-content-type-options": "nosniff", "x-frame-options": "deny"}


@pytest_asyncio.fixture
async def client() -> AsyncIterator[Client]:
    """A connection to a server that is as patient as a test."""
    async with served() as server, await Client.connect(server.port) as client:
        yield client


async def last(client: Client) -> Reply:
    """The response after which the server closes the connection."""
    reply = await client.reply()
    assert await client.rest() == b""
    assert reply.headers["connection"] == "close"
    assert reply.headers.items() >= GUARDS.items()
    assert "date" in reply.headers
    return reply


async def drip(client: Client, data: bytes = b"x") -> None:
    """Send a little now and then, for as long as the connection is open."""
    while not client.reader.at_eof():
        await client.send(data)
        await asyncio.sleep(0.02)


async def dripped(client: Client, data: bytes = b"x") -> Reply:
    """The response to a client that sends a few bytes now and then."""
    task = asyncio.create_task(drip(client, data))
    try:
        return await client.reply()
    finally:
        task.cancel()
        await asyncio.wait([task])
        if not task.cancelled():
            task.exception()  # the connection may break while it sends


async def test_63_headers_that_never_end_are_rejected_at_their_deadline() -> None:
    async with (
        served(header_timeout=0.2) as server,
        await Client.connect(server.port) as client,
    ):
        await client.send(HEAD)
        reply = await last(client)
    assert (reply.status, reply.codes) == (408, ["REQUEST_TIMEOUT"])


async def test_63_headers_that_drip_do_not_move_their_deadline() -> None:
    async with (
        served(header_timeout=0.3) as server,
        await Client.connect(server.port) as client,
    ):
        await client.send(HEAD)
        assert (await dripped(client)).status == 408


async def test_63_empty_lines_before_a_request_do_not_keep_a_connection_open() -> None:
    async with (
        served(header_timeout=0.3) as server,
        await Client.connect(server.port) as client,
    ):
        assert (await client.get("/livez")).status == 200
        assert (await dripped(client, b"\r\n")).status == 408


async def test_63_a_body_that_drips_is_rejected_at_its_deadline(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with (
        served(body_timeout=0.3) as server,
        await Client.connect(server.port) as client,
    ):
        await client.send(HEAD + b"Content-Length: 100000\r\n\r\n{")
        reply = await dripped(client)
    assert (reply.status, reply.codes) == (408, ["REQUEST_TIMEOUT"])
    assert [record.getMessage() for record in caplog.records] == []


async def test_63_a_body_that_was_rejected_gets_no_second_answer_at_its_deadline() -> None:
    async with (
        served(body_timeout=0.2) as server,
        await Client.connect(server.port) as client,
    ):
        await client.send(HEAD + b"Content-Length: 99999999\r\n\r\n{")
        assert (await client.reply()).status == 413
        assert await client.rest() == b""


async def test_63_a_connection_on_which_nothing_is_sent_is_closed_without_a_response() -> None:
    async with (
        served(header_timeout=0.1) as server,
        await Client.connect(server.port) as client,
    ):
        assert await client.rest() == b""


async def test_63_an_idle_connection_is_closed() -> None:
    async with (
        served(idle_timeout=0.1) as server,
        await Client.connect(server.port) as client,
    ):
        assert (await client.get("/livez")).status == 200
        assert await client.rest() == b""


async def test_the_deadlines_of_one_request_are_not_those_of_the_next() -> None:
    async with (
        served(header_timeout=0.3, body_timeout=0.3) as server,
        await Client.connect(server.port) as client,
    ):
        for _ in range(6):
            for part in (HEAD, b"Content-Length: 2\r\n\r\n{", b"}"):
                await client.send(part)
                await asyncio.sleep(0.03)
            assert (await client.reply()).status == 400


@pytest.mark.parametrize(
    "lines",
    [
        pytest.param(b"X-Large: " + b"x" * 1_000_000 + b"\r\n", id="one-header-of-1-mb"),
        pytest.param(b"X-A: b\r\n" * 20_000, id="20000-headers"),
        pytest.param(b"X-A: b\r\n" * 101, id="101-headers"),
        pytest.param(b"X-Large: " + b"x" * 16_384 + b"\r\n", id="more-than-16-kib"),
        pytest.param(b"X-A: b\r\n" * 90 + b"X-Large: " + b"x" * 15_800 + b"\r\n", id="in-all"),
    ],
)
async def test_64_large_headers_are_rejected_and_the_response_arrives(
    client: Client, lines: bytes
) -> None:
    await client.send(b"GET /livez HTTP/1.1\r\nHost: test\r\n" + lines + b"\r\n")
    reply = await last(client)
    assert (reply.status, reply.codes) == (431, ["HEADERS_TOO_LARGE"])


async def test_headers_within_the_limits_are_accepted(client: Client) -> None:
    lines = b"X-A: b\r\n" * 90 + b"X-Large: " + b"x" * 15_000 + b"\r\n"
    await client.send(b"GET /livez HTTP/1.1\r\nHost: test\r\n" + lines + b"\r\n")
    assert (await client.reply()).status == 200


async def test_a_body_does_not_count_as_headers(client: Client) -> None:
    body = b'{"query": "{ __typename }"}' + b" " * 40_000
    await client.send(HEAD + b"Content-Length: %d\r\n\r\n" % len(body) + body)
    assert (await client.reply()).json == {"data": {"__typename": "Query"}}


async def test_64_a_first_line_that_is_too_long_is_rejected(client: Client) -> None:
    await client.send(b"GET /" + b"x" * 1_000_000)
    reply = await last(client)
    assert (reply.status, reply.codes) == (414, ["URI_TOO_LONG"])


@pytest.mark.parametrize(
    "head",
    [
        pytest.param(b"GET /livez HTTP/1.1\r\n\r\n", id="no-host"),
        pytest.param(b"GET /livez HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", id="two-hosts"),
        pytest.param(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", id="tls"),
        pytest.param(b"GET /livez HTTP/1.1\r\nHost: a\r\nno colon\r\n\r\n", id="no-header"),
    ],
)
async def test_64_a_malformed_request_is_rejected(
    client: Client, head: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    await client.send(head)
    reply = await last(client)
    assert (reply.status, reply.codes) == (400, ["BAD_REQUEST"])
    assert reply.headers["content-type"] == "application/json; charset=utf-8"
    assert caplog.records == []


async def test_http_1_0_needs_no_host(client: Client) -> None:
    await client.send(b"GET /livez HTTP/1.0\r\n\r\n")
    assert (await client.reply()).status == 200


async def test_requests_that_are_sent_together_are_answered_in_their_order(
    client: Client,
) -> None:
    await client.send(request_of("{ __typename }") + b"GET /livez HTTP/1.1\r\nHost: test\r\n\r\n")
    assert (await client.reply()).json == {"data": {"__typename": "Query"}}
    assert (await client.reply()).json == {"status": "alive"}


async def test_a_malformed_request_does_not_cut_off_the_response_before_it(client: Client) -> None:
    await client.send(request_of("{ __typename }") + b"GET /livez HTTP/1.1\r\n\r\n")
    assert (await client.reply()).json == {"data": {"__typename": "Query"}}
    assert await client.rest() == b""


async def test_headers_of_a_request_that_follows_in_the_same_read_are_limited_too(
    client: Client,
) -> None:
    large = b"X-Large: " + b"x" * 20_000 + b"\r\n"
    first = b"GET /livez HTTP/1.1\r\nHost: test\r\n\r\n"
    await client.send(first + first.replace(b"\r\n\r\n", b"\r\n" + large + b"\r\n"))
    assert (await client.reply()).json == {"status": "alive"}
    assert await client.rest() == b""


async def test_a_new_connection_replaces_the_one_that_was_idle_longest() -> None:
    async with served(max_connections=2) as server:
        clients = [await Client.connect(server.port) for _ in range(2)]
        for client in clients:
            assert (await client.get("/livez")).status == 200
        async with await Client.connect(server.port) as newest:
            assert (await newest.get("/livez")).status == 200
            assert await clients[0].rest() == b""
            assert (await clients[1].get("/livez")).status == 200
        for client in clients:
            client.vanish()


async def test_where_all_connections_are_busy_a_new_one_is_rejected() -> None:
    async with served(max_connections=1) as server, await Client.connect(server.port) as busy:
        await busy.send(b"GET /livez HTTP/1.1\r\n")
        await eventually(lambda: server.connections == 1)
        async with await Client.connect(server.port) as surplus:
            reply = await last(surplus)
        assert (reply.status, reply.codes) == (503, ["OVERLOADED"])
        assert reply.headers["retry-after"] == "1"
        await busy.send(b"Host: test\r\n\r\n")
        assert (await busy.reply()).status == 200


async def test_66_a_client_that_disconnects_while_it_sends_is_not_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with served() as server:
        for sent in (b"GET", HEAD, HEAD + b"Content-Length: 1000\r\n\r\n{"):
            client = await Client.connect(server.port)
            await client.send(sent)
            await eventually(lambda: server.connections == 1)
            client.vanish()
            await eventually(lambda: server.connections == 0)
        await eventually(lambda: server.requests == 0)
    assert caplog.records == []


async def test_a_connection_stays_open_after_answers(database: Database) -> None:
    await store(database, article("a"))
    async with served(database) as server, await Client.connect(server.port) as client:
        for _ in range(3):
            assert (await client.ask()).json == {"data": {"article": {"title": "Title of a"}}}


async def test_redirects_keep_the_scheme_that_the_proxy_names() -> None:
    async with served() as server, await Client.connect(server.port) as client:
        await client.send(
            b"GET /readyz/ HTTP/1.1\r\nHost: news.example\r\nX-Forwarded-Proto: https\r\n\r\n"
        )
        reply = await client.reply()
    assert (reply.status, reply.headers["location"]) == (307, "https://news.example/readyz")


@pytest.mark.parametrize("protocol", ["websocket", "h2c"])
@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_a_request_to_change_the_protocol_is_answered_as_any_other(
    client: Client, protocol: str, method: str
) -> None:
    for _ in range(2):
        head = f"{method} /livez HTTP/1.1\r\nHost: test\r\nConnection: Upgrade\r\n"
        length = "Content-Length: 2\r\n" if method == "POST" else ""
        body = "{}" if method == "POST" else ""
        await client.send(f"{head}Upgrade: {protocol}\r\n{length}\r\n{body}".encode())
        reply = await client.reply()
        assert reply.status == (200 if method == "GET" else 405)
