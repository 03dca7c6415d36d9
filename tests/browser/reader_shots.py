"""Pictures of the reader over the seeds, for the documentation.

    python -m tests.browser.reader_shots

writes docs/images/reader-light.png and reader-dark.png.
"""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from pathlib import Path
from typing import Final, Literal

from playwright.async_api import Browser, ViewportSize, async_playwright, expect

from graph.cli import seeds_dir
from graph.config import Settings
from graph.store.client import open_database
from graph.store.embedded import embedded
from loaders.load import load
from loaders.plan import Plan
from tests.browser.conftest import FLAGS, NAMES, serving

IMAGES: Final = Path(__file__).parents[2] / "docs" / "images"
SIZE: Final = ViewportSize(width=1200, height=880)
SCHEMES: Final[tuple[Literal["light", "dark"], ...]] = ("light", "dark")


async def main() -> None:
    """Serve the seeds, and take the pictures."""
    executable = next(filter(None, map(shutil.which, NAMES)), None)
    with tempfile.TemporaryDirectory() as folder:
        async with embedded(Path(folder)) as url:
            settings = Settings(mongo_url=url, media_dir=seeds_dir() / "images")
            async with open_database(settings) as database:
                await load(database, settings, Plan.of([seeds_dir()]))
            async with serving(settings) as address, async_playwright() as playwright:
                browser = await playwright.chromium.launch(
                    executable_path=executable, args=list(FLAGS)
                )
                for scheme in SCHEMES:
                    await take(browser, address, scheme)
                await browser.close()


async def take(browser: Browser, address: str, scheme: Literal["light", "dark"]) -> None:
    """The picture of the front page in one colour scheme."""
    context = await browser.new_context(viewport=SIZE, color_scheme=scheme)
    page = await context.new_page()
    await page.goto(address)
    await expect(page.locator(".hero")).to_be_visible()
    await expect(page.locator("#sections a").first).to_be_visible()
    await page.wait_for_load_state("networkidle")
    await page.screenshot(path=IMAGES / f"reader-{scheme}.png")
    await context.close()


if __name__ == "__main__":
    asyncio.run(main())
