"""Entity tags: an unchanged answer is not sent again, and a changed one is."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest

from graph.config import Settings
from graph.errors import UsageError
from graph.store.cache.corpus_state import CorpusState
from graph.store.driver.database import Database
from graph.store.revision import EMPTY_CORPUS
from graph.web.graphql.cache.etags import ETags
from tests.builders import article
from tests.web.graphql.cache.test_response_cache import (
    EDITOR,
    FRONT,
    GRAPHQL,
    ONE,
    PausedDatabase,
    Served,
    serving,
)

PLACE = '{ article(slug: "a") { source { path } } }'


async def get(served: Served, query: str, **headers: str) -> httpx.Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return await served.client.get("/graphql", params={"query": query}, headers=named)


async def test_an_unchanged_answer_is_not_sent_again(served: Served) -> None:
    first = await get(served, FRONT)
    assert first.headers["cache-control"] == "public, no-cache"
    served.sent()
    again = await get(served, FRONT, If_None_Match=first.headers["etag"])
    assert (again.status_code, again.content, served.sent()) == (304, b"", [])
    for name in ("etag", "cache-control", "vary"):
        assert again.headers[name] == first.headers[name]
    assert "content-type" not in again.headers


async def test_a_304_needs_no_read_even_if_nothing_is_cached(
    mongod: str | UsageError, server: Database
) -> None:
    for cache in ("on", "reads"):
        async with serving(mongod, server, cache=cache) as one:
            tag = (await get(one, FRONT)).headers["etag"]
            one.state.reads.clear()
            if one.state.responses is not None:
                one.state.responses.clear()
            one.sent()
            assert (await get(one, FRONT, If_None_Match=tag)).status_code == 304
            assert one.sent() == []


async def test_after_a_load_the_new_answer_is_sent(served: Served) -> None:
    first = await get(served, ONE)
    await served.load(article("a", title="Another"))
    again = await get(served, ONE, If_None_Match=first.headers["etag"])
    assert again.status_code == 200
    assert again.json()["data"]["article"]["title"] == "Another"
    for _ in range(50):  # the stream may tell of this load once more
        if "etag" in again.headers:
            break
        again = await get(served, ONE)
    assert again.headers["etag"] != first.headers["etag"]


async def test_an_answer_begun_before_a_load_and_ended_after_it_has_no_tag(served: Served) -> None:
    paused = served.state.database = PausedDatabase(served.state.database)
    early = asyncio.create_task(get(served, ONE))
    await asyncio.wait_for(paused.waiting.wait(), timeout=20)
    await served.load(article("a", title="Another"))
    paused.go.set()
    answer = await early
    assert answer.status_code == 200
    assert "etag" not in answer.headers
    assert answer.headers["cache-control"] == "no-cache"


async def test_while_the_corpus_state_is_unknown_there_is_no_etag(
    served: Served,
) -> None:
    tag = (await get(served, ONE)).headers["etag"]
    served.state.corpus_state.invalidate()
    answer = await get(served, ONE, If_None_Match=tag)
    assert (answer.status_code, "etag" in answer.headers) == (200, False)


async def test_what_was_read_while_the_corpus_state_is_behind_has_no_etag(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def is_current(_: CorpusState) -> bool:
        return False

    monkeypatch.setattr(CorpusState, "is_current", is_current)
    for response in (await get(served, ONE), await served.client.get("/feeds/all.rss")):
        assert (response.status_code, "etag" in response.headers) == (200, False)
        assert response.headers["cache-control"] == "no-cache"
    monkeypatch.undo()
    assert "etag" in (await get(served, FRONT)).headers


async def test_each_operation_and_media_type_has_its_own_tag(served: Served) -> None:
    answers = [
        await get(served, FRONT),
        await get(served, ONE),
        await get(served, ONE, Accept=GRAPHQL),
    ]
    assert len({answer.headers["etag"] for answer in answers}) == 3


@pytest.mark.parametrize(
    ("if_none_match", "status"),
    [
        ("{}", 304),
        ('"other", {}', 304),
        ("{strong}", 304),
        ('W/"other"', 200),
        ("", 200),
        ("x", 200),
    ],
)
async def test_tags_are_compared_as_http_says(
    served: Served, if_none_match: str, status: int
) -> None:
    tag = (await get(served, ONE)).headers["etag"]
    assert tag.startswith('W/"')
    sent = if_none_match.replace("{strong}", tag[2:]).replace("{}", tag)
    assert (await get(served, ONE, If_None_Match=sent)).status_code == status


async def test_the_tag_is_the_same_in_every_coding(served: Served) -> None:
    tags = {
        (await get(served, FRONT, Accept_Encoding=coding)).headers["etag"]
        for coding in ("identity", "gzip", "br")
    }
    assert len(tags) == 1


async def test_a_post_has_no_tag(served: Served) -> None:
    answer = await served.ask(ONE)
    assert "etag" not in answer.headers
    assert "cache-control" not in answer.headers


async def test_an_answer_to_a_token_has_no_tag_and_ignores_if_none_match(served: Served) -> None:
    tag = (await get(served, ONE)).headers["etag"]
    answer = await get(served, ONE, Authorization=f"Bearer {EDITOR}", If_None_Match=tag)
    assert (answer.status_code, "etag" in answer.headers) == (200, False)
    assert answer.headers["cache-control"] == "private, no-store"


async def test_an_answer_with_errors_is_stored_nowhere(served: Served) -> None:
    partial = "{ articles(first: 0) { totalCount } corpus { articleCount } }"
    for query in ("{ nothing }", "{ articles(first: 0) { totalCount } }", partial, ""):
        answer = await get(served, query)
        assert answer.headers["cache-control"] == "no-store"
        assert "etag" not in answer.headers


async def test_fields_that_change_without_a_revision_have_no_tag(
    mongod: str | UsageError, server: Database
) -> None:
    async with serving(mongod, server, max_age=60) as served:
        answer = await get(served, PLACE)
        assert answer.json()["data"]["article"]["source"]
        assert (answer.headers["cache-control"], "etag" in answer.headers) == ("no-cache", False)


@pytest.mark.parametrize(
    ("chosen", "cache_control"),
    [
        ({"max_age": 60}, "public, max-age=60"),
        (
            {"max_age": 60, "stale_while_revalidate": 9},
            "public, max-age=60, stale-while-revalidate=9",
        ),
        ({"stale_while_revalidate": 9}, "public, max-age=0, stale-while-revalidate=9"),
        ({"stale_if_error": 90}, "public, max-age=0, stale-if-error=90"),
    ],
    ids=range(4),
)
async def test_max_age_is_that_of_the_settings(
    mongod: str | UsageError, server: Database, chosen: dict[str, Any], cache_control: str
) -> None:
    async with serving(mongod, server, **chosen) as served:
        for _ in range(2):
            assert (await get(served, ONE)).headers["cache-control"] == cache_control


async def test_with_the_cache_off_there_is_no_etag(
    mongod: str | UsageError, server: Database
) -> None:
    async with serving(mongod, server, cache="off", max_age=60) as served:
        answer = await get(served, ONE)
        assert (answer.headers["cache-control"], "etag" in answer.headers) == ("no-cache", False)


def test_tags_are_equal_in_every_process_and_differ_by_schema_and_settings() -> None:
    def tag(shape: str = "", revision: int = 3, at: str = "noon", **chosen: Any) -> bytes:
        epoch = CorpusState()
        loaded: Any = {"at": at}
        epoch.update({**EMPTY_CORPUS, "revision": revision, "lastLoad": loaded})
        settings = Settings.model_validate({"mongo_url": "mongomock://", **chosen})
        return ETags(settings, shape).tag(epoch, "application/json", b"query=x")

    assert tag() == tag() == tag(max_age=5, port=9)
    others = {
        tag(),
        tag("trusted"),
        tag(revision=4),
        tag(at="midnight"),
        tag(video_hosts="a.example"),
        tag(volatile="heat"),
    }
    assert len(others) == 6
