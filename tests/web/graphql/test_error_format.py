from __future__ import annotations

import logging

import pytest

from graph.errors import (
    DatabaseError,
    DatabaseTimeout,
    DatabaseUnavailable,
    NewsgraphError,
    SettingsError,
    UsageError,
)
from graph.store.driver.database import Database
from graph.store.queries import articles
from tests.conftest import Ask, query_sender

FIELD = "articles { nodes { title } }"
QUERY = f"{{ {FIELD} }}"
WITHHELD = [
    NewsgraphError,
    UsageError,
    SettingsError,
    DatabaseError,
    DatabaseUnavailable,
    DatabaseTimeout,
]
SECRET = "mongodb://root:hunter2@db.example"


async def test_24_an_unexpected_error_is_masked_and_logged(
    database: Database, ask: Ask, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def fail(*_: object) -> None:
        raise RuntimeError(f"cannot talk to {SECRET}")

    for name in ("page", "pages"):
        monkeypatch.setattr(articles, name, fail)
    with caplog.at_level(logging.ERROR):
        answer = await ask(QUERY)
    assert answer == {
        "data": {"articles": None},
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
    assert error["message"] == "the database cannot be reached: try again in a moment"


@pytest.mark.parametrize("kind", WITHHELD)
async def test_details_for_the_operator_are_logged_once_and_not_sent(
    kind: type[NewsgraphError],
    mock: Database,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def fail(*_: object) -> None:
        raise kind("MongoDB at mongodb://db.example:27017/news: secret.find")

    for name in ("page", "pages"):
        monkeypatch.setattr(articles, name, fail)
    answer = await query_sender(mock)(f"{{ a: {FIELD} b: {FIELD} }}")
    assert {error["extensions"]["code"] for error in answer["errors"]} == {kind.code}
    for inside in ("MongoDB at", "db.example", "27017", "secret"):
        assert inside not in str(answer)
    [record] = caplog.records
    assert record.getMessage().endswith(": MongoDB at mongodb://db.example:27017/news: secret.find")
    assert record.levelname == "WARNING"


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
