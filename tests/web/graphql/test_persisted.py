"""Persisted operations: known by a hash once they were sent, within a limit of memory."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest

from graph.app import create_app
from graph.config import Settings
from graph.schema import schema
from graph.schema.execution.executor import Executor
from graph.store.driver.client import open_database
from graph.web.graphql import persisted
from graph.web.graphql.persisted import PersistedOperations
from graph.web.graphql.request import JSON, BadRequest, GraphQLRequest
from graph.web.graphql.trusted import document_digest
from tests.builders import article
from tests.stored import store

GRAPHQL = "application/graphql-response+json"
ONE = '{ article(slug: "a") { title } }'
TITLE = {"data": {"article": {"title": "Title of a"}}}


@asynccontextmanager
async def serving(**chosen: Any) -> AsyncIterator[httpx.AsyncClient]:
    settings = Settings.model_validate({"mongo_url": "mongomock://", **chosen})
    app = create_app(settings)
    async with open_database(settings) as database:
        await store(database, article("a"))
        app.state.database = database
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as opened:
            yield opened


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    async with serving() as opened:
        yield opened


def hashed(text: str, **more: Any) -> dict[str, Any]:
    return {
        "extensions": {"persistedQuery": {"version": 1, "sha256Hash": document_digest(text)}},
        **more,
    }


async def send(
    client: httpx.AsyncClient, method: str, body: dict[str, Any], accept: str = JSON
) -> httpx.Response:
    headers = {"Accept": accept}
    if method == "POST":
        return await client.post("/graphql", json=body, headers=headers)
    texts = {name: v if isinstance(v, str) else json.dumps(v) for name, v in body.items()}
    return await client.get("/graphql", params=texts, headers=headers)


def error_of(answer: httpx.Response) -> tuple[int, str, str]:
    content = answer.json()
    assert "data" not in content
    (error,) = content["errors"]
    return answer.status_code, error["message"], error["extensions"]["code"]


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_a_hash_is_unknown_until_its_text_was_sent(
    client: httpx.AsyncClient, method: str
) -> None:
    found = error_of(await send(client, method, hashed(ONE)))
    assert found == (200, "PersistedQueryNotFound", "PERSISTED_QUERY_NOT_FOUND")
    assert (await send(client, method, hashed(ONE, query=ONE))).json() == TITLE
    for other in ("GET", "POST"):
        assert (await send(client, other, hashed(ONE))).json() == TITLE
        assert (
            await send(client, other, {"documentId": f"sha256:{document_digest(ONE)}"})
        ).json() == TITLE


async def test_an_unknown_hash_is_422_in_the_newer_media_type(
    client: httpx.AsyncClient,
) -> None:
    answer = await send(client, "GET", hashed(ONE), GRAPHQL)
    assert error_of(answer) == (422, "PersistedQueryNotFound", "PERSISTED_QUERY_NOT_FOUND")
    assert answer.headers["cache-control"] == "no-store"


async def test_a_document_id_that_is_unknown_says_so(client: httpx.AsyncClient) -> None:
    status, message, code = error_of(await send(client, "GET", {"documentId": "front"}))
    assert (status, code) == (200, "PERSISTED_QUERY_NOT_FOUND")
    assert "documentId" in message


async def test_a_hash_of_another_text_is_rejected(client: httpx.AsyncClient) -> None:
    answer = await send(client, "POST", hashed("{ __typename }", query=ONE))
    assert error_of(answer) == (400, "provided sha does not match query", "BAD_USER_INPUT")
    answer = await send(client, "POST", hashed("{ __typename }", query=ONE), GRAPHQL)
    assert error_of(answer) == (422, "provided sha does not match query", "BAD_USER_INPUT")
    assert error_of(await send(client, "POST", hashed("{ __typename }")))[0] == 200


@pytest.mark.parametrize(
    "extension",
    [5, [], {}, {"version": 2, "sha256Hash": "a"}, {"version": 1}, {"version": 1, "sha256Hash": 5}],
    ids=range(6),
)
async def test_an_invalid_persisted_query_is_rejected(
    client: httpx.AsyncClient, extension: object
) -> None:
    body = {"extensions": {"persistedQuery": extension}}
    status, message, code = error_of(await send(client, "POST", body))
    assert (status, code) == (400, "BAD_REQUEST")
    assert "persistedQuery" in message


@pytest.mark.parametrize("document_id", [5, "", [], {}], ids=range(4))
async def test_a_document_id_must_be_text(client: httpx.AsyncClient, document_id: object) -> None:
    assert (await send(client, "POST", {"documentId": document_id})).status_code == 400


async def test_an_id_together_with_a_text_is_rejected(client: httpx.AsyncClient) -> None:
    assert (await send(client, "POST", {"documentId": "a", "query": ONE})).status_code == 400


async def test_a_hash_may_have_variables_and_an_operation_name(client: httpx.AsyncClient) -> None:
    text = "query A { __typename } query B($slug: String) { article(slug: $slug) { title } }"
    more = {"operationName": "B", "variables": {"slug": "a"}}
    for body in (hashed(text, query=text, **more), hashed(text, **more)):
        assert (await send(client, "GET", body)).json() == TITLE


async def test_with_persisted_operations_off_hashes_are_not_supported(
    client: httpx.AsyncClient,
) -> None:
    async with serving(persisted="off") as closed:
        for body in (hashed(ONE), hashed(ONE, query=ONE), {"documentId": "a"}):
            found = error_of(await send(closed, "POST", body))
            assert found == (200, "PersistedQueryNotSupported", "PERSISTED_QUERY_NOT_SUPPORTED")
        assert (await send(closed, "POST", {"query": ONE})).json() == TITLE


def is_stored(text: str, of: PersistedOperations) -> bool:
    request = GraphQLRequest("", extensions=hashed(text)["extensions"])
    try:
        return of.text_of(request, is_safe=False) == text
    except BadRequest:
        return False


def register(text: str, of: PersistedOperations) -> None:
    request = GraphQLRequest(text, extensions=hashed(text)["extensions"])
    assert of.text_of(request, is_safe=False) == text


def test_invalid_operations_are_not_stored() -> None:
    operations = PersistedOperations(Settings(), Executor(schema))
    for number in range(100):
        register(f"{{ nothing{number} }}", operations)
    register("{ articles(", operations)
    assert operations.entries == 0


def test_many_texts_evict_others_within_the_memory_limit(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(persisted, "CAPACITY", 20_000)
    operations = PersistedOperations(Settings(), Executor(schema))
    texts = [f"{{ a{number}: __typename }}" for number in range(100)]
    for text in texts:
        register(text, operations)
    assert operations.entries < 60
    assert is_stored(texts[-1], operations)
    assert not is_stored(texts[0], operations)


def test_a_subscription_by_hash_is_rejected_in_a_get() -> None:
    operations = PersistedOperations(Settings(), Executor(schema))
    text = "subscription S { a } query Q { __typename }"
    operations._texts.put(document_digest(text), text, 100)
    request = GraphQLRequest("", None, "S", hashed(text)["extensions"])
    with pytest.raises(BadRequest) as refused:
        operations.text_of(request, is_safe=True)
    assert refused.value.status(JSON) == 405
