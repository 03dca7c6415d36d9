"""While the database is unreachable: earlier responses, marked as stale, for a limited time."""

from __future__ import annotations

from time import monotonic

import pytest

from graph.errors import UsageError
from graph.store.driver.database import Database
from graph.web.graphql.cache import stale_responses
from graph.web.graphql.cache.stale_responses import HIT, Responses
from graph.web.graphql.graphql_response import GraphQLResponse
from graph.web.http.headers import Header
from tests.builders import article
from tests.web.graphql.cache.test_response_cache import (
    EDITOR,
    FRONT,
    ONE,
    SECURED,
    Away,
    serving,
)

LOST = "newsgraph; hit; ttl=0; detail=database-unavailable"


def response(body: bytes = b"{}", *headers: Header) -> GraphQLResponse:
    return GraphQLResponse(200, headers, body, is_cacheable=True)


def filled(stale_seconds: float = 60) -> Responses:
    responses = Responses(100_000, stale_seconds)
    responses.resume()
    assert responses.put(("a",), response(b"a", (b"etag", b"W/1"), (b"vary", b"Accept")), 100)
    return responses


def test_a_response_is_stale_for_the_time_since_its_state_was_last_confirmed() -> None:
    responses = filled()
    assert responses.stale(("a",), HIT) is None
    responses.mark_unreachable(monotonic() - 7)
    assert responses.is_lost
    assert responses.get(("a",)) is None
    found = responses.stale(("a",), HIT)
    assert found is not None
    assert found.body == b"a"
    assert found.headers == [
        (b"vary", b"Accept"),
        (b"cache-control", b"no-store"),
        (b"age", b"7"),
        (b"cache-status", b"newsgraph; hit; ttl=-7; detail=database-unavailable"),
    ]


def test_losing_the_database_again_does_not_reset_the_age() -> None:
    responses = filled()
    responses.mark_unreachable(monotonic() - 7)
    responses.mark_unreachable(monotonic())
    found = responses.stale(("a",), HIT)
    assert found is not None
    assert (b"age", b"7") in found.headers


def test_after_the_time_limit_there_is_no_stale_response(monkeypatch: pytest.MonkeyPatch) -> None:
    responses = filled(60)
    now = monotonic()
    responses.mark_unreachable(now)
    monkeypatch.setattr(stale_responses, "monotonic", lambda: now + 59)
    assert responses.stale(("a",), HIT) is not None
    monkeypatch.setattr(stale_responses, "monotonic", lambda: now + 61)
    assert responses.stale(("a",), HIT) is None


def test_by_default_no_stale_response_is_kept() -> None:
    responses = filled(0)
    responses.mark_unreachable(monotonic())
    assert not responses.is_lost
    assert responses.stale(("a",), HIT) is None


def test_responses_from_before_a_load_stay_available_too() -> None:
    responses = filled()
    responses.suspend()
    responses.resume()
    assert not responses.is_lost
    responses.mark_unreachable(monotonic())
    assert responses.stale(("a",), HIT) is not None


def test_private_responses_stay_private() -> None:
    responses = filled()
    assert responses.put(("b",), response(b"b", (b"cache-control", b"private, no-store")), 100)
    responses.mark_unreachable(monotonic())
    found = responses.stale(("b",), HIT)
    assert found is not None
    assert [value for name, value in found.headers if name == b"cache-control"] == [
        b"private, no-store"
    ]


def test_stale_responses_take_only_the_space_that_is_free() -> None:
    responses = Responses(100_000, 60)
    responses.resume()
    for number in range(9):
        assert responses.put((number,), response(), 9_000)
    responses.resume()
    assert responses.bytes == 0
    for number in range(100, 105):
        assert responses.put((number,), response(), 9_000)
    total = responses.bytes + responses._stale.bytes
    assert 80_000 < total <= 100_000
    assert responses.stale((0,), HIT) is None
    assert responses.stale((8,), HIT) is not None


async def test_a_stale_response_is_sent_without_a_command_until_the_database_is_back(
    mongod: str | UsageError, server: Database
) -> None:
    async with serving(mongod, server, stale_if_error=60) as served:
        before = await served.ask(ONE)
        tokened = await served.ask(FRONT, EDITOR)
        served.sent()
        served.state.corpus_state.mark_unreachable()
        after = await served.ask(ONE)
        assert after.json() == before.json()
        assert (after.headers["cache-status"], after.headers["age"]) == (LOST, "0")
        assert "cache-status" not in before.headers
        assert (await served.ask(FRONT, EDITOR)).json() == tokened.json()
        assert served.sent() == []
        # What was not cached is read as always.
        assert "cache-status" not in (await served.ask(FRONT)).headers
        assert served.sent() != []
        await served.load(article("a", title="Later"))
        assert (await served.data(ONE))["article"]["title"] == "Later"


async def test_a_stale_response_may_be_compressed_and_is_not_revalidated(
    mongod: str | UsageError, server: Database
) -> None:
    long = '{ article(slug: "a") { ' + " ".join(f"a{n}: title" for n in range(90)) + " } }"
    async with serving(mongod, server, stale_if_error=60) as served:
        before = await served.client.get("/graphql", params={"query": long})
        served.state.corpus_state.mark_unreachable()
        headers = {"Accept-Encoding": "gzip", "If-None-Match": before.headers["etag"]}
        after = await served.client.get("/graphql", params={"query": long}, headers=headers)
        assert (after.status_code, after.json()) == (200, before.json())
        assert after.headers["content-encoding"] == "gzip"
        assert int(after.headers["content-length"]) < len(before.content)
        assert after.headers["cache-control"] == "no-store"
        assert "etag" not in after.headers


async def test_a_stale_response_replaces_an_error_before_the_loss_of_the_database_is_known(
    mongod: str | UsageError, server: Database
) -> None:
    async with serving(mongod, server, stale_if_error=60) as served:
        before = await served.ask(ONE)
        feed = await served.client.get("/feeds/all.atom")
        assert feed.status_code == 200
        await served.load(article("c"))
        served.state.database = Away(server)
        after = await served.ask(ONE)
        assert after.json() == before.json()
        assert after.headers["cache-status"].startswith("newsgraph; fwd=stale; ttl=")
        again = await served.client.get("/feeds/all.atom")
        assert (again.status_code, again.content) == (200, feed.content)
        assert again.headers["cache-status"].startswith("newsgraph; fwd=stale; ttl=")
        failed = (await served.ask(SECURED)).json()
        assert failed["errors"][0]["extensions"]["code"] in ("FORBIDDEN", "DATABASE_UNAVAILABLE")


async def test_without_the_setting_the_error_is_sent(
    mongod: str | UsageError, server: Database
) -> None:
    async with serving(mongod, server) as served:
        await served.ask(ONE)
        await served.load(article("c"))
        served.state.database = Away(server)
        failed = (await served.ask(ONE)).json()
        assert failed["errors"][0]["extensions"]["code"] == "DATABASE_UNAVAILABLE"
        served.state.corpus_state.mark_unreachable()
        assert (await served.ask(ONE)).json() == failed


async def test_the_setting_without_a_response_cache_is_reported(
    mongod: str | UsageError, server: Database, caplog: pytest.LogCaptureFixture
) -> None:
    async with serving(mongod, server, stale_if_error=60, cache="reads"):
        pass
    assert "NEWSGRAPH_STALE_IF_ERROR has no effect without NEWSGRAPH_CACHE=on" in caplog.text
