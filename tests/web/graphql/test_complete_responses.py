"""Responses that are sent at once have the same bytes as those sent in ASGI messages."""

from __future__ import annotations

import gc
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote

import pytest

from graph.store.driver.database import Database
from graph.web.http.response import COMPLETE_RESPONSE
from graph.web.server.protocol import HttpProtocol
from tests.builders import article
from tests.served import QUERY, Client, eventually, request_of, served
from tests.stored import store

GET = f"GET /graphql?query={quote(QUERY)} HTTP/1.1\r\nHost: test\r\n".encode()
LONG = '{ article(slug: "a") { ' + " ".join(f"f{n}: title" for n in range(500)) + " } }"

REQUESTS = {
    "post": [request_of(QUERY)],
    "get": [GET + b"\r\n"],
    "not valid": [request_of("{ nothing }")],
    "no operation": [b"GET /graphql?query= HTTP/1.1\r\nHost: test\r\n\r\n"],
    "no such method": [b"PUT /graphql HTTP/1.1\r\nHost: test\r\n\r\n"],
    "a page": [b"GET /graphql HTTP/1.1\r\nHost: test\r\nAccept: text/html\r\n\r\n"],
    "only the headers": [b"HEAD /graphql HTTP/1.1\r\nHost: test\r\n\r\n"],
    "from elsewhere": [GET + b"Origin: https://reader.example\r\n\r\n"],
    "a preflight": [
        b"OPTIONS /graphql HTTP/1.1\r\nHost: test\r\nOrigin: https://reader.example\r\n\r\n"
    ],
    "compressed": [request_of(LONG).replace(b"Host: test", b"Host: test\r\nAccept-Encoding: gzip")],
    "an id of the client": [GET + b"X-Request-ID: mine\r\n\r\n"],
    "the last": [GET + b"Connection: close\r\n\r\n"],
    "an older client": [GET.replace(b"HTTP/1.1", b"HTTP/1.0") + b"\r\n"],
    "an older client that stays": [
        GET.replace(b"HTTP/1.1", b"HTTP/1.0") + b"Connection: keep-alive\r\n\r\n"
    ],
    "one after the other": [request_of(QUERY) + GET + b"\r\n" + request_of("{ nothing }")],
    "a body that is asked for": [
        request_of(QUERY).replace(b"Host: test", b"Host: test\r\nExpect: 100-continue")
    ],
}


async def response_bytes(port: int, requests: Sequence[bytes]) -> bytes:
    """All bytes sent for these requests, without the headers that differ in every response."""
    async with await Client.connect(port) as client:
        for request in requests:
            await client.send(request)
        client.writer.write_eof()
        sent = await client.rest()
    return re.sub(rb"(?m)^(date|x-request-id): .*$", rb"\1: x", sent)


@pytest.mark.parametrize("requests", REQUESTS.values(), ids=REQUESTS)
async def test_a_complete_response_has_the_bytes_of_one_sent_in_asgi_messages(
    mock: Database, requests: list[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    await store(mock, article("a"))
    settings: dict[str, Any] = {"cors_origins": ["https://reader.example"], "idle_timeout": 0.2}
    async with served(mock, **settings) as server:
        at_once = await response_bytes(server.port, requests)
    async with served(mock, access_log="on", **settings) as server:
        in_messages = await response_bytes(server.port, requests)
    assert at_once == in_messages
    assert at_once.startswith(b"HTTP/1.1 ")


async def test_a_complete_response_waits_while_writing_is_paused(mock: Database) -> None:
    await store(mock, article("a"))
    async with served(mock) as server, await Client.connect(server.port) as client:
        assert (await client.ask()).status == 200
        (connection,) = server.server.server_state.connections
        assert isinstance(connection, HttpProtocol)
        connection.flow.pause_writing()
        await client.post()
        await eventually(lambda: server.requests == 1)
        send = connection.cycle.scope["extensions"][COMPLETE_RESPONSE]["send"]
        connection.flow.resume_writing()
        assert (await client.reply()).json == {"data": {"article": {"title": "Title of a"}}}
        assert callable(send)
        assert send(200, b"content-length: 0\r\n", b"") is False  # it has its response


@pytest.mark.parametrize("cache", ["off", "on"])
async def test_a_request_leaves_nothing_to_the_garbage_collector(
    server: Database, cache: str
) -> None:
    await store(server, article("a"))
    async with served(server, cache=cache) as host, await Client.connect(host.port) as client:
        await client.ask()
        gc.collect()
        with garbage_collection_disabled():
            for _ in range(200):
                assert (await client.ask()).status == 200
            assert gc.collect() < 200  # other clients of the database leave some objects


@contextmanager
def garbage_collection_disabled() -> Iterator[None]:
    """No garbage is collected, unless one asks for it."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
