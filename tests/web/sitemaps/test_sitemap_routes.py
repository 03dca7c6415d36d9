"""Sitemaps over HTTP: their contents, and their revalidation."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote
from xml.etree.ElementTree import Element, fromstring

import httpx
import pytest

from graph.errors import DatabaseError
from graph.store.driver.database import Database
from graph.store.driver.read_commands import Reader, Row
from graph.store.queries import slug_ranges, taxonomy
from graph.store.queries.slug_ranges import SlugRange, read_batch
from graph.web.sitemaps import article_sitemaps, news_sitemap, page_sitemap, sitemap_xml
from graph.web.sitemaps.news_sitemap import beginning
from tests import served as sockets
from tests.builders import article, moment, provider, topic_file
from tests.stored import store
from tests.web.feeds.builders import SITE, client_of
from tests.web.graphql.cache.test_response_cache import Served

NAMESPACE = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
NEWS = "{http://www.google.com/schemas/sitemap-news/0.9}"


async def read(client: httpx.AsyncClient, path: str, root: str) -> list[Element]:
    """The entries of a sitemap or of an index."""
    response = await client.get(path)
    assert response.status_code == 200
    assert response.headers["content-type"] == "application/xml; charset=utf-8"
    document = fromstring(response.content)
    assert document.tag == f"{NAMESPACE}{root}"
    return list(document)


def values(entries: list[Element], name: str) -> list[str | None]:
    return [entry.findtext(f"{NAMESPACE}{name}") for entry in entries]


async def test_entries_say_when_articles_were_updated(
    mock: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(article_sitemaps, "URLS", 2)
    await store(
        mock,
        article("a", updatedDateTime=moment(3)),
        article("b", updatedDateTime=moment(2)),
        article("c"),
    )
    async with client_of(mock) as client:
        index = await read(client, "/sitemap.xml", "sitemapindex")
        first = await read(client, "/sitemaps/articles-1.xml", "urlset")
        second = await read(client, "/sitemaps/articles-2.xml", "urlset")
    assert values(index, "loc") == [
        f"{SITE}/sitemaps/{name}.xml" for name in ("articles-1", "articles-2", "pages", "news")
    ]
    assert values(index, "lastmod") == ["2025-03-03T00:00:00Z", None, None, None]
    assert values(first, "lastmod") == ["2025-03-03T00:00:00Z", "2025-03-02T00:00:00Z"]
    assert values(second, "lastmod") == [None]


async def test_slugs_of_any_kind_become_urls(mock: Database) -> None:
    await store(mock, article("_news/ä & <b>\x07'"), article("x" * 2100))
    async with client_of(mock) as client:
        (entry,) = await read(client, "/sitemaps/articles-1.xml", "urlset")  # one is too long
    assert values([entry], "loc") == [f"{SITE}/article/_news/%C3%A4%20%26%20%3Cb%3E%07%27"]


async def test_a_sitemap_is_within_the_limits_of_the_protocol(
    mock: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert (sitemap_xml.URLS, sitemap_xml.BYTES) == (50_000, 52_428_800)
    monkeypatch.setattr(article_sitemaps, "BYTES", 1_500)
    slugs = ["a", "b", "ä" * 90, "ö" * 90, "x", "y", "z" * 300]
    await store(mock, *(article(slug, updatedDateTime=moment(1)) for slug in slugs))
    async with client_of(mock) as client:
        index = await read(client, "/sitemap.xml", "sitemapindex")
        found = []
        for url in values(index, "loc")[:-2]:
            response = await client.get(str(url))
            assert len(response.content) <= 1_500
            found.append(values(list(fromstring(response.content)), "loc"))
    assert [len(each) for each in found] == [3, 2, 2]
    urls = [url for each in found for url in each]
    assert urls == [f"{SITE}/article/{quote(slug)}" for slug in sorted(slugs)]


async def test_a_sitemap_is_made_in_parts(mock: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slug_ranges, "_BATCH", 2)
    await store(mock, *map(article, "abcde"))
    async with client_of(mock) as client:
        uncompressed = await client.get(
            "/sitemaps/articles-1.xml", headers={"Accept-Encoding": "br"}
        )
        gzipped = await client.get("/sitemaps/articles-1.xml", headers={"Accept-Encoding": "gzip"})
        head = await client.head("/sitemaps/articles-1.xml")
    assert "content-encoding" not in uncompressed.headers
    assert gzipped.headers["content-encoding"] == "gzip"
    assert uncompressed.content == gzipped.content
    assert len(fromstring(uncompressed.content)) == 5
    assert (head.status_code, head.content) == (200, b"")


async def test_an_incomplete_sitemap_is_no_complete_response(
    mock: Database, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(slug_ranges, "_BATCH", 2)
    await store(mock, *map(article, "abcde"))

    async def fail_after_b(reader: Reader, part: SlugRange, after: str) -> list[Row]:
        if after == "b":
            raise DatabaseError("no server")
        return await read_batch(reader, part, after)

    monkeypatch.setattr(article_sitemaps, "read_batch", fail_after_b)
    async with sockets.served(mock) as server, await sockets.Client.connect(server.port) as client:
        await client.send(b"GET /sitemaps/articles-1.xml HTTP/1.1\r\nHost: test\r\n\r\n")
        sent = await client.rest()
    assert b"/article/b" in sent
    assert not sent.endswith(b"0\r\n\r\n")
    assert "the response to '/sitemaps/articles-1.xml' is incomplete: no server" in caplog.text


@pytest.mark.parametrize("number", ["0", "2", "99999"])
async def test_there_are_no_other_sitemaps(mock: Database, number: str) -> None:
    await store(mock, article("a"))
    async with client_of(mock) as client:
        response = await client.get(f"/sitemaps/articles-{number}.xml")
    assert response.status_code == 404
    assert response.text == "There is no such sitemap: /sitemap.xml lists all of them.\n"


async def test_an_empty_corpus_has_an_index(mock: Database) -> None:
    async with client_of(mock) as client:
        index = await read(client, "/sitemap.xml", "sitemapindex")
        pages = await read(client, "/sitemaps/pages.xml", "urlset")
    assert values(index, "loc") == [f"{SITE}/sitemaps/pages.xml", f"{SITE}/sitemaps/news.xml"]
    assert values(pages, "loc") == [f"{SITE}/", f"{SITE}/topics", f"{SITE}/providers"]


async def test_a_sitemap_has_the_indexes_and_the_topics_and_publishers_with_articles(
    mock: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(taxonomy, "BATCH", 2)
    await store(
        mock,
        article("a", topics=["Sea", "Ferries", "Tide & mill"]),
        article("b", provider=provider("The Tern", "tern.example")),
        article("hidden", topics=["Secret"], published=False),
        topic_file("Empty"),
    )
    async with client_of(mock) as client:
        pages = await read(client, "/sitemaps/pages.xml", "urlset")
        paths = [str(url).removeprefix(SITE) for url in values(pages, "loc")]
        statuses = [(await client.get(path)).status_code for path in paths]
    assert paths == [
        *("/", "/topics", "/providers"),
        *("/topic/ferries", "/topic/sea", "/topic/tide-mill"),
        *("/provider/gull.example?name=The+Gull", "/provider/tern.example?name=The+Tern"),
    ]
    assert set(statuses) == {200}


@pytest.mark.parametrize(("limit", "value"), [("URLS", 5), ("BYTES", 390)])
async def test_the_sitemap_of_pages_is_within_the_limits_of_the_protocol(
    mock: Database, monkeypatch: pytest.MonkeyPatch, limit: str, value: int
) -> None:
    monkeypatch.setattr(page_sitemap, limit, value)
    monkeypatch.setattr(taxonomy, "BATCH", 1)
    await store(mock, article("a", topics=["One", "Three", "Two"]))
    async with client_of(mock) as client:
        response = await client.get("/sitemaps/pages.xml")
    assert len(response.content) <= 390
    assert values(list(fromstring(response.content)), "loc")[3:] == [
        f"{SITE}/topic/one",
        f"{SITE}/topic/three",
    ]


async def test_an_unchanged_sitemap_is_not_sent_again(served: Served) -> None:
    for name in ("sitemap", "sitemaps/articles-1", "sitemaps/pages", "sitemaps/news"):
        path = f"/{name}.xml"
        first = await served.client.get(path)
        assert first.headers["cache-control"] == "public, no-cache"
        served.sent()
        headers = {"If-None-Match": first.headers["etag"]}
        assert (await served.client.get(path, headers=headers)).status_code == 304
        assert served.sent() == []
    await served.load(article("c", publishedDateTime=moment(4)))
    assert (await served.client.get(path, headers=headers)).status_code == 200


async def test_large_sitemaps_do_not_fill_the_caches(served: Served) -> None:
    await served.client.get("/sitemaps/articles-1.xml")
    assert served.sent() == ["aggregate", "find"]
    await served.client.get("/sitemaps/articles-1.xml")
    assert served.sent() == ["find"]
    assert len(served.state.responses._entries) == 0


async def test_the_news_sitemap_has_the_articles_of_the_last_two_days(mock: Database) -> None:
    now = datetime.now(UTC).replace(microsecond=0)
    recent, old = now - timedelta(hours=1), now - timedelta(hours=48)
    await store(
        mock,
        article("old", publishedDateTime=old),
        article("undated", publishedDateTime=None),
        article("hidden", publishedDateTime=recent, published=False),
        article(
            "new",
            publishedDateTime=recent,
            title="Tide & <mill>\x07",
            language="pt_BR",
            provider=provider("Gull & Tern"),
        ),
        article("other", publishedDateTime=recent, language="zh-CN"),
        article("plain", publishedDateTime=recent),
    )
    async with client_of(mock, public_language="de-AT") as client:
        entries = await read(client, "/sitemaps/news.xml", "urlset")
    assert values(entries, "loc") == [
        f"{SITE}/article/{slug}" for slug in ("plain", "other", "new")
    ]
    assert [entry.findtext(f".//{NEWS}language") for entry in entries] == ["de", "zh-cn", "pt"]
    found: dict[str, Any] = {each.tag: each.text for each in entries[2].iter()}
    assert found[f"{NEWS}name"] == "Gull & Tern"
    assert found[f"{NEWS}title"] == "Tide & <mill>"
    assert found[f"{NEWS}publication_date"] == f"{recent:%Y-%m-%dT%H:%M:%SZ}"


async def test_the_news_sitemap_is_limited_in_size(
    mock: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert (news_sitemap._LARGEST, news_sitemap._PAGE) == (1_000, 100)
    monkeypatch.setattr(news_sitemap, "_LARGEST", 4)
    monkeypatch.setattr(news_sitemap, "_PAGE", 2)
    now = datetime.now(UTC)
    await store(mock, *(article(f"n{number}", publishedDateTime=now) for number in range(5)))
    async with client_of(mock) as client:
        entries = await read(client, "/sitemaps/news.xml", "urlset")
    assert values(entries, "loc") == [f"{SITE}/article/n{number}" for number in (4, 3, 2, 1)]


def test_the_beginning_of_the_news_is_the_same_for_an_hour() -> None:
    start = datetime(2025, 3, 10, 8, tzinfo=UTC)
    later = start + timedelta(minutes=59, seconds=59)
    assert beginning(start) == beginning(later) == datetime(2025, 3, 8, 9, tzinfo=UTC)
