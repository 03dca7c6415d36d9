"""The reader in a browser: every view, and the links between them."""

from __future__ import annotations

import re

from playwright.async_api import Browser, Page, expect

from tests.browser.conftest import visit, watched

TIDE = "/article/_news/2026-06-06-the-saturday-tide-6-june"
ARRAY = "/article/_news/2025-03-12-brannoch-array-reaches-18-mw"


async def test_the_front_page_has_a_hero_sections_and_the_latest_and_no_story_twice(
    page: Page, served: str
) -> None:
    await visit(page, served)
    hero = page.locator(".hero")
    await expect(hero.get_by_role("heading")).to_contain_text("The Saturday Tide")
    await expect(hero.locator("img")).to_have_js_property("complete", True)
    await expect(page.locator(".beside article")).to_have_count(4)
    await expect(page.get_by_role("heading", name="Oceans", level=2)).to_be_visible()
    await expect(page.get_by_role("heading", name="Latest", level=2)).to_be_visible()
    await expect(page).to_have_title("newsgraph")
    links = await page.locator("main :is(h2, h3) a[href*='/article/']").evaluate_all(
        "(links) => links.map((link) => link.pathname)"
    )
    assert len(links) > 20
    assert len(links) == len(set(links))


async def test_a_section_shows_its_place_and_its_subtree(page: Page, served: str) -> None:
    await visit(page, f"{served}/topic/climate")
    await expect(page.get_by_role("heading", level=1)).to_have_text("Climate")
    await expect(page.get_by_role("list", name="Within it").get_by_role("link")).to_have_text(
        ["Energy", "Oceans"]
    )
    await expect(page.locator("main ol > li")).to_have_count(17)
    await page.get_by_role("list", name="Within it").get_by_role("link", name="Energy").click()
    await expect(page).to_have_url(f"{served}/topic/energy")
    await expect(page.get_by_role("list", name="Part of").get_by_role("link")).to_have_text(
        ["Climate"]
    )
    await expect(page).to_have_title("Energy – newsgraph")


async def test_a_provider_says_who_it_is(page: Page, served: str) -> None:
    await visit(page, f"{served}/provider/harbourcourier.example")
    await expect(page.get_by_role("heading", level=1)).to_have_text("The Harbour Courier")
    await expect(page.get_by_text("printed within sight of the mole")).to_be_visible()
    await expect(page.locator("main ol > li")).to_have_count(7)


async def test_an_article_has_its_text_picture_and_links_inside_and_outside_the_site(
    page: Page, served: str
) -> None:
    await visit(page, f"{served}{TIDE}")
    await expect(page.get_by_role("heading", level=1)).to_contain_text("The Saturday Tide")
    await expect(page.get_by_text("The barge is coming back", exact=True)).to_be_visible()
    await expect(page.locator("article figure img").first).to_be_visible()
    await expect(page.locator("time").first).to_have_attribute("datetime", "2026-06-06T06:00:00Z")
    way = page.get_by_role("link", name=re.compile("The story at The Harbour Courier"))
    await expect(way).to_have_attribute("href", re.compile("^https://www.harbourcourier.example/"))
    await expect(way).to_have_attribute("rel", "external noopener noreferrer")
    related = page.locator("section", has=page.get_by_role("heading", name="Related stories"))
    outside = related.get_by_role("link", name=re.compile("Bad-weather soup"))
    await expect(outside).to_have_attribute("href", "https://pantryhours.example/bad-weather-soup")
    inside = related.get_by_role("link", name=re.compile("Tied council seat"))
    await inside.click()
    await expect(page.get_by_role("heading", level=1)).to_contain_text("Tied council seat")
    await expect(page).to_have_url(re.compile("/article/_news/2026-05-08-tied-council-seat"))


async def test_a_search_is_narrowed_down_by_facets_and_widened_again(
    page: Page, served: str
) -> None:
    await visit(page, served)
    field = page.get_by_role("combobox")
    await field.fill("tide")
    await field.press("Enter")
    await expect(page).to_have_url(f"{served}/search?q=tide")
    await expect(page.locator("main ol > li")).to_have_count(4)
    await expect(page.locator("mark").first).to_have_text("Tide")
    await expect(page.get_by_role("status")).to_have_text("4 stories found")
    topic = page.locator(".facets").get_by_role("link", name=re.compile("Tidal Power"))
    await topic.click()
    await expect(page).to_have_url(f"{served}/search?q=tide&topic=Tidal+Power")
    await expect(page.locator("main ol > li")).to_have_count(2)
    await expect(topic).to_have_attribute("aria-current", "true")
    await topic.click()
    await expect(page.locator("main ol > li")).to_have_count(4)
    await page.get_by_role("link", name="Newest first").click()
    await expect(page.locator("main ol h2").first).to_contain_text("Saturday Tide")
    await page.locator(".facets").get_by_role("link", name=re.compile("^2025")).click()
    await expect(page.locator("main ol time")).to_have_text([re.compile("2025")] * 2)
    await expect(page).to_have_url(f"{served}/search?q=tide&sort=newest&year=2025")


async def test_suggestions_are_chosen_with_the_keyboard_or_the_mouse(
    page: Page, served: str
) -> None:
    prefixes = []
    page.on(
        "request",
        lambda request: prefixes.append(request.url) if "=Suggest" in request.url else None,
    )
    await visit(page, served)
    field, options = page.get_by_role("combobox"), page.get_by_role("option")
    await field.press_sequentially("tid")
    await expect(options.filter(has_text="Tidal Power")).to_be_visible()
    await expect(field).to_have_attribute("aria-expanded", "true")
    assert prefixes, "suggestions are requested"
    assert all("%22tid%22" in url or "%22ti%22" in url for url in prefixes)
    await field.press("ArrowDown")
    first = options.first
    await expect(first).to_have_attribute("aria-selected", "true")
    await expect(field).to_have_attribute("aria-activedescendant", "suggestion-0")
    await field.press("Escape")
    await expect(options).to_have_count(0)
    await expect(field).to_have_value("tid")
    await field.press_sequentially("a")
    await expect(first).to_be_visible()
    await field.press("ArrowDown")
    await field.press("Enter")
    await expect(page).to_have_url(re.compile("/topic/|/search.q=topic"))
    await expect(page.locator("main h1")).to_contain_text("Tidal Power")
    await expect(options).to_have_count(0)
    await field.fill("harbour cour")
    await options.filter(has_text="The Harbour Courier").first.click()
    await expect(page).to_have_url(re.compile("/search.q=provider%3A%22The\\+Harbour\\+Courier"))
    await expect(page.locator("main ol > li").first).to_be_visible()


async def test_a_search_without_hits_says_why_and_suggests_other_words(
    page: Page, served: str
) -> None:
    await visit(page, f"{served}/search?q=-tide")
    await expect(page.locator(".hint")).to_contain_text("This search only excludes words.")
    await visit(page, f"{served}/search?q=%21%21")
    await expect(page.locator(".hint")).to_contain_text("There is no word in this search.")
    await visit(page, f"{served}/search?q=the")
    await expect(page.locator(".hint")).to_contain_text("are in every story.")
    await visit(page, f"{served}/search?q=harbuor")
    await page.locator(".hint a").click()
    await expect(page).to_have_url(f"{served}/search?q=harbour")


async def test_an_unavailable_search_can_be_tried_again(page: Page, served: str) -> None:
    error = {"message": "search: no index", "extensions": {"code": "SEARCH_UNAVAILABLE"}}
    body = {"data": {"articles": None}, "errors": [error]}
    await page.route("**/graphql?*=Search&*", lambda route: route.fulfill(json=body), times=1)
    await visit(page, served)
    await page.get_by_role("combobox").fill("tide")
    await page.get_by_role("combobox").press("Enter")
    heading = page.get_by_role("heading", level=1)
    await expect(heading).to_have_text("The search is not available right now")
    await page.get_by_role("button", name="Try again").click()
    await expect(heading).to_have_text("“tide”")


async def test_a_link_to_a_search_restores_its_query_and_facets(page: Page, served: str) -> None:
    await visit(page, f"{served}/search?q=tide&topic=Climate&type=article")
    await expect(page.get_by_role("heading", level=1)).to_have_text("“tide”")
    await expect(page.get_by_role("combobox")).to_have_value("tide")
    await expect(page.locator(".facets [aria-current]")).to_have_text(["Climate ×", "article ×"])


async def test_a_list_grows_while_scrolling(page: Page, served: str) -> None:
    await visit(page, f"{served}/search")
    entries = page.locator("main ol > li")
    await expect(entries).to_have_count(20)
    await page.mouse.wheel(0, 20_000)
    await expect(entries).to_have_count(40)
    await page.mouse.wheel(0, 20_000)
    await expect(entries).to_have_count(44)
    await expect(page.get_by_role("button", name="More stories")).to_be_hidden()
    titles = await page.locator("main ol h2 a").evaluate_all("(all) => all.map((a) => a.href)")
    assert len(set(titles)) == 44


async def test_a_list_grows_by_its_button_and_the_focus_moves_on(
    browser: Browser, served: str
) -> None:
    async with watched(browser) as page:
        await page.add_init_script(
            "window.IntersectionObserver = class { observe() {} disconnect() {} }"
        )
        await visit(page, f"{served}/search")
        await page.get_by_role("button", name="More stories").focus()
        await page.keyboard.press("Enter")
        await expect(page.locator("main ol > li")).to_have_count(40)
        await expect(page.locator("main ol > li:nth-child(21) h2 a")).to_be_focused()
        await expect(page.get_by_role("status")).to_have_text("20 stories more")


async def test_going_back_restores_the_page_as_it_was(page: Page, served: str) -> None:
    await visit(page, f"{served}/search")
    await expect(page.locator("main ol > li")).to_have_count(20)
    await page.mouse.wheel(0, 20_000)
    await expect(page.locator("main ol > li")).to_have_count(40)
    link = page.locator("main ol > li:nth-child(30) h2 a")
    await link.scroll_into_view_if_needed()
    y = await page.evaluate("scrollY")
    await link.click()
    await expect(page.locator(".story h1")).to_be_focused()
    assert await page.evaluate("scrollY") == 0
    await page.go_back()
    await expect(page.locator("main ol > li:nth-child(30)")).to_be_in_viewport()
    await expect(link).to_be_focused()
    assert abs(await page.evaluate("scrollY") - y) < 50
    await page.go_forward()
    await expect(page.locator(".story h1")).to_be_visible()


async def test_everything_can_be_done_with_the_keyboard(page: Page, served: str) -> None:
    await visit(page, served)
    await expect(page.locator(".hero")).to_be_visible()
    await page.keyboard.press("Tab")
    await expect(page.get_by_role("link", name="Skip to the news")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("main")).to_be_focused()
    await page.keyboard.press("Tab")
    await expect(page.locator(".hero h2 a")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.locator(".story h1")).to_be_focused()
    await page.keyboard.press("Tab")
    await expect(page.locator(".story .byline a").first).to_be_focused()
    await page.go_back()
    await expect(page.locator(".hero h2 a")).to_be_focused()


async def test_the_current_section_is_marked(page: Page, served: str) -> None:
    await visit(page, served)
    sections = page.get_by_role("navigation", name="Sections")
    await sections.get_by_role("link", name="Cities").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Cities")
    await expect(sections.locator("[aria-current=page]")).to_have_text(["Cities"])
    await page.get_by_role("link", name="newsgraph").click()
    await expect(page.locator(".hero")).to_be_visible()
    await expect(sections.locator("[aria-current]")).to_have_count(0)


async def test_texts_are_in_their_own_language_and_direction(page: Page, served: str) -> None:
    await visit(page, f"{served}/search?q=Oceans&sort=newest")
    await expect(page.locator("html")).to_have_attribute("lang", "en")
    await expect(page.locator("h2[lang=el]")).to_have_text([re.compile("Ο καύσωνας")])
    await visit(page, f"{served}/article/_news/2025-12-06-maktabat-al-mina-taud-ala-matn-sanbuk")
    title = page.locator("h1[lang=ar]")
    await expect(title).to_have_css("direction", "rtl")
    await expect(title).to_have_css("text-align", "start")
