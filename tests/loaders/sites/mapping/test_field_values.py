"""The values of mapped fields: text, topics, pictures, authors, items, URLs."""

from __future__ import annotations

from typing import Any

import pytest

from loaders.sites.generators.facts import SiteFacts
from loaders.sites.rules.rules import SiteSettings
from tests.loaders.sites.building import mapped, mapping, tree


def field(name: str, sources: str, front: str, body: str = "", **options: Any) -> Any:
    """A field of a document, made of these sources."""
    rules = f"[[map]]\n{name} = {sources}"
    return mapped(front, body, rules=rules, **options).fields.get(name)


@pytest.mark.parametrize(
    ("sources", "front", "title"),
    [
        ('["title", "name"]', "title: A\nname: B", "A"),
        ('["title", "name"]', "name: B", "B"),
        ('["title", "name"]', "title:\nname: B", "B"),
        ('["title", "name"]', 'title: ""\nname: B', "B"),
        ('["title", "name"]', "title: []\nname: B", "B"),
        ('["title"]', "name: B", None),
        ('["seo.title"]', "seo: {title: A}", "A"),
        ('["seo.title", "name"]', "seo: A\nname: B", "B"),
        ('["title"]', "title: [A, B]", "A"),
        ('["title"]', "title: 0123", "0123"),
        ('["title", "name"]', "title: {a: b}\nname: B", "B"),
        ('["title", ":heading"]', "a: b", "Ferry sails"),
        ('[":filename"]', "a: b", "The ferry"),
    ],
)
def test_the_first_source_with_a_value_makes_the_field(
    sources: str, front: str, title: str | None
) -> None:
    path = "news/2024-05-01-the-ferry.md"
    assert field("title", sources, front, "# Ferry sails\n", path=path) == title


@pytest.mark.parametrize(
    ("front", "topics"),
    [
        ("tags: [a, b]", ["a", "b"]),
        ("tags: a, b c,,", ["a", "b c"]),
        ("tags: a\ncategories: [b, a]", ["a", "b"]),
        ("categories: b", ["b"]),
        ("tags: [{name: a}, {title: b}]", ["a", "b"]),
        ("tags: [a, ]\ncategories: c", ["a", "c"]),
        ("tags: ['']\ncategories: c", ["c"]),
        ("tags: {a: b}", None),
        ("tags: [[a]]", None),
        ("tags: ''", None),
    ],
)
def test_topics_are_lists_or_text_and_can_be_added(front: str, topics: list[str] | None) -> None:
    assert field("topics", '["tags", "+categories"]', front) == topics


@pytest.mark.parametrize(
    ("front", "topics"),
    [
        ("tags: a b", ["a", "b"]),
        ("categories: a b", ["a", "b"]),
        ("category: open data", ["open data"]),
        ("tags: [open data]", ["open data"]),
    ],
)
def test_jekyll_splits_text_at_spaces(front: str, topics: list[str]) -> None:
    assert mapped(front, preset="jekyll").fields["topics"] == topics


@pytest.mark.parametrize(
    ("front", "published"),
    [
        ("draft: true", "false"),
        ("draft: false", "true"),
        ("draft: 'yes'", "false"),
        ("published: false", "false"),
        ("published: true\ndraft: true", "false"),
        ("published: 2024-05-01\ndraft: true", "false"),
        ("a: b", None),
    ],
)
def test_a_truth_value_can_be_negated(front: str, published: str | None) -> None:
    assert field("published", '["published", "!draft"]', front) == published


PICTURES = [
    ("image: /a.jpg", [{"url": "https://gull.example/a.jpg"}]),
    ("image: a.jpg", [{"url": "https://gull.example/a.jpg"}]),
    ("image: ./a.jpg", [{"url": "https://gull.example/news/ferry/a.jpg"}]),
    ("image: https://cdn.example/a.jpg", [{"url": "https://cdn.example/a.jpg"}]),
    ("image: //cdn.example/a.jpg", [{"url": "//cdn.example/a.jpg"}]),
    ("image: {src: /a.jpg, alt: A}", [{"url": "https://gull.example/a.jpg", "alt": "A"}]),
    ("image: {path: /a.jpg, width: 3}", [{"url": "https://gull.example/a.jpg", "width": "3"}]),
    (
        "image: [/a.jpg, {url: /b.jpg}]",
        [{"url": "https://gull.example/a.jpg"}, {"url": "https://gull.example/b.jpg"}],
    ),
    ("image: {id: a}", None),
    ("image: ' '", None),
]


@pytest.mark.parametrize(("front", "images"), PICTURES)
def test_pictures_are_text_mappings_or_lists(front: str, images: Any) -> None:
    assert field("images", '["image"]', front) == images


@pytest.mark.parametrize(
    ("image", "url"),
    [
        ("{{ site.baseurl }}/a.jpg", "https://gull.example/a.jpg"),
        ("{{site.url}}{{ site.baseurl }}/a.jpg", "https://gull.example/a.jpg"),
        ("__GHOST_URL__/content/a.jpg", "https://gull.example/content/a.jpg"),
        ("{{ '/a.jpg' | relative_url }}", None),
        ("/{% link a.jpg %}", None),
        ('<img src="/a.jpg">', None),
    ],
)
def test_a_template_is_no_address_of_a_picture(image: str, url: str | None) -> None:
    made = mapped(f"title: A\nimage: >-\n  {image}\n", preset="jekyll")
    assert made.fields.get("images") == (None if url is None else [{"url": url}])
    assert ("image" in made.extra) is (url is None)


def test_the_pictures_of_a_bundle_lie_beside_it() -> None:
    found = mapped("image: cover.jpg", path="news/ferry/index.md").fields["images"]
    assert found == [{"url": "https://gull.example/news/ferry/cover.jpg"}]


def test_the_path_of_a_site_is_kept_in_addresses() -> None:
    facts = SiteFacts("hugo", SiteSettings("The Gull", "https://gull.example/paper/"))
    found = mapping(facts=facts).apply("news/a.md", tree("images: [/a.jpg, /paper/b.jpg]"), "")
    assert [image["url"] for image in found.fields["images"]] == [
        "https://gull.example/paper/a.jpg",
        "https://gull.example/paper/b.jpg",
    ]
    assert found.fields["webUrl"] == "https://gull.example/paper/news/a/"


def test_links_stay_relative_where_the_url_of_the_site_is_unknown() -> None:
    found = mapping(facts=SiteFacts("hugo")).apply("a.md", tree("image: /a.jpg"), "")
    assert found.fields["images"] == [{"url": "/a.jpg"}]
    assert "webUrl" not in found.fields
    assert "provider" not in found.fields


@pytest.mark.parametrize(
    ("front", "authors"),
    [
        ("author: Ada", [{"name": "Ada"}]),
        ("authors: [Ada, Bo]", [{"name": "Ada"}, {"name": "Bo"}]),
        (
            "author: {name: Ada, url: 'https://ada.example'}",
            [{"name": "Ada", "url": "https://ada.example"}],
        ),
        ("authors: [{name: Ada}, Bo]", [{"name": "Ada"}, {"name": "Bo"}]),
        ("author: {mail: x}", None),
    ],
)
def test_authors_are_text_mappings_or_lists(front: str, authors: Any) -> None:
    for preset in ("hugo", "plain", "smartable"):
        assert mapped(front, preset=preset).fields.get("authors") == authors


@pytest.mark.parametrize("preset", ["plain", "smartable"])
def test_the_authors_of_the_provider_are_those_of_an_article_that_names_none(preset: str) -> None:
    front = "title: A\nprovider: {name: H, domain: h.example, authors: [{name: Ada}]}"
    found = mapped(front, preset=preset)
    assert found.fields["authors"] == [{"name": "Ada"}]
    assert found.fields["provider"]["authors"] == [{"name": "Ada"}]
    assert found.extra == {}
    assert mapped(f"{front}\nauthors: Bo", preset=preset).fields["authors"] == [{"name": "Bo"}]


@pytest.mark.parametrize(
    ("items", "expected"),
    [
        ("[/_learning/a.md, _learning/b, ./c.html, d]", ["_learning/a", "_learning/b", "c", "d"]),
        (
            "[https://x.example/a, {webUrl: 'https://x.example/b'}]",
            ["https://x.example/a", "https://x.example/b"],
        ),
        ("[{path: /a.md}, {slug: b}, {url: /c/}]", ["a", "b", "https://gull.example/c/"]),
        ("[a/b, a/b.md]", ["a/b"]),
        ("[{title: Not here}, a/b]", ["a/b"]),
        ("[{title: Not here}]", None),
        ("a/b", None),
    ],
)
@pytest.mark.parametrize("preset", ["hugo", "plain"])
def test_items_are_paths_slugs_urls_or_mappings(preset: str, items: str, expected: Any) -> None:
    found = mapped(f"items: {items}", preset=preset)
    assert found.fields.get("items") == expected
    assert found.warnings == []


@pytest.mark.parametrize(
    ("front", "fields"),
    [
        ("permalink: /ferry/", {"webUrl": "https://gull.example/ferry/"}),
        ("permalink: https://a.example/b", {"webUrl": "https://a.example/b"}),
        ("canonical: /ferry/", {"originalUrl": "https://gull.example/ferry/"}),
        ("webUrl: /ferry/", {"webUrl": "/ferry/"}),
    ],
)
def test_addresses_under_other_names_are_made_absolute(front: str, fields: dict[str, str]) -> None:
    made = mapped(f"title: A\n{front}", preset="plain")
    urls = {key: value for key, value in made.fields.items() if key.endswith("Url")}
    assert (urls, made.extra) == (fields, {})


@pytest.mark.parametrize(
    ("front", "urls", "extra"),
    [
        ("image: /a.jpg", ["https://gull.example/a.jpg"], {}),
        ("image: a.jpg", ["https://gull.example/a.jpg"], {}),
        ("image: ../../../public/a.jpg", ["https://gull.example/a.jpg"], {}),
        ("image: ./a.jpg", None, {"image": "./a.jpg"}),
        ("image: ../../assets/a.jpg", None, {"image": "../../assets/a.jpg"}),
        ("image: '@assets/a.jpg'", None, {"image": "@assets/a.jpg"}),
        ("image: ~/assets/a.jpg", None, {"image": "~/assets/a.jpg"}),
        ("image: src/assets/a.jpg", None, {"image": "src/assets/a.jpg"}),
        ("image: {src: ./a.jpg, alt: A}", None, {"image": {"src": "./a.jpg", "alt": "A"}}),
        (
            "images: [./a.jpg, /b.jpg]",
            ["https://gull.example/b.jpg"],
            {"images": ["./a.jpg", "/b.jpg"]},
        ),
        ("image: ./a.jpg\nogImage: /b.jpg", ["https://gull.example/b.jpg"], {"image": "./a.jpg"}),
    ],
)
def test_astro_serves_only_pictures_in_public_under_their_names(
    front: str, urls: list[str] | None, extra: dict[str, Any]
) -> None:
    made = mapped(f"title: A\n{front}", path="src/content/blog/ferry.md", preset="astro")
    images = made.fields.get("images")
    assert (images and [each["url"] for each in images], made.extra) == (urls, extra)
    assert made.warnings == []


@pytest.mark.parametrize("value", ["true", "1", "[true, 1]", "2024"])
def test_a_number_or_a_truth_value_is_no_picture(value: str) -> None:
    made = mapped(f"title: A\nimage: {value}")
    assert "images" not in made.fields
    assert "image" in made.extra


@pytest.mark.parametrize(
    ("preset", "front", "excerpt", "extra"),
    [
        ("hugo", "summary: The **ferry**", "The ferry", {"summary": "The **ferry**"}),
        ("hugo", "summary: [The **ferry**]", "The ferry", {"summary": ["The **ferry**"]}),
        ("hugo", "summary: The ferry", "The ferry", {}),
        ("plain", "summary: The **ferry**", "The ferry", {"summary": "The **ferry**"}),
        ("plain", "excerpt: The **ferry**", "The **ferry**", {}),
    ],
)
def test_an_excerpt_is_plain_text_and_extra_has_it_as_written(
    preset: str, front: str, excerpt: str, extra: dict[str, Any]
) -> None:
    made = mapped(f"title: A\n{front}", preset=preset)
    assert (made.fields["excerpt"], made.extra, made.warnings) == (excerpt, extra, [])


@pytest.mark.parametrize(
    ("preset", "title", "extra"),
    [
        ("hugo", "Ferry & mill", {"title": "<em>Ferry</em> &amp; mill"}),
        ("generic", "Ferry & mill", {"title": "<em>Ferry</em> &amp; mill"}),
        ("plain", "<em>Ferry</em> &amp; mill", {}),
    ],
)
def test_a_title_in_html_is_plain_text_and_extra_has_it_as_written(
    preset: str, title: str, extra: dict[str, Any]
) -> None:
    made = mapped("title: <em>Ferry</em> &amp; mill", preset=preset)
    assert (made.fields["title"], made.extra, made.warnings) == (title, extra, [])
