"""HEAD, OPTIONS and QUERY: the safe methods besides GET."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Final

import httpx
import pytest
from starlette.routing import Route

from graph.app import create_app
from graph.config import Settings
from graph.store.cache.corpus_state import CorpusState
from graph.store.cache.read_cache import ReadCache
from graph.store.driver.client import open_database
from graph.store.driver.database import Database
from graph.store.revision import EMPTY_CORPUS
from graph.web.graphql.cache.stale_responses import Responses
from tests.builders import article
from tests.served import Client, eventually, served
from tests.stored import store

ONE: Final = '{ article(slug: "a") { title } }'
TITLE: Final = {"data": {"article": {"title": "Title of a"}}}
GRAPHQL: Final = "application/graphql-response+json"
PATHS: Final = (
    "/",
    "/search",
    "/explorer/",
    "/schema.graphql",
    "/livez",
    "/readyz",
    "/metrics",
    "/media/x.svg",
    "/graphql?query=%7B__typename%7D",
    "/graphql?query=%7Bnothing%7D",
    "/graphql",
    "/nothing",
)
CHANGING: Final = {"date", "x-request-id"}


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    """A client of an application over one article, with caches and a known corpus state."""
    settings = Settings(mongo_url="mongomock://", cors_origins=("https://news.example",))
    app = create_app(settings)
    async with open_database(settings) as database:
        await store(database, article("a"))
        reads, responses = ReadCache(1_000_000), Responses(1_000_000)
        corpus = CorpusState(reads, responses)
        corpus.update({**EMPTY_CORPUS, "revision": 3})
        app.state.database, app.state.corpus_state = database, corpus
        app.state.reads, app.state.responses = reads, responses
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as opened:
            yield opened


def query(client: httpx.AsyncClient, body: Any, **headers: str) -> Any:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return client.request(
        "QUERY",
        "/graphql",
        content=json.dumps(body).encode(),
        headers={"Content-Type": "application/json", **named},
    )


async def test_a_head_has_the_headers_of_a_get_and_no_body(tmp_path: Path) -> None:
    (tmp_path / "x.svg").write_text("<svg/>")
    async with (
        served(media_dir=tmp_path, metrics="on") as server,
        await Client.connect(server.port) as client,
    ):
        search = server.app.state.search
        await eventually(lambda: search.current_snapshot is not None)  # /search needs it
        for path in PATHS:
            got = await client.get(path)
            await client.send(b"HEAD %b HTTP/1.1\r\nHost: test\r\n\r\n" % path.encode())
            head = await head_of(client)
            assert head.pop("status") == str(got.status), path
            if path == "/metrics":  # its body grows
                head["content-length"] = got.headers["content-length"]
            for name in CHANGING:
                got.headers.pop(name, None), head.pop(name, None)
            assert head == got.headers, path
        assert (await client.get("/livez")).status == 200  # no body came in between


async def test_a_head_of_an_event_stream_has_its_headers_and_ends(mock: Database) -> None:
    await store(mock, article("a"))
    request = b"%b /graphql?query=%%7Bcorpus%%7Brevision%%7D%%7D HTTP/1.1\r\nHost: test\r\n"
    async with served(mock) as server:
        for method in (b"GET", b"HEAD"):
            async with await Client.connect(server.port) as client:
                await client.send(request % method + b"Accept: text/event-stream\r\n\r\n")
                head = await head_of(client)
                assert head.pop("status") == "200"
                assert head["content-type"] == "text/event-stream; charset=utf-8"
                assert head["cache-control"] == "no-store"
                if method == b"HEAD":
                    assert (await client.get("/livez")).status == 200  # the stream has ended


async def test_a_client_of_http_1_0_gets_no_chunks(mock: Database) -> None:
    await store(mock, article("a"))
    async with served(mock) as server, await Client.connect(server.port) as client:
        await client.send(
            b"GET /sitemaps/articles-1.xml HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"
        )
        head, _, body = (await client.rest()).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 ")
    assert b"transfer-encoding" not in head
    assert b"connection: close" in head
    assert body.startswith(b"<?xml")
    assert body.endswith(b"</urlset>")


async def head_of(client: Client) -> dict[str, str]:
    """The status and headers of the next response, which has no body."""
    lines = (await client.reader.readuntil(b"\r\n\r\n")).decode("latin-1").strip().split("\r\n")
    headers = dict(line.lower().split(": ", 1) for line in lines[1:])
    return {"status": lines[0].split()[1], **headers}


def test_every_route_that_answers_get_answers_head(tmp_path: Path) -> None:
    app = create_app(Settings(mongo_url="mongomock://", media_dir=tmp_path, metrics="on"))
    routes = [route for route in app.routes if isinstance(route, Route)]
    others = [route.path for route in routes if "HEAD" not in (route.methods or ())]
    assert others == ["/graphql"]  # the endpoint itself decides


async def test_a_head_shares_the_cached_response_and_its_tag(client: httpx.AsyncClient) -> None:
    got = await client.get("/graphql", params={"query": ONE})
    head = await client.head("/graphql", params={"query": ONE})
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["etag"] == got.headers["etag"]
    assert head.headers["content-length"] == str(len(got.content))
    again = await client.head(
        "/graphql", params={"query": ONE}, headers={"If-None-Match": got.headers["etag"]}
    )
    assert again.status_code == 304


async def test_options_lists_the_allowed_methods(client: httpx.AsyncClient) -> None:
    response = await client.options("/graphql")
    assert (response.status_code, response.content) == (204, b"")
    assert response.headers["allow"] == "GET, HEAD, OPTIONS, POST, QUERY"
    assert response.headers["accept-query"] == "application/json"


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "QUERY", "PUT"])
async def test_every_response_of_the_endpoint_advertises_query(
    client: httpx.AsyncClient, method: str
) -> None:
    response = await client.request(method, "/graphql")
    assert response.headers.get_list("accept-query") == ["application/json"]


async def test_the_redirect_of_a_browser_advertises_query(client: httpx.AsyncClient) -> None:
    response = await client.head("/graphql", headers={"Accept": "text/html"})
    assert (response.status_code, response.headers["location"]) == (307, "/explorer/")
    assert response.headers["accept-query"] == "application/json"


@pytest.mark.parametrize(
    "body",
    [
        {"query": ONE},
        {"query": "query ($s: String) { article(slug: $s) { title } }", "variables": {"s": "a"}},
        {"query": f"query A {ONE} query B {{ __typename }}", "operationName": "A"},
    ],
)
async def test_a_query_is_answered_like_a_post(
    client: httpx.AsyncClient, body: dict[str, Any]
) -> None:
    response = await query(client, body)
    assert (response.status_code, response.json()) == (200, TITLE)


async def test_a_query_is_cached_by_its_body(client: httpx.AsyncClient) -> None:
    first = await query(client, {"query": ONE})
    assert first.headers["cache-control"] == "public, no-cache"
    assert {"Accept", "Authorization"} <= set(first.headers["vary"].split(", "))
    tag = first.headers["etag"]
    again = await query(client, {"query": ONE}, If_None_Match=tag)
    assert (again.status_code, again.content) == (304, b"")
    for name in ("etag", "cache-control", "vary"):
        assert again.headers[name] == first.headers[name]
    others = [
        await query(client, {"query": "{ __typename }"}, If_None_Match=tag),
        await query(client, {"query": ONE}, If_None_Match=tag, Accept=GRAPHQL),
        await client.get("/graphql", params={"query": ONE}, headers={"If-None-Match": tag}),
    ]
    assert [other.status_code for other in others] == [200] * 3
    assert len({tag, *(other.headers["etag"] for other in others)}) == 4
    wrong = await query(client, {"query": ONE}, If_None_Match=tag, Content_Type="text/plain")
    assert wrong.status_code == 415


async def test_a_query_with_a_token_or_errors_is_not_stored(client: httpx.AsyncClient) -> None:
    private = await query(client, {"query": ONE}, Authorization="Bearer x")
    assert private.headers["cache-control"] == "private, no-store"
    bodies: list[Any] = [{"query": "{ nothing }"}, {}, []]
    for body in bodies:
        wrong = await query(client, body)
        assert (wrong.headers["cache-control"], "etag" in wrong.headers) == ("no-store", False)


async def test_a_script_of_an_allowed_site_may_send_a_query(client: httpx.AsyncClient) -> None:
    origin = {"Origin": "https://news.example", "Access-Control-Request-Method": "QUERY"}
    preflight = await client.options("/graphql", headers=origin)
    assert preflight.status_code == 204
    assert "QUERY" in preflight.headers["access-control-allow-methods"].split(", ")


async def test_the_http_protocol_accepts_the_method_query(mock: Any) -> None:
    await store(mock, article("a"))
    body = json.dumps({"query": ONE}).encode()
    head = b"QUERY /graphql HTTP/1.1\r\nHost: test\r\nContent-Type: application/json\r\n"
    async with served(mock) as server, await Client.connect(server.port) as client:
        for length in (b"", b"Connection: Upgrade\r\nUpgrade: h2c\r\n"):
            await client.send(head + length + b"Content-Length: %d\r\n\r\n" % len(body) + body)
            reply = await client.reply()
            assert (reply.status, reply.json) == (200, TITLE)
