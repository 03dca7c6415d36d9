"""The reader with missing content, with errors, and with hostile documents."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

import pytest
import pytest_asyncio
from playwright.async_api import Page, Request, Route, expect

from graph.config import Settings
from graph.errors import UsageError
from graph.store.driver.client import open_database
from graph.store.driver.database import Database
from tests.browser.conftest import serving, visit
from tests.builders import article, change, drop, store, story, topic_file

HOSTILE: Final = '<script>window.harmed = 1</script><img src=x onerror="window.harmed = 1">'
QUERY: Final = "**/graphql?*"
ARTICLE: Final = "**/article/**"


@dataclass
class Corpus:
    """A server over invented documents, and its database."""

    url: str
    database: Database


@pytest_asyncio.fixture(scope="module")
async def corpus(mongod: str | UsageError) -> AsyncIterator[Corpus]:
    if isinstance(mongod, UsageError):
        pytest.skip(str(mongod))
    settings = Settings(mongo_url=mongod.replace("/?", "/hostile?"))
    async with open_database(settings) as database:
        await store(
            database,
            article(
                "hostile",
                title=HOSTILE,
                excerpt=HOSTILE,
                body=f"<p>{HOSTILE}</p>\n\n[here](javascript:window.harmed=1)",
                webUrl="javascript:window.harmed=1",
                originalUrl="data:text/html,<script>1</script>",
                provider={"name": HOSTILE, "domain": "gull.example"},
                topics=[HOSTILE],
                images=[{"url": "javascript:window.harmed=1", "title": HOSTILE}],
                related=[story("javascript:window.harmed=1", HOSTILE), story("/\\evil.example")],
            ),
            article("bare", title="Bare", webUrl=None, publishedDateTime=None, type=None),
            article("sub/folder/ä b%?#", title="An odd path", topics=["Odd"]),
            article(
                "broken",
                title="Broken picture",
                images=[{"url": "/media/gone.png"}, {"url": "http://gull.invalid/a.jpg"}],
            ),
            article("long", title="Unbreakable" * 30, excerpt="x" * 400),
            topic_file("Empty"),
        )
        async with serving(settings) as url:
            yield Corpus(url, database)
        await drop(database)


async def without_content(page: Page) -> None:
    """Send pages as a server does that cannot read its database: without sections and content."""

    async def empty(route: Route) -> None:
        if route.request.resource_type != "document":
            await route.fallback()
            return
        response = await route.fetch()
        text = re.sub(r"(<main[^>]*>).*(</main>)", r"\1\2", await response.text(), flags=re.DOTALL)
        text = re.sub(r'(<ul id="sections">).*?(</ul>\n?</nav>)', r"\1\2", text, flags=re.DOTALL)
        await route.fulfill(response=response, body=text)

    await page.route("**/*", empty)


async def answer_with(page: Page, status: int, content: Any, request_id: str = "a-request") -> None:
    """Answer every operation with this."""
    body = content if isinstance(content, str) else json.dumps(content)
    headers = {"X-Request-ID": request_id, "Content-Type": "application/json"}
    await page.route(QUERY, lambda route: route.fulfill(status=status, body=body, headers=headers))


async def test_markup_in_a_document_is_text_and_nothing_runs(rough: Page, corpus: Corpus) -> None:
    for path in ("/", "/search", "/article/hostile", "/provider/gull.example"):
        await visit(rough, corpus.url + path)
        await expect(rough.locator("main h1")).to_be_attached()
        await expect(rough.get_by_text(HOSTILE, exact=True).first).to_be_attached()
        assert await rough.locator("main script, main [onerror]").count() == 0
        assert await rough.evaluate("window.harmed") is None


async def test_links_lead_only_to_http_urls(rough: Page, corpus: Corpus) -> None:
    await visit(rough, f"{corpus.url}/article/hostile")
    await expect(rough.locator(".story")).to_be_visible()
    links = await rough.locator("a[href]").evaluate_all("(all) => all.map((a) => a.href)")
    assert links
    assert [link for link in links if not re.match(r"https?://", link)] == []
    await expect(rough.get_by_role("link", name=re.compile("The story at"))).to_have_count(0)


async def test_an_article_without_picture_excerpt_date_or_address_is_a_page(
    page: Page, corpus: Corpus
) -> None:
    await visit(page, f"{corpus.url}/article/bare")
    await expect(page.get_by_role("heading", level=1)).to_have_text("Bare")
    await expect(page.locator(".byline")).to_have_text("The Gull")
    await expect(page.locator("figure, .standfirst, time, .button")).to_have_count(0)


async def test_an_odd_path_is_found_by_its_link(page: Page, corpus: Corpus) -> None:
    await visit(page, f"{corpus.url}/topic/odd")
    await page.get_by_role("link", name="An odd path").click()
    await expect(page.locator(".story h1")).to_have_text("An odd path")
    await page.reload()
    await expect(page.locator(".story h1")).to_have_text("An odd path")


async def test_a_picture_that_fails_to_load_leaves_its_frame_and_a_letter(
    rough: Page, corpus: Corpus
) -> None:
    await visit(rough, f"{corpus.url}/article/broken")
    frames = rough.locator("article figure .frame")
    await expect(frames.locator("img")).to_have_count(0)
    letter = "(frame) => getComputedStyle(frame, '::before').content"
    assert [await frame.evaluate(letter) for frame in await frames.all()] == ['"T" / ""'] * 2
    box = await frames.first.bounding_box()
    assert box is not None
    assert box["width"] / box["height"] == pytest.approx(16 / 9, rel=0.01)


async def test_a_removed_article_has_a_page_that_says_so(rough: Page, corpus: Corpus) -> None:
    for path in ("/article/gone", "/topic/gone", "/provider/gone.example"):
        await visit(rough, corpus.url + path)
        await expect(rough.get_by_role("heading", level=1)).to_have_text("There is no such page")
        await expect(rough).to_have_title("There is no such page – newsgraph")
        back = rough.get_by_role("link", name="To the front page")
        await expect(back).to_have_attribute("href", "/")


async def test_a_search_without_hits_and_an_empty_section_say_so(
    rough: Page, corpus: Corpus
) -> None:
    await visit(rough, f"{corpus.url}/search?q=zzzz")
    await expect(rough.get_by_text("Nothing was found.")).to_be_visible()
    await expect(rough.get_by_role("status")).to_have_text("0 stories found")
    await rough.get_by_role("link", name="Look at all stories").click()
    await expect(rough.locator("main ol > li")).to_have_count(5)
    await visit(rough, f"{corpus.url}/topic/empty")
    await expect(rough.get_by_text("There are no stories here.")).to_be_visible()


async def test_a_search_works_without_suggestions(rough: Page, served: str) -> None:
    await rough.route("**/graphql?*=Suggest*", lambda route: route.abort())
    await visit(rough, served)
    await expect(rough.locator("main article").first).to_be_visible()
    async with rough.expect_event("requestfailed", lambda request: "Suggest" in request.url):
        await rough.get_by_role("combobox").fill("tide")
    await expect(rough.get_by_role("option")).to_have_count(0)
    await rough.get_by_role("combobox").press("Enter")
    await expect(rough.locator("mark").first).to_have_text("Tide")


async def test_a_front_page_without_news_says_what_to_do(page: Page, served: str) -> None:
    nothing = {"nodes": [], "pageInfo": {"hasNextPage": False, "endCursor": None}}
    data = {"articles": nothing, "topics": {"nodes": []}, "corpus": {"revision": 0}}
    await answer_with(page, 200, {"data": data})
    await visit(page, served)
    await expect(page.get_by_text("There is no news yet")).to_be_visible()
    await expect(page.get_by_role("alert")).to_have_count(0)


async def test_a_front_page_without_its_topics_shows_the_articles(rough: Page, served: str) -> None:
    async def fail_topics(route: Route) -> None:
        response = await route.fetch()
        answer = await response.json()
        answer["data"]["topics"] = None
        error = {"message": "too slow", "path": ["topics"], "extensions": {"code": "TIMEOUT"}}
        body = {**answer, "errors": [error]}
        await route.fulfill(response=response, status=294, json=body)

    await rough.route(QUERY, fail_topics)
    await visit(rough, served)
    await expect(rough.locator(".hero")).to_be_visible()
    await expect(rough.get_by_role("alert").filter(has_text="wrong")).to_have_count(0)


FAILURES: Final[tuple[tuple[int, Any, str], ...]] = (
    (500, "oops", "Something went wrong"),
    (200, "<html>", "Something went wrong"),
    (200, "null", "Something went wrong"),
    (503, "", "The server is busy"),
    (429, {"errors": [{"message": "too many requests"}]}, "The server is busy"),
    (294, {"data": None, "errors": [{"message": "no <b>luck</b>"}]}, "Something went wrong"),
    (422, {"errors": [{"message": "not valid"}]}, "Something went wrong"),
    (200, {"data": {"topic": None}, "errors": [{"message": "slow"}]}, "Something went wrong"),
)
"""Statuses and contents of answers, and the title of the page that says so."""


async def test_an_error_of_the_server_is_reported_and_can_be_retried(
    rough: Page, served: str
) -> None:
    heading = rough.get_by_role("heading", level=1)
    again = rough.get_by_role("button", name="Try again")
    await without_content(rough)
    for number, (status, content, title) in enumerate(FAILURES):
        await rough.unroute(QUERY)
        await answer_with(rough, status, content, request_id=f"request-{number}")
        if number == 0:
            await visit(rough, f"{served}/topic/climate")
        else:
            await again.click()
        await expect(rough.get_by_text(f"Reference: request-{number}")).to_be_visible()
        await expect(heading).to_have_text(title)
        await expect(heading).to_be_focused()
    await rough.unroute(QUERY)
    await again.click()
    await expect(heading).to_have_text("Climate")


async def test_an_unreachable_server_is_reported_and_can_be_retried(
    rough: Page, served: str
) -> None:
    await visit(rough, served)
    await expect(rough.locator(".hero")).to_be_visible()
    await rough.route(ARTICLE, lambda route: route.abort())
    await rough.locator(".hero h2 a").click()
    await expect(rough.get_by_role("heading", level=1)).to_have_text("The news cannot be reached")
    await rough.unroute(ARTICLE)
    await rough.get_by_role("button", name="Try again").click()
    await expect(rough.locator(".story h1")).to_contain_text("The Saturday Tide")


async def test_a_page_requested_offline_loads_when_the_browser_is_online_again(
    rough: Page, served: str
) -> None:
    await visit(rough, served)
    await expect(rough.locator(".hero")).to_be_visible()
    await rough.context.set_offline(True)
    await rough.locator(".hero h2 a").click()
    await expect(rough.get_by_role("heading", level=1)).to_have_text("You are offline")
    await rough.context.set_offline(False)
    await expect(rough.locator(".story h1")).to_contain_text("The Saturday Tide")


async def test_while_a_page_loads_its_outline_is_shown_and_slowness_is_announced(
    clocked: Page, served: str
) -> None:
    pending_route: asyncio.Future[Route] = asyncio.get_running_loop().create_future()
    await without_content(clocked)
    await clocked.route(
        "**/graphql?*operationName=Topic*", lambda route: pending_route.set_result(route)
    )
    await visit(clocked, f"{served}/topic/climate")
    await clocked.clock.run_for(100)
    await expect(clocked.locator(".skeleton")).to_be_visible()
    await expect(clocked.get_by_role("status")).to_be_empty()
    await clocked.clock.run_for(5_000)
    await expect(clocked.get_by_role("status")).to_have_text("This takes longer than usual …")
    await (await pending_route).continue_()
    await expect(clocked.get_by_role("heading", level=1)).to_have_text("Climate")
    await expect(clocked.locator(".skeleton")).to_have_count(0)


async def test_only_the_last_of_two_requested_pages_is_shown(rough: Page, served: str) -> None:
    pending_route: asyncio.Future[Route] = asyncio.get_running_loop().create_future()
    await visit(rough, served)
    await rough.route(ARTICLE, lambda route: pending_route.set_result(route))
    await rough.locator(".hero h2 a").click()
    await pending_route
    await rough.get_by_role("navigation").get_by_role("link", name="Cities").click()
    await expect(rough.get_by_role("heading", level=1)).to_have_text("Cities")
    await (await pending_route).abort()
    await expect(rough.get_by_role("heading", level=1)).to_have_text("Cities")


async def test_a_list_that_cannot_grow_says_so_and_grows_when_asked_again(
    rough: Page, served: str
) -> None:
    await visit(rough, f"{served}/search")
    await expect(rough.locator("main ol > li")).to_have_count(20)
    await rough.route(QUERY, lambda route: route.abort())
    await rough.mouse.wheel(0, 20_000)
    await expect(rough.get_by_role("alert")).to_have_text("The news cannot be reached")
    await rough.unroute(QUERY)
    await rough.get_by_role("button", name="Try again").click()
    await expect(rough.locator("main ol > li")).to_have_count(40)
    await expect(rough.get_by_role("alert")).to_be_empty()


async def test_new_articles_are_announced_and_shown_on_request(
    clocked: Page, corpus: Corpus
) -> None:
    fresh = clocked.get_by_role("button", name="new article")
    newest = datetime.now(UTC)
    fresh_article = article("fresh", title="Fresh from the press", publishedDateTime=newest)
    await visit(clocked, f"{corpus.url}/search?sort=newest")
    await expect(clocked.locator("main ol > li")).to_have_count(5)
    async with clocked.expect_request(
        lambda request: request.headers.get("accept") == "text/event-stream", timeout=20_000
    ):
        await expect(fresh).to_be_hidden()
    await change(corpus.database, [fresh_article])
    await expect(clocked.get_by_role("status")).to_have_text("1 new article", timeout=20_000)
    await expect(fresh).to_have_text("1 new article – show")
    await fresh.click()
    await expect(clocked.get_by_role("link", name="Fresh from the press")).to_be_visible()
    await expect(fresh).to_be_hidden()
    await change(corpus.database, [], ["fresh"])


async def test_the_reader_listens_again_after_a_rejected_stream(clocked: Page, served: str) -> None:
    def is_stream(request: Request) -> bool:
        return request.headers.get("accept") == "text/event-stream"

    async def refuse(route: Route) -> None:
        if is_stream(route.request):
            await route.fulfill(status=503)
        else:
            await route.fallback()

    await clocked.route(QUERY, refuse)
    async with clocked.expect_response(lambda response: is_stream(response.request)) as refused:
        await visit(clocked, served)
        await clocked.clock.run_for(4_000)
    assert (await refused.value).status == 503
    await clocked.unroute(QUERY)
    async with clocked.expect_response(lambda response: is_stream(response.request)) as accepted:
        await clocked.clock.run_for(61_000)
    assert (await accepted.value).status == 200


async def test_sections_that_failed_to_load_are_shown_later(clocked: Page, served: str) -> None:
    await without_content(clocked)
    await clocked.route("**/graphql?*operationName=Masthead*", lambda route: route.abort())
    async with clocked.expect_event("requestfailed"):
        await visit(clocked, served)
    await expect(clocked.locator(".hero")).to_be_visible()
    await expect(clocked.locator("#sections a")).to_have_count(0)
    await clocked.unroute("**/graphql?*operationName=Masthead*")
    await clocked.clock.run_for(31_000)
    await expect(clocked.locator("#sections a")).to_have_count(9)
