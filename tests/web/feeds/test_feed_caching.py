"""Feeds are cached and revalidated by the corpus revision, like answers."""

from __future__ import annotations

import asyncio

import feedparser
import pytest

from graph.errors import UsageError
from graph.store.driver.database import Database
from tests.builders import article, moment
from tests.web.feeds.builders import client_of
from tests.web.graphql.cache.test_response_cache import Served, serving


async def test_a_feed_is_one_operation_that_is_sent_again_without_a_command(
    served: Served,
) -> None:
    first = await served.client.get("/feeds/all.atom")
    assert served.sent() == ["find"]
    again = await served.client.get("/feeds/all.atom")
    assert (again.content, again.headers["etag"]) == (first.content, first.headers["etag"])
    assert first.headers["cache-control"] == "public, no-cache"
    assert served.sent() == []


async def test_feeds_with_bodies_are_cached_too(mongod: str | UsageError, server: Database) -> None:
    async with serving(mongod, server, feed_bodies="html") as running:
        first = await running.client.get("/feeds/all.atom")
        assert running.sent() == ["find"]
        again = await running.client.get("/feeds/all.atom")
        assert (again.headers["etag"], running.sent()) == (first.headers["etag"], [])


async def test_equal_requests_at_the_same_time_cost_one_read(served: Served) -> None:
    paths = ["/feeds/all.rss"] * 20
    await asyncio.gather(*map(served.client.get, paths))
    assert served.sent() == ["find"]


async def test_a_client_that_has_the_feed_gets_304_without_a_command(served: Served) -> None:
    first = await served.client.get("/feeds/all.atom")
    served.state.responses.clear()
    served.state.reads.clear()
    served.sent()
    headers = {"If-None-Match": first.headers["etag"]}
    again = await served.client.get("/feeds/all.atom", headers=headers)
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]
    assert again.headers["cache-control"] == "public, no-cache"
    assert served.sent() == []


async def test_a_load_changes_the_feed_and_its_tag(served: Served) -> None:
    first = await served.client.get("/feeds/all.atom")
    await served.load(article("c", publishedDateTime=moment(4)))
    headers = {"If-None-Match": first.headers["etag"]}
    again = await served.client.get("/feeds/all.atom", headers=headers)
    assert again.status_code == 200
    assert feedparser.parse(again.text).entries[0].title == "Title of c"


async def test_each_format_host_and_search_has_its_own_feed(served: Served) -> None:
    requests = [
        ("/feeds/all.atom", "a.example"),
        ("/feeds/all.rss", "a.example"),
        ("/feeds/all.json", "a.example"),
        ("/feeds/all.atom", "b.example"),
        ("/feeds/search.atom?q=title", "a.example"),
        ("/feeds/search.atom?q=ferry", "a.example"),
        ("/feeds/providers/gull.example.atom", "a.example"),
        ("/feeds/providers/gull.example.atom?name=The+Gull", "a.example"),
    ]
    answers = [await served.client.get(path, headers={"Host": host}) for path, host in requests * 2]
    tags = [answer.headers["etag"] for answer in answers]
    assert tags[:8] == tags[8:]
    assert len(set(tags)) == len({answer.content for answer in answers}) == len(requests)


async def test_a_feed_that_is_not_found_is_not_cached(served: Served) -> None:
    before = len(served.state.responses._entries)
    assert (await served.client.get("/feeds/topics/gone.atom")).status_code == 404
    assert len(served.state.responses._entries) == before


@pytest.mark.parametrize("coding", ["br", "gzip", "zstd"])
async def test_a_feed_is_compressed_as_answers_are(served: Served, coding: str) -> None:
    await served.load(*(article(f"more{number}") for number in range(10)))
    uncompressed = await served.client.get(
        "/feeds/all.rss", headers={"Accept-Encoding": "identity"}
    )
    packed = await served.client.get("/feeds/all.rss", headers={"Accept-Encoding": coding})
    assert packed.headers["content-encoding"] == coding
    assert "content-encoding" not in uncompressed.headers
    assert packed.content == uncompressed.content


@pytest.mark.parametrize(
    ("url", "compression", "vary"),
    [
        (None, "on", "Accept-Encoding, Host"),
        (None, "off", "Host"),
        ("https://news.example", "on", "Accept-Encoding"),
        ("https://news.example", "off", None),
    ],
)
async def test_vary_names_the_headers_that_a_feed_depends_on(
    mock: Database, url: str | None, compression: str, vary: str | None
) -> None:
    async with client_of(mock, public_url=url, compression=compression) as client:
        assert (await client.get("/feeds/all.atom")).headers.get("vary") == vary


async def test_without_caches_a_feed_has_no_tag(mongod: str | UsageError, server: Database) -> None:
    async with serving(mongod, server, cache="off") as running:
        answer = await running.client.get("/feeds/all.atom")
        assert "etag" not in answer.headers
        assert answer.headers["cache-control"] == "no-cache"
        await running.client.get("/feeds/all.atom")
        assert running.sent() == ["find", "find"]


async def test_a_feed_with_volatile_fields_is_not_cached(
    mongod: str | UsageError, server: Database
) -> None:
    async with serving(mongod, server, volatile=frozenset({"excerpt"})) as running:
        for _ in range(2):
            assert "etag" not in (await running.client.get("/feeds/all.atom")).headers
        assert running.sent() == ["find", "find"]


async def test_a_head_request_gets_the_headers_of_the_feed(served: Served) -> None:
    got = await served.client.get("/feeds/all.atom")
    head = await served.client.head("/feeds/all.atom")
    for name in ("etag", "content-type", "content-length", "cache-control"):
        assert head.headers[name] == got.headers[name]
