"""deploy/nginx.conf: the requests that the proxy caches, passes on and rejects."""

from __future__ import annotations

import asyncio
import json
import re
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import httpx
import pytest
from websockets.asyncio.client import connect
from websockets.typing import Subprotocol

from graph.config import Settings
from graph.store.cache import corpus_state
from graph.store.driver.database import Database
from tests.builders import article, store
from tests.processes import HTTP, free_port, until
from tests.proxies import ReceivedRequest, Reply, Upstream, proxying, serving
from tests.served import served

PATH: Final = "/graphql?query=%7Bcorpus%7Brevision%7D%7D"
ORIGIN: Final = "https://news.example"
VARY: Final = "Accept, Accept-Encoding, Authorization, Origin"
FRESH: Final = {"Cache-Control": "public, max-age=60", "ETag": '"one"', "Vary": VARY}


@pytest.fixture
def upstream() -> Iterator[Upstream]:
    with serving() as server:
        server.respond = lambda _: Reply(headers=FRESH)
        yield server


@pytest.fixture
def client(upstream: Upstream, tmp_path: Path) -> Iterator[httpx.Client]:
    with (
        proxying(tmp_path, [upstream.port, upstream.port]) as url,
        httpx.Client(base_url=url, trust_env=False, verify=False) as opened,
    ):
        yield opened


def cache(response: httpx.Response) -> str:
    status: str = response.headers.get("Cache-Status", "")
    return status


def code(response: httpx.Response) -> str:
    found: str = response.json()["errors"][0]["extensions"]["code"]
    return found


def test_a_get_is_cached_as_long_as_its_cache_control_says(
    client: httpx.Client, upstream: Upstream
) -> None:
    answers = [client.get(PATH) for _ in range(3)]
    assert [cache(answer) for answer in answers] == ["nginx; fwd=miss", *["nginx; hit"] * 2]
    assert [answer.text for answer in answers] == ["told"] * 3
    assert {answer.headers["ETag"] for answer in answers} == {'"one"'}
    assert len(upstream.requests) == 1


def test_another_query_is_another_answer(client: httpx.Client, upstream: Upstream) -> None:
    upstream.respond = lambda request: Reply(request.path, headers=FRESH)
    assert client.get("/graphql?query=a").text == "/graphql?query=a"
    assert client.get("/graphql?query=b").text == "/graphql?query=b"


def test_a_post_is_never_cached(client: httpx.Client, upstream: Upstream) -> None:
    client.get("/graphql")
    assert [cache(client.post("/graphql", content="{}")) for _ in range(2)] == ["", ""]
    assert [request.method for request in upstream.requests] == ["GET", "POST", "POST"]


def test_a_query_passes_with_its_body_and_is_not_cached(
    client: httpx.Client, upstream: Upstream
) -> None:
    upstream.respond = lambda request: Reply(request.headers["content-length"], headers=FRESH)
    for body in ("{}", "[{}]"):
        assert client.request("QUERY", "/graphql", content=body).text == str(len(body))
    assert [request.method for request in upstream.requests] == ["QUERY", "QUERY"]


def test_a_head_has_the_headers_of_a_cached_get(client: httpx.Client, upstream: Upstream) -> None:
    got, head = client.get(PATH), client.head(PATH)
    assert (head.status_code, head.content, cache(head)) == (200, b"", "nginx; hit")
    assert head.headers["ETag"] == got.headers["ETag"]
    assert head.headers["Content-Length"] == got.headers["Content-Length"]


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"ETag": '"one"'},
        {"Cache-Control": "private, no-store"},
        {"Cache-Control": "no-cache"},
        {"Cache-Control": "public, max-age=60", "Set-Cookie": "a=b"},
        {"Cache-Control": "public, max-age=60", "Vary": "*"},
    ],
    ids=["nothing", "etag", "private", "no-cache", "cookie", "vary-all"],
)
def test_a_response_without_cache_control_is_not_cached(
    client: httpx.Client, upstream: Upstream, headers: dict[str, str]
) -> None:
    upstream.respond = lambda _: Reply(headers=headers)
    assert {cache(client.get(PATH)) for _ in range(2)} == {"nginx; fwd=miss"}
    assert len(upstream.requests) == 2


def test_a_partial_success_passes_and_is_not_cached(
    client: httpx.Client, upstream: Upstream
) -> None:
    upstream.respond = lambda _: Reply("told", 294, {"Cache-Control": "no-store", "Vary": VARY})
    answers = [client.get(PATH), client.get(PATH), client.post("/graphql", content="{}")]
    assert [(answer.status_code, answer.text) for answer in answers] == [(294, "told")] * 3
    assert len(upstream.requests) == 3


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("Accept", ["application/json", "application/graphql-response+json"]),
        ("Accept-Encoding", ["identity", "gzip"]),
        ("Origin", ["https://a.example", "https://b.example"]),
    ],
)
def test_each_value_of_what_vary_names_has_its_own_answer(
    client: httpx.Client, upstream: Upstream, name: str, values: list[str]
) -> None:
    upstream.respond = lambda request: Reply(request.headers[name.lower()], headers=FRESH)
    answers = [client.get(PATH, headers={name: value}) for value in values * 2]
    assert [answer.text for answer in answers] == values * 2
    assert [cache(answer) for answer in answers[2:]] == ["nginx; hit"] * 2


@pytest.mark.parametrize("name", ["Authorization", "X-Newsgraph-Cost"])
def test_private_responses_are_neither_stored_nor_sent_from_the_cache(
    client: httpx.Client, upstream: Upstream, name: str
) -> None:
    upstream.respond = lambda request: Reply(
        request.headers.get(name.lower(), "public"), headers={"Cache-Control": "public, max-age=60"}
    )
    assert client.get("/graphql?query=b", headers={name: "1"}).text == "1"
    assert client.get("/graphql?query=b").text == "public"
    response = client.get("/graphql?query=b", headers={name: "2"})
    assert (response.text, cache(response)) == ("2", "nginx; fwd=bypass")
    assert client.get("/graphql?query=b").text == "public"


def test_a_conditional_request_is_served_from_the_cache(
    client: httpx.Client, upstream: Upstream
) -> None:
    client.get(PATH)
    answer = client.get(PATH, headers={"If-None-Match": '"one"'})
    assert (answer.status_code, answer.content) == (304, b"")
    assert len(upstream.requests) == 1


def test_a_stale_response_stays_cached_if_the_server_says_that_it_is_current(
    client: httpx.Client, upstream: Upstream
) -> None:
    headers = {"Cache-Control": "public, max-age=1", "ETag": '"one"'}
    upstream.respond = lambda request: Reply(
        status=304 if request.headers.get("if-none-match") == '"one"' else 200, headers=headers
    )
    client.get(PATH)
    until(lambda: "revalidated" in cache(client.get(PATH)), 10, "revalidated")
    answer = client.get(PATH)
    assert (answer.status_code, answer.text) == (200, "told")


def test_a_stale_response_is_sent_while_a_new_one_is_fetched_if_the_server_allows_it(
    client: httpx.Client, upstream: Upstream
) -> None:
    headers = {"Cache-Control": "public, max-age=1, stale-while-revalidate=60"}
    may_answer = threading.Event()
    may_answer.set()

    def respond(_: ReceivedRequest) -> Reply:
        body = "first" if len(upstream.requests) == 1 else "second"
        assert may_answer.wait(20)
        return Reply(body, headers=headers)

    def ask() -> httpx.Response:
        """By its own connection: nginx holds the one by which it noticed."""
        return HTTP.get(f"{client.base_url}{PATH}")

    upstream.respond = respond
    ask()
    may_answer.clear()
    try:
        until(lambda: "stale" in cache(ask()), 10, "stale")
        assert ask().text == "first"
    finally:
        may_answer.set()
    until(lambda: ask().text == "second", 10, "renewed")


def test_a_stale_response_is_not_sent_if_the_server_does_not_allow_it(
    client: httpx.Client, upstream: Upstream
) -> None:
    upstream.respond = lambda _: Reply(
        str(len(upstream.requests)), headers={"Cache-Control": "public, max-age=1"}
    )
    client.get(PATH)
    until(lambda: cache(client.get(PATH)) != "nginx; hit", 10, "expired")
    assert client.get(PATH).text == "2"


def test_simultaneous_requests_cost_the_server_one_response(
    client: httpx.Client, upstream: Upstream
) -> None:
    second = threading.Event()

    def respond(_: ReceivedRequest) -> Reply:
        if len(upstream.requests) > 1:
            second.set()
        second.wait(0.5)  # time enough for a second one to come, if it may
        return Reply(headers=FRESH)

    upstream.respond = respond
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: client.get(PATH).text, range(8)))
    assert answers == ["told"] * 8
    assert len(upstream.requests) == 1


def test_a_request_id_is_passed_on_and_sent_back(client: httpx.Client, upstream: Upstream) -> None:
    upstream.respond = lambda _: Reply(headers={**FRESH, "X-Request-ID": "the-upstreams"})
    for request_id in ("mine-1", "mine-2"):
        answer = client.get(PATH, headers={"X-Request-ID": request_id})
        assert answer.headers.get_list("X-Request-ID") == [request_id]
    assert [request.headers["x-request-id"] for request in upstream.requests] == ["mine-1"]


def test_a_request_without_a_usable_id_gets_one(client: httpx.Client, upstream: Upstream) -> None:
    for headers in ({}, {"X-Request-ID": "two words"}):
        request_id = client.post("/graphql", headers=headers).headers["X-Request-ID"]
        assert re.fullmatch("[0-9a-f]{32}", request_id)
        assert upstream.requests[-1].headers["x-request-id"] == request_id


def test_the_log_names_the_request_without_its_query(client: httpx.Client, tmp_path: Path) -> None:
    client.get("/graphql?query=secret", headers={"X-Request-ID": "mine-1"})
    log = tmp_path / "nginx.log"
    until(lambda: "mine-1" in log.read_text(), 10, "logged")
    [line] = [json.loads(line) for line in log.read_text().splitlines() if "mine-1" in line]
    assert (line["path"], line["status"], line["cache"]) == ("/graphql", 200, "MISS")
    assert "secret" not in log.read_text()


@pytest.mark.parametrize(
    "path", ["/metrics", "/metrics/", "//metrics", "/%6detrics", "/a/../metrics"]
)
def test_metrics_are_not_public(client: httpx.Client, upstream: Upstream, path: str) -> None:
    address = urlsplit(str(client.base_url))
    with socket.create_connection((address.hostname, address.port), 10) as connection:
        connection.sendall(f"GET {path} HTTP/1.0\r\n\r\n".encode())
        assert connection.recv(4096).startswith(b"HTTP/1.1 404")
    assert upstream.requests == []


def test_an_upgrade_is_passed_on_only_to_a_websocket(
    client: httpx.Client, upstream: Upstream
) -> None:
    for protocol in ("h2c", "WebSocket"):
        headers = {"Connection": "Upgrade, HTTP2-Settings", "Upgrade": protocol}
        client.post("/graphql", headers=headers, content="{}")
    other, websocket = (request.headers for request in upstream.requests)
    assert not {"connection", "upgrade"} & other.keys()
    assert (websocket["connection"], websocket["upgrade"]) == ("upgrade", "websocket")


async def test_streams_and_websockets_pass_through_it(
    tmp_path: Path, mock: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each event at once, and no request waits for a stream of the same URL."""
    monkeypatch.setattr(corpus_state, "POLL_SECONDS", 0.01)
    await store(mock, article("a"))
    query = "subscription { articleChanged { slug } }"
    parameters = {"query": '{ article(slug: "a") { title } }'}
    accept = {"Accept": "text/event-stream"}
    async with AsyncExitStack() as stack:
        server = await stack.enter_async_context(served(mock))
        server.app.state.live._database = mock
        url = stack.enter_context(proxying(tmp_path, [server.port, server.port]))
        client = await stack.enter_async_context(httpx.AsyncClient(base_url=url, trust_env=False))
        for title in ("Title of a", "Another"):
            await store(mock, article("a", title=title))
            stream = await stack.enter_async_context(
                client.stream("GET", "/graphql", params=parameters, headers=accept)
            )
            lines = stream.aiter_lines()
            async with asyncio.timeout(20):
                while title not in await anext(lines):
                    pass
        answer = await client.get("/graphql", params=parameters)
        assert answer.json()["data"] == {"article": {"title": "Another"}}
        websocket = await stack.enter_async_context(
            connect(
                f"{url.replace('http', 'ws')}/graphql",
                subprotocols=[Subprotocol("graphql-transport-ws")],
            )
        )
        for message in (
            {"type": "connection_init"},
            {"type": "subscribe", "id": "1", "payload": {"query": query, "variables": {}}},
            {"type": "ping"},
        ):
            await websocket.send(json.dumps(message))
        async with asyncio.timeout(20):
            replies = {json.loads(await websocket.recv())["type"] for _ in range(2)}
        assert replies == {"connection_ack", "pong"}


def test_a_body_that_is_too_large_is_rejected_before_it_reaches_a_server(
    client: httpx.Client, upstream: Upstream
) -> None:
    answer = client.post("/graphql", content=b"x" * (2**20 + 1))
    assert (answer.status_code, code(answer)) == (413, "CONTENT_TOO_LARGE")
    assert upstream.requests == []


def test_a_url_that_is_too_long_is_rejected_before_it_reaches_a_server(
    client: httpx.Client, upstream: Upstream
) -> None:
    path = "/graphql?query="
    longest = path.ljust(Settings().max_url_bytes, "x")
    assert client.get(longest).status_code == 200
    for surplus in (1, 1_000, 40_000):
        answer = client.get(longest + "x" * surplus)
        assert (answer.status_code, code(answer)) == (414, "URI_TOO_LONG")
    assert len(upstream.requests) == 1


def test_the_preflight_of_a_url_that_is_too_long_is_left_to_a_server(
    client: httpx.Client, upstream: Upstream
) -> None:
    answer = client.options(f"/graphql?query={'x' * 20_000}")
    assert (answer.status_code, [request.method for request in upstream.requests]) == (
        200,
        ["OPTIONS"],
    )


def test_an_error_response_can_be_read_by_scripts_of_the_configured_origins(
    upstream: Upstream, tmp_path: Path
) -> None:
    def named(text: str) -> str:
        opening = "map $http_origin $cors_origin {"
        assert text.count(opening) == 1
        return text.replace(opening, f'{opening}\n"{ORIGIN}" $http_origin;')

    with proxying(tmp_path, [upstream.port, upstream.port], named) as url:
        for origin, allowed in ((ORIGIN, ORIGIN), ("https://evil.example", None), (None, None)):
            headers = {} if origin is None else {"Origin": origin}
            for answer in (
                HTTP.get(f"{url}/graphql?{'x' * 20_000}", headers=headers),
                HTTP.post(f"{url}/graphql", content=b"x" * (2**20 + 1), headers=headers),
            ):
                assert answer.status_code in {413, 414}
                assert answer.headers.get("Access-Control-Allow-Origin") == allowed
                exposed = "Retry-After" if allowed else None
                assert answer.headers.get("Access-Control-Expose-Headers") == exposed


def test_a_client_with_too_many_requests_is_told_to_wait(client: httpx.Client) -> None:
    address = urlsplit(str(client.base_url))
    many = 600
    with socket.create_connection((address.hostname, address.port), 10) as connection:
        request = f"GET {PATH} HTTP/1.1\r\nHost: test\r\n\r\n".encode()
        connection.sendall(request * many + request.replace(b"1.1", b"1.0"))
        with connection.makefile("rb") as stream:
            answers = stream.read()
    assert b"HTTP/1.1 200" in answers
    assert b"HTTP/1.1 429" in answers
    assert b"TOO_MANY_REQUESTS" in answers
    assert b"Retry-After: 1" in answers


@pytest.mark.parametrize("host", ["news.example:8443", "news.example"])
def test_a_server_sees_the_host_and_the_port_that_the_client_names(
    client: httpx.Client, upstream: Upstream, host: str
) -> None:
    client.get("/feeds/all.atom", headers={"Host": host})
    assert [request.headers["host"] for request in upstream.requests] == [host]


def test_a_request_without_a_host_is_passed_on_with_one(
    client: httpx.Client, upstream: Upstream
) -> None:
    address = urlsplit(str(client.base_url))
    with socket.create_connection((address.hostname, address.port), 10) as connection:
        connection.sendall(f"GET {PATH} HTTP/1.0\r\n\r\n".encode())
        with connection.makefile("rb") as stream:
            assert b" 200 OK\r\n" in stream.readline()
    assert upstream.requests[0].headers["host"] == address.netloc


def test_without_an_upstream_server_the_response_has_retry_after(tmp_path: Path) -> None:
    with proxying(tmp_path, [free_port(), free_port()]) as url:
        answer = HTTP.get(f"{url}/graphql")
    assert (answer.status_code, code(answer)) == (503, "UNAVAILABLE")
    assert answer.headers["Retry-After"] == "2"


def test_a_post_goes_to_the_other_server_where_one_is_away(
    upstream: Upstream, tmp_path: Path
) -> None:
    with proxying(tmp_path, [free_port(), upstream.port]) as url:
        answers = [HTTP.post(f"{url}/graphql") for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200] * 4
