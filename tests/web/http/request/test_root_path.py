"""The server below a path, behind proxies that remove the path and behind those that do not."""

from __future__ import annotations

import json
import re
from html import unescape
from pathlib import Path
from typing import Any, Final

import httpx
import pytest
from websockets.asyncio.client import connect
from websockets.typing import Subprotocol

from graph.app import create_app
from graph.config import Settings, load_settings
from graph.errors import SettingsError
from graph.store.driver.database import Database
from graph.web.http.request.root_path import RootPaths, root_path, route_path
from tests.builders import article
from tests.search.indexes import service_over
from tests.served import served
from tests.stored import store
from tests.web.feeds.builders import SITE, client_of

ROOT: Final = "/news"
PAGES: Final = ("/", "/article/a", "/topic/sea", "/provider/gull.example?name=The+Gull")
HTML: Final = {"Accept": "text/html"}
FORWARDED: Final = "X-Forwarded-Prefix"


async def store_articles(database: Database) -> None:
    about: dict[str, Any] = {"topics": ["Sea"], "images": [{"url": "/media/a.jpg"}]}
    about["provider"] = {"name": "The Gull", "domain": "gull.example"}
    for slug in "abcdef":
        await store(database, article(slug, webUrl=f"/{slug}", **about))


def links_of(page: str) -> list[str]:
    """The URLs in the attributes of a page, without those of other hosts and fragments."""
    urls = [unescape(url) for url in re.findall(r' (?:href|src|action)="([^"]*)"', page)]
    return [url for url in urls if not url.startswith(("https://gull.example/", "#"))]


@pytest.mark.parametrize("path", PAGES)
async def test_all_links_of_a_page_begin_with_the_root_path(mock: Database, path: str) -> None:
    await store_articles(mock)
    async with client_of(mock, root_path=ROOT) as client:
        stripped, unstripped = await client.get(path), await client.get(ROOT + path)
    assert stripped.status_code == 200
    assert stripped.content == unstripped.content
    links = links_of(unstripped.text)
    assert len(links) > 20
    assert [url for url in links if not url.removeprefix(SITE).startswith(f"{ROOT}/")] == []
    items = re.findall(r'"item":"([^"]*)"', unstripped.text)
    assert all(url.startswith(f"{SITE}{ROOT}/") for url in items)


async def test_all_links_of_a_search_begin_with_the_root_path(server: Database) -> None:
    await store_articles(server)
    async with client_of(server, search=await service_over(server), root_path=ROOT) as client:
        page = await client.get(f"{ROOT}/search?q=titel&topic=Sea")
    assert page.status_code == 200
    links = links_of(page.text)
    assert f"{ROOT}/search?q=title&topic=Sea" in links  # the correction
    assert f"{ROOT}/search?q=titel" in links  # the facet
    assert [url for url in links if not url.removeprefix(SITE).startswith(f"{ROOT}/")] == []


async def test_all_links_of_a_page_are_valid(mock: Database, tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(b"")
    await store_articles(mock)
    missing = []
    async with client_of(mock, root_path=ROOT, media_dir=tmp_path) as client:
        page = (await client.get(f"{ROOT}/")).text
        assert f'src="{ROOT}/media/a.jpg"' in page
        for url in set(links_of(page)):
            response = await client.get(url)
            if response.status_code not in {200, 501, 503}:  # no search, and perhaps no explorer
                missing.append((url, response.status_code))
    assert missing == []


@pytest.mark.parametrize("root", [ROOT, f"{ROOT}/", "/sites/the-gull_1.0~x"])
async def test_feeds_and_sitemaps_name_urls_below_the_root_path(mock: Database, root: str) -> None:
    await store_articles(mock)
    root = root.removesuffix("/")
    site = f"{SITE}{root}"
    async with client_of(mock, root_path=f"{root}/") as client:
        feed = (await client.get(f"{root}/feeds/topics/sea.json")).json()
        index = (await client.get(f"{root}/sitemap.xml")).text
        sitemap = (await client.get(f"{root}/sitemaps/articles-1.xml")).text
        robots = (await client.get(f"{root}/robots.txt")).text
    assert feed["feed_url"] == f"{site}/feeds/topics/sea.json"
    assert feed["home_page_url"] == f"{site}/topic/sea"
    assert feed["icon"] == f"{site}/favicon.ico"
    assert feed["items"][0]["image"] == f"{site}/media/a.jpg"
    assert f"<loc>{site}/sitemaps/articles-1.xml</loc>" in index
    assert f"<loc>{site}/article/a</loc>" in sitemap
    assert f"Sitemap: {site}/sitemap.xml\n" in robots


@pytest.mark.parametrize("prefix", ["", ROOT])
@pytest.mark.parametrize(
    ("path", "location"),
    [
        ("/topic/sea/", f"{ROOT}/topic/sea"),
        ("/search/?q=tide", f"{ROOT}/search?q=tide"),
        ("/graphql", f"{ROOT}/explorer/"),
    ],
)
async def test_redirects_lead_below_the_root_path(
    mock: Database, prefix: str, path: str, location: str
) -> None:
    async with client_of(mock, root_path=ROOT) as client:
        response = await client.get(prefix + path, headers=HTML)
    assert response.is_redirect
    assert response.headers["location"] == location


async def test_the_root_path_without_a_slash_leads_to_the_front_page(mock: Database) -> None:
    async with client_of(mock, root_path=ROOT) as client:
        response = await client.get(ROOT)
        assert response.is_redirect
        assert response.headers["location"] == f"{SITE}{ROOT}/"
        assert (await client.get(f"{ROOT}letter")).status_code == 404


async def test_the_api_and_health_are_available_below_the_root_path(mock: Database) -> None:
    await store(mock, article("a"))
    async with client_of(mock, root_path=ROOT) as client:
        for path in ("/graphql", f"{ROOT}/graphql"):
            response = await client.post(path, json={"query": '{ article(slug: "a") { slug } }'})
            assert response.json() == {"data": {"article": {"slug": "a"}}}
        for path in ("/livez", "/readyz", "/schema.graphql", "/favicon.ico"):
            assert (await client.get(f"{ROOT}{path}")).status_code in {200, 503}


async def test_metrics_are_not_below_the_root_path(mock: Database) -> None:
    async with client_of(mock, root_path=ROOT, metrics="on") as client:
        assert (await client.get("/metrics")).status_code == 200
        assert (await client.get(f"{ROOT}/metrics")).status_code == 404


async def test_a_trusted_proxy_names_the_root_path_of_each_request(mock: Database) -> None:
    await store_articles(mock)
    async with client_of(mock, forwarded_prefix="on", root_path="/other") as client:
        for prefix, root in ((ROOT, ROOT), (f"{ROOT}/", ROOT), ("/", ""), ("//evil", "/other")):
            page = await client.get("/article/a", headers={FORWARDED: prefix})
            assert f'<link rel="canonical" href="{SITE}{root}/article/a">' in page.text
            assert f'<a class="wordmark" href="{root}/">' in page.text
            assert FORWARDED in page.headers["vary"]
        page = await client.get(f"{ROOT}/article/a", headers={FORWARDED: ROOT})
        assert f'<a class="wordmark" href="{ROOT}/">' in page.text


@pytest.mark.parametrize(
    ("settings", "client"),
    [
        ({}, "127.0.0.1"),
        ({"forwarded_prefix": "on"}, "192.0.2.1"),
        ({"forwarded_prefix": "on"}, ""),
    ],
)
def test_other_clients_cannot_set_the_root_path(settings: dict[str, Any], client: str) -> None:
    scope: dict[str, Any] = {"path": "/", "headers": [(b"x-forwarded-prefix", b"/news")]}
    scope["client"] = (client, 1) if client else None
    RootPaths(Settings(**settings)).apply(scope)
    assert (root_path(scope), route_path(scope)) == ("", "/")


async def test_websockets_are_accepted_below_the_root_path(mock: Database) -> None:
    async with served(mock, root_path=ROOT) as server:
        for path in ("/graphql", f"{ROOT}/graphql"):
            url = f"ws://127.0.0.1:{server.port}{path}"
            protocols = [Subprotocol("graphql-transport-ws")]
            async with connect(url, subprotocols=protocols) as websocket:
                await websocket.send(json.dumps({"type": "connection_init"}))
                assert json.loads(await websocket.recv()) == {"type": "connection_ack"}


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("news", "not a path such as /news"),
        ("/news?a", "not a path such as /news"),
        ("//news", "not a path such as /news"),
        ("/a/../b", "not a path such as /news"),
        ("", "is empty"),
    ],
)
def test_an_impossible_root_path_is_reported(
    monkeypatch: pytest.MonkeyPatch, path: str, reason: str
) -> None:
    monkeypatch.setenv("NEWSGRAPH_ROOT_PATH", path)
    with pytest.raises(SettingsError, match=f"NEWSGRAPH_ROOT_PATH='{re.escape(path)}': {reason}"):
        load_settings()


@pytest.mark.parametrize("path", ["/search", "/feeds", "/explorer", "/graphql"])
def test_the_root_path_cannot_be_a_path_of_the_server(path: str) -> None:
    with pytest.raises(
        SettingsError, match=f"NEWSGRAPH_ROOT_PATH={path}: is the path of one of the server"
    ):
        create_app(Settings(mongo_url="mongomock://", root_path=path))


async def test_a_browser_gets_a_page_for_a_path_that_does_not_exist(mock: Database) -> None:
    await store(mock, article("a"))
    async with client_of(mock, root_path=ROOT) as client:
        page = await client.get("/nothing", headers=HTML)
        assert page.status_code == 404
        assert page.headers["content-type"] == "text/html; charset=utf-8"
        assert "There is no such page" in page.text
        assert f'<a class="button" href="{ROOT}/">' in page.text
        assert page.headers["vary"] == "Accept"
        head = await client.head("/nothing", headers=HTML)
        assert (head.status_code, head.headers["content-type"]) == (404, "text/html; charset=utf-8")
        for accept in ("application/json", "*/*", "image/*"):
            other = await client.get("/nothing", headers={"Accept": accept})
            assert (other.status_code, other.text) == (404, "Not Found")
        assert (await client.post("/nothing", headers=HTML)).text == "Not Found"


def test_a_mount_has_the_root_path_of_its_application() -> None:
    scope = {"root_path": "/news/media", "app_root_path": "/news", "path": "/news/media/a.jpg"}
    assert (root_path(scope), route_path(scope)) == ("/news", "/media/a.jpg")


async def test_files_that_do_not_exist_have_the_same_page(mock: Database, tmp_path: Path) -> None:
    transport: httpx.AsyncClient = client_of(mock, root_path=ROOT, media_dir=tmp_path)
    async with transport as client:
        page = await client.get(f"{ROOT}/media/none.jpg", headers=HTML)
    assert page.status_code == 404
    assert f'<a class="wordmark" href="{ROOT}/">' in page.text
