"""Accessibility of the reader: axe-core, narrow screens, dark schemes, reduced motion."""

from __future__ import annotations

from typing import Any, Final, Literal

import pytest
from playwright.async_api import Browser, Page, ViewportSize, expect

from tests.browser.conftest import visit, watched
from tests.browser.test_reader_states import without_content

PATHS: Final = (
    "/",
    "/topic/climate",
    "/provider/harbourcourier.example",
    "/topics",
    "/providers",
    "/article/_news/2026-06-06-the-saturday-tide-6-june",
    "/search?q=tide&topic=Oceans",
    "/search?q=zzzz",
    "/article/gone",
)
SCHEMES: Final[tuple[Literal["light", "dark"], ...]] = ("light", "dark")
NARROW: Final[ViewportSize] = {"width": 320, "height": 640}
AXE: Final = "(runOnly) => axe.run({ resultTypes: ['violations'], ...(runOnly && { runOnly }) })"
RULES_OF_COLORS: Final = ["color-contrast", "link-in-text-block"]


async def opened(page: Page, url: str) -> Page:
    """The page once its view is there, and all sections are."""
    await visit(page, url)
    await expect(page.locator("main h1")).to_be_attached()
    await expect(page.locator("#sections a").first).to_be_attached()
    return page


@pytest.mark.parametrize("path", PATHS)
async def test_axe_finds_nothing_and_nothing_is_wider_than_a_screen_of_320_pixels(
    page: Page, served: str, axe: str, path: str
) -> None:
    await page.emulate_media(color_scheme="light", reduced_motion="reduce")
    await opened(page, served + path)
    await page.evaluate(axe)
    light = await violations(page)
    await page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    dark = await violations(page, RULES_OF_COLORS)
    await page.set_viewport_size(NARROW)
    width = await page.evaluate("document.documentElement.scrollWidth")
    assert (light, dark, width) == ([], [], 320)


async def violations(page: Page, rules: list[str] | None = None) -> list[tuple[str, list[str]]]:
    """The rules of axe-core that a page breaks, of all or of these, and where."""
    found: dict[str, Any] = await page.evaluate(AXE, rules)
    return [
        (violation["id"], [node["html"] for node in violation["nodes"]])
        for violation in found["violations"]
    ]


async def test_axe_finds_nothing_on_a_page_that_failed(page: Page, served: str, axe: str) -> None:
    await page.emulate_media(reduced_motion="reduce")
    await without_content(page)
    await page.route("**/graphql?*", lambda route: route.fulfill(body="{}"))
    await visit(page, served)
    await expect(page.get_by_role("button", name="Try again")).to_be_visible()
    await page.evaluate(axe)
    assert await violations(page) == []


async def test_very_long_words_are_broken_on_narrow_screens(page: Page, served: str) -> None:
    await page.set_viewport_size(NARROW)
    await opened(page, f"{served}/search?q={'x' * 200}")
    await expect(page.locator("main h1")).to_have_text(f"“{'x' * 200}”")
    assert await page.evaluate("document.documentElement.scrollWidth") == 320


async def test_facets_are_folded_away_on_narrow_screens(page: Page, served: str) -> None:
    await page.set_viewport_size(NARROW)
    await opened(page, f"{served}/search?q=tide")
    topic = page.locator(".facets").get_by_text("Tidal Power")
    await expect(topic).to_be_hidden()
    await page.get_by_text("Narrow it down").click()
    await expect(topic).to_be_visible()


async def test_a_dark_scheme_gets_a_dark_page(page: Page, served: str) -> None:
    shades = {}
    for scheme in SCHEMES:
        await page.emulate_media(color_scheme=scheme)
        await opened(page, served)
        style = "getComputedStyle(document.body).backgroundColor.match(/[0-9]+/g).map(Number)"
        shades[scheme] = sum(await page.evaluate(style))
    assert shades["light"] > 700
    assert shades["dark"] < 100


async def test_reduced_motion_switches_animations_off(browser: Browser, served: str) -> None:
    async with watched(browser, reduced_motion="reduce") as page:
        await page.add_init_script(
            """window.moved = 0;
            const start = document.startViewTransition.bind(document);
            document.startViewTransition = (swap) => { window.moved += 1; return start(swap); };"""
        )
        await opened(page, served)
        await page.locator(".hero h2 a").click()
        await expect(page.locator(".story h1")).to_be_focused()
        assert await page.evaluate("window.moved") == 0
        await page.emulate_media(reduced_motion="no-preference")
        await page.get_by_role("link", name="newsgraph").click()
        await expect(page.locator(".hero")).to_be_visible()
        assert await page.evaluate("window.moved") == 1
