"""Bodies of articles in their pages: elements, links, pictures, headings."""

from __future__ import annotations

import re
from typing import Any

import pytest

from graph.store.driver.database import Database
from tests.builders import article, story
from tests.stored import store
from tests.web.pages.test_first_view import json_ld_of, main_of, page_of

EXTERNAL = 'rel="external noopener noreferrer"'


async def body_of(
    mock: Database, body: str, *others: dict[str, Any], slug: str = "posts/a", **fields: Any
) -> str:
    """The HTML of the body in the page of an article."""
    await store(mock, article(slug, body=body, **fields), *others)
    page = await page_of(mock, f"/article/{slug}")
    found = re.search(
        r'<div class="text"[^>]*>\n(.*?)\n</div>\n(?=<p class="ways">|</article>)', page, re.S
    )
    return found[1].strip() if found else ""


async def test_a_body_keeps_its_elements(mock: Database) -> None:
    text = "Some *text*.\n\n- a\n\n> quote\n\n|a|\n|-|\n|1|\n\n```\nx < 1\n```\n"
    body = await body_of(mock, text)
    assert "<p>Some <em>text</em>.</p>" in body
    assert "<ul>\n<li>a</li>\n</ul>" in body
    assert "<blockquote>\n<p>quote</p>\n</blockquote>" in body
    assert '<div class="scroll" role="region" aria-label="Table" tabindex="0"><table>' in body
    assert '<pre tabindex="0"><code>x &lt; 1\n</code></pre>' in body


async def test_nothing_in_a_body_runs(mock: Database) -> None:
    hostile = (
        '<script>alert(1)</script><p onclick="alert(1)">a</p><img src=x onerror="alert(1)">'
        "<a href='javascript:alert(1)'>b</a><img src='javascript:alert(1)'>"
        "<a href='//[evil/'>c</a><a href='java&#10;script:alert(1)'>d</a>"
    )
    body = await body_of(mock, hostile, webUrl=None)
    assert re.sub(r"\s", "", body) == "<p>a</p>bcd"


@pytest.mark.parametrize(
    ("link", "slug"),
    [
        ("https://gull.example/b?utm_source=x#part", "b"),
        ("http://gull.example/b/", "b"),
        ("/b", "b"),
        ("../b", "b"),
        ("c.md", "posts/c"),
        ("./c", "posts/c"),
        ("../posts/c.md#part", "posts/c"),
        ("/posts/c.md", "posts/c"),
        ("/c.md", "posts/c"),
        ("@/c.md", "posts/c"),
        ("bundle/index.md", "posts/bundle"),
        ("%C3%A4%20b.md", "posts/ä b"),
        ("v1.2", "posts/v1.2"),
    ],
)
async def test_a_link_to_an_article_leads_to_its_page(mock: Database, link: str, slug: str) -> None:
    others = [
        article("b", webUrl="https://gull.example/b"),
        *(
            article(each, webUrl=None)
            for each in ("posts/c", "posts/bundle", "posts/ä b", "posts/v1.2")
        ),
    ]
    url = "https://gull.example/posts/a"
    body = await body_of(mock, f'<p><a href="{link}" title="t">x</a></p>', *others, webUrl=url)
    path = slug.replace("ä b", "%C3%A4%20b")
    assert body == f'<p><a href="/article/{path}" title="t">x</a></p>'


@pytest.mark.parametrize(
    ("link", "url"),
    [
        ("https://else.example/x?y=1&z=2#p", "https://else.example/x?y=1&amp;z=2#p"),
        ("/gone/", "https://gull.example/gone/"),
        ("../gone", "https://gull.example/gone"),
        ("hidden.pdf", "https://gull.example/posts/hidden.pdf"),
    ],
)
async def test_other_links_keep_their_targets(mock: Database, link: str, url: str) -> None:
    hidden = article("posts/hidden", published=False)
    address = "https://gull.example/posts/a"
    body = await body_of(mock, f"[x]({link})", hidden, webUrl=address)
    assert body == f'<p><a href="{url}" {EXTERNAL}>x</a></p>'


@pytest.mark.parametrize(
    "link", ["hidden.md", "../gone.MDX#low", "/posts/hidden.qmd", "{% link posts/hidden.md %}"]
)
async def test_a_link_to_a_file_without_a_page_is_text(mock: Database, link: str) -> None:
    hidden = article("posts/hidden", published=False)
    address = "https://gull.example/posts/a"
    assert await body_of(mock, f"[x]({link})", hidden, webUrl=address) == "<p>x</p>"


@pytest.mark.parametrize(
    ("slug", "tag"),
    [
        ("posts/tides", '{{< ref "tides.md" >}}'),
        ("posts/tides", '{{< relref "tides" >}}'),
        ("content/sea/tides", '{{< ref "sea/tides.md#low" >}}'),
        ("content/sea", '{{% ref "/sea" %}}'),
        ("_posts/2024-05-01-tides", "{% post_url 2024-05-01-tides %}"),
        ("_guides/tides", "{{ site.baseurl }}{% link _guides/tides.md %}"),
    ],
)
async def test_a_link_by_a_template_tag_leads_to_the_page(
    mock: Database, slug: str, tag: str
) -> None:
    origin = f"{slug.partition('/')[0]}/a"
    body = await body_of(mock, f"[x]({tag})", article(slug), slug=origin)
    assert body == f'<p><a href="/article/{slug}">x</a></p>'


async def test_a_link_that_leads_nowhere_is_text(mock: Database) -> None:
    assert await body_of(mock, "[x](gone) [y](#part)", webUrl=None) == "<p>x y</p>"


async def test_a_mail_address_stays_a_link(mock: Database) -> None:
    body = await body_of(mock, "<a@gull.example>")
    assert '<a href="mailto:a@gull.example">' in body


async def test_pictures_are_loaded_late_and_by_https_and_shown_once(mock: Database) -> None:
    images = [{"url": "http://gull.example/a.jpg"}, {"url": "/media/b.jpg"}]
    text = "![A](../a.jpg) <img src='/media/c.jpg'>"
    await store(
        mock,
        article("posts/a", body=text, images=images, webUrl="http://gull.example/posts/a"),
    )
    page = await page_of(mock, "/article/posts/a")
    assert re.findall(r'<img alt="([^"]*)" loading="(\w+)"[^>]* src="([^"]*)">', page) == [
        ("", "eager", "/media/b.jpg"),
        ("A", "lazy", "https://gull.example/a.jpg"),
        ("", "lazy", "/media/c.jpg"),
    ]


@pytest.mark.parametrize(
    ("levels", "expected"),
    [([1, 2, 1], [2, 3, 2]), ([2, 3], [2, 3]), ([3, 5, 4, 2], [2, 3, 3, 2]), ([6], [2])],
)
async def test_headings_are_below_the_title_without_gaps(
    mock: Database, levels: list[int], expected: list[int]
) -> None:
    body = await body_of(mock, "\n\n".join(f"{'#' * level} Part" for level in levels))
    assert [int(level) for level in re.findall(r"<h(\d)>Part</h\1>", body)] == expected


async def test_a_body_does_not_repeat_the_title_and_the_excerpt(mock: Database) -> None:
    text = "# The *ferry*\n\nIt is\nlate.\n\n## Why\n\nIt is late, they say."
    body = await body_of(mock, text, title="The ferry", excerpt="It is late.")
    assert re.sub(r"\n+", "", body) == "<h2>Why</h2><p>It is late, they say.</p>"


async def test_a_body_is_in_the_language_of_its_article(mock: Database) -> None:
    await store(mock, article("posts/a", body="Det regnar.", title="Regn", language="sv"))
    page = await page_of(mock, "/article/posts/a")
    assert '<h1 tabindex="-1" lang="sv" dir="auto">Regn</h1>' in page
    assert '<div class="text" lang="sv" dir="auto">' in page


async def test_a_related_story_has_the_title_of_its_article(mock: Database) -> None:
    related = [story("https://gull.example/b", "An old title"), story("https://x.example/", "Out")]
    await store(
        mock,
        article("a", related=related),
        article("b", title="The new title", webUrl="https://gull.example/b"),
    )
    page = await page_of(mock, "/article/a")
    assert "The new title" in main_of(page)
    assert "An old title" not in main_of(page)
    inside = '<a class="frame hue2" data-letter="T" aria-hidden="true" tabindex="-1"'
    assert f'{inside} href="/article/b">' in page
    assert f'{inside} href="https://x.example/" {EXTERNAL}>' in page
    assert json_ld_of(page)["NewsArticle"]["headline"]


async def test_both_executors_show_the_same_body(mock: Database) -> None:
    await store(mock, article("a", body="[b](b.md)"), article("b"))
    pages = [await page_of(mock, "/article/a", compiler=compiler) for compiler in ("on", "off")]
    assert pages[0] == pages[1]
    assert '<a href="/article/b">b</a>' in pages[0]
