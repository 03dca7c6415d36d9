"""Hostile names, texts, objects, cursors and ids in operations that are valid otherwise."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from typing import Any, Final

import httpx
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.store.driver.database import Database
from tests.builders import article
from tests.conftest import Ask
from tests.stored import store
from tests.thorough import examples
from tests.web.graphql.hostile.clients import client_of, posted

TYPENAME: Final = "{ __typename }"
LIST: Final = "query ($where: ArticleWhere) { articles(where: $where) { nodes { slug } } }"
PAGE: Final = """
query ($after: String, $by: [ArticleOrder!]) {
  articles(first: 1, after: $after, orderBy: $by) { pageInfo { endCursor } nodes { slug id } }
}
"""


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
    """A cursor or an id, corrupted in many ways."""
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
