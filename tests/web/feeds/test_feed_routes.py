"""Feeds over HTTP: their contents, and the responses to other requests."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import feedparser
import pytest
from httpx import ASGITransport, AsyncClient

from graph.app import create_app
from graph.config import Scope, Settings, Token, load_settings
from graph.errors import SettingsError
from graph.store.driver.database import Database
from graph.web.http.request.auth import token_digest
from tests.builders import article, author_file, authors, moment, provider, topic_file
from tests.search.indexes import service_over
from tests.stored import store
from tests.web.feeds.builders import SITE, client_of

MEDIA_TYPES = {
    "atom": "application/atom+xml; charset=utf-8",
    "rss": "application/rss+xml; charset=utf-8",
    "json": "application/feed+json; charset=utf-8",
}
ENDINGS = sorted(MEDIA_TYPES)


async def stored(mock: Database) -> None:
    await store(
        mock,
        topic_file("Tides", description="All about tides."),
        topic_file("Mills", parent="Tides"),
        author_file("Ida Holm", description="She writes about ferries."),
        article("a", publishedDateTime=moment(4), topics=["Tides"], authors=authors("Ida Holm")),
        article("b", publishedDateTime=moment(3), topics=["Mills"]),
        article("c", publishedDateTime=moment(2), provider=provider("The Tern", "gull.example")),
        article("d", publishedDateTime=moment(1), provider=provider("The Heron", "heron.example")),
        article("hidden", published=False, topics=["Tides"], authors=authors("Ida Holm")),
    )


def titles(content: str) -> list[str]:
    """The titles of the entries of a feed in any format."""
    parsed = feedparser.parse(content)
    assert not parsed.bozo
    return [entry.title.removeprefix("Title of ") for entry in parsed.entries]


@pytest.mark.parametrize("ending", ["atom", "rss"])
@pytest.mark.parametrize(
    ("path", "title", "description", "home", "slugs"),
    [
        ("all", "The Site", "The newest articles: The Site", "/", "abcd"),
        ("topics/tides", "Tides – The Site", "All about tides.", "/topic/tides", "ab"),
        (
            "providers/gull.example",
            "The Gull – The Site",
            "The newest articles: The Gull – The Site",
            "/provider/gull.example",
            "ab",
        ),
        (
            "authors/ida-holm",
            "Ida Holm – The Site",
            "She writes about ferries.",
            "/",
            "a",
        ),
    ],
)
async def test_a_feed_has_the_newest_articles_of_its_subject(
    mock: Database, ending: str, path: str, title: str, description: str, home: str, slugs: str
) -> None:
    await stored(mock)
    async with client_of(mock, public_name="The Site") as client:
        response = await client.get(f"/feeds/{path}.{ending}")
    assert response.status_code == 200
    assert response.headers["content-type"] == MEDIA_TYPES[ending]
    assert titles(response.text) == list(slugs)
    feed = feedparser.parse(response.text).feed
    assert (feed.title, feed.subtitle, feed.link) == (title, description, SITE + home)
    (self_link,) = [link for link in feed.links if link.rel == "self"]
    assert self_link.href == f"{SITE}/feeds/{path}.{ending}"


async def test_a_json_feed_has_the_newest_articles_of_its_subject(mock: Database) -> None:
    await stored(mock)
    async with client_of(mock) as client:
        response = await client.get("/feeds/topics/tides.json")
    assert response.headers["content-type"] == MEDIA_TYPES["json"]
    feed = response.json()
    assert [item["title"] for item in feed["items"]] == ["Title of a", "Title of b"]
    assert feed["feed_url"] == f"{SITE}/feeds/topics/tides.json"
    assert feed["home_page_url"] == f"{SITE}/topic/tides"


async def test_the_name_chooses_a_provider_that_shares_its_domain(mock: Database) -> None:
    await stored(mock)
    async with client_of(mock) as client:
        response = await client.get("/feeds/providers/gull.example.atom?name=The+Tern&utm=x")
    assert titles(response.text) == ["c"]
    feed = feedparser.parse(response.text).feed
    assert feed.id == f"{SITE}/feeds/providers/gull.example.atom?name=The+Tern"
    assert feed.link == f"{SITE}/provider/gull.example?name=The+Tern"


@pytest.mark.parametrize("slug", ["a.b", "a/b", "ä b?&"])
async def test_a_key_may_have_dots_slashes_and_characters_of_any_script(
    mock: Database, slug: str
) -> None:
    file = {**topic_file("Odd"), "slug": slug}
    await store(mock, file, article("a", topics=["Odd"]))
    path = f"/feeds/topics/{quote(slug)}.atom"
    async with client_of(mock) as client:
        response = await client.get(path)
    assert titles(response.text) == ["a"]
    assert feedparser.parse(response.text).feed.id == SITE + path


async def test_a_feed_has_as_many_articles_as_the_setting_allows(mock: Database) -> None:
    await stored(mock)
    async with client_of(mock, feed_size=2) as client:
        assert titles((await client.get("/feeds/all.atom")).text) == ["a", "b"]


async def test_no_token_adds_unpublished_articles(mock: Database) -> None:
    await stored(mock)
    tokens = (Token(token_digest("ng_all"), frozenset(Scope)),)
    async with client_of(mock, tokens=tokens) as client:
        headers = {"Authorization": "Bearer ng_all"}
        response = await client.get("/feeds/topics/tides.atom", headers=headers)
    assert titles(response.text) == ["a", "b"]


@pytest.mark.parametrize("ending", ENDINGS)
async def test_the_executors_make_the_same_feed(mock: Database, ending: str) -> None:
    await stored(mock)
    made = set()
    for compiler in ("on", "off", "verify"):
        async with client_of(mock, compiler=compiler, feed_bodies="html") as client:
            made.add((await client.get(f"/feeds/all.{ending}")).text)
    assert len(made) == 1


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("topics/gone", "There is no topic with this slug.\n"),
        ("providers/gone.example", "There is no provider with this domain.\n"),
        (
            "providers/gull.example.{}?name=Gone",
            "There is no provider with this domain and name.\n",
        ),
        ("authors/gone", "There is no author with this slug.\n"),
    ],
)
@pytest.mark.parametrize("ending", ENDINGS)
async def test_a_subject_that_does_not_exist_is_not_found(
    mock: Database, ending: str, path: str, message: str
) -> None:
    await stored(mock)
    address = path.format(ending) if "{}" in path else f"{path}.{ending}"
    async with client_of(mock) as client:
        response = await client.get(f"/feeds/{address}")
    assert (response.status_code, response.text) == (404, message)
    assert response.headers["cache-control"] == "no-store"


async def test_other_endings_are_not_found(mock: Database) -> None:
    async with client_of(mock) as client:
        response = await client.get("/feeds/all.xml")
    assert (response.status_code, response.text) == (404, "Feeds end in .atom, .rss or .json.\n")


@pytest.mark.parametrize("query", ["", "?q=", "?q=+", "?words=x"])
async def test_a_search_needs_words(mock: Database, query: str) -> None:
    async with client_of(mock) as client:
        response = await client.get(f"/feeds/search.rss{query}")
    assert response.status_code == 400
    assert response.text == "Say what to search for: /feeds/search.atom?q=ferry\n"


async def test_a_search_with_too_many_words_is_rejected_with_the_message_of_the_api(
    mock: Database,
) -> None:
    async with client_of(mock) as client:
        response = await client.get(f"/feeds/search.rss?q={'x' * 201}")
    assert response.status_code == 400
    assert response.text.startswith("search: ")


async def test_a_feed_of_a_search_has_what_it_finds_the_newest_first(server: Database) -> None:
    await stored(server)
    await store(server, article("e", title="Tide mill & more", publishedDateTime=moment(5)))
    await store(server, article("f", title="Mill of the tide", publishedDateTime=moment(6)))
    search = await service_over(server)
    async with client_of(server, search=search) as client:
        response = await client.get("/feeds/search.atom?q=%22tide%22%20mill")
    parsed = feedparser.parse(response.text)
    assert [entry.title for entry in parsed.entries[:2]] == ["Mill of the tide", "Tide mill & more"]
    assert parsed.feed.title == '"tide" mill – newsgraph'
    assert parsed.feed.link == f"{SITE}/search?q=%22tide%22+mill"


async def test_feeds_are_read_only(mock: Database) -> None:
    async with client_of(mock) as client:
        assert (await client.post("/feeds/all.atom")).status_code == 405


async def test_the_limits_on_operations_of_clients_do_not_apply(mock: Database) -> None:
    await stored(mock)
    limits: dict[str, Any] = {"max_cost": 1, "max_depth": 1, "max_selections": 1, "max_tokens": 1}
    async with client_of(mock, **limits, introspection="off") as client:
        assert titles((await client.get("/feeds/all.atom")).text) == list("abcd")


async def test_an_overloaded_server_says_when_to_come_back(mock: Database) -> None:
    app = create_app(Settings(mongo_url="mongomock://"))
    app.state.database = mock
    app._endpoint.limiter.limit = 0  # type: ignore[attr-defined]  # of our application
    async with AsyncClient(transport=ASGITransport(app=app), base_url=SITE) as client:
        response = await client.get("/feeds/all.atom")
    assert (response.status_code, response.headers["retry-after"]) == (503, "1")
    assert "operations already" in response.text


async def test_the_configured_url_wins_over_that_of_the_request(mock: Database) -> None:
    await store(mock, article("a", webUrl=None))
    async with client_of(mock, public_url="https://www.news.example/") as client:
        parsed = feedparser.parse((await client.get("/feeds/all.atom")).text)
    assert parsed.feed.id == "https://www.news.example/feeds/all.atom"
    assert parsed.entries[0].link == "https://www.news.example/article/a"


async def test_the_scheme_is_that_which_a_trusted_proxy_names(mock: Database) -> None:
    async with client_of(mock) as client:
        headers = {"X-Forwarded-Proto": "http", "Host": "Tern.example"}
        feed = feedparser.parse((await client.get("/feeds/all.atom", headers=headers)).text).feed
    assert feed.id == "http://tern.example/feeds/all.atom"


@pytest.mark.parametrize(
    "url", ["news.example", "ftp://news.example", "https://news.example/x", "https://a b", "x?y"]
)
def test_an_invalid_public_url_is_rejected(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("NEWSGRAPH_PUBLIC_URL", url)
    with pytest.raises(SettingsError, match=r"NEWSGRAPH_PUBLIC_URL=.*: not a URL such as"):
        load_settings()
    assert Settings(public_url="https://news.example/").public_url == "https://news.example"
