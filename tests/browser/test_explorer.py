"""The explorer, as people use it: typed into, run, searched, shared; and what it does not tell."""

from __future__ import annotations

import json
from typing import Any, Final
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from playwright.async_api import Browser, Page, expect

from graph.web.pages.explorer import EXPLORER
from tests.browser.conftest import watched

RUN: Final = ".graphiql-execute-button"
QUERY: Final = ".graphiql-query-editor .monaco-editor"
HEADERS: Final = ".graphiql-editor-tool .monaco-editor >> nth=1"
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


@pytest.fixture
async def explorer(page: Page, served: str) -> Page:
    """The explorer on a first visit."""
    await opened(page, f"{served}/explorer/")
    return page


async def opened(page: Page, url: str) -> None:
    await page.goto(url)
    await page.wait_for_selector(RUN)
    await page.wait_for_selector(".graphiql-doc-explorer-title")
    await page.wait_for_selector(".graphiql-editor-tool .monaco-editor textarea", state="attached")
    await page.wait_for_load_state("networkidle")  # what its editor loads by and by


async def run(page: Page) -> dict[str, Any]:
    """Press the button, and give what the server answers."""
    async with page.expect_response("**/graphql") as waiting:
        await page.click(RUN)
    answer: dict[str, Any] = await (await waiting.value).json()
    return answer


async def write(page: Page, editor: str, text: str) -> None:
    """Replace what stands in an editor."""
    await page.locator(editor).first.click()
    await page.keyboard.press("Control+A")
    await page.keyboard.insert_text(text)


async def test_what_is_typed_is_run_and_its_answer_shown(explorer: Page) -> None:
    await write(explorer, QUERY, "query Typed { corpus { revision articleCount } }")
    answer = await run(explorer)
    assert answer["data"]["corpus"]["revision"] == 1
    await expect(explorer.locator(".graphiql-response")).to_contain_text("articleCount")
    await expect(explorer.get_by_role("tab", name="Typed")).to_be_visible()


async def test_an_error_is_shown_where_the_answer_would_be(explorer: Page) -> None:
    await write(explorer, QUERY, "query Wrong { articles(first: 0) { nodes { slug } } }")
    answer = await run(explorer)
    assert answer["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"
    await expect(explorer.locator(".graphiql-response")).to_contain_text("BAD_USER_INPUT")


async def test_the_docs_are_open_and_can_be_searched(explorer: Page) -> None:
    search = explorer.locator(".graphiql-doc-explorer input")
    await search.click()
    await explorer.keyboard.type("relatedFrom")
    await explorer.get_by_role("option", name="relatedFrom").first.click()
    await expect(explorer.locator(".graphiql-doc-explorer-title")).to_have_text("relatedFrom")


async def test_every_example_stands_in_a_tab_and_runs(explorer: Page) -> None:
    tabs = explorer.locator(".graphiql-tab")
    count = await tabs.count()
    assert count == len(list(EXAMPLES.glob("*.graphql")))
    for number in range(count):
        name = await tabs.nth(number).inner_text()
        await tabs.nth(number).locator("button").first.click()
        await expect(explorer.locator(QUERY).first).to_contain_text(name)
        answer = await run(explorer)
        assert "errors" not in answer, answer
        assert answer["data"]


async def test_a_first_visit_shows_no_variables_of_another_tab(explorer: Page) -> None:
    await explorer.locator(".graphiql-tab").nth(1).locator("button").first.click()
    await expect(explorer.locator(".graphiql-editor-tool")).to_contain_text("harbour")
    await explorer.locator(".graphiql-tab").nth(0).locator("button").first.click()
    await expect(explorer.locator(".graphiql-editor-tool")).not_to_contain_text("harbour")


@pytest.mark.parametrize("variables", [None, '{"slug": "_news/nowhere"}'])
async def test_a_shared_link_opens_its_operation_with_its_variables_alone(
    page: Page, served: str, variables: str | None
) -> None:
    query = 'query Shared($slug: String = "a") { article(slug: $slug) { title } }'
    shared = {"query": query} | ({"variables": variables} if variables else {})
    await opened(page, f"{served}/explorer/")
    await page.locator(".graphiql-tab").nth(1).locator("button").first.click()
    await page.goto("about:blank")
    await opened(page, f"{served}/explorer/#{urlencode(shared)}")
    await expect(page.locator(QUERY).first).to_contain_text("Shared")
    async with page.expect_request("**/graphql") as waiting:
        await page.click(RUN)
    sent = json.loads((await waiting.value).post_data or "")
    assert sent["query"] == query
    assert sent.get("variables") == (json.loads(variables) if variables else None)


async def test_the_button_makes_a_link_without_headers(explorer: Page) -> None:
    await explorer.get_by_role("button", name="Headers").click()
    await write(explorer, HEADERS, json.dumps({"Authorization": TOKEN}))
    await write(explorer, QUERY, "query Linked { __typename }")
    await explorer.get_by_role("button", name="Share").click()
    await expect(explorer.get_by_role("status").filter(has_text="link")).to_be_visible()
    shared = parse_qs(urlsplit(explorer.url).fragment)
    assert shared == {"query": ["query Linked { __typename }"]}


async def test_a_token_is_sent_and_kept_nowhere(explorer: Page) -> None:
    await explorer.get_by_role("button", name="Headers").click()
    await write(explorer, HEADERS, json.dumps({"Authorization": TOKEN}))
    await write(explorer, QUERY, "query Secret { __typename }")
    async with explorer.expect_request("**/graphql") as waiting:
        await explorer.click(RUN)
    assert (await (await waiting.value).all_headers())["authorization"] == TOKEN
    await expect(explorer.locator(".graphiql-response")).to_contain_text(r"{")
    kept = await kept_when(explorer, "Secret")
    assert "ng_of_nobody" not in json.dumps(kept)
    assert all(name.startswith("newsgraph:") for name in kept)


async def kept_when(page: Page, text: str) -> dict[str, str]:
    """What localStorage holds, once this is in the history.

    GraphiQL overlooks a run now and then that is answered before it has drawn its button anew.
    """
    while True:
        found: dict[str, str] = await page.evaluate("() => ({...localStorage})")
        if any("queries" in name and text in value for name, value in found.items()):
            return found
        await run(page)


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_it_follows_the_scheme_of_the_system(
    browser: Browser, served: str, scheme: Any
) -> None:
    async with watched(browser, color_scheme=scheme) as page:
        await opened(page, f"{served}/explorer/")
        color = await page.evaluate(
            "getComputedStyle(document.querySelector('.graphiql-container')).backgroundColor"
        )
        red = int(color.removeprefix("rgba(").removeprefix("rgb(").split(",")[0])
        assert (red < 128) == (scheme == "dark")


async def test_it_asks_nothing_of_the_network_but_its_files_and_the_api(
    page: Page, served: str
) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    await opened(page, f"{served}/explorer/")
    paths = {urlsplit(url).path for url in asked if not url.startswith(("data:", "blob:"))}
    assert all(path == "/graphql" or path.startswith("/explorer/") for path in paths), paths
    assert not [url for url in asked if url.startswith("blob:")]


async def test_it_is_shown_again_on_a_later_visit(browser: Browser, served: str) -> None:
    context = await browser.new_context()  # without routes: they turn the browser's cache off
    page = await context.new_page()
    wrong: list[str] = []
    page.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
    for _ in range(3):
        await opened(page, f"{served}/explorer/")
        await page.goto("about:blank")
    await context.close()
    assert wrong == []


async def test_axe_finds_nothing_that_is_not_graphiqls_own(explorer: Page, axe: str) -> None:
    await explorer.evaluate(axe)
    found = await explorer.evaluate("axe.run()")
    ours = {
        each["id"]: [node["html"][:200] for node in each["nodes"]]
        for each in found["violations"]
        if each["id"] not in GRAPHIQLS_OWN
    }
    assert ours == {}


EXAMPLES: Final = EXPLORER.parents[1] / "explorer" / "examples"
