"""Upgrades that the server does not support: the request is answered as if it had none."""

from __future__ import annotations

import json
import shutil
from asyncio import create_subprocess_exec
from collections.abc import AsyncIterator, Iterable
from subprocess import PIPE

import pytest
import pytest_asyncio
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.served import Client, served

TYPENAME = b'{"query": "{ __typename }"}'
ANSWER = {"data": {"__typename": "Query"}}
ALIVE = {"status": "alive"}

UPGRADES = [
    pytest.param(
        b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n"
        b"HTTP2-Settings: AAMAAABkAAQAoAAA\r\n",
        id="h2c",
    ),
    pytest.param(b"Upgrade: h2c\r\nConnection: upgrade\r\n", id="upgrade-before-connection"),
    pytest.param(
        b"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
        b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n",
        id="websocket",
    ),
    pytest.param(b"Connection: Upgrade\r\nUpgrade: TLS/1.2, HTTP/2.0\r\n", id="several"),
    pytest.param(b"Connection: Upgrade\r\nUpgrade: h2c\r\nUpgrade: x\r\n", id="two-fields"),
]
"""Fields of a request that asks for another protocol."""

H2C = b"Connection: Upgrade\r\nUpgrade: h2c\r\n"


@pytest_asyncio.fixture
async def client() -> AsyncIterator[Client]:
    async with served() as server, await Client.connect(server.port) as client:
        yield client


def post(fields: bytes, body: bytes = TYPENAME, *, chunks: int = 0) -> bytes:
    """A POST of an operation, in this many chunks or with its length."""
    head = b"POST /graphql HTTP/1.1\r\nHost: test\r\nContent-Type: application/json\r\n" + fields
    if not chunks:
        return head + b"Content-Length: %d\r\n\r\n%b" % (len(body), body)
    size = -(-len(body) // chunks)
    parts = [body[at : at + size] for at in range(0, len(body), size)]
    chunked = b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in parts)
    return head + b"Transfer-Encoding: chunked\r\n\r\n" + chunked + b"0\r\n\r\n"


def get(fields: bytes = b"", method: bytes = b"GET") -> bytes:
    return method + b" /livez HTTP/1.1\r\nHost: test\r\n" + fields + b"\r\n"


@pytest.mark.parametrize("fields", UPGRADES)
@pytest.mark.parametrize("chunks", [0, 1, 3], ids=["length", "one-chunk", "three-chunks"])
async def test_the_body_of_a_post_is_read(client: Client, fields: bytes, chunks: int) -> None:
    for _ in range(2):
        await client.send(post(fields, chunks=chunks))
        reply = await client.reply()
        assert (reply.status, reply.json) == (200, ANSWER)
        assert "upgrade" not in reply.headers


@pytest.mark.parametrize("fields", UPGRADES)
async def test_a_get_and_a_head_are_answered(client: Client, fields: bytes) -> None:
    await client.send(get(fields))
    assert (await client.reply()).json == ALIVE
    await client.send(get(fields + b"Connection: close\r\n", b"HEAD"))
    assert (await client.rest()).startswith(b"HTTP/1.1 200 ")


async def test_requests_that_follow_in_the_same_read_are_answered_in_their_order(
    client: Client,
) -> None:
    follow = [post(H2C), get(H2C), post(H2C, chunks=2), get(), post(b""), get(H2C)]
    await client.send(b"".join(follow))
    replies = [(await client.reply()).json for _ in follow]
    assert replies == [ANSWER, ALIVE, ANSWER, ALIVE, ANSWER, ALIVE]


async def test_connection_close_closes_the_connection(client: Client) -> None:
    await client.send(post(b"Connection: close, Upgrade\r\nUpgrade: h2c\r\n") + get())
    assert (await client.reply()).json == ANSWER
    assert await client.rest() == b""


async def test_http_1_0_cannot_upgrade(client: Client) -> None:
    await client.send(post(H2C).replace(b"HTTP/1.1", b"HTTP/1.0"))
    assert (await client.reply()).json == ANSWER
    assert await client.rest() == b""


async def test_a_client_that_waits_for_100_continue_is_told_to_go_on(client: Client) -> None:
    request = post(H2C + b"Expect: 100-continue\r\n")
    head, _, body = request.partition(b"\r\n\r\n")
    await client.send(head + b"\r\n\r\n")
    assert (await client.reply()).status == 100
    await client.send(body)
    assert (await client.reply()).json == ANSWER


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        pytest.param(b"X-Large: " + b"x" * 16_384 + b"\r\n", 431, id="headers"),
        pytest.param(b"Host: other\r\n", 400, id="two-hosts"),
        pytest.param(b"Transfer-Encoding: chunked\r\n", 400, id="two-lengths"),
    ],
)
async def test_a_head_has_the_same_limits(client: Client, fields: bytes, status: int) -> None:
    await client.send(post(H2C + fields))
    assert (await client.reply()).status == status
    assert await client.rest() == b""


async def test_a_body_that_does_not_arrive_has_a_deadline() -> None:
    async with (
        served(body_timeout=0.2) as server,
        await Client.connect(server.port) as client,
    ):
        await client.send(post(H2C)[:-1])
        reply = await client.reply()
    assert (reply.status, reply.codes) == (408, ["REQUEST_TIMEOUT"])


@pytest.mark.parametrize("target", [b"test:443", b"/graphql"])
async def test_connect_is_rejected(client: Client, target: bytes) -> None:
    await client.send(b"CONNECT " + target + b" HTTP/1.1\r\nHost: test\r\n\r\n")
    reply = await client.reply()
    assert (reply.status, reply.codes) == (405, ["METHOD_NOT_ALLOWED"])
    assert reply.headers["allow"] == "get, head, options, post, query"
    assert await client.rest() == b""


def cut(data: bytes, places: Iterable[int]) -> list[bytes]:
    """The data in parts, cut at these places."""
    ends = [*sorted({place % len(data) for place in places} - {0}), len(data)]
    return [data[start:end] for start, end in zip([0, *ends], ends, strict=False)]


REQUEST = st.builds(
    lambda fields, chunks: (post(fields, chunks=chunks), ANSWER),
    st.sampled_from([b"", H2C]),
    st.integers(0, 3),
) | st.builds(lambda fields: (get(fields), ALIVE), st.sampled_from([b"", H2C]))


@settings(
    max_examples=30,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    requests=st.lists(REQUEST, min_size=1, max_size=5),
    places=st.lists(st.integers(0, 10_000), max_size=8),
)
async def test_requests_may_be_split_at_any_byte(
    client: Client, requests: list[tuple[bytes, object]], places: list[int]
) -> None:
    """The connection is used for all examples: each leaves it ready for the next."""
    for part in cut(b"".join(request for request, _ in requests), places):
        await client.send(part)
    for _, answer in requests:
        assert (await client.reply()).json == answer


async def test_curl_with_http2_gets_its_answer() -> None:
    curl = shutil.which("curl")
    if curl is None:
        pytest.skip("no curl was found: apt-get install curl")
    async with served() as server:
        url = f"http://127.0.0.1:{server.port}/graphql"
        process = await create_subprocess_exec(
            *(curl, "-s", "--noproxy", "*", "--http2", url),
            *("-H", "Content-Type: application/json", "-d", TYPENAME.decode()),
            stdout=PIPE,
            stderr=PIPE,
        )
        output, errors = await process.communicate()
    if b"the installed libcurl version doesn't support" in errors:
        pytest.skip("this curl knows no HTTP/2")
    assert json.loads(output) == ANSWER
