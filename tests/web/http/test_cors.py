"""Scripts of other sites: the headers that they may send, and read in responses and errors."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Final

import httpx
import pytest

from graph.app import create_app
from graph.config import Settings, load_settings
from graph.errors import SettingsError
from graph.web.http.cors import Cors
from tests.served import Client, Reply, Served, eventually, served

ORIGIN: Final = b"https://news.example"
OTHER: Final = b"https://evil.example"
SENT_BY_TOOLS: Final = (
    "traceparent",
    "tracestate",
    "baggage",
    "sentry-trace",
    "apollographql-client-name",
    "apollographql-client-version",
    "x-apollo-operation-name",
)
UNDERSTOOD: Final = (
    "authorization",
    "content-encoding",
    "content-type",
    "if-none-match",
    "last-event-id",
    "x-newsgraph-cost",
    "x-request-id",
)


async def preflight(path: str, **settings: Any) -> set[str]:
    """The headers that a script of another site may send."""
    chosen = {"mongo_url": "mongomock://", "cors_origins": "*", **settings}
    app = create_app(Settings.model_validate(chosen))
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        response = await client.options(path, headers={"Origin": ORIGIN.decode()})
    assert response.status_code == 204
    allowed: str = response.headers["access-control-allow-headers"]
    return {name.strip().lower() for name in allowed.split(",")}


@pytest.mark.parametrize("path", ["/graphql", "/schema.graphql"])
async def test_the_headers_that_tools_in_browsers_add_are_allowed(path: str) -> None:
    assert await preflight(path) >= {*SENT_BY_TOOLS, *UNDERSTOOD}


async def test_the_operator_says_which_headers_are_allowed() -> None:
    assert await preflight("/graphql", cors_headers="X-Trace, b3") == {*UNDERSTOOD, "x-trace", "b3"}
    assert await preflight("/graphql", cors_headers="") == {*UNDERSTOOD}


@pytest.mark.parametrize("name", ["a b", "a:b", "\xe9", "a\r\nSet-Cookie: b", '"a"'])
def test_an_invalid_name_of_a_header_is_named(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEWSGRAPH_CORS_HEADERS", f"traceparent,{name}")
    with pytest.raises(SettingsError) as caught:
        load_settings()
    assert str(caught.value).startswith("NEWSGRAPH_CORS_HEADERS=")
    assert f": {name}: not the name of a header" in str(caught.value)


def test_scripts_may_read_what_the_api_says_in_headers() -> None:
    [exposed] = [
        value
        for name, value in Cors(["*"]).headers(ORIGIN)
        if name == b"access-control-expose-headers"
    ]
    assert exposed == b"ETag, Retry-After, Server-Timing, X-Request-ID"


def test_without_an_origin_there_is_no_preflight() -> None:
    assert Cors(["*"]).preflight(None) == ()
    assert Cors([ORIGIN.decode()]).preflight(None) == ()


def origin_line(origin: bytes) -> bytes:
    return b"Origin: %b\r\n" % origin


async def malformed(server: Served, origin: bytes) -> Reply:
    async with await Client.connect(server.port) as client:
        head = b"GET / HTTP/1.1\r\n" + origin_line(origin) + b"Host: a\r\n"
        await client.send(head + b"no colon\r\n\r\n")
        return await client.reply()


async def no_host(server: Served, origin: bytes) -> Reply:
    async with await Client.connect(server.port) as client:
        await client.send(b"GET / HTTP/1.1\r\n" + origin_line(origin) + b"\r\n")
        return await client.reply()


async def long_url(server: Served, origin: bytes) -> Reply:
    """Its headers arrive long after the limit was passed."""
    async with await Client.connect(server.port) as client:
        await client.send(b"GET /" + b"x" * 20_000)
        await eventually(lambda: server.connections == 1)
        for _ in range(10):
            await asyncio.sleep(0)
        await client.send(b" HTTP/1.1\r\nHost: test\r\n" + origin_line(origin) + b"\r\n")
        return await client.reply()


async def large_headers(server: Served, origin: bytes) -> Reply:
    async with await Client.connect(server.port) as client:
        large = b"X-Large: " + b"x" * 20_000 + b"\r\n"
        await client.send(b"GET / HTTP/1.1\r\nHost: a\r\n" + large + origin_line(origin) + b"\r\n")
        return await client.reply()


async def many_headers(server: Served, origin: bytes) -> Reply:
    async with await Client.connect(server.port) as client:
        many = b"X-A: b\r\n" * 101
        await client.send(b"GET / HTTP/1.1\r\nHost: a\r\n" + many + origin_line(origin) + b"\r\n")
        return await client.reply()


async def slow_headers(server: Served, origin: bytes) -> Reply:
    async with await Client.connect(server.port) as client:
        await client.send(b"GET / HTTP/1.1\r\n" + origin_line(origin) + b"Host: a")
        return await client.reply()


async def slow_body(server: Served, origin: bytes) -> Reply:
    async with await Client.connect(server.port) as client:
        head = b"POST /graphql HTTP/1.1\r\nHost: a\r\n" + origin_line(origin)
        await client.send(head + b"Content-Length: 9\r\n\r\n{")
        return await client.reply()


async def surplus(server: Served, origin: bytes) -> Reply:
    async with (
        await Client.connect(server.port) as busy,
        await Client.connect(server.port) as client,
    ):
        await busy.send(b"GET /livez HTTP/1.1\r\n")
        await client.send(b"GET / HTTP/1.1\r\nHost: a\r\n" + origin_line(origin) + b"\r\n")
        return await client.reply()


Refused = Callable[[Served, bytes], Awaitable[Reply]]

REFUSED: Final = [
    pytest.param(malformed, 400, id="malformed"),
    pytest.param(no_host, 400, id="no-host"),
    pytest.param(long_url, 414, id="long-url"),
    pytest.param(large_headers, 431, id="large-headers"),
    pytest.param(many_headers, 431, id="many-headers"),
    pytest.param(slow_headers, 408, id="slow-headers"),
    pytest.param(slow_body, 408, id="slow-body"),
]


def allowed(reply: Reply) -> tuple[str | None, bool]:
    """The origin that may read it, and whether its script sees the headers."""
    name = "access-control-expose-headers"
    return reply.headers.get("access-control-allow-origin"), name in reply.headers


@pytest.mark.parametrize(("refused", "status"), REFUSED)
async def test_an_error_response_can_be_read_by_allowed_origins(
    refused: Refused, status: int
) -> None:
    origins = f"{ORIGIN.decode()},https://b.example"
    async with served(cors_origins=origins, header_timeout=0.3, body_timeout=0.3) as server:
        for origin, readable in ((ORIGIN, (ORIGIN.decode(), True)), (OTHER, (None, False))):
            reply = await refused(server, origin)
            assert (reply.status, allowed(reply)) == (status, readable)
            assert reply.headers["cache-control"] == "no-store"
            await eventually(lambda: server.connections == 0)


@pytest.mark.parametrize(("refused", "status"), REFUSED)
async def test_without_allowed_origins_an_error_response_has_no_cors_headers(
    refused: Refused, status: int
) -> None:
    async with served(header_timeout=0.3, body_timeout=0.3) as server:
        reply = await refused(server, ORIGIN)
    assert (reply.status, allowed(reply)) == (status, (None, False))


async def test_where_any_origin_is_allowed_every_error_response_can_be_read() -> None:
    async with served(cors_origins="*") as server, await Client.connect(server.port) as client:
        await client.send(b"GET /" + b"x" * 1_000_000)
        reply = await client.reply()
    assert (reply.status, allowed(reply)) == (414, ("*", True))


async def test_a_rejected_connection_gets_a_response_with_the_reason() -> None:
    async with served(cors_origins=ORIGIN.decode(), max_connections=1) as server:
        reply = await surplus(server, ORIGIN)
    assert (reply.status, reply.codes) == (503, ["OVERLOADED"])
    assert allowed(reply) == (ORIGIN.decode(), True)
    assert reply.headers["retry-after"] == "1"


async def test_a_request_that_a_stopped_server_has_no_time_for_can_be_read() -> None:
    async with (
        served(cors_origins=f"{ORIGIN.decode()},https://b.example", shutdown_grace=0.1) as server,
        await Client.connect(server.port) as client,
    ):
        head = b"POST /graphql HTTP/1.1\r\nHost: a\r\n" + origin_line(ORIGIN)
        await client.send(head + b"Content-Length: 9\r\n\r\n{")
        await eventually(lambda: server.requests == 1)
        server.stop()
        reply = await client.reply()
    assert (reply.status, reply.codes) == (503, ["SHUTTING_DOWN"])
    assert allowed(reply) == (ORIGIN.decode(), True)


def preflight_of(path: bytes, origin: bytes) -> bytes:
    asks = b"Access-Control-Request-Method: GET\r\nAccess-Control-Request-Headers: traceparent\r\n"
    return b"OPTIONS %b HTTP/1.1\r\nHost: a\r\n%b%b\r\n" % (path, origin_line(origin), asks)


async def test_the_preflight_of_a_request_that_is_too_long_is_allowed() -> None:
    path = b"/graphql?query=" + b"x" * 20_000
    async with served(cors_origins=ORIGIN.decode()) as server:
        replies = []
        for origin in (ORIGIN, OTHER):
            async with await Client.connect(server.port) as client:
                await client.send(preflight_of(path, origin))
                replies.append(await client.reply())
    allowing, refusing = replies
    assert (allowing.status, allowed(allowing)) == (204, (ORIGIN.decode(), True))
    assert "traceparent" in allowing.headers["access-control-allow-headers"]
    assert refusing.status == 414


async def test_a_preflight_for_which_there_is_no_connection_is_allowed() -> None:
    async with (
        served(cors_origins=ORIGIN.decode(), max_connections=1) as server,
        await Client.connect(server.port) as busy,
        await Client.connect(server.port) as client,
    ):
        await busy.send(b"GET /livez HTTP/1.1\r\n")
        await client.send(preflight_of(b"/graphql", ORIGIN))
        reply = await client.reply()
    assert (reply.status, allowed(reply)) == (204, (ORIGIN.decode(), True))
