"""The CPU time and the layout shifts until the reader is painted."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser, Page, expect

from tests.browser.conftest import visit, watched

ARRAY = "/article/_news/2025-03-12-brannoch-array-reaches-18-mw"

SHIFTS = """() => new Promise((resolve) => {
  let sum = 0;
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) if (!entry.hadRecentInput) sum += entry.value;
  }).observe({ type: 'layout-shift', buffered: true });
  requestAnimationFrame(() => requestAnimationFrame(() => resolve(sum)));
})"""
LARGEST_PAINT = """() => new Promise((resolve) => {
  new PerformanceObserver((list) => resolve(list.getEntries().at(-1).startTime))
    .observe({ type: 'largest-contentful-paint', buffered: true });
})"""


@pytest.mark.parametrize("path", ["/", "/topic/climate", ARRAY, "/search?q=tide"])
async def test_a_page_is_painted_within_half_a_second_of_cpu_time_without_layout_shifts(
    browser: Browser, served: str, path: str
) -> None:
    async with watched(browser) as page:
        seconds = await _processor_seconds(page, f"{served}{path}")
        assert await page.evaluate(LARGEST_PAINT) > 0
        assert await page.evaluate(SHIFTS) < 0.01
    assert 0 < seconds < 0.5


async def _processor_seconds(page: Page, url: str) -> float:
    """The CPU time of the page's thread until everything was loaded.

    bench/paint.py measures the time that one waits for it: here other tests use the machine.
    """
    session = await page.context.new_cdp_session(page)
    await session.send("Performance.enable", {"timeDomain": "threadTicks"})
    await visit(page, url)
    await expect(page.locator("main h1")).to_be_attached()
    await page.wait_for_load_state("networkidle")
    metrics = (await session.send("Performance.getMetrics"))["metrics"]
    return sum(float(each["value"]) for each in metrics if each["name"] == "TaskDuration")
