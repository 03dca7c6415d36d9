"""A browser, pages that fail for whatever is wrong in them, and a server over the seeds."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import pytest
import pytest_asyncio
from playwright.async_api import (
    Browser,
    ConsoleMessage,
    Error,
    Page,
    Request,
    ViewportSize,
    async_playwright,
)

from graph.app import create_app
from graph.config import Settings
from graph.demo import seeds_dir
from graph.errors import UsageError
from graph.store.driver.client import open_database
from loaders.load.options import LoadOptions
from loaders.load.run import load
from tests.builders import drop
from tests.loaders.builders import inlined
from tests.served import hosted

NAMES: Final = (
    "chromium-headless-shell",  # takes half of the CPU
    "chrome-headless-shell",
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
)
FLAGS: Final = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
VIEWPORT: Final[ViewportSize] = {"width": 1280, "height": 720}
SVG: Final = "image/svg+xml"
PICTURE: Final = '<svg xmlns="http://www.w3.org/2000/svg" width="16" height="9"/>'
HINT: Final = "these tests need a Chromium: apt-get install -y chromium-headless-shell"
FOLDER: Final = Path(__file__).parent
PACKAGES: Final = ("package.json", "package-lock.json", ".npmrc")


@pytest_asyncio.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    """A browser that the whole run shares."""
    executable = next(filter(None, map(shutil.which, NAMES)), None)
    if executable is None:
        pytest.skip(HINT)
    async with async_playwright() as playwright:
        opened = await playwright.chromium.launch(executable_path=executable, args=list(FLAGS))
        yield opened
        await opened.close()


@pytest_asyncio.fixture(scope="module")
async def tab(browser: Browser) -> AsyncIterator[Page]:
    """A page that tests use one after another: to open one takes a second of CPU."""
    async with _opened(browser) as page:
        yield page


@pytest_asyncio.fixture
async def page(tab: Page) -> AsyncIterator[Page]:
    """A page that fails the test for its errors, and for requests to other hosts."""
    async with _cleared(tab):
        with _without_errors(tab):
            yield tab


@pytest_asyncio.fixture
async def rough(tab: Page) -> AsyncIterator[Page]:
    """A page in which requests may fail; no script may."""
    async with _cleared(tab):
        with _without_exceptions(tab):
            yield tab


@pytest_asyncio.fixture
async def clocked(browser: Browser) -> AsyncIterator[Page]:
    """Like `rough`, with a clock that the test sets going: it cannot be taken out again."""
    async with _opened(browser) as page:
        await page.clock.install()
        with _without_exceptions(page):
            yield page


@asynccontextmanager
async def watched(browser: Browser, **options: Any) -> AsyncIterator[Page]:
    """A page of a context of its own with these options, which must end without errors."""
    async with _opened(browser, **options) as page:
        with _without_errors(page):
            yield page


@asynccontextmanager
async def _opened(browser: Browser, **options: Any) -> AsyncIterator[Page]:
    """A page to which pictures of other hosts are all the same one: the network is not used."""
    context = await browser.new_context(**{"viewport": VIEWPORT, **options})
    await context.route(is_foreign, lambda route: route.fulfill(body=PICTURE, content_type=SVG))
    yield await context.new_page()
    await context.close()


@asynccontextmanager
async def _cleared(page: Page) -> AsyncIterator[None]:
    """Leave a page as the next test expects it."""
    yield
    await page.unroute_all(behavior="ignoreErrors")
    await page.context.set_offline(False)
    await page.emulate_media(color_scheme="null", reduced_motion="null")
    await page.set_viewport_size(VIEWPORT)
    await page.mouse.move(0, 0)
    await page.goto("about:blank")


@contextmanager
def _without_errors(page: Page) -> Iterator[None]:
    wrong: list[str] = []

    def add_message(message: ConsoleMessage) -> None:
        is_page = message.location.get("url") == page.url  # which may have the status 404
        if message.type == "error" and not is_page:
            wrong.append(message.text)

    def add_request(request: Request) -> None:
        if is_foreign(request.url) and request.resource_type != "image":
            wrong.append(request.url)

    page.on("console", add_message)
    page.on("request", add_request)
    with _without_exceptions(page):
        yield
    page.remove_listener("console", add_message)
    page.remove_listener("request", add_request)
    assert wrong == []


@contextmanager
def _without_exceptions(page: Page) -> Iterator[None]:
    errors: list[str] = []

    def add(error: Error) -> None:
        errors.append(str(error))

    page.on("pageerror", add)
    yield
    page.remove_listener("pageerror", add)
    assert errors == []


async def visit(page: Page, url: str) -> None:
    """Open a page of the reader, and wait until its modules are loaded."""
    await page.goto(url)
    await modules_loaded(page)


async def modules_loaded(page: Page) -> None:
    """Wait until the modules of the reader follow links, and respond to what is typed."""
    await page.locator("html[data-ready]").wait_for(state="attached")


def is_foreign(url: str) -> bool:
    """Whether a URL is of another machine."""
    return urlsplit(url).hostname not in {None, "127.0.0.1"}


@pytest_asyncio.fixture(scope="session")
async def served(mongod: str | UsageError) -> AsyncIterator[str]:
    """The URL of a server over the seeds, without a path."""
    if isinstance(mongod, UsageError):
        pytest.skip(str(mongod))
    settings = Settings(
        mongo_url=mongod.replace("/?", "/browser?"), media_dir=seeds_dir() / "images"
    )
    async with open_database(settings) as database:
        with inlined():
            await load(database, settings, LoadOptions.of([seeds_dir()]))
        async with serving(settings) as url:
            yield url
        await drop(database)


@asynccontextmanager
async def serving(settings: Settings) -> AsyncIterator[str]:
    """The URL of a server of this process, without a path."""
    async with hosted(settings, create_app(settings)) as (port, _, _):
        yield f"http://127.0.0.1:{port}"


@pytest_asyncio.fixture(scope="session")
async def axe(request: pytest.FixtureRequest) -> str:
    """The script of axe-core, which finds what keeps people from using a page."""
    if shutil.which("npm") is None:
        pytest.skip("axe-core needs npm, and once a registry of packages")
    folder = request.config.cache.mkdir("axe-core")
    script = folder / "node_modules" / "axe-core" / "axe.min.js"
    lock, installed = FOLDER / "package-lock.json", folder / "package-lock.json"
    if not script.is_file() or installed.read_bytes() != lock.read_bytes():
        for name in PACKAGES:
            shutil.copy(FOLDER / name, folder / name)
        process = await asyncio.create_subprocess_exec(
            "npm", "ci", "--no-audit", "--no-fund", cwd=folder, env=os.environ
        )
        if await process.wait():
            pytest.skip("npm could not install axe-core: is a registry of packages reachable?")
    return script.read_text()
