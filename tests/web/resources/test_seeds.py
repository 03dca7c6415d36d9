"""Feeds and sitemaps of the seeds, as feed readers and crawlers read them."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from itertools import count
from typing import Any
from urllib.parse import quote, urlsplit
from xml.etree.ElementTree import fromstring

import feedparser
import httpx
import pytest
import pytest_asyncio

from graph.config import Settings
from graph.demo import seeds_dir
from graph.documents import ARTICLES
from graph.store.driver.client import open_database
from graph.store.driver.database import Database
from graph.web.pages.page_paths import article_path
from graph.web.sitemaps import article_sitemaps
from loaders.load import run
from loaders.load.options import LoadOptions
from tests.loaders.builders import InlineWorker
from tests.web.feeds.builders import SITE, client_of

SETTINGS = Settings(mongo_url="mongomock://")
NAMESPACE = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
SUBJECTS = """{
  topics(first: 6) { nodes { slug name articles(first: 100, includeDescendants: true)
    { nodes { title } } } }
  providers(first: 6) { nodes { domain name articles(first: 100) { nodes { title } } } }
  authors(first: 6) { nodes { slug name articles(first: 100) { nodes { title } } } }
}"""


@pytest_asyncio.fixture(scope="module")
async def seeded() -> AsyncIterator[Database]:
    """The seeds in memory."""
    async with open_database(SETTINGS) as database:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(run, "Worker", InlineWorker)
            await run.load(database, SETTINGS, LoadOptions.of([seeds_dir()]))
        yield database


@pytest_asyncio.fixture(scope="module")
async def client(seeded: Database) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(seeded, feed_size=100, feed_bodies="html") as client:
        yield client


def path_of(kind: str, subject: dict[str, Any]) -> str:
    if kind == "providers":
        return f"/feeds/providers/{subject['domain']}.{{}}?name={quote(subject['name'])}"
    return f"/feeds/{kind}/{quote(subject['slug'])}.{{}}"


@pytest.mark.parametrize("kind", ["topics", "providers", "authors"])
async def test_feeds_are_valid_and_have_the_articles_of_their_subject(
    client: httpx.AsyncClient, kind: str
) -> None:
    data = (await client.post("/graphql", json={"query": SUBJECTS})).json()["data"]
    subjects = [each for each in data[kind]["nodes"] if each["articles"]["nodes"]]
    assert len(subjects) > 2
    for subject in subjects:
        titles = [node["title"] for node in subject["articles"]["nodes"]]
        path = path_of(kind, subject)
        for ending in ("atom", "rss"):
            found = feedparser.parse((await client.get(path.format(ending))).content)
            assert not found.bozo
            assert found.feed.title == f"{subject['name']} – newsgraph"
            assert [entry.title for entry in found.entries] == titles
        items = (await client.get(path.format("json"))).json()["items"]
        assert [item["title"] for item in items] == titles


async def test_every_entry_has_what_the_specifications_require(client: httpx.AsyncClient) -> None:
    for ending in ("atom", "rss"):
        found = feedparser.parse((await client.get(f"/feeds/all.{ending}")).content)
        assert len({entry.id for entry in found.entries}) == len(found.entries) > 20
        for entry in found.entries:
            assert re.fullmatch(r"urn:uuid:[0-9a-f-]{36}", entry.id)
            assert urlsplit(entry.link).scheme in {"http", "https"}
            assert entry.link.isascii()
            assert entry.authors[0].name
            assert entry.updated_parsed
        assert any(entry.get("content") for entry in found.entries)
        assert any(entry.get("media_thumbnail") for entry in found.entries)


async def urls_of(client: httpx.AsyncClient) -> AsyncIterator[str]:
    """The URLs of the sitemaps of articles, in their order."""
    index = fromstring((await client.get("/sitemap.xml")).content)
    names = [entry.findtext(f"{NAMESPACE}loc") or "" for entry in index]
    for number in count(1):
        name = f"{SITE}/sitemaps/articles-{number}.xml"
        if name not in names:
            return
        sitemap = fromstring((await client.get(name)).content)
        for entry in sitemap:
            yield entry.findtext(f"{NAMESPACE}loc") or ""


async def test_the_sitemaps_have_every_published_article_once(
    client: httpx.AsyncClient, seeded: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(article_sitemaps, "URLS", 20)
    rows = await seeded.find(ARTICLES, {}, projection={"published": 1})
    published = [row["_id"] for row in rows if row["published"]]
    assert 20 < len(published) < len(rows)
    urls = [url async for url in urls_of(client)]
    assert urls == [SITE + article_path(slug) for slug in sorted(published)]
