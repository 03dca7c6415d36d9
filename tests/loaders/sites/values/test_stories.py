"""Related stories: the links and the names in documents of a site."""

from __future__ import annotations

from typing import Any

import pytest

from tests.builders import Stopwatch
from tests.loaders.sites.building import mapped

SITE = "https://gull.example"


def urls(front: str = "title: A", body: str = "", **options: Any) -> list[str]:
    """The addresses of the related stories of a document, below that of the site."""
    stories = mapped(front, body, **options).fields.get("related") or []
    return [story["webUrl"].removeprefix(SITE) for story in stories]


@pytest.mark.parametrize(
    ("target", "url"),
    [
        ('{{< ref "ferry.md" >}}', "/news/harbour/ferry/"),
        ('{{< relref "/news/b#top" >}}', "/news/b/"),
        ('{{% ref "news/b.md" %}}', "/news/b/"),
        ("../b.md", "/news/b/"),
        ("b.md#top", "/news/harbour/b/"),
        ("../b/index.md", "/news/b/"),
        ("../../b/", "/news/b/"),
        ("/news/b", "/news/b/"),
        ("/news/b/?page=2", "/news/b/"),
        ("http://www.gull.example/news/b/", "/news/b/"),
        ("@/news/b.md", "/news/b/"),
    ],
)
def test_a_link_to_a_page_of_the_site_is_a_related_story(target: str, url: str) -> None:
    assert urls(body=f"See [b]({target}).", path="news/harbour/boat.md") == [url]


@pytest.mark.parametrize(
    "target",
    [
        "https://tern.example/a",
        "https://tern.example/b.md",
        "mailto:a@gull.example",
        "//tern.example/a",
        "/",
        "#top",
        "/a.pdf",
        "boat.md",
        "../boat/",
        "../../../../../etc.md",
        "{{ .Permalink }}",
        "http://[",
    ],
)
def test_a_link_to_anything_else_is_no_related_story(target: str) -> None:
    assert urls(body=f"See [b]({target}).", path="news/boat.md") == []


@pytest.mark.parametrize(
    ("target", "url"),
    [
        ("{% post_url 2024-05-01-ferry %}", "/2024/05/01/ferry.html"),
        ("{{ site.baseurl }}{% link _posts/2024-05-01-ferry.md %}", "/2024/05/01/ferry.html"),
        ("{{ '/about/' | relative_url }}", "/about/"),
        ("{{ site.url }}/about.html", "/about.html"),
    ],
)
def test_jekylls_tags_lead_to_pages(target: str, url: str) -> None:
    path = "_posts/2024-05-02-boat.md"
    assert urls(body=f"See [b]({target}).", path=path, preset="jekyll") == [url]


def test_stories_are_in_the_order_of_links_once_each_without_links_in_code() -> None:
    body = "[The *ferry*](/b/), ![p](/p.jpg), `[c](/c/)`, <a href='/a/'>A</a>, [again](/b)\n"
    related = mapped("title: A", body).fields["related"]
    provider = {"name": "The Gull", "domain": "gull.example"}
    assert [story["webUrl"] for story in related] == [f"{SITE}/b/", f"{SITE}/a/"]
    assert all(story["provider"] == provider for story in related)
    assert related[1]["title"] == "A"


def test_a_link_without_words_is_called_by_its_target() -> None:
    [story] = mapped("title: A", "[](/news/ferry-sails/)").fields["related"]
    assert story["title"] == "ferry-sails"


def test_stories_in_front_matter_come_before_links() -> None:
    front = "related: [b, news/c, /d/, e.md, 'https://tern.example/f', {title: T, url: /g}]"
    expected = ["/news/b/", "/news/c/", "/d/", "/news/e/", "https://tern.example/f", "/g/"]
    assert urls(front, "[x](/x/)") == expected
    assert mapped(front).fields["related"][-1]["title"] == "T"
    rules_with_links = '[[map]]\nrelated = ["related", "+:links"]'
    assert urls("related: [b]", "[x](/x/) [b](/news/b/)", rules=rules_with_links) == [
        "/news/b/",
        "/x/",
    ]
    assert urls(body="[x](/x/)", rules="[[map]]\nrelated = []") == []


def test_a_story_with_a_title_and_a_provider_needs_no_address() -> None:
    broken = "{title: Lost, webUrl: '', provider: {name: Tern, domain: tern.example}}"
    found = mapped(f"title: A\nrelated: [{broken}, {{title: T, url: /g}}]")
    first, second = found.fields["related"]
    assert first["provider"] == {"name": "Tern", "domain": "tern.example"}
    assert (first["title"], second["title"]) == ("Lost", "T")
    assert (found.extra, found.warnings) == ({}, [])


@pytest.mark.parametrize(
    "value", ["true", "12", "[true]", "[{title: a}]", "[[a]]", "[{slug: [a]}]"]
)
def test_an_entry_that_names_no_story_stays_in_extra(value: str) -> None:
    found = mapped(f"title: A\nrelated: {value}")
    assert "related" not in found.fields
    assert "related" in found.extra
    assert "expected slugs, paths or URLs" in found.warnings[0].reason


@pytest.mark.parametrize("piece", ["[a](", "{{< ref ", "{% link ", "[", "](", "[a](../", "{{"])
def test_repetitive_text_takes_linear_time(piece: str) -> None:
    body = f"[a]({piece * (100_000 // len(piece))}"
    with Stopwatch() as watch:
        mapped("title: A", body)
    assert watch.seconds < 3
