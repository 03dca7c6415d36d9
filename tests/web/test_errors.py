from __future__ import annotations

import logging

import pytest

from graph.errors import DatabaseUnavailable
from graph.store import articles
from graph.store.database import Database
from tests.conftest import Ask

QUERY = "{ articles { nodes { title } } }"
SECRET = "mongodb://root:hunter2@db.example"


async def test_24_a_surprise_is_masked_and_logged(
    database: Database, ask: Ask, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def fail(*_: object) -> None:
        raise RuntimeError(f"cannot talk to {SECRET}")

    for name in ("page", "pages"):
        monkeypatch.setattr(articles, name, fail)
    with caplog.at_level(logging.ERROR):
        answer = await ask(QUERY)
    assert answer == {
        "data": None,
        "errors": [
            {
                "message": "Internal server error",
                "locations": [{"line": 1, "column": 3}],
                "path": ["articles"],
                "extensions": {"code": "INTERNAL_SERVER_ERROR"},
            }
        ],
    }
    assert "hunter2" in caplog.text


async def test_57_a_database_that_is_away_has_its_code(
    database: Database, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: object) -> None:
        raise DatabaseUnavailable("MongoDB at mongodb://db.example cannot be reached")

    for name in ("page", "pages"):
        monkeypatch.setattr(articles, name, fail)
    [error] = (await ask(QUERY))["errors"]
    assert error["extensions"] == {"code": "DATABASE_UNAVAILABLE"}
    assert error["message"] == "MongoDB at mongodb://db.example cannot be reached"


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("{ articles", "GRAPHQL_PARSE_FAILED"),
        ("{ nothing }", "GRAPHQL_VALIDATION_FAILED"),
        ("query ($n: Int) { articles(first: $n) { totalCount } }", "BAD_USER_INPUT"),
    ],
)
async def test_24_errors_of_the_caller_stay_readable(
    database: Database, ask: Ask, query: str, code: str
) -> None:
    [error] = (await ask(query, n="many"))["errors"]
    assert error["extensions"]["code"] == code
    assert error["message"] != "Internal server error"
