"""The pages of the reader as the server sends them: their content, heads, errors and caching."""

from __future__ import annotations

import json
import re
from html import unescape
from typing import Any, Final

import httpx
import pytest

from graph.documents import TOMBSTONES, tombstone_id
from graph.store.driver.database import Database
from tests.builders import article, change, moment, organization_file, story, topic_file
from tests.search.indexes import service_over
from tests.stored import store
from tests.web.feeds.builders import SITE, client_of
from tests.web.graphql.cache.test_response_cache import Served

HOSTILE: Final = '</script><script>alert(1)</script><img src=x onerror="alert(1)">'


async def page_of(mock: Database, path: str, *, status: int = 200, **settings: Any) -> str:
    """The page of a path, from a server with these settings."""
    async with client_of(mock, **settings) as client:
        response = await client.get(path)
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    return response.text


def head_of(page: str) -> dict[str, str]:
    """The title, the canonical URL and the meta elements."""
    head = page.partition("</head>")[0]
    metas = re.findall(r'<meta (?:name|property)="([^"]+)" content="([^"]*)">', head)
    found = {name: unescape(value) for name, value in metas}
    found["title"] = unescape(re.findall("<title>(.*)</title>", head)[0])
    found["canonical"] = unescape("".join(re.findall('<link rel="canonical" href="(.*)">', head)))
    return found


def json_ld_of(page: str) -> dict[str, Any]:
    """The JSON-LD of a page, by type."""
    texts = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page)
    return {value["@type"]: value for value in map(json.loads, texts)}


def main_of(page: str) -> str:
    """The content of the page, without markup."""
    content = page.partition("<main")[2].partition(">")[2].partition("</main>")[0]
    text = re.sub("<[^>]+>", " ", content)
    return " ".join(unescape(text).split())


async def test_an_article_is_in_its_page(mock: Database) -> None:
    await store(
        mock,
        article(
            "news/ferry",
            title="The ferry & the quay",
            excerpt="It is late.",
            body="First paragraph.\n\nSecond paragraph.",
            topics=["Sea"],
            images=[{"url": "/media/ferry.jpg", "title": "The ferry"}],
            related=[story("https://else.example/1", "Another ferry")],
        ),
        article("refers", title="It refers", related=[story("https://gull.example/news/ferry")]),
    )
    page = await page_of(mock, "/article/news/ferry")
    content = main_of(page)
    for text in ("The ferry & the quay", "It is late.", "First paragraph.", "Second paragraph."):
        assert text in content
    assert '<h1 tabindex="-1" dir="auto">The ferry &amp; the quay</h1>' in page
    assert '<a href="/topic/sea"><span dir="auto">Sea</span></a>' in page
    assert 'src="/media/ferry.jpg"' in page
    assert '<time datetime="2025-03-01T00:00:00Z">March 1, 2025</time>' in page
    rel = "external noopener noreferrer"
    assert f'<a class="button" href="https://gull.example/news/ferry" rel="{rel}">' in page
    assert f'<a href="https://else.example/1" rel="{rel}">' in page
    assert '<a href="/article/refers">' in page


@pytest.mark.parametrize(
    ("url", "absolute", "srcset"),
    [
        ("quay.jpg", "https://gull.example/quay.jpg", "https://gull.example/quay.jpg"),
        ("/media/quay.jpg", f"{SITE}/media/quay.jpg", "/media/quay.jpg"),
    ],
)
async def test_pictures_with_relative_urls_are_named_and_shown(
    mock: Database, url: str, absolute: str, srcset: str
) -> None:
    await store(mock, article("ferry", images=[{"url": url, "width": 640}]))
    page = await page_of(mock, "/article/ferry")
    assert head_of(page)["og:image"] == absolute
    [image] = json_ld_of(page)["NewsArticle"]["image"]
    assert image == {"@type": "ImageObject", "url": absolute, "width": 640}
    assert f'src="{srcset}"' in page


async def test_the_head_of_an_article_describes_it(mock: Database) -> None:
    images = [{"url": "/media/ferry.jpg"}]
    fields = {"excerpt": "It is late.", "topics": ["Sea"], "images": images}
    await store(mock, article("ferry", title="The ferry", **fields))
    page = await page_of(mock, "/article/ferry?from=mail", public_name="The Tide")
    head = head_of(page)
    url = f"{SITE}/article/ferry"
    assert head["title"] == "The ferry – The Tide"
    assert head["canonical"] == head["og:url"] == url
    assert head["description"] == head["og:description"] == "It is late."
    assert (head["og:type"], head["og:site_name"]) == ("article", "The Tide")
    assert head["og:image"] == f"{SITE}/media/ferry.jpg"
    assert head["article:published_time"] == "2025-03-01T00:00:00Z"
    assert head["twitter:card"] == "summary_large_image"
    values = json_ld_of(page)
    assert values["NewsArticle"]["headline"] == "The ferry"
    steps = values["BreadcrumbList"]["itemListElement"]
    assert [(step["name"], step["item"]) for step in steps] == [
        ("Front page", f"{SITE}/"),
        ("Sea", f"{SITE}/topic/sea"),
        ("The ferry", url),
    ]


@pytest.mark.parametrize("path", ["/", "/article/a", "/topic/hostile", "/provider/gull.example"])
async def test_markup_in_a_document_is_text(mock: Database, path: str) -> None:
    hostile = article(
        "a",
        title=HOSTILE,
        excerpt=HOSTILE,
        body=f"[here](javascript:alert)\n\n{HOSTILE}",
        webUrl="javascript:alert(1)",
        provider={"name": HOSTILE, "domain": "gull.example"},
        topics=["Hostile", HOSTILE],
        images=[{"url": "javascript:alert(1)", "title": HOSTILE}],
        related=[story("javascript:alert(1)", HOSTILE), story("//evil.example/", HOSTILE)],
    )
    await store(mock, hostile, topic_file("Hostile", description=HOSTILE))
    page = await page_of(mock, path)
    assert "<script>" not in page
    assert "<img" not in page
    assert not re.search(r'(href|src)="(?!https?://|/[^/]|/")', page.replace('href="#main"', ""))
    assert unescape(page).count(HOSTILE) > 1
    if "article" in path:
        assert json_ld_of(page)["NewsArticle"]["headline"] == HOSTILE


async def test_the_front_page_shows_each_article_once(mock: Database) -> None:
    await store(
        mock,
        *(
            article(f"a{day}", topics=["Sea"], publishedDateTime=moment(day), **fields)
            for day in range(1, 15)
            for fields in [{"images": [{"url": "/media/a.jpg"}]} if day == 12 else {}]
        ),
    )
    page = await page_of(mock, "/")
    slugs = re.findall(r'<h\d dir="auto"><a href="/article/(\w+)">', page)
    assert sorted(slugs) == sorted(f"a{day}" for day in range(1, 15))
    assert slugs[:5] == ["a12", "a14", "a13", "a11", "a10"]
    assert page.count('<h2 class="rule"><a href="/topic/sea">') == 1
    head = head_of(page)
    assert (head["title"], head["canonical"]) == ("newsgraph", f"{SITE}/")
    assert "Sea" in head["description"]


async def test_a_front_page_without_articles_says_what_to_do(mock: Database) -> None:
    assert "newsgraph load" in main_of(await page_of(mock, "/"))


async def test_a_topic_shows_its_place_and_the_articles_below_it(mock: Database) -> None:
    await store(
        mock,
        article("a", title="Ferries", topics=["Sea"]),
        topic_file("Water", description="All that is wet."),
        topic_file("Sea", parent="Water"),
    )
    page = await page_of(mock, "/topic/sea")
    assert "1 story" in main_of(page)
    assert "Ferries" in main_of(page)
    steps = json_ld_of(page)["BreadcrumbList"]["itemListElement"]
    assert [step["name"] for step in steps] == ["Front page", "Water", "Sea"]
    assert '<a href="/topic/sea" aria-current="page">' in page
    page = await page_of(mock, "/topic/water")
    assert "Ferries" in main_of(page)
    assert head_of(page)["description"] == "All that is wet."


async def test_a_provider_shows_its_articles(mock: Database) -> None:
    await store(
        mock,
        article("a", title="Ferries"),
        organization_file("The Gull", "gull.example", description="On every roof."),
    )
    page = await page_of(mock, "/provider/gull.example?name=The+Gull")
    assert "The Gull On every roof. 1 story · gull.example Ferries" in main_of(page)
    assert head_of(page)["canonical"] == f"{SITE}/provider/gull.example?name=The+Gull"


async def test_a_search_shows_what_it_finds_and_its_facets(server: Database) -> None:
    await store(
        server,
        article("a", title="Tide & mill", topics=["Sea"]),
        article("b", title="Another tide", topics=["Land"], publishedDateTime=None),
    )
    async with client_of(server, search=await service_over(server)) as client:
        pages = {
            path: (await client.get(path)).text
            for path in ("/search?q=tide", "/search?q=tide&topic=Sea&year=2025", "/search?q=-tide")
        }
    first, narrowed, excluding = pages.values()
    assert "<mark>Tide</mark> &amp; mill" in first
    assert '<a href="/search?q=tide&amp;topic=Land">' in first
    assert '<a href="/search?q=tide&amp;sort=newest">Newest first</a>' in first
    assert 'name="q" type="search" value="tide"' in first
    assert head_of(first)["title"] == "Search: “tide” – newsgraph"
    assert "Another tide" not in narrowed
    assert '<a href="/search?q=tide&amp;year=2025" aria-current="true">' in narrowed
    assert "This search only excludes words." in excluding


@pytest.mark.parametrize("year", ["x", "0000", "9999", "2024-01"])
async def test_a_search_in_an_impossible_year_is_rejected(mock: Database, year: str) -> None:
    page = await page_of(mock, f"/search?year={year}", status=400)
    assert "must be a year such as 2025" in main_of(page)


@pytest.mark.parametrize(
    "path", ["/article/gone", "/article/hidden", "/article/", "/topic/gone", "/provider/gone"]
)
async def test_a_missing_object_is_a_page_with_404(mock: Database, path: str) -> None:
    await store(mock, article("hidden", published=False))
    page = await page_of(mock, path, status=404)
    assert "There is no such page" in main_of(page)
    assert '<a class="button" href="/">' in page
    assert "canonical" not in page


async def test_an_article_that_was_removed_is_410(mock: Database) -> None:
    await store(mock, article("a"), article("b"))
    await change(mock, [], ["a"])
    assert await mock.find(TOMBSTONES, {"_id": tombstone_id("Article", "a")})
    assert "This article was removed" in main_of(await page_of(mock, "/article/a", status=410))
    await page_of(mock, "/article/b")


@pytest.mark.parametrize(
    ("path", "target"),
    [
        ("/article/_news/a/", "/article/_news/a"),
        ("/topic/a%20%C3%A4%2Fb/", "/topic/a%20%C3%A4%2Fb"),
        ("/provider/gull.example/?name=The+Gull", "/provider/gull.example?name=The+Gull"),
        ("/search/?q=tide&topic=Sea", "/search?q=tide&topic=Sea"),
        ("/article//evil.example//", "/article//evil.example"),
    ],
)
async def test_a_slash_at_the_end_is_redirected(mock: Database, path: str, target: str) -> None:
    async with client_of(mock) as client:
        response = await client.get(path)
    assert (response.status_code, response.headers["location"]) == (301, target)


@pytest.mark.parametrize(
    ("path", "feed"),
    [
        ("/", "/feeds/all.{}"),
        ("/article/a", "/feeds/all.{}"),
        ("/topic/sea", "/feeds/topics/sea.{}"),
        ("/provider/gull.example?name=The+Gull", "/feeds/providers/gull.example.{}?name=The+Gull"),
    ],
)
async def test_the_head_names_the_feed_of_what_the_page_lists(
    mock: Database, path: str, feed: str
) -> None:
    await store(mock, article("a", topics=["Sea"]))
    head = (await page_of(mock, path)).partition("</head>")[0]
    links = re.findall(r'<link rel="alternate" type="[^"]+" href="([^"]+)">', head)
    assert links == [feed.format(kind) for kind in ("atom", "rss", "json")]


async def test_both_executors_make_the_same_page(mock: Database) -> None:
    await store(mock, article("a", topics=["Sea"], related=[story("https://else.example/1")]))
    for path in ("/", "/article/a", "/topic/sea", "/provider/gull.example"):
        pages = [await page_of(mock, path, compiler=compiler) for compiler in ("on", "off")]
        assert pages[0] == pages[1], path


async def test_a_client_that_has_the_page_gets_304_without_a_command(served: Served) -> None:
    first = await served.client.get("/article/a")
    assert first.headers["cache-control"] == "public, no-cache"
    assert served.sent()
    again = await served.client.get("/article/a?utm_source=mail")
    assert (again.content, served.sent()) == (first.content, [])
    headers = {"If-None-Match": first.headers["etag"]}
    unchanged = await served.client.get("/article/a", headers=headers)
    assert (unchanged.status_code, unchanged.content, served.sent()) == (304, b"", [])
    # A browser applies the headers of a 304 to the page that it has.
    name = "content-security-policy"
    assert unchanged.headers[name] == first.headers[name]
    await served.load(article("a", title="New title"))
    changed = await served.client.get("/article/a", headers=headers)
    assert (changed.status_code, "New title" in changed.text) == (200, True)


async def test_a_page_is_compressed(mock: Database) -> None:
    async with client_of(mock) as client:
        response: httpx.Response = await client.get("/", headers={"Accept-Encoding": "gzip"})
    assert response.headers["content-encoding"] == "gzip"
    assert "Accept-Encoding" in response.headers["vary"]
