"""The URLs of pages, as their generators make them."""

from __future__ import annotations

import pytest

from loaders.sites.generators.facts import SiteFacts
from loaders.sites.generators.pages.permalinks import permalink
from loaders.sites.generators.pages.site_page import SitePage
from loaders.sites.rules.rules import SiteSettings
from tests.loaders.sites.building import tree

HUGO = SiteFacts(
    "hugo",
    content="content",
    languages={"en": "", "mi": "/mi"},
    mounts={"content/sub": "other", "handbook": "docs"},
)


def link(facts: SiteFacts, path: str, front: str = "") -> str | None:
    return permalink(SitePage(facts, path, tree(front)))


@pytest.mark.parametrize(
    ("path", "front", "expected"),
    [
        ("content/news/ferry.md", "", "/news/ferry/"),
        ("content/news/2024/05/ferry.md", "", "/news/2024/05/ferry/"),
        ("content/news/ferry/index.md", "", "/news/ferry/"),
        ("content/news/_index.md", "", "/news/"),
        ("content/_index.md", "", "/"),
        ("content/about.md", "", "/about/"),
        ("content/news/ferry.md", "slug: boat", "/news/boat/"),
        ("content/news/ferry/index.md", "slug: boat", "/news/boat/"),
        ("content/news/ferry.md", "url: /boat.html", "/boat.html"),
        ("content/news/ferry.md", "url: boat/", "/boat/"),
        ("content/News/The Ferry.md", "", "/news/the-ferry/"),
        ("content/news/a - b  c--d.md", "", "/news/a-b-c--d/"),
        ("content/news/ferry.mi.md", "", "/mi/news/ferry/"),
        ("content/news/ferry.en.md", "", "/news/ferry/"),
        ("content/news/ferry.mi.md", "url: boat/", "/mi/boat/"),
        ("content/news/ferry.mi.md", "url: /boat/", "/boat/"),
        ("content/news/ferry.md", "URL: /boat/", "/boat/"),
        ("content/news/ferry.md", "Slug: boat", "/news/boat/"),
        ("content/news/ferry.md", "url: /:year/:slug/\nslug: a\ndate: 2024-05-03", "/2024/a/"),
        ("handbook/ferry.md", "", "/docs/ferry/"),
        ("content/sub/ferry.md", "", "/other/ferry/"),
    ],
)
def test_pages_of_hugo_have_their_addresses(path: str, front: str, expected: str) -> None:
    assert link(HUGO, path, front) == expected


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("/:year/:month/:slug/", "/2024/05/boat/"),
        ("/:year/:month/:day/:title", "/2024/05/03/the-ferry/"),
        ("/:sections/:slug/", "/news/harbour/boat/"),
        ("/:section/:filename/", "/news/ferry/"),
        ("/:sections[1:]/:slugorcontentbasename/", "/harbour/boat/"),
        ("/:sections[last]/:contentbasename/", "/harbour/ferry/"),
        ("/:sections[2:]/:slug/", "/boat/"),
        ("/:yearday/:weekday/:slug/", "/124/5/boat/"),
        ("/:monthname/:slug/", "/May/boat/"),
        ("/:unheard/:slug/", None),
    ],
)
def test_patterns_of_hugo_make_addresses(pattern: str, expected: str | None) -> None:
    facts = SiteFacts("hugo", content="content", permalinks={"news": pattern})
    front = "title: The Ferry!\ndate: 2024-05-03\nslug: boat"
    assert link(facts, "content/news/harbour/ferry.md", front) == expected


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("content/ferry.md", "/ferry.html"),
        ("content/ferry/index.md", "/ferry.html"),
        ("content/news/a.md", "/2024/a.html"),
        ("content/news/_index.md", "/news/"),
    ],
)
def test_ugly_urls_of_hugo_have_an_extension(path: str, expected: str) -> None:
    permalinks = {"news": "/:year/:contentbasename/"}
    facts = SiteFacts("hugo", content="content", permalinks=permalinks, has_ugly_urls=True)
    assert link(facts, path, "date: 2024-05-03") == expected


@pytest.mark.parametrize(
    ("style", "page", "document"),
    [
        ("pretty", "/about/", "/docs/a/"),
        ("date", "/about.html", "/docs/a.html"),
        ("/blog/:title", "/about", "/docs/a"),
        ("/blog/:title/", "/about/", "/docs/a/"),
        ("/blog/:title:output_ext", "/about.html", "/docs/a.html"),
    ],
)
def test_the_style_of_jekyll_decides_how_all_addresses_end(
    style: str, page: str, document: str
) -> None:
    facts = SiteFacts("jekyll", permalinks={"": style}, collections={"docs": "_docs"})
    assert link(facts, "about.md") == page
    assert link(facts, "_docs/a.md") == document


POST = "_posts/2024-05-03-the-ferry.md"


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        (None, "/news/2024/05/03/the-ferry.html"),
        ("date", "/news/2024/05/03/the-ferry.html"),
        ("pretty", "/news/2024/05/03/the-ferry/"),
        ("ordinal", "/news/2024/124/the-ferry.html"),
        ("weekdate", "/news/2024/W18/Fri/the-ferry.html"),
        ("none", "/news/the-ferry.html"),
        ("/:year/:i_month/:i_day/:title/", "/2024/5/3/the-ferry/"),
        ("/:short_year/:title", "/24/the-ferry"),
        ("/blog/:slug:output_ext", "/blog/the-ferry.html"),
    ],
)
def test_posts_of_jekyll_have_their_addresses(pattern: str | None, expected: str) -> None:
    facts = SiteFacts("jekyll", permalinks={"": pattern, "posts": pattern} if pattern else {})
    assert link(facts, POST, "category: News") == expected


@pytest.mark.parametrize(
    ("path", "front", "expected"),
    [
        (POST, "permalink: /boat/", "/boat/"),
        (POST, "permalink: /boats/:title/", "/boats/the-ferry/"),
        (POST, "slug: boat", "/2024/05/03/boat.html"),
        (POST, "date: 2024-05-04 01:30:00 +1200", "/2024/05/03/the-ferry.html"),
        (POST, "categories: [Open Data, b]", "/open-data/b/2024/05/03/the-ferry.html"),
        (f"sport/{POST}", "", "/sport/2024/05/03/the-ferry.html"),
        ("_docs/a/b.md", "", "/docs/a/b.html"),
        ("_guides/a.md", "", "/the/a/"),
        ("about.md", "", "/about.html"),
        ("help/index.md", "", "/help/"),
        ("about.md", "permalink: /us/", "/us/"),
        ("_posts/ferry.md", "", None),
    ],
)
def test_pages_and_collections_of_jekyll_have_their_addresses(
    path: str, front: str, expected: str | None
) -> None:
    facts = SiteFacts(
        "jekyll",
        SiteSettings(timezone="America/Los_Angeles"),
        permalinks={"guides": "/the/:name/"},
        collections={"docs": "_docs", "guides": "_guides"},
    )
    assert link(facts, path, front) == expected


@pytest.mark.parametrize(
    ("path", "front", "expected"),
    [
        ("content/news/ferry.md", "", "/news/ferry/"),
        ("content/news/2024-05-03-ferry.md", "", "/news/ferry/"),
        ("content/news/2024-05-03_ferry.md", "", "/news/ferry/"),
        ("content/news/ferry/index.md", "", "/news/ferry/"),
        ("content/news/_index.md", "", "/news/"),
        ("content/_index.md", "", "/"),
        ("content/ferry.md", "", "/ferry/"),
        ("content/news/ferry.md", "slug: boat", "/news/boat/"),
        ("content/news/ferry.md", "path: the/boat", "/the/boat/"),
        ("content/news/ferry.mi.md", "", "/mi/news/ferry/"),
        ("content/Été à la mer/the_ferry.md", "", "/ete-a-la-mer/the-ferry/"),
        ("content/news/渡し船.md", "", None),
    ],
)
def test_pages_of_zola_have_their_addresses(path: str, front: str, expected: str | None) -> None:
    facts = SiteFacts("zola", content="content", languages={"mi": "/mi"})
    assert link(facts, path, front) == expected


@pytest.mark.parametrize(
    ("generator", "path", "front", "expected"),
    [
        ("eleventy", "posts/ferry.md", "", "/posts/ferry/"),
        ("eleventy", "posts/2024-05-03-ferry.md", "", "/posts/ferry/"),
        ("eleventy", "posts/2024-05-03_ferry.md", "", "/posts/2024-05-03_ferry/"),
        ("eleventy", "posts/ferry/index.md", "", "/posts/ferry/"),
        ("eleventy", "posts/ferry/ferry.md", "", "/posts/ferry/"),
        ("eleventy", "index.md", "", "/"),
        ("eleventy", "posts/ferry.md", "permalink: /boat/", "/boat/"),
        ("eleventy", "posts/ferry.md", "permalink: '/{{ slug }}/'", None),
        ("astro", "blog/ferry.md", "", "/blog/ferry/"),
        ("astro", "blog/ferry/index.mdx", "", "/blog/ferry/"),
        ("astro", "blog/ferry.md", "slug: boat", "/blog/boat/"),
        ("plain", "blog/ferry.md", "", None),
        ("smartable", "_news/ferry.md", "", None),
    ],
)
def test_pages_of_other_generators_have_their_addresses(
    generator: str, path: str, front: str, expected: str | None
) -> None:
    assert link(SiteFacts(generator), path, front) == expected


@pytest.mark.parametrize(
    ("facts", "path", "front", "expected"),
    [
        (SiteFacts("eleventy"), "posts/ferry.md", "permalink: false", None),
        (SiteFacts("eleventy"), "posts/ferry.md", "permalink: 'false'", "/false"),
        (SiteFacts("jekyll"), "_drafts/ferry.md", "", None),
        (SiteFacts("jekyll", collections={"a": "_a"}), "_a/ferry.md", "", "/a/ferry.html"),
        (
            SiteFacts("jekyll", collections={"a": "_a"}, unwritten=("a",)),
            "_a/ferry.md",
            "permalink: /ferry/",
            None,
        ),
        (SiteFacts("astro", content="src/content"), "src/pages/about.md", "", "/about/"),
        (SiteFacts("astro", content="src/content"), "src/pages/index.md", "", "/"),
    ],
)
def test_a_page_that_is_not_written_has_no_address(
    facts: SiteFacts, path: str, front: str, expected: str | None
) -> None:
    assert link(facts, path, front) == expected


@pytest.mark.parametrize(
    "date", ["2024-05-01 8:00:00", "2024/5/1 8:00:00", "2024/05/01", "2024-5-1 8:00 +0000"]
)
def test_the_day_in_an_address_may_be_written_as_the_date_itself(date: str) -> None:
    settings = SiteSettings("The Gull", "https://gull.example", "Europe/Paris", None)
    facts = SiteFacts("generic", settings, permalinks={"": "/:year/:month/:day/:title/"})
    assert link(facts, "ferry.md", f"date: {date}") == "/2024/05/01/ferry/"


@pytest.mark.parametrize(
    ("generator", "name", "expected"),
    [
        ("hugo", "2024-05-01 ferry", ("2024-05-01", "ferry", "Ferry")),
        ("zola", "2024-05-01_ferry", ("2024-05-01", "ferry", "Ferry")),
        ("generic", "2024-05-01 - ferry", ("2024-05-01", "ferry", "Ferry")),
        ("jekyll", "2024-05-01_ferry", (None, "2024-05-01_ferry", None)),
    ],
)
def test_a_file_name_gives_a_date_a_slug_and_a_title(
    generator: str, name: str, expected: tuple[str | None, str, str | None]
) -> None:
    page = SitePage(SiteFacts(generator), f"{name}.md", {})
    day, slug, title = expected
    assert (page.named_date, page.slug) == (day, slug)
    assert title is None or page.named_title == title
