"""The pages of the reader without scripts, and how the modules take them over."""

from __future__ import annotations

import asyncio
from typing import Final

import pytest
from playwright.async_api import Browser, Page, Route, expect

from graph.config import Settings
from graph.demo import seeds_dir
from graph.errors import UsageError
from tests.browser.conftest import modules_loaded, serving, visit, watched

ARTICLE: Final = "/article/_news/2026-06-06-the-saturday-tide-6-june"
LIST: Final = "/topic/climate"
NOTHING: Final = "/search?q=-tide"
QUERY: Final = "**/graphql?*operationName=Topic*"
MODULE: Final = "**/main.js"
NO_FRAME: Final = """window.callbacks = [];
  window.requestAnimationFrame = (callback) => callbacks.push(callback);
  window.setTimeout = () => {};"""
OUTLINE: Final = """() => [...document.querySelectorAll('main *')].map((element) =>
  [element.localName, element.className, element.loading ?? '',
    element.childElementCount ? '' : element.textContent.trim()])"""


async def test_a_page_can_be_read_and_left_without_scripts(browser: Browser, served: str) -> None:
    async with watched(browser, java_script_enabled=False) as page:
        await page.goto(served)
        await page.locator(".hero h2 a").click()
        await expect(page.locator(".story h1")).to_contain_text("The Saturday Tide")
        await expect(page.get_by_text("The barge is coming back", exact=True)).to_be_visible()
        await page.get_by_role("navigation").get_by_role("link", name="Oceans").click()
        await expect(page.get_by_role("heading", level=1)).to_have_text("Oceans")
        await page.get_by_role("combobox").fill("tide")
        await page.get_by_role("button", name="Search").click()
        await expect(page.locator("mark").first).to_have_text("Tide")


@pytest.mark.parametrize(
    "path",
    ["/", LIST, "/provider/harbourcourier.example", "/search?q=tide", NOTHING],
)
async def test_the_modules_make_the_same_elements_as_the_server(
    page: Page, served: str, path: str
) -> None:
    pending_route: asyncio.Future[Route] = asyncio.get_running_loop().create_future()
    name = {"topic": "Topic", "provider": "Provider"}.get(
        path.split("/")[1], "Search" if "search" in path else "Front"
    )
    pattern = f"**/graphql?*operationName={name}*"
    await page.route(pattern, lambda route: pending_route.set_result(route), times=1)
    await visit(page, served + path)
    route = await pending_route
    assert await page.locator(".skeleton").count() == 0
    made_by_server = await page.evaluate(OUTLINE)
    assert any(loading == "eager" for _, _, loading, _ in made_by_server) is (path != NOTHING)
    await page.evaluate("document.querySelector('main').firstElementChild.id = 'served'")
    await route.continue_()
    await expect(page.locator("#served")).to_have_count(0)
    outline = await page.evaluate(OUTLINE)
    # Only the modules can make a list grow.
    foot = (
        ["div", "more", "", ""],
        ["p", "", "", ""],
        ["button", "", "", ""],
        ["button", "", "", "More stories"],
    )
    assert made_by_server == [each for each in outline if each not in foot]


async def test_the_modules_write_dates_in_the_time_zone_and_format_of_the_site(
    page: Page, served: str, mongod: str | UsageError
) -> None:
    assert isinstance(mongod, str)
    pending_route: asyncio.Future[Route] = asyncio.get_running_loop().create_future()
    pattern = "**/graphql?*operationName=Front*"
    await page.route(pattern, lambda route: pending_route.set_result(route), times=1)
    settings = Settings(
        mongo_url=mongod.replace("/?", "/browser?"),
        media_dir=seeds_dir() / "images",
        public_time_zone="Pacific/Auckland",
        public_date_format="EEE d. MMM y",
        public_time_format="h:mm a",
    )
    async with serving(settings) as url:
        await page.goto(url)
        route, times = await pending_route, page.locator("main time")
        await expect(times.first).to_have_attribute("datetime", "2026-06-06T06:00:00Z")
        await expect(times.first).to_have_text("Sat 6. Jun 2026, 6:00 PM")
        made_by_server = await times.all_text_contents()
        await page.evaluate("document.querySelector('main').firstElementChild.id = 'served'")
        await route.continue_()
        await expect(page.locator("#served")).to_have_count(0)
        assert await times.all_text_contents() == made_by_server
        await page.goto("about:blank")  # before the server ends its event stream


async def test_the_modules_are_requested_after_the_first_frame(
    browser: Browser, served: str
) -> None:
    requested: list[str] = []
    async with watched(browser) as page:
        page.on("request", lambda request: requested.append(request.url))
        await page.add_init_script(NO_FRAME)
        await page.goto(served + LIST)
        for _ in range(2):  # callbacks of a second frame run once the first is painted
            scripts = [url.rsplit("/")[-1] for url in requested if url.endswith(".js")]
            assert scripts == ["loader.js"]
            await page.evaluate("callbacks.splice(0).forEach((callback) => callback())")
        await modules_loaded(page)


async def test_the_modules_of_a_page_in_the_background_are_loaded(
    clocked: Page, served: str
) -> None:
    await clocked.add_init_script("window.requestAnimationFrame = () => {}")
    await clocked.goto(served + ARTICLE)
    await clocked.clock.run_for(2_000)
    await modules_loaded(clocked)


async def test_a_page_can_be_left_before_its_modules_are_loaded(page: Page, served: str) -> None:
    await page.route(MODULE, lambda route: route.fulfill(body="", content_type="text/javascript"))
    await page.goto(served)
    await page.locator(".hero h2 a").click()
    await expect(page.locator(".story h1")).to_contain_text("The Saturday Tide")
    await page.get_by_role("combobox").fill("tide")
    await page.get_by_role("button", name="Search").click()
    await expect(page.locator("mark").first).to_have_text("Tide")


async def test_a_reloaded_page_keeps_its_scroll_position(page: Page, served: str) -> None:
    await visit(page, served + ARTICLE)
    await page.evaluate(
        "new Promise((resolve) => { addEventListener('scrollend', resolve); scrollTo(0, 900); })"
    )
    pending_route: asyncio.Future[Route] = asyncio.get_running_loop().create_future()
    await page.route(MODULE, lambda route: pending_route.set_result(route), times=1)
    await page.reload()
    route = await pending_route
    assert await page.evaluate("scrollY") == 900
    await route.continue_()
    await modules_loaded(page)
    assert await page.evaluate("scrollY") == 900


async def test_the_modules_show_the_page_of_the_address_bar(page: Page, served: str) -> None:
    await visit(page, served + ARTICLE)
    await page.get_by_role("link", name="newsgraph").click()
    await expect(page.locator(".hero")).to_be_visible()
    pending_route: asyncio.Future[Route] = asyncio.get_running_loop().create_future()
    await page.route(MODULE, lambda route: pending_route.set_result(route), times=1)
    await page.reload()
    await page.evaluate("history.back()")
    await expect(page).to_have_url(served + ARTICLE)
    await expect(page.locator(".hero")).to_be_visible()
    await (await pending_route).continue_()
    await expect(page.locator(".story h1")).to_contain_text("The Saturday Tide")


async def test_a_page_stays_where_it_is_when_the_modules_take_over(page: Page, served: str) -> None:
    pending_route: asyncio.Future[Route] = asyncio.get_running_loop().create_future()
    await page.route(QUERY, lambda route: pending_route.set_result(route), times=1)
    await visit(page, served + LIST)
    await page.evaluate("document.querySelector('main').firstElementChild.id = 'served'")
    await page.evaluate("scrollTo(0, 700)")
    await (await pending_route).continue_()
    await expect(page.locator("#served")).to_have_count(0)
    assert await page.evaluate("scrollY") == 700


async def test_the_focus_stays_on_a_link_when_the_modules_take_over(
    page: Page, served: str
) -> None:
    pending_route: asyncio.Future[Route] = asyncio.get_running_loop().create_future()
    await page.route(
        "**/graphql?*operationName=Front*", lambda route: pending_route.set_result(route), times=1
    )
    await visit(page, served)
    await page.evaluate("document.querySelector('main').firstElementChild.id = 'served'")
    await page.locator(".hero h2 a").focus()
    await (await pending_route).continue_()
    await expect(page.locator("#served")).to_have_count(0)
    await expect(page.locator(".hero h2 a")).to_be_focused()


async def test_a_page_stays_if_its_operation_fails(rough: Page, served: str) -> None:
    await rough.route(QUERY, lambda route: route.abort())
    async with rough.expect_event("requestfailed"):
        await visit(rough, served + LIST)
    await expect(rough.locator("main h1")).to_have_text("Climate")
    await rough.get_by_role("link", name="newsgraph").click()
    await expect(rough.locator(".hero")).to_be_visible()


async def test_an_article_is_shown_as_the_server_makes_it(page: Page, served: str) -> None:
    operations: list[str] = []
    page.on("request", lambda request: operations.append(request.url))
    await visit(page, served + ARTICLE)
    await page.evaluate("document.querySelector('.story').id = 'served'")
    await page.wait_for_load_state("networkidle")
    await expect(page.locator("#served")).to_be_attached()
    assert [url for url in operations if "operationName=Article" in url] == []
    first = await page.evaluate(OUTLINE)
    await visit(page, served)
    await expect(page.locator(".hero")).to_be_visible()
    await page.locator(".hero h2 a").click()
    await expect(page.locator(".story h1")).to_be_focused()
    assert await page.evaluate(OUTLINE) == first
    await expect(page).to_have_title(
        "The Saturday Tide: pebbles, penguins and a very slow train – newsgraph"
    )
