"""The explorer in a browser: typing, running, searching, sharing; and keeping tokens secret."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any, Final
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Page, ViewportSize, expect

from graph.web.pages.explorer import EXPLORER

RUN: Final = ".graphiql-execute-button"
QUERY: Final = ".graphiql-query-editor .monaco-editor"
HEADERS: Final = ".graphiql-editor-tool .monaco-editor >> nth=1"
NARROW: Final[ViewportSize] = {"width": 390, "height": 844}
TOKEN: Final = "Bearer ng_of_nobody"
GRAPHIQLS_OWN: Final = {
    "color-contrast",  # of its theme
    "nested-interactive",  # tabs with a button to close them
    "link-in-text-block",  # types in the documentation
}
"""Rules of axe-core that GraphiQL and its editor break by themselves."""


@pytest.fixture(autouse=True)
def _built() -> None:
    if not (EXPLORER / "index.html").is_file():
        pytest.skip("the explorer was not built: make explorer")


@pytest.fixture(scope="module")
async def visitor(browser: Browser) -> AsyncIterator[BrowserContext]:
    """A context whose pages must end without errors, and request files and the API only.

    It has no routes, which would turn the browser's cache off: loading the explorer anew takes
    seconds, and all visits but the first are like those of somebody who comes back.
    """
    context = await browser.new_context(color_scheme="light")
    wrong: list[str] = []
    context.on("console", lambda message: wrong.append(message.text) if is_fault(message) else None)
    context.on("weberror", lambda error: wrong.append(str(error.error)))
    context.on("request", lambda sent: None if is_own(sent.url) else wrong.append(sent.url))
    yield context
    await context.close()
    assert wrong == []


def is_fault(message: ConsoleMessage) -> bool:
    """Whether a message is an error. The browser reports the status of an invalid operation too."""
    is_status = "responded with a status of 4" in message.text
    is_operation = urlsplit(message.location["url"]).path == "/graphql"
    return message.type == "error" and not (is_status and is_operation)


def is_own(url: str) -> bool:
    """Whether a URL is that of the API, of a file of the explorer, or of the page after a test."""
    parts = urlsplit(url)
    if parts.hostname != "127.0.0.1":
        return parts.scheme == "data"
    return parts.path in {"/graphql", "/livez"} or parts.path.startswith("/explorer/")


@pytest.fixture(scope="module")
async def shared(visitor: BrowserContext, served: str) -> AsyncIterator[Page]:
    """An explorer that tests use one after another: to load one takes seconds of CPU."""
    async with await visitor.new_page() as page:
        await visit_first(page, served)
        yield page


@pytest.fixture
async def unchanged(shared: Page) -> Page:
    """An explorer for tests that write nothing into it."""
    return shared


@pytest.fixture
async def explorer(shared: Page) -> AsyncIterator[Page]:
    """An explorer whose selected tab a test may write into."""
    tabs = shared.locator(".graphiql-tab")
    count = await tabs.count()
    await shared.get_by_role("button", name="New tab").click()
    await expect(tabs).to_have_count(count + 1)
    yield shared
    # By key: the tabs move while the last one takes the name of what was written into it.
    await tabs.last.get_by_role("button", name="Close Tab").press("Enter")
    await expect(tabs).to_have_count(count)


async def visit_first(page: Page, served: str) -> None:
    """Open the explorer as somebody does of whom it has stored nothing."""
    await page.goto(f"{served}/livez")
    await page.evaluate("localStorage.clear()")
    await opened(page, f"{served}/explorer/")


async def opened(page: Page, url: str) -> None:
    await page.goto(url)
    await page.wait_for_selector(RUN)
    await page.wait_for_selector(".graphiql-doc-explorer-title")
    await page.wait_for_selector(".graphiql-editor-tool .monaco-editor textarea", state="attached")
    await page.wait_for_load_state("networkidle")  # what its editor loads by and by


async def run(page: Page) -> dict[str, Any]:
    """Press the button; return the server's answer."""
    async with page.expect_response("**/graphql") as waiting:
        await page.click(RUN)
    answer: dict[str, Any] = await (await waiting.value).json()
    return answer


async def write(page: Page, editor: str, text: str) -> None:
    """Replace the text of an editor. It loses keys that arrive while it is busy."""
    lines = page.locator(editor).first.locator(".view-lines")
    for _ in range(5):
        await page.locator(editor).first.click()
        await page.keyboard.press("Control+A")
        await page.keyboard.press("Delete")  # or it puts brackets around what is selected
        await expect(lines).to_have_text("")
        await page.keyboard.insert_text(text)
        if (await lines.inner_text()).replace("\xa0", " ") == text:
            return
    pytest.fail(f"the editor does not take {text!r}")


async def test_a_typed_operation_is_run_and_its_answer_or_error_shown(explorer: Page) -> None:
    await write(explorer, QUERY, "query Typed { corpus { revision articleCount } }")
    answer = await run(explorer)
    assert answer["data"]["corpus"]["revision"] == 1
    await expect(explorer.locator(".graphiql-response")).to_contain_text("articleCount")
    await expect(explorer.get_by_role("tab", name="Typed")).to_be_visible()
    await write(explorer, QUERY, "query Wrong { articles(first: 0) { nodes { slug } } }")
    answer = await run(explorer)
    assert answer["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"
    await expect(explorer.locator(".graphiql-response")).to_contain_text("BAD_USER_INPUT")


async def test_the_docs_are_open_and_can_be_searched(unchanged: Page) -> None:
    search = unchanged.locator(".graphiql-doc-explorer input")
    await search.click()
    await unchanged.keyboard.type("relatedFrom")
    await unchanged.get_by_role("option", name="relatedFrom").first.click()
    await expect(unchanged.locator(".graphiql-doc-explorer-title")).to_have_text("relatedFrom")


async def test_every_example_has_a_tab_with_its_variables_and_runs(unchanged: Page) -> None:
    editors = unchanged.locator(".graphiql-editor-tool")
    tabs = unchanged.locator(".graphiql-tab")
    await tabs.nth(1).locator("button").first.click()
    await expect(editors).to_contain_text("harbour")
    await tabs.nth(0).locator("button").first.click()
    await expect(editors).not_to_contain_text("harbour")
    count = await tabs.count()
    assert count == len(list(EXAMPLES.glob("*.graphql")))
    for number in range(count):
        name = await tabs.nth(number).inner_text()
        await tabs.nth(number).locator("button").first.click()
        await expect(unchanged.locator(QUERY).first).to_contain_text(name)
        if "subscription" in await unchanged.locator(QUERY).first.inner_text():
            continue
        answer = await run(unchanged)
        assert "errors" not in answer, answer
        assert answer["data"]


async def test_a_subscription_shows_each_event_or_its_error(explorer: Page) -> None:
    await explorer.get_by_role("button", name="Headers").click()
    await write(explorer, HEADERS, json.dumps({"Authorization": TOKEN}))
    await write(explorer, QUERY, "{ changes(first: 1) { nextSince } }")
    since = (await run(explorer))["data"]["changes"]["nextSince"]
    change = f"articleChanged(since: {json.dumps(since)})"
    await write(explorer, QUERY, f"subscription S {{ {change} {{ kind slug }} }}")
    async with explorer.expect_response("**/graphql") as waiting:
        await explorer.click(RUN)
    response = await waiting.value
    assert response.headers["content-type"].startswith("text/event-stream")
    assert (await response.request.all_headers())["authorization"] == TOKEN
    await expect(explorer.locator(".graphiql-response")).to_contain_text("articleChanged")
    async with explorer.expect_event("requestfailed"):  # it ends when the client has gone
        await explorer.locator(RUN).click()
    await write(explorer, QUERY, 'subscription { articleChanged(since: "x") { kind } }')
    await explorer.click(RUN)
    await expect(explorer.locator(".graphiql-response")).to_contain_text("BAD_USER_INPUT")


async def test_a_shared_link_opens_its_operation_with_only_its_variables(
    unchanged: Page, visitor: BrowserContext, served: str
) -> None:
    query = 'query Shared($slug: String = "a") { article(slug: $slug) { title } }'
    await unchanged.locator(".graphiql-tab").nth(1).locator("button").first.press("Enter")
    await stored(unchanged, '"activeTabIndex":1')
    async with await visitor.new_page() as page:
        for variables in (None, '{"slug": "_news/nowhere"}'):
            shared = {"query": query} | ({"variables": variables} if variables else {})
            await page.goto(f"{served}/livez")
            await opened(page, f"{served}/explorer/#{urlencode(shared)}")
            await expect(page.locator(QUERY).first).to_contain_text("Shared")
            async with page.expect_request("**/graphql") as waiting:
                await page.click(RUN)
            sent = json.loads((await waiting.value).post_data or "")
            assert sent["query"] == query
            assert sent.get("variables") == (json.loads(variables) if variables else None)


async def stored(page: Page, text: str) -> None:
    """Wait until the explorer has stored this in the browser."""
    await page.wait_for_function(
        "(text) => Object.values(localStorage).some((value) => value.includes(text))", arg=text
    )


async def test_a_token_is_sent_but_not_stored_nor_part_of_a_link(explorer: Page) -> None:
    await explorer.get_by_role("button", name="Headers").click()
    await write(explorer, HEADERS, json.dumps({"Authorization": TOKEN}))
    await write(explorer, QUERY, "query Secret { __typename }")
    await explorer.get_by_role("button", name="Share").click()
    await expect(explorer.get_by_role("status").filter(has_text="link")).to_be_visible()
    shared = parse_qs(urlsplit(explorer.url).fragment)
    assert shared == {"query": ["query Secret { __typename }"]}
    async with explorer.expect_request("**/graphql") as waiting:
        await explorer.click(RUN)
    assert (await (await waiting.value).all_headers())["authorization"] == TOKEN
    await expect(explorer.locator(".graphiql-response")).to_contain_text(r"{")
    storage = await storage_with_history(explorer, "Secret")
    assert "ng_of_nobody" not in json.dumps(storage)
    assert all(name.startswith("newsgraph:") for name in storage)


async def storage_with_history(page: Page, text: str) -> dict[str, str]:
    """The contents of localStorage, once this is in the history.

    GraphiQL overlooks a run now and then that is answered before it has drawn its button anew.
    """
    while True:
        storage: dict[str, str] = await page.evaluate("() => ({...localStorage})")
        if any("queries" in name and text in value for name, value in storage.items()):
            return storage
        await run(page)


async def test_the_explorer_follows_the_colour_scheme_and_closes_its_docs_on_a_narrow_screen(
    unchanged: Page, visitor: BrowserContext, served: str
) -> None:
    assert await red(unchanged) >= 128
    async with await visitor.new_page() as page:
        await page.set_viewport_size(NARROW)
        await page.emulate_media(color_scheme="dark")
        await page.goto(f"{served}/livez")
        await page.evaluate("localStorage.clear()")
        await page.goto(f"{served}/explorer/")
        await page.wait_for_selector(RUN)
        assert await red(page) < 128
        await expect(page.locator(".graphiql-doc-explorer")).to_have_count(0)
        await page.get_by_role("button", name="Show Documentation Explorer").click()
        await expect(page.locator(".graphiql-doc-explorer-title")).to_be_visible()


async def red(page: Page) -> int:
    """How red the background is, from 0 to 255."""
    color: str = await page.evaluate(
        "getComputedStyle(document.querySelector('.graphiql-container')).backgroundColor"
    )
    return int(color.removeprefix("rgba(").removeprefix("rgb(").split(",")[0])


async def test_axe_finds_only_known_violations_of_graphiql(unchanged: Page, axe: str) -> None:
    await unchanged.evaluate(axe)
    found = await unchanged.evaluate("axe.run()")
    ours = {
        each["id"]: [node["html"][:200] for node in each["nodes"]]
        for each in found["violations"]
        if each["id"] not in GRAPHIQLS_OWN
    }
    assert ours == {}


EXAMPLES: Final = EXPLORER.parents[1] / "explorer" / "examples"
