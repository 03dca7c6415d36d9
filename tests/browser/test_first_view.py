"""The pages of the reader without scripts, and how the modules take them over."""

from __future__ import annotations

import asyncio
from typing import Final

import pytest
from playwright.async_api import Browser, Page, Route, expect

from graph.config import Settings
from graph.demo import seeds_dir
from graph.errors import UsageError
from tests.browser.conftest import serving, watched

ARTICLE: Final = "/article/_news/2026-06-06-the-saturday-tide-6-june"
LIST: Final = "/topic/climate"
QUERY: Final = "**/graphql?*operationName=Topic*"
OUTLINE: Final = """() => [...document.querySelectorAll('main *')].map((element) =>
  [element.localName, element.className,
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
    ["/", "/topic/climate", "/provider/harbourcourier.example", "/search?q=-tide"],
)
async def test_the_modules_make_the_same_elements_as_the_server(
    page: Page, served: str, path: str
) -> None:
    held: asyncio.Future[Route] = asyncio.get_running_loop().create_future()
    name = {"topic": "Topic", "provider": "Provider"}.get(
        path.split("/")[1], "Search" if "search" in path else "Front"
    )
    pattern = f"**/graphql?*operationName={name}*"
    await page.route(pattern, lambda route: held.set_result(route), times=1)
    await page.goto(served + path)
    route = await held
    assert await page.locator(".skeleton").count() == 0
    made_by_server = await page.evaluate(OUTLINE)
    await page.evaluate("document.querySelector('main').firstElementChild.id = 'served'")
    await route.continue_()
    await expect(page.locator("#served")).to_have_count(0)
    outline = await page.evaluate(OUTLINE)
    # Only the modules can make a list grow.
    foot = (["div", "more", ""], ["p", "", ""], ["button", "", ""], ["button", "", "More stories"])
    assert made_by_server == [each for each in outline if each not in foot]


async def test_the_modules_write_dates_in_the_time_zone_and_format_of_the_site(
    page: Page, served: str, mongod: str | UsageError
) -> None:
    assert isinstance(mongod, str)
    held: asyncio.Future[Route] = asyncio.get_running_loop().create_future()
    pattern = "**/graphql?*operationName=Front*"
    await page.route(pattern, lambda route: held.set_result(route), times=1)
    settings = Settings(
        mongo_url=mongod.replace("/?", "/browser?"),
        media_dir=seeds_dir() / "images",
        public_time_zone="Pacific/Auckland",
        public_date_format="EEE d. MMM y",
        public_time_format="h:mm a",
    )
    async with serving(settings) as url:
        await page.goto(url)
        route, times = await held, page.locator("main time")
        await expect(times.first).to_have_attribute("datetime", "2026-06-06T06:00:00Z")
        await expect(times.first).to_have_text("Sat 6. Jun 2026, 6:00 PM")
        made_by_server = await times.all_text_contents()
        await page.evaluate("document.querySelector('main').firstElementChild.id = 'served'")
        await route.continue_()
        await expect(page.locator("#served")).to_have_count(0)
        assert await times.all_text_contents() == made_by_server
        await page.goto("about:blank")  # before the server ends its event stream


async def test_the_modules_send_no_request_before_the_first_frame(
    browser: Browser, served: str
) -> None:
    urls: list[str] = []
    hold = "window.held = []; requestAnimationFrame = (callback) => held.push(callback)"
    async with watched(browser) as page:
        page.on("request", lambda request: urls.append(request.url))
        await page.add_init_script(hold)
        await page.goto(served + LIST)
        await page.wait_for_function("document.querySelector('#today').textContent")
        assert [url for url in urls if "/graphql" in url] == []
        async with page.expect_request(QUERY):
            await page.evaluate("held.forEach((callback) => callback())")


async def test_a_page_stays_where_it_is_when_the_modules_take_over(page: Page, served: str) -> None:
    held: asyncio.Future[Route] = asyncio.get_running_loop().create_future()
    await page.route(QUERY, lambda route: held.set_result(route), times=1)
    await page.goto(served + LIST)
    await page.evaluate("document.querySelector('main').firstElementChild.id = 'served'")
    await page.evaluate("scrollTo(0, 700)")
    await (await held).continue_()
    await expect(page.locator("#served")).to_have_count(0)
    assert await page.evaluate("scrollY") == 700


async def test_a_page_stays_if_its_operation_fails(rough: Page, served: str) -> None:
    await rough.route(QUERY, lambda route: route.abort())
    async with rough.expect_event("requestfailed"):
        await rough.goto(served + LIST)
    await expect(rough.locator("main h1")).to_have_text("Climate")
    await rough.get_by_role("link", name="newsgraph").click()
    await expect(rough.locator(".hero")).to_be_visible()


async def test_an_article_is_shown_as_the_server_makes_it(page: Page, served: str) -> None:
    operations: list[str] = []
    page.on("request", lambda request: operations.append(request.url))
    await page.goto(served + ARTICLE)
    await page.evaluate("document.querySelector('.story').id = 'served'")
    await page.wait_for_load_state("networkidle")
    await expect(page.locator("#served")).to_be_attached()
    assert [url for url in operations if "operationName=Article" in url] == []
    first = await page.evaluate(OUTLINE)
    await page.goto(served)
    await expect(page.locator(".hero")).to_be_visible()
    await page.locator(".hero h2 a").click()
    await expect(page.locator(".story h1")).to_be_focused()
    assert await page.evaluate(OUTLINE) == first
    await expect(page).to_have_title(
        "The Saturday Tide: pebbles, penguins and a very slow train – newsgraph"
    )
