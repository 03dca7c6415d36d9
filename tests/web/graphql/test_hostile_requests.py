"""Hostile requests get a short error that repeats none of their content."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import AsyncIterator, Sequence
from functools import cache
from typing import Any, Final

import httpx
import orjson
import pytest
import pytest_asyncio
from hypothesis import given
from hypothesis import strategies as st
from starlette.types import Message

from graph.app import create_app
from graph.config import Settings
from graph.errors import UsageError
from graph.store.driver.database import Database
from tests.builders import article
from tests.conftest import Ask, Commands, fresh
from tests.stored import store
from tests.thorough import examples

GRAPHQL: Final = "application/graphql-response+json"
TYPENAME: Final = "{ __typename }"
LIST: Final = "query ($where: ArticleWhere) { articles(where: $where) { nodes { slug } } }"
PAGE: Final = """
query ($after: String, $by: [ArticleOrder!]) {
  articles(first: 1, after: $after, orderBy: $by) { pageInfo { endCursor } nodes { slug id } }
}
"""


@pytest_asyncio.fixture(scope="module")
async def client(mongod: str | UsageError) -> AsyncIterator[httpx.AsyncClient]:
    """A client of a database with three articles, which is only read."""
    async with fresh(mongod, "motor", Commands()) as database:
        await store(database, *(article(slug) for slug in "abc"))
        async with client_of(database) as opened:
            yield opened


class Nothing:
    """In the place of a database: whoever asks it fails."""

    lacks = frozenset[str]()


def client_of(database: Database | Nothing, **settings: Any) -> httpx.AsyncClient:
    app = create_app(Settings.model_validate({"mongo_url": "mongomock://", **settings}))
    app.state.database = database
    return httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://test")


@cache
def _without_database() -> httpx.ASGITransport:
    app = create_app(Settings(mongo_url="mongomock://"))
    app.state.database = Nothing()
    return httpx.ASGITransport(app=app)


async def posted(body: bytes, content_type: str | None = "application/json") -> httpx.Response:
    """The answer to a body where there is no database: nothing may be executed."""
    transport = _without_database()
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        headers = {"content-type": content_type} if content_type else {}
        return await client.post("/graphql", content=body, headers=headers)


@pytest.fixture(scope="module")
async def without_database() -> AsyncIterator[httpx.AsyncClient]:
    """A client of an application that has no database."""
    async with client_of(Nothing()) as opened:
        yield opened


def only_error(response: httpx.Response) -> dict[str, Any]:
    """The one error of a response, which holds nothing else."""
    [error] = response.json()["errors"]
    assert set(response.json()) == {"errors"}
    assert len(response.content) < 2_000
    found: dict[str, Any] = error
    return found


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
    async with client_of(Nothing()) as client:
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
    async with client_of(Nothing()) as client:
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
    app.state.database = Nothing()
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
    async with client_of(Nothing()) as client:
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


MISSPELT: Final[Sequence[tuple[str, dict[str, Any]]]] = (
    ("{ articlez { totalCount } }", {}),
    ("{ articles { totalCout } }", {}),
    ("{ articles(frist: 1) { totalCount } }", {}),
    ("{ ...F } fragment F on Querry { __typename }", {}),
    ("query ($w: ArticleWher) { __typename }", {}),
    ("{ articles(where: {slugg: {eq: 1}}) { totalCount } }", {}),
    ("{ articles(orderBy: [{field: QUALITI}]) { totalCount } }", {}),
    ("{ articles { nodes { slug @skp(if: true) } } }", {}),
    (LIST, {"where": {"slugg": {"eq": "a"}}}),
    (LIST, {"where": {"slug": {"eqq": "a"}}}),
    ("query ($f: BodyFormat!) { articles { nodes { body(format: $f) } } }", {"f": "HTLM"}),
)


@pytest.mark.parametrize(("query", "variables"), MISSPELT)
async def test_25_suggestions_for_misspelt_names_can_be_switched_off(
    query: str, variables: dict[str, Any], database: Database
) -> None:
    body = {"query": query, "variables": variables}
    async with client_of(database) as client:
        suggested = (await client.post("/graphql", json=body)).text
    async with client_of(database, suggestions="off", introspection="off") as client:
        response = await client.post("/graphql", json=body)
    assert response.json()["errors"]
    assert "Did you mean" not in response.text
    assert "@skp" in query or "Did you mean" in suggested


@pytest.mark.parametrize(
    "query",
    [
        "{ __schema { types { name } } }",
        '{ __type(name: "Query") { fields { name } } }',
        '{ a: __type(name: "Query") { __typename } }',
        "{ ...F } fragment F on Query { __schema { __typename } }",
    ],
)
async def test_26_without_introspection_errors_do_not_reveal_the_schema(
    query: str, database: Database
) -> None:
    async with client_of(database) as client:
        assert "errors" not in (await client.post("/graphql", json={"query": query})).json()
        assert (await client.get("/schema.graphql")).status_code == 200
    async with client_of(database, introspection="off") as client:
        for response in (
            await client.post("/graphql", json={"query": query}),
            await client.get("/graphql", params={"query": query}),
        ):
            content = response.json()
            assert set(content) == {"errors"}
            assert content["errors"][0]["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED"
        assert (await client.get("/schema.graphql")).status_code == 404


async def test_26_without_introspection_a_type_still_says_its_name(database: Database) -> None:
    async with client_of(database, introspection="off", suggestions="off") as client:
        body = {"query": "{ __typename articles { __typename } }"}
        answer = (await client.post("/graphql", json=body)).json()
    assert answer == {
        "data": {"__typename": "Query", "articles": {"__typename": "ArticleConnection"}}
    }


TEXTS: Final = (
    "$where",
    "$ne",
    "(a+)+$",
    ".*",
    "^",
    "\0",
    "a\0b",
    "a",
    "\N{GRINNING FACE}",
    "\ufffe",
    "../../etc/passwd",
    "'; return true; //",
    "x" * 1_000_000,
    "a" * 40 + "!",
)
ASKING: Final = (
    "query ($x: ID!) { node(id: $x) { id } }",
    "query ($x: ID!) { nodes(ids: [$x]) { id } }",
    "query ($x: ID) { article(id: $x) { slug } }",
    "query ($x: String) { article(slug: $x) { slug } }",
    "query ($x: String) { article(webUrl: $x) { slug } }",
    "query ($x: String) { articles(search: $x) { totalCount } }",
    "query ($x: String) { articles(where: {slug: {eq: $x}}) { totalCount } }",
    "query ($x: String) { articles(after: $x) { nodes { slug } } }",
    "query ($x: String) { topic(name: $x) { name } }",
    "query ($x: String) { topic(hashtag: $x) { name } }",
    "query ($x: String!) { provider(domain: $x) { name } }",
)
OBJECTS: Final = ({"$ne": None}, {"$gt": ""}, {"$where": "sleep(1000)"}, ["a"], {"$regex": ".*"})


@pytest.mark.parametrize("test", ["eq", "startsWith", "in"])
async def test_27_hostile_text_is_only_text_in_every_filter(
    test: str, client: httpx.AsyncClient
) -> None:
    for text in TEXTS:
        value = [text] if test == "in" else text
        for where in (
            {"slug": {test: value}},
            {"category": {test: value}},
            {"topics": {"any": [text]}},
        ):
            body = {"query": LIST, "variables": {"where": where}}
            response = await client.post("/graphql", json=body)
            content = response.json()
            if "errors" in content:
                codes = {each["extensions"]["code"] for each in content["errors"]}
                assert codes == {"BAD_USER_INPUT"}
                assert len(response.content) < 10_000
            else:
                found = {"a"} if text == "a" and "slug" in where else set()
                assert {each["slug"] for each in content["data"]["articles"]["nodes"]} == found


@pytest.mark.parametrize("query", ASKING)
async def test_27_an_object_with_an_operator_is_rejected_as_a_value(query: str) -> None:
    for value in OBJECTS:
        body = {"query": query, "variables": {"x": value}}
        content = (await posted(orjson.dumps(body))).json()
        assert "data" not in content
        assert [each["extensions"]["code"] for each in content["errors"]] == ["BAD_USER_INPUT"]


@pytest.mark.parametrize("query", ASKING)
async def test_27_hostile_text_is_only_text_in_every_argument(
    query: str, client: httpx.AsyncClient
) -> None:
    for text in TEXTS:
        body = {"query": query, "variables": {"x": text}}
        response = await client.post("/graphql", json=body)
        content = response.json()
        codes = {each["extensions"]["code"] for each in content.get("errors", ())}
        assert codes <= {"BAD_USER_INPUT", "SEARCH_UNAVAILABLE"}  # there is no index
        assert len(response.content) < 10_000


@pytest.mark.parametrize("surrogate", [b"\\ud800", b"\\udfff", b"a\\ud800b"])
async def test_27_a_lone_surrogate_is_rejected(surrogate: bytes) -> None:
    body = b'{"query":"query ($x: String) { article(slug: $x) { slug } }","variables":{"x":"'
    assert (await posted(body + surrogate + b'"}}')).status_code == 400


def mangled(text: str) -> list[str]:
    """A cursor or an id, spoilt in many ways."""
    raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    flipped = [bytes([*raw[:at], raw[at] ^ 1, *raw[at + 1 :]]) for at in range(len(raw))]
    return [
        *(text[:size] for size in range(1, len(text))),
        *(base64.urlsafe_b64encode(each).decode().rstrip("=") for each in flipped),
        f"{text}A",
        f" {text}",
        "!" * 10,
        "AAAA",
        "\0",
    ]


async def test_28_a_corrupt_cursor_is_bad_input_or_gives_a_page(
    ask: Ask, database: Database
) -> None:
    await store(database, *(article(slug) for slug in "abc"))
    cursor = (await ask(PAGE))["data"]["articles"]["pageInfo"]["endCursor"]
    assert (await ask(PAGE, after=cursor))["data"]["articles"]["nodes"]
    for each in mangled(cursor):
        answer = await ask(PAGE, after=each)
        codes = {error["extensions"]["code"] for error in answer.get("errors", ())}
        assert codes <= {"BAD_USER_INPUT"}
        assert codes or all(node["slug"] in "abc" for node in answer["data"]["articles"]["nodes"])


async def test_28_a_cursor_of_another_list_is_rejected(ask: Ask, database: Database) -> None:
    await store(database, *(article(slug) for slug in "abc"))
    cursor = (await ask(PAGE))["data"]["articles"]["pageInfo"]["endCursor"]
    topics = "query ($after: String) { topics(after: $after) { nodes { name } } }"
    filtered = (
        "query ($after: String) "
        "{ articles(after: $after, where: {hasImage: true}) { nodes { slug } } }"
    )
    ordered = {"by": [{"field": "TITLE", "direction": "ASC"}]}
    node = (await ask(PAGE))["data"]["articles"]["nodes"][0]
    for answer in (
        await ask(topics, after=cursor),
        await ask(filtered, after=cursor),
        await ask(PAGE, after=node["id"]),
        await ask(PAGE, after=node["slug"]),
        await ask(PAGE, after=cursor, **ordered),
    ):
        [error] = answer["errors"]
        assert error["extensions"]["code"] == "BAD_USER_INPUT"


async def test_28_a_corrupt_id_is_bad_input_or_finds_nothing(ask: Ask, database: Database) -> None:
    await store(database, article("a"))
    id_of = (await ask(PAGE))["data"]["articles"]["nodes"][0]["id"]
    query = "query ($x: ID!) { node(id: $x) { id } }"
    assert (await ask(query, x=id_of)) == {"data": {"node": {"id": id_of}}}
    for each in mangled(id_of):
        answer = await ask(query, x=each)
        codes = {error["extensions"]["code"] for error in answer.get("errors", ())}
        assert codes <= {"BAD_USER_INPUT"}
        assert codes or (answer["data"]["node"] or {"id": id_of}) == {"id": id_of}


@examples(25)
@given(text=st.text(min_size=1, max_size=100))
async def test_28_a_random_cursor_or_id_is_bad_input(
    without_database: httpx.AsyncClient, text: str
) -> None:
    for query in (
        "query ($x: String!) { articles(after: $x) { nodes { slug } } }",
        "query ($x: ID!) { node(id: $x) { id } }",
    ):
        content = json.dumps({"query": query, "variables": {"x": text}})
        headers = {"content-type": "application/json"}
        response = await without_database.post("/graphql", content=content, headers=headers)
        codes = {each["extensions"]["code"] for each in response.json()["errors"]}
        assert codes <= {"BAD_USER_INPUT", "BAD_REQUEST"}
