"""The reader and the explorer below a path, behind the shipped configuration of nginx."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import httpx
import pytest
from playwright.async_api import Page, Response, expect

from graph.config import Settings
from graph.demo import seeds_dir
from graph.errors import UsageError
from graph.web.pages.explorer import EXPLORER
from tests.browser.conftest import modules_loaded, serving, visit
from tests.proxies import proxying
from tests.served import PATIENCE

ROOT: Final = "/news"
LINKS: Final = """() => [...document.querySelectorAll('[href], [src], form')]
  .map((each) => new URL(each.href || each.src || each.action))
  .filter((url) => url.origin === location.origin && !url.hash).map((url) => url.pathname)"""


@pytest.fixture
async def site(
    page: Page, served: str, mongod: str | UsageError, tmp_path: Path
) -> AsyncIterator[str]:
    """The URL below which the seeds are available at a proxy; `served` has loaded them."""
    assert isinstance(mongod, str)
    settings = Settings(
        mongo_url=mongod.replace("/?", "/browser?"),
        root_path=ROOT,
        media_dir=seeds_dir() / "images",
    )
    async with serving(settings) as url:
        port = urlsplit(url).port or 0
        with proxying(tmp_path, [port, port], below_root) as proxy:
            await searchable(f"{proxy}{ROOT}")
            yield f"{proxy}{ROOT}"
            await page.goto("about:blank")  # before the proxy ends its event stream


def below_root(configuration: str) -> str:
    """Change the configuration as docs/deployment.md says."""
    assert configuration.count("location / {") == 1
    return configuration.replace("location / {", f"location {ROOT}/ {{")


async def searchable(site: str) -> None:
    """Return once the search index has been built."""
    async with httpx.AsyncClient(trust_env=False) as client, asyncio.timeout(PATIENCE):
        while (await client.get(f"{site}/search?q=tide")).status_code == 503:  # noqa: ASYNC110
            await asyncio.sleep(0.1)


async def test_pages_open_by_links_and_by_reloading(page: Page, site: str) -> None:
    fetched: list[str] = []

    def add(response: Response) -> None:
        parts = urlsplit(response.url)
        if parts.hostname == "127.0.0.1":
            fetched.append(parts.path)

    async def check() -> None:
        await expect(page.locator("main .skeleton")).to_have_count(0)
        links = await page.evaluate(LINKS)
        assert len(links) > 10
        assert [path for path in links if not path.startswith(f"{ROOT}/")] == []

    page.on("response", add)
    await visit(page, f"{site}/")
    await page.evaluate("window.isSame = true")
    await check()
    await page.locator(".hero h2 a").click()
    await expect(page.locator(".story h1")).to_contain_text("The Saturday Tide")
    await expect(page.locator("article figure img").first).to_have_js_property("complete", True)
    await check()
    await page.get_by_role("navigation").get_by_role("link", name="Oceans").click()
    await expect(page).to_have_url(f"{site}/topic/oceans")
    await expect(page.locator("#sections [aria-current=page]")).to_have_text("Oceans")
    await expect(page.get_by_role("heading", name="Oceans", level=1)).to_be_focused()
    await page.get_by_role("combobox").fill("tid")
    await page.get_by_role("option").first.wait_for()
    await page.get_by_role("combobox").fill("tide")
    await page.get_by_role("button", name="Search").click()
    await expect(page.locator("mark").first).to_have_text("Tide")
    await expect(page.get_by_role("combobox")).to_have_value("tide")
    await check()
    assert await page.evaluate("window.isSame")  # no page was loaded from the server but the first
    await page.reload()
    await modules_loaded(page)
    await expect(page.locator("mark").first).to_have_text("Tide")
    await check()
    await page.go_back()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Oceans")
    page.remove_listener("response", add)
    assert any(path == f"{ROOT}/graphql" for path in fetched)
    assert [path for path in fetched if not path.startswith(f"{ROOT}/")] == []


async def test_the_explorer_runs_a_query(page: Page, site: str) -> None:
    if not (EXPLORER / "index.html").is_file():
        pytest.skip("the explorer was not built: make explorer")
    await page.goto(f"{site}/graphql")
    await expect(page).to_have_url(f"{site}/explorer/")
    await page.wait_for_selector(".graphiql-response .monaco-editor", state="attached")
    await page.wait_for_load_state("networkidle")  # a result before its editor is there is lost
    async with page.expect_response(f"{site}/graphql") as waiting:
        await page.click(".graphiql-execute-button")
    answer = await (await waiting.value).json()
    assert "errors" not in answer
    await expect(page.locator(".graphiql-response")).to_contain_text("nodes")
    await expect(page.locator(".graphiql-logo a")).to_have_js_property("href", f"{site}/")
