"""Requests: the accepted forms, and the status and media type of responses."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from graphql import GraphQLError

from graph.app import create_app
from graph.config import Settings
from graph.schema.execution.result import OperationResult
from graph.store.driver.client import open_database
from graph.web.graphql.graphql_response import result_response
from tests.builders import article
from tests.stored import store

GRAPHQL = "application/graphql-response+json"
JSON = "application/json"
ONE = '{ article(slug: "a") { title } }'
ASKED = "query ($slug: String) { article(slug: $slug) { title } }"
TWO = f"query First {{ a: __typename }} query Second {ONE}"
TITLE = {"article": {"title": "Title of a"}}


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    """A client of an application over one article."""
    settings = Settings(mongo_url="mongomock://")
    app = create_app(settings)
    async with open_database(settings) as database:
        await store(database, article("a"), article("b ü+&", title="Other"))
        app.state.database = database
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as opened:
            yield opened


def post(client: httpx.AsyncClient, body: Any, **headers: str) -> Any:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return client.post("/graphql", content=content, headers={"Content-Type": JSON, **named})


def rejected(answer: httpx.Response, status: int) -> str:
    """The error message of an answer without data."""
    assert answer.status_code == status, answer.text
    content = answer.json()
    assert "data" not in content
    (error,) = content["errors"]
    return str(error["message"])


@pytest.mark.parametrize(
    "body",
    [
        {"query": ONE},
        {"query": ONE, "variables": None, "operationName": None, "extensions": None},
        {"query": ONE, "variables": {}, "extensions": {"any": 1}, "more": [1]},
        {"query": ASKED, "variables": {"slug": "a", "unknown": 5}},
        {"query": TWO, "operationName": "Second"},
    ],
)
async def test_a_post_is_answered(client: httpx.AsyncClient, body: dict[str, Any]) -> None:
    answer = await post(client, body)
    assert (answer.status_code, answer.json()) == (200, {"data": TITLE})


@pytest.mark.parametrize(
    "kind",
    [
        "application/json",
        "application/json; charset=utf-8",
        'Application/JSON;charset="UTF-8"',
        "application/json ; charset=utf8",
    ],
)
async def test_every_media_type_of_json_is_accepted(client: httpx.AsyncClient, kind: str) -> None:
    assert (await post(client, {"query": ONE}, content_type=kind)).status_code == 200


@pytest.mark.parametrize(
    "kind",
    [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/graphql",
        "application/json; charset=latin-1",
        "application/jsonp",
        "",
    ],
)
async def test_another_content_type_is_rejected(client: httpx.AsyncClient, kind: str) -> None:
    assert "application/json" in rejected(
        await post(client, {"query": ONE}, content_type=kind), 415
    )


@pytest.mark.parametrize(
    "body",
    [
        b"null",
        b"12",
        b"true",
        b'"{ __typename }"',
        b"[]",
        b'[{"query": "{ __typename }"}]',
        b"{}",
        b'{"query": null}',
        b'{"query": ""}',
        b'{"query": 5}',
        b'{"query": ["{ __typename }"]}',
        b'{"query": "{ __typename }", "variables": []}',
        b'{"query": "{ __typename }", "variables": "{}"}',
        b'{"query": "{ __typename }", "variables": 0}',
        b'{"query": "{ __typename }", "operationName": 5}',
        b'{"query": "{ __typename }", "extensions": []}',
        b'{"query": "{ __typename }", "extensions": "x"}',
    ],
)
async def test_json_that_is_no_well_formed_request_is_unprocessable(
    client: httpx.AsyncClient, body: bytes
) -> None:
    for accepted, status in ((JSON, 400), (GRAPHQL, 422)):
        answer = await post(client, body, accept=accepted)
        assert rejected(answer, status)
        assert answer.headers["content-type"] == f"{accepted}; charset=utf-8"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b'\xff{"query": "{ __typename }"}',
        b'{"query": "{ __typename \xff }"}',
        b'{"query": "{ __typename }", "variables": {"x": NaN}}',
    ],
)
@pytest.mark.parametrize("accepted", [JSON, GRAPHQL])
async def test_a_body_that_is_not_json_is_a_bad_request(
    client: httpx.AsyncClient, body: bytes, accepted: str
) -> None:
    answer = await post(client, body, accept=accepted)
    assert rejected(answer, 400)
    assert answer.headers["content-type"] == f"{accepted}; charset=utf-8"


@pytest.mark.parametrize(
    "parameters",
    [
        {"query": ONE},
        {"query": ONE, "variables": "", "operationName": "", "extensions": ""},
        {"query": ONE, "variables": "null", "extensions": " null "},
        {"query": ASKED, "variables": '{"slug": "a"}'},
        {"query": TWO, "operationName": "Second"},
        {"query": ONE, "other": "1", "variables": "{}", "extensions": "{}"},
    ],
)
async def test_a_get_is_answered(client: httpx.AsyncClient, parameters: dict[str, str]) -> None:
    answer = await client.get("/graphql", params=parameters)
    assert (answer.status_code, answer.json()) == (200, {"data": TITLE})


async def test_a_get_may_hold_any_text(client: httpx.AsyncClient) -> None:
    sent = {"query": ASKED, "variables": json.dumps({"slug": "b ü+&"}, ensure_ascii=False)}
    answer = await client.get("/graphql", params=sent)
    assert answer.json() == {"data": {"article": {"title": "Other"}}}


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("variables={}", 422),
        ("query=", 422),
        ("query=%7B__typename%7D&variables=[]", 422),
        ("query=%7B__typename%7D&variables={", 400),
        ("query=%7B__typename%7D&extensions=5", 422),
        ("query=%7B__typename%7D&query=%7B__typename%7D", 422),
        ("query=%7B__typename%7D&operationName=A&operationName=A", 422),
        ("query=%ff", 400),
    ],
)
async def test_a_query_string_that_is_no_request_is_rejected(
    client: httpx.AsyncClient, text: str, status: int
) -> None:
    for accepted, expected in ((JSON, 400), (GRAPHQL, status)):
        answer = await client.get(f"/graphql?{text}", headers={"Accept": accepted})
        assert rejected(answer, expected)


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
async def test_another_method_is_rejected_and_the_right_ones_are_named(
    client: httpx.AsyncClient, method: str
) -> None:
    answer = await client.request(method, "/graphql", json={"query": ONE})
    assert rejected(answer, 405)
    assert {"GET", "POST"} <= {each.strip() for each in answer.headers["allow"].split(",")}


@pytest.mark.parametrize(
    ("accepted", "kind"),
    [
        (None, JSON),
        ("*/*", JSON),
        ("application/*", JSON),
        (JSON, JSON),
        (GRAPHQL, GRAPHQL),
        (f"{GRAPHQL}, {JSON};q=0.9", GRAPHQL),
        (f"{GRAPHQL};q=0.5, {JSON};q=0.9", JSON),
        (f"{JSON};q=0, {GRAPHQL};q=0.1", GRAPHQL),
        (f"text/html, {GRAPHQL}; charset=utf-8", GRAPHQL),
        (f"TEXT/HTML;q=1, {GRAPHQL.upper()};Q=0.2", GRAPHQL),
        (f"{GRAPHQL};charset=latin-1, {JSON};q=0.1", JSON),
    ],
)
async def test_the_answer_has_the_media_type_that_the_client_accepts(
    client: httpx.AsyncClient, accepted: str | None, kind: str
) -> None:
    request = client.build_request("POST", "/graphql", json={"query": ONE})
    del request.headers["accept"]
    if accepted is not None:
        request.headers["accept"] = accepted
    answer = await client.send(request)
    assert (answer.status_code, answer.json()) == (200, {"data": TITLE})
    assert answer.headers["content-type"] == f"{kind}; charset=utf-8"
    assert answer.headers["content-length"] == str(len(answer.content))
    varies = {each.strip().lower() for each in answer.headers["vary"].split(",")}
    assert {"accept", "authorization"} <= varies


@pytest.mark.parametrize(
    "accepted",
    ["text/plain", "image/*", f"{JSON};q=0", f"{GRAPHQL};charset=latin-1", f"{JSON};q=x"],
)
async def test_a_response_that_the_client_does_not_accept_is_not_sent(
    client: httpx.AsyncClient, accepted: str
) -> None:
    assert "Accept" in rejected(await post(client, {"query": ONE}, accept=accepted), 406)


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"query": "{ article("}, 400, "GRAPHQL_PARSE_FAILED"),
        ({"query": "{ nothing }"}, 422, "GRAPHQL_VALIDATION_FAILED"),
        ({"query": TWO}, 422, "GRAPHQL_VALIDATION_FAILED"),
        ({"query": TWO, "operationName": "Third"}, 422, "GRAPHQL_VALIDATION_FAILED"),
        ({"query": ASKED, "variables": {"slug": 5}}, 422, "BAD_USER_INPUT"),
        ({"query": "{ a " * 9_000}, 422, "OPERATION_TOO_COMPLEX"),
    ],
    ids=["syntax", "schema", "which", "unknown", "variable", "size"],
)
async def test_an_operation_that_cannot_begin_has_no_data_and_a_status_by_its_type(
    client: httpx.AsyncClient, body: dict[str, Any], status: int, code: str
) -> None:
    for accepted, expected in ((JSON, 200), (GRAPHQL, status)):
        answer = await post(client, body, accept=accepted)
        assert (answer.status_code, "data" in answer.json()) == (expected, False)
        assert [error["extensions"]["code"] for error in answer.json()["errors"]] == [code]


@pytest.mark.parametrize(("accepted", "status"), [(JSON, 200), (GRAPHQL, 294)])
async def test_data_beside_errors_is_a_partial_success(
    client: httpx.AsyncClient, accepted: str, status: int
) -> None:
    partly = {"query": '{ article(slug: "a") { title excerpt(maxLength: 0) } }'}
    answer = await post(client, partly, accept=accepted)
    assert answer.status_code == status
    assert answer.headers["content-type"] == f"{accepted}; charset=utf-8"
    assert answer.json()["data"] == {"article": {"title": "Title of a", "excerpt": None}}
    assert [error["path"] for error in answer.json()["errors"]] == [["article", "excerpt"]]
    nothing = await post(
        client, {"query": "{ articles(first: 0) { totalCount } }"}, accept=accepted
    )
    assert (nothing.status_code, nothing.json()["data"]) == (status, {"articles": None})
    stored = await client.get("/graphql", params=partly, headers={"Accept": accepted})
    assert (stored.status_code, stored.headers["cache-control"]) == (status, "no-store")


def test_data_that_is_null_beside_errors_is_a_partial_success() -> None:
    answer = OperationResult(None, [GraphQLError("no", path=["a"])])
    assert result_response(answer, GRAPHQL, ()).status == 294
    assert result_response(answer, JSON, ()).status == 200


@pytest.mark.parametrize("keyword", ["mutation", "subscription"])
async def test_operations_other_than_queries_are_rejected(
    client: httpx.AsyncClient, keyword: str
) -> None:
    sent = {"query": f"{keyword} {{ __typename }}"}
    for answer in (
        await client.get("/graphql", params=sent, headers={"Accept": GRAPHQL}),
        await post(client, sent, accept=GRAPHQL),
    ):
        assert 400 <= answer.status_code < 500
        assert "data" not in answer.json()


async def test_a_browser_gets_a_page_and_a_query_its_answer(client: httpx.AsyncClient) -> None:
    browser = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
    page = await client.get("/graphql", headers=browser)
    assert (page.status_code, page.headers["location"]) == (307, "/explorer/")
    answer = await client.get("/graphql", params={"query": ONE}, headers=browser)
    assert answer.json() == {"data": TITLE}


async def test_a_body_may_arrive_in_parts(client: httpx.AsyncClient) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for byte in json.dumps({"query": ONE}).encode():
            yield bytes([byte])

    answer = await client.post("/graphql", content=pieces(), headers={"Content-Type": JSON})
    assert answer.json() == {"data": TITLE}
