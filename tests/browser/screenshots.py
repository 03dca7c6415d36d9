"""Screenshots of the reader and the explorer over the seeds, for the documentation.

    python -m tests.browser.screenshots

writes reader-light.png, reader-dark.png, explorer-light.png and explorer-dark.png in docs/images/.
"""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from pathlib import Path
from typing import Final, Literal

from playwright.async_api import Page, ViewportSize, async_playwright, expect

from graph.config import Settings
from graph.demo import seeds_dir
from graph.store.driver.client import open_database
from graph.store.embedded.server import embedded
from loaders.load.options import LoadOptions
from loaders.load.run import load
from tests.browser.conftest import FLAGS, NAMES, serving, visit

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
                await load(database, settings, LoadOptions.of([seeds_dir()]))
            async with serving(settings) as address, async_playwright() as playwright:
                browser = await playwright.chromium.launch(
                    executable_path=executable, args=list(FLAGS)
                )
                for scheme in SCHEMES:
                    context = await browser.new_context(viewport=SIZE, color_scheme=scheme)
                    await reader(await context.new_page(), address, f"reader-{scheme}.png")
                    await explorer(await context.new_page(), address, f"explorer-{scheme}.png")
                    await context.close()
                await browser.close()


async def reader(page: Page, address: str, name: str) -> None:
    """The picture of the front page."""
    await visit(page, address)
    await expect(page.locator(".hero")).to_be_visible()
    await expect(page.locator("#sections a").first).to_be_visible()
    await page.wait_for_load_state("networkidle")
    await page.screenshot(path=IMAGES / name)


async def explorer(page: Page, address: str, name: str) -> None:
    """The picture of a query and its answer."""
    await page.goto(f"{address}/explorer/")
    await expect(page.locator(".graphiql-doc-explorer-type-name").first).to_be_visible()
    await page.click(".graphiql-execute-button")
    await expect(page.locator(".graphiql-response")).to_contain_text("data")
    await page.wait_for_load_state("networkidle")
    await page.mouse.move(0, 0)
    await page.screenshot(path=IMAGES / name)


if __name__ == "__main__":
    asyncio.run(main())
