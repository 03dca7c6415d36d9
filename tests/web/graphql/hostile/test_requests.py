"""Hostile requests get a short error that repeats none of their content."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator
from typing import Any, Final

import httpx
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.types import Message

from graph.app import create_app
from graph.config import Settings
from graph.store.driver.database import Database
from tests.conftest import Commands
from tests.thorough import examples
from tests.web.graphql.hostile.clients import NoDatabase, client_of, only_error, posted

GRAPHQL: Final = "application/graphql-response+json"
TYPENAME: Final = "{ __typename }"


@pytest.mark.parametrize("body", [b"null", b'"x"', b"12", b"true", b"[1]", b"[]", b"{}"])
async def test_2_a_body_that_is_no_object_with_a_query_is_rejected(body: bytes) -> None:
    response = await posted(body)
    assert response.status_code == 400
    assert only_error(response)["extensions"] == {"code": "BAD_REQUEST"}


@pytest.mark.parametrize(
    "body",
    [
        b'{"query":"\xff"}',
        b'{"query":"\xed\xa0\x80"}',
        b"[" * 100_000,
        b'{"variables":' + b"[" * 100_000,
        b'{"query":"{a}","variables":' + b'{"a":' * 10_000 + b"1" + b"}" * 10_001,
        b'{"query":"{a}","variables":{"n":' + b"9" * 5_000 + b"}}",
        b"9" * 5_000,
        b'{"query":"{a}","variables":{"n":NaN}}',
        b'{"query":"{a}","variables":{"n":Infinity}}',
        b'{"query":"\\ud800"}',
        b"NaN",
        b"",
        b"\xef\xbb\xbf{}",
        b"\x00",
        b'{"query":"{a}"}{"query":"{a}"}',
    ],
    ids=range(15),
)
async def test_3_a_body_that_is_no_json_is_rejected(body: bytes) -> None:
    response = await posted(body)
    assert response.status_code == 400
    assert only_error(response)["extensions"] == {"code": "BAD_REQUEST"}


@examples(25)
@given(body=st.binary(max_size=200))
async def test_3_any_invalid_bytes_are_answered_with_an_error(
    without_database: httpx.AsyncClient, body: bytes
) -> None:
    headers = {"content-type": "application/json"}
    response = await without_database.post("/graphql", content=body, headers=headers)
    assert response.status_code == 400
    assert only_error(response)["message"]


@pytest.mark.parametrize(
    "query",
    [
        b"query=%ff",
        b"query=%ed%a0%80",
        b"query=\xff",
        b"query=a&query=b",
        b"query=",
        b"",
        b"variables={}",
        b"query={a}&variables=[1]",
        b"query={a}&variables=1",
        b"query={a}&variables=NaN",
        b"query={a}&variables={",
        b"query={a}&extensions=[]",
    ],
)
async def test_3_a_query_string_without_a_request_is_rejected(query: bytes) -> None:
    status, body = await response_to_parts(method="GET", query_string=query)
    assert status == 400
    [error] = json.loads(body)["errors"]
    assert error["extensions"] == {"code": "BAD_REQUEST"}


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "TRACE", "BREW"])
async def test_4_another_method_is_rejected_with_the_allowed_methods(method: str) -> None:
    async with client_of(NoDatabase()) as client:
        response = await client.request(method, "/graphql", json={"query": TYPENAME})
    assert response.status_code == 405
    assert response.headers.get_list("allow") == ["GET, HEAD, OPTIONS, POST, QUERY"]


@pytest.mark.parametrize(
    "content_type",
    [
        None,
        "",
        "application/x-www-form-urlencoded",
        "text/plain",
        "text/plain; a=application/json",
        "multipart/form-data; boundary=x",
        "application/graphql",
        "application/json+x",
        "application/json; charset=utf-16",
        "application/json; charset=iso-8859-1",
    ],
)
@pytest.mark.parametrize("method", ["POST", "QUERY"])
async def test_5_a_request_that_another_site_can_send_without_preflight_is_not_executed(
    method: str, content_type: str | None, database: Database, commands: Commands
) -> None:
    async with client_of(database) as client:
        commands.names.clear()
        response = await client.request(
            method,
            "/graphql",
            content=orjson.dumps({"query": "{ articles { nodes { slug } } }"}),
            headers={"content-type": content_type} if content_type is not None else {},
        )
    assert response.status_code == 415
    assert only_error(response)["extensions"] == {"code": "UNSUPPORTED_MEDIA_TYPE"}
    assert commands.names == []


@pytest.mark.parametrize("accept", ["application/json", GRAPHQL, "*/*"])
@pytest.mark.parametrize("kind", ["mutation", "subscription"])
@pytest.mark.parametrize("method", ["GET", "QUERY"])
async def test_6_a_safe_method_changes_nothing(method: str, kind: str, accept: str) -> None:
    async with client_of(NoDatabase()) as client:
        for query, name in (
            (f"{kind} {{ __typename }}", None),
            (f"{kind} A {{ __typename }}", "A"),
            (f"query B {{ __typename }} {kind} A {{ __typename }}", "A"),
        ):
            payload = {"query": query} | ({"operationName": name} if name else {})
            sent: Any = {"params": payload} if method == "GET" else {"json": payload}
            response = await client.request(method, "/graphql", headers={"Accept": accept}, **sent)
            assert response.status_code == 405
            assert response.headers["allow"] == "POST"
            assert kind in only_error(response)["message"]


async def test_6_a_get_may_contain_a_mutation_that_it_does_not_run(
    client: httpx.AsyncClient,
) -> None:
    for query in (
        "query mutation { __typename }",
        '{ article(slug: "mutation") { slug } }',
        "query A { __typename } mutation B { __typename }",
    ):
        name = "A" if "query A" in query else ""
        payload = {"query": query, "operationName": name}
        response = await client.get("/graphql", params=payload)
        assert response.status_code == 200
        assert "405" not in response.text


async def response_to_parts(
    *, parts: list[bytes] | None = None, received: list[int] | None = None, **scope: Any
) -> tuple[int, bytes]:
    """The status and body for a request in parts; `received` counts those that were read."""
    app = create_app(Settings(mongo_url="mongomock://"))
    app.state.database = NoDatabase()
    waiting = list(parts or [])
    messages: list[Message] = []

    async def receive() -> Message:
        if received is not None:
            received.append(len(waiting))
        body = waiting.pop(0) if waiting else b""
        return {"type": "http.request", "body": body, "more_body": bool(waiting)}

    async def send(message: Message) -> None:
        messages.append(message)

    headers = [(b"content-type", b"application/json"), *scope.pop("headers", [])]
    request_scope = {
        "type": "http",
        "method": "POST",
        "path": "/graphql",
        "query_string": b"",
        **scope,
    }
    await app({**request_scope, "headers": headers}, receive, send)
    start, content = messages
    return start["status"], content["body"]


@pytest.mark.parametrize("length", [b"10000000", b"1048577", b"9" * 5_000])
async def test_20_a_body_with_a_too_large_content_length_is_not_read(length: bytes) -> None:
    received: list[int] = []
    status, body = await response_to_parts(
        parts=[b"x"] * 10, received=received, headers=[(b"content-length", length)]
    )
    assert status == 413
    assert json.loads(body)["errors"][0]["extensions"] == {"code": "CONTENT_TOO_LARGE"}
    assert received == []


@pytest.mark.parametrize("headers", [[], [(b"content-length", b"5")], [(b"content-length", b"x")]])
async def test_20_a_body_without_a_true_content_length_is_read_up_to_the_limit(
    headers: Any,
) -> None:
    received: list[int] = []
    status, _ = await response_to_parts(
        parts=[b"x" * 65_536] * 160, received=received, headers=headers
    )
    assert status == 413
    assert len(received) == 17


@pytest.mark.parametrize(("more", "status"), [(0, 200), (1, 413)])
@pytest.mark.parametrize("in_parts", [False, True])
async def test_20_the_limit_is_the_greatest_accepted_length(
    more: int, status: int, in_parts: bool, database: Database
) -> None:
    body = orjson.dumps({"query": TYPENAME}).ljust(2048 + more)

    async def parts() -> AsyncIterator[bytes]:
        yield body[:1000]
        yield body[1000:]

    async with client_of(database, body_limit=2048, max_url_bytes=2048) as client:
        headers = {"content-type": "application/json"}
        content = parts() if in_parts else body
        response = await client.post("/graphql", content=content, headers=headers)
        assert response.status_code == status
        query = "query=%7B__typename%7D".ljust(2048 + more, "+")
        response = await client.get(f"/graphql?{query}")
    assert response.status_code == (414 if more else 200)


@pytest.mark.parametrize("size", [1, 2, 1_000])
async def test_21_operations_are_not_sent_in_batches(size: int) -> None:
    response = await posted(orjson.dumps([{"query": TYPENAME}] * size))
    assert response.status_code == 400
    assert "batches" in only_error(response)["message"]


@pytest.mark.parametrize(
    "query",
    [
        "{ articles(first: %s) { totalCount } }",
        "{ articles(where: {quality: {eq: -%s}}) { totalCount } }",
        "{ articles(where: {quality: {eq: %s.5}}) { totalCount } }",
        "{ article(slug: %s) { slug } }",
        "query ($n: Int = %s) { articles(first: $n) { totalCount } }",
        "{ a%s }",
        "{ articles(a%s: 1) { totalCount } }",
        '{ articles(first: "%s") { totalCount } }',
        "query ($n: a%s) { __typename }",
        "{ ...a%s }",
        "{ articles(first: {a: [%s]}) { totalCount } }",
    ],
)
async def test_22_a_literal_of_100_000_digits_is_not_sent_back(
    query: str,
) -> None:
    started = time.monotonic()
    async with client_of(NoDatabase()) as client:
        response = await client.post("/graphql", json={"query": query % ("9" * 100_000)})
    assert time.monotonic() - started < 5
    assert "9" * 101 not in response.text
    assert "set_int_max_str_digits" not in response.text
    for error in response.json()["errors"]:
        assert len(error["message"]) < 1_100
        assert error["extensions"]["code"] in {
            "GRAPHQL_PARSE_FAILED",
            "GRAPHQL_VALIDATION_FAILED",
        }


@pytest.mark.parametrize("value", ["9" * 100_000, "x y " * 25_000, 10**30, [["z" * 100_000]]])
async def test_22_a_variable_of_100_000_characters_is_not_sent_back(
    value: Any,
) -> None:
    body = {
        "query": "query ($n: Int) { articles(first: $n) { totalCount } }",
        "variables": {"n": value},
    }
    response = await posted(json.dumps(body).encode())
    [error] = response.json()["errors"]
    assert len(error["message"]) < 1_100
    assert error["extensions"] == {"code": "BAD_USER_INPUT"}
