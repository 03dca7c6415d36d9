"""Bearer tokens: the data that they allow, which nobody gets without them."""

from __future__ import annotations

import hashlib
import hmac
import logging
from collections.abc import Awaitable, Callable

import httpx
import pytest
from graphql import (
    GraphQLObjectType,
    GraphQLSchema,
    build_schema,
    get_named_type,
    is_leaf_type,
    is_required_argument,
)
from hypothesis import given
from hypothesis import strategies as st

from graph.app import create_app
from graph.config import Scope, Settings, Token
from graph.schema import print_schema
from graph.schema.execution import context
from graph.store.driver.database import Database
from graph.web.http.request.auth import new_token, scopes_of, token_digest
from tests.builders import article, moment
from tests.stored import store

CIPHERTEXT = "U0VDUkVUIENJUEhFUlRFWFQ="
VECTOR = "U0VDUkVUIFZFQ1RPUg=="
SECRET = f"{CIPHERTEXT};{VECTOR}"

READER, EDITOR, KEEPER, ALL = "ng_reader", "ng_editor", "ng_keeper", "ng_all"
TOKENS = (
    Token(token_digest(EDITOR), frozenset({Scope.UNPUBLISHED})),
    Token(token_digest(KEEPER), frozenset({Scope.SECURED})),
    Token(token_digest(ALL), frozenset(Scope)),
)

SECURED = '{ article(slug: "x") { title secured { ciphertext iv } } }'
HIDDEN = '{ article(slug: "hidden") { title } }'
LIST_OF_HIDDEN = "{ articles(where: {published: {eq: false}}) { nodes { slug } } }"

Send = Callable[..., Awaitable[httpx.Response]]


@pytest.fixture
async def send(database: Database) -> Send:
    """A function that sends a query with headers; the database holds two articles."""
    await store(
        database,
        article("x", secured=SECRET),
        article("hidden", published=False, publishedDateTime=moment(2)),
    )
    app = create_app(Settings(mongo_url="mongomock://", tokens=TOKENS))
    app.state.database = database

    async def send(query: str, *authorizations: str) -> httpx.Response:
        headers = [("Authorization", value) for value in authorizations]
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            return await client.post("/graphql", json={"query": query}, headers=headers)

    return send


def bearer(token: str) -> str:
    return f"Bearer {token}"


def test_the_scopes_of_the_settings_are_those_of_the_schema() -> None:
    assert set(Scope) == {context.UNPUBLISHED, context.SECURED}


@pytest.mark.parametrize(
    ("authorization", "scopes"),
    [
        (f"Bearer {EDITOR}", {"read:unpublished"}),
        (f"bearer {KEEPER}", {"read:secured"}),
        (f"BEARER  {ALL}", {"read:unpublished", "read:secured"}),
        (None, set()),
        ("", set()),
        ("Bearer", set()),
        ("Bearer ", set()),
        (EDITOR, set()),
        (f"Basic {EDITOR}", set()),
        (f"Bearer{EDITOR}", set()),
        (f"Bearer {EDITOR}x", set()),
        (f"Bearer {EDITOR} {KEEPER}", set()),
        (f"Bearer {EDITOR}, Bearer {KEEPER}", set()),
        (f"Bearer {EDITOR}\n", set()),
        (f"Bearer {READER}", set()),
        (f"Bearer {token_digest(EDITOR)}", set()),
        ("Bearer ng_\N{GREEK SMALL LETTER ALPHA}", set()),
    ],
)
def test_a_token_has_the_scopes_of_its_entry_and_everything_else_has_none(
    authorization: str | None, scopes: set[str]
) -> None:
    assert scopes_of(authorization, TOKENS) == scopes


def test_no_entry_gives_scopes_to_the_empty_token() -> None:
    empty = Token(token_digest(""), frozenset(Scope))
    assert [scopes_of(value, [empty]) for value in (None, "", "Bearer", "Bearer ")] == [set()] * 4


@pytest.mark.parametrize(("size", "scopes"), [(1024, {"read:secured"}), (1025, set())])
def test_a_token_of_more_than_a_kilobyte_has_no_scopes(size: int, scopes: set[str]) -> None:
    token = "a" * size
    entry = Token(token_digest(token), frozenset({Scope.SECURED}))
    assert scopes_of(bearer(token), [entry]) == scopes


@given(st.text() | st.text().map(bearer))
def test_only_an_exact_token_has_scopes(authorization: str) -> None:
    assert scopes_of(authorization, TOKENS) == set()


@pytest.mark.parametrize("token", [EDITOR, KEEPER, ALL, READER])
def test_every_entry_is_compared_whichever_matches(
    token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    compared: list[str] = []
    compare = hmac.compare_digest

    def counted(one: str, other: str) -> bool:
        compared.append(other)
        return compare(one, other)

    monkeypatch.setattr(hmac, "compare_digest", counted)
    scopes_of(bearer(token), TOKENS)
    assert compared == [entry.digest for entry in TOKENS]


def test_a_new_token_is_random_and_can_be_sent() -> None:
    made = {new_token() for _ in range(100)}
    assert len(made) == 100
    for token in made:
        entry = Token(hashlib.sha256(token.encode()).hexdigest(), frozenset({Scope.SECURED}))
        assert token.startswith("ng_")
        assert scopes_of(bearer(token), [entry]) == {"read:secured"}


@pytest.mark.parametrize("token", [None, READER, EDITOR])
async def test_the_ciphertext_is_forbidden_without_its_scope(send: Send, token: str | None) -> None:
    response = await send(SECURED, *([bearer(token)] if token else []))
    answer = response.json()
    assert answer["data"] == {
        "article": {"title": "Title of x", "secured": {"ciphertext": None, "iv": None}}
    }
    assert [(error["path"], error["extensions"]) for error in answer["errors"]] == [
        (["article", "secured", field], {"code": "FORBIDDEN", "scope": "read:secured"})
        for field in ("ciphertext", "iv")
    ]
    assert CIPHERTEXT not in response.text


@pytest.mark.parametrize("token", [KEEPER, ALL])
async def test_the_ciphertext_is_returned_with_its_scope(send: Send, token: str) -> None:
    assert (await send(SECURED, bearer(token))).json() == {
        "data": {
            "article": {
                "title": "Title of x",
                "secured": {"ciphertext": CIPHERTEXT, "iv": VECTOR},
            }
        }
    }


@pytest.mark.parametrize("token", [None, READER, KEEPER])
async def test_an_unpublished_article_does_not_exist_without_its_scope(
    send: Send, token: str | None
) -> None:
    authorization = [bearer(token)] if token else []
    assert (await send(HIDDEN, *authorization)).json() == {"data": {"article": None}}
    [error] = (await send(LIST_OF_HIDDEN, *authorization)).json()["errors"]
    assert error["extensions"] == {"code": "FORBIDDEN", "scope": "read:unpublished"}


@pytest.mark.parametrize("token", [EDITOR, ALL])
async def test_an_unpublished_article_is_shown_with_its_scope(send: Send, token: str) -> None:
    answer = (await send(HIDDEN, bearer(token))).json()
    assert answer == {"data": {"article": {"title": "Title of hidden"}}}
    answer = (await send(LIST_OF_HIDDEN, bearer(token))).json()
    assert answer == {"data": {"articles": {"nodes": [{"slug": "hidden"}]}}}


async def test_of_several_authorization_headers_none_counts(send: Send) -> None:
    answer = (await send(HIDDEN, bearer(EDITOR), bearer(EDITOR))).json()
    assert answer == {"data": {"article": None}}


@pytest.mark.parametrize("token", [READER, EDITOR])
@pytest.mark.parametrize("query", [HIDDEN, "{ nothing }", ""])
async def test_no_cache_may_store_a_response_to_a_token(send: Send, query: str, token: str) -> None:
    closed = await send(query, bearer(token))
    assert closed.headers["cache-control"] == "private, no-store"
    assert closed.headers["vary"] == "Accept, Accept-Encoding, Authorization"
    public = await send(query)
    assert "cache-control" not in public.headers
    assert public.headers["vary"] == "Accept, Accept-Encoding, Authorization"


def selection(schema: GraphQLSchema, kind: GraphQLObjectType, depth: int) -> str:
    """All fields of a type that need no argument, with all of theirs, down to a depth."""
    parts = ["__typename"]
    for name, field in kind.fields.items():
        inner = get_named_type(field.type)
        if any(is_required_argument(argument) for argument in field.args.values()):
            continue
        if is_leaf_type(inner):
            parts.append(f"{kind.name}_{name}: {name}")
        elif depth and isinstance(inner, GraphQLObjectType):
            parts.append(f"{kind.name}_{name}: {name} {selection(schema, inner, depth - 1)}")
    return f"{{ {' '.join(parts)} }}"


def whole_article() -> str:
    """A query for all fields of an article, to a depth of two."""
    schema = build_schema(print_schema())
    kind = schema.type_map["Article"]
    assert isinstance(kind, GraphQLObjectType)
    return f'{{ article(slug: "x") {selection(schema, kind, 2)} }}'


async def test_the_ciphertext_reaches_neither_logs_nor_errors_nor_answers_without_the_scope(
    send: Send, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    for name in ("newsgraph", "strawberry", "uvicorn", "starlette", "asyncio"):
        caplog.set_level(logging.DEBUG, logger=name)
    caplog.set_level(logging.WARNING, logger="pymongo")  # as the command has it
    for query in (SECURED, whole_article()):
        for authorization in ([], [bearer(READER)], [bearer(EDITOR)]):
            answer = await send(query, *authorization)
            assert CIPHERTEXT not in answer.text
            assert VECTOR not in answer.text
    assert CIPHERTEXT in (await send(SECURED, bearer(ALL))).text
    logged = "\n".join(map(everything_of, caplog.records))
    for secret in (CIPHERTEXT, VECTOR, READER, EDITOR, ALL):
        assert secret not in logged


def everything_of(record: logging.LogRecord) -> str:
    """A record with its traceback and all that was handed to it."""
    return f"{logging.Formatter().format(record)} {vars(record)}"
