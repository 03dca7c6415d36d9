"""A browser, pages that fail at any error in them, and a server of the seeds."""

from __future__ import annotations

import asyncio
import shutil
from base64 import b64encode
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
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
from tests import packages
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
WITHOUT_NETWORK: Final = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"
VIEWPORT: Final[ViewportSize] = {"width": 1280, "height": 720}
PICTURE: Final[dict[str, Any]] = {
    "responseCode": 200,
    "responseHeaders": [{"name": "Content-Type", "value": "image/svg+xml"}],
    "body": b64encode(b'<svg xmlns="http://www.w3.org/2000/svg" width="16" height="9"/>').decode(),
}
HINT: Final = "these tests need a Chromium: apt-get install -y chromium-headless-shell"


@pytest_asyncio.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    """A browser that the whole run shares."""
    executable = next(filter(None, map(shutil.which, NAMES)), None)
    if executable is None:
        pytest.skip(HINT)
    async with async_playwright() as playwright:
        opened = await playwright.chromium.launch(
            executable_path=executable, args=[*FLAGS, WITHOUT_NETWORK]
        )
        yield opened
        await opened.close()


@pytest_asyncio.fixture(scope="session")
async def tab(browser: Browser) -> AsyncIterator[Page]:
    """A page that tests use one after another: to open one takes a second of CPU.

    Each test opens an address of its own in it. Between tests it stays where it is, for a blank
    page would take a process of its own. Its views change without transitions, which take a third
    of the CPU; other pages have them.
    """
    async with _opened(browser, reduced_motion="reduce") as page:
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
    """A page in which all pictures of other hosts are the same one."""
    context = await browser.new_context(**{"viewport": VIEWPORT, **options})
    page = await context.new_page()
    await _replace_pictures(page)
    yield page
    await context.close()


async def _replace_pictures(page: Page) -> None:
    """Answer requests to other hosts, all by HTTPS, with a picture; hosts `.invalid` have none.

    `route` would stop all requests of the page and turn the browser's cache off, which takes twice
    the CPU.
    """
    session = await page.context.new_cdp_session(page)
    sending: set[asyncio.Task[Any]] = set()

    def respond(paused: dict[str, Any]) -> None:
        host = urlsplit(paused["request"]["url"]).hostname or ""
        request = {"requestId": paused["requestId"]}
        if host.endswith(".invalid"):
            sent = session.send("Fetch.continueRequest", request)
        else:
            sent = session.send("Fetch.fulfillRequest", {**request, **PICTURE})
        task = asyncio.ensure_future(sent)
        sending.add(task)
        task.add_done_callback(sending.discard)

    session.on("Fetch.requestPaused", respond)
    await session.send("Fetch.enable", {"patterns": [{"urlPattern": "https://*"}]})


@asynccontextmanager
async def _cleared(page: Page) -> AsyncIterator[None]:
    """Leave a page as the next test expects it."""
    try:
        yield
    finally:
        await page.unroute_all(behavior="ignoreErrors")
        await page.context.set_offline(False)
        await page.emulate_media(color_scheme="null", reduced_motion="reduce")
        await page.set_viewport_size(VIEWPORT)
        await page.mouse.move(0, 0)
        if page.url.startswith("http"):  # or to open the same address restores what was there
            await page.evaluate("history.pushState(null, '', '/elsewhere')")


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
    page.once("framenavigated", lambda _: wrong.clear())  # it was of the last test's page
    try:
        with _without_exceptions(page):
            yield
    finally:
        page.remove_listener("console", add_message)
        page.remove_listener("request", add_request)
    assert wrong == []


@contextmanager
def _without_exceptions(page: Page) -> Iterator[None]:
    errors: list[str] = []

    def add(error: Error) -> None:
        errors.append(str(error))

    page.on("pageerror", add)
    page.once("framenavigated", lambda _: errors.clear())  # it was of the last test's page
    try:
        yield
    finally:
        page.remove_listener("pageerror", add)
    assert errors == []


async def visit(page: Page, url: str) -> None:
    """Open a page of the reader, and wait until its modules are loaded."""
    await page.goto(url)
    await modules_loaded(page)


async def modules_loaded(page: Page) -> None:
    """Wait until the modules of the reader handle links and typing."""
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


@pytest.fixture(scope="session")
def axe() -> str:
    """The script of axe-core, which finds barriers to the use of a page."""
    try:
        folder = packages.installed("browser")
    except packages.NotInstalled as error:
        pytest.skip(f"axe-core needs npm, and once a registry of packages: {error}")
    return (folder / "node_modules" / "axe-core" / "axe.min.js").read_text()
