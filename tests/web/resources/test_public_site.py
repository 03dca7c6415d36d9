"""The name, language, dates and URL of the site: from settings, or from the loaded site."""

from __future__ import annotations

from typing import Any

import feedparser
import pytest

from graph.documents import CORPUS, META
from graph.store.driver.database import Database
from tests.builders import article, moment
from tests.stored import store
from tests.web.feeds.builders import SITE, client_of
from tests.web.graphql.cache.test_response_cache import Away, Served
from tests.web.pages.test_first_view import head_of, page_of

GULL = {
    "root": "/gull",
    "name": "The Gull",
    "language": "pt-PT",
    "timeZone": "Pacific/Auckland",
    "dateFormat": "d MMM y",
    "timeFormat": "HH:mm",
    "url": "https://read.example",
}


async def configure(database: Database, **site: str) -> None:
    """Store the settings of the only source."""
    await database.update(META, {"_id": CORPUS}, {"$set": {"sites": [{**GULL, **site}]}})


async def test_pages_are_those_of_the_loaded_site(mock: Database) -> None:
    await store(mock, article("a", publishedDateTime=moment(1, 12)))
    await configure(mock)
    page = await page_of(mock, "/article/a")
    assert head_of(page)["title"] == "Title of a – The Gull"
    assert head_of(page)["canonical"] == "https://read.example/article/a"
    assert '<html lang="pt-PT" data-time-zone="Pacific/Auckland"' in page
    assert ">2 Mar 2025, 01:00</time>" in page
    missing = await page_of(mock, "/article/none", status=404)
    assert head_of(missing)["title"].endswith("The Gull")


async def test_feeds_and_sitemaps_are_those_of_the_loaded_site(mock: Database) -> None:
    await store(mock, article("a"))
    await configure(mock)
    async with client_of(mock) as client:
        feed = feedparser.parse((await client.get("/feeds/all.atom")).text).feed
        robots = (await client.get("/robots.txt")).text
        sitemap = (await client.get("/sitemap.xml")).text
    assert (feed.title, feed.language) == ("The Gull", "pt-PT")
    assert feed.links[0].href.startswith("https://read.example/")
    assert "Sitemap: https://read.example/sitemap.xml" in robots
    assert "<loc>https://read.example/sitemaps/articles-1.xml</loc>" in sitemap


@pytest.mark.parametrize(
    ("setting", "value", "expected"),
    [
        ("public_name", "newsgraph", "<title>newsgraph</title>"),
        ("public_language", "en", '<html lang="en"'),
        ("public_time_zone", "UTC", 'data-time-zone="UTC"'),
        ("public_date_format", "MMMM d, y", 'data-date-format="MMMM d, y"'),
        ("public_time_format", "h:mm a", 'data-time-format="h:mm a"'),
        ("public_url", SITE, f'<link rel="canonical" href="{SITE}/">'),
    ],
)
async def test_settings_take_precedence(
    mock: Database, setting: str, value: str, expected: str
) -> None:
    await configure(mock)
    assert expected not in await page_of(mock, "/")
    chosen: dict[str, Any] = {setting: value}
    assert expected in await page_of(mock, "/", **chosen)


async def test_a_time_zone_that_this_host_does_not_know_is_not_used(mock: Database) -> None:
    await configure(mock, timeZone="Mars/Base")
    assert 'data-time-zone="UTC"' in await page_of(mock, "/")


async def test_the_page_that_the_database_is_away_needs_no_site(mock: Database) -> None:
    page = await page_of(Away(mock), "/", status=503)
    assert head_of(page)["title"].endswith("newsgraph")


@pytest.mark.parametrize("path", ["/", "/feeds/all.atom", "/sitemap.xml"])
async def test_cached_pages_follow_the_site_without_a_new_revision(
    served: Served, path: str
) -> None:
    first = await served.client.get(path)
    state, writer = served.state.corpus_state, served.writer
    revision = state.revision
    await configure(writer)
    while state.site is None or "name" not in state.site:
        await state.next_revision()
    headers = {"If-None-Match": first.headers["etag"]}
    second = await served.client.get(path, headers=headers)
    assert (second.status_code, state.revision) == (200, revision)
    assert second.text != first.text
    served.sent()
    headers = {"If-None-Match": second.headers["etag"]}
    assert (await served.client.get(path, headers=headers)).status_code == 304
    assert served.sent() == []
