"""The mapping of the keys of other generators to the fields of newsgraph."""

from __future__ import annotations

import pickle
from typing import Any

import pytest

from loaders.records.values.scalar_values import Finding
from loaders.sites import presets
from loaders.sites.generators.facts import SiteFacts
from loaders.sites.mapping.mapping import Definition, SiteMapping
from loaders.sites.presets import PRESETS
from loaders.sites.rules.rules import Rule, SiteSettings
from tests.loaders.sites.building import GULL, mapped, mapping, tree


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
    ("url", "expected"),
    [
        ("/staff/ada", "https://gull.example/staff/ada"),
        ("https://ada.example", "https://ada.example"),
        ("ada.example", "ada.example"),
    ],
)
def test_the_page_of_an_author_is_made_absolute(url: str, expected: str) -> None:
    found = mapped(f"title: Ada\nurl: {url}", path="people/ada.md", rules=KINDS)
    assert (found.fields["url"], found.extra) == (expected, {})


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
def test_astro_publishes_only_the_pictures_of_public_under_their_names(
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


def test_items_that_are_more_than_paths_stay_in_extra_too() -> None:
    assert mapped("items: [/a.md, b/c]").extra == {}
    for items in ("[{title: T, path: /a.md}]", "[word]", "[{title: T}]"):
        assert mapped(f"items: {items}").extra == tree(f"items: {items}")


@pytest.mark.parametrize(
    ("front", "provider"),
    [
        ("title: A", {"name": "The Gull", "domain": "gull.example"}),
        ("provider: Harbour News", {"name": "Harbour News", "domain": "gull.example"}),
        ("provider: {name: H, domain: h.example}", {"name": "H", "domain": "h.example"}),
        ("provider: {name: H}", {"name": "H", "domain": "gull.example"}),
        ("provider: [H]", {"name": "The Gull", "domain": "gull.example"}),
    ],
)
def test_the_site_is_the_provider_of_documents_that_name_none(
    front: str, provider: dict[str, str]
) -> None:
    assert mapped(front).fields["provider"] == provider


def test_keys_without_a_field_stay_in_extra() -> None:
    found = mapped("title: A\nname: B\ncover: {image: a.jpg, alt: C}\nseo: {title: D}\nx: 1")
    assert found.extra == {"name": "B", "seo": {"title": "D"}, "x": "1"}


@pytest.mark.parametrize(
    ("sources", "front"),
    [
        ('title = ["name"]', "name: [A, B]"),
        ('topics = ["name"]', "name: [{name: A, colour: red}, B]"),
    ],
)
def test_a_value_of_which_a_field_shows_a_part_stays_extra_too(sources: str, front: str) -> None:
    found = mapped(front, rules=f"[[map]]\n{sources}")
    assert found.extra == tree(front)
    assert sources.partition(" ")[0] in found.fields
    assert found.warnings == []


def test_only_the_mapped_key_of_a_nested_mapping_is_taken() -> None:
    front = tree("seo: {title: A, robots: {index: no}}\nhead: {img: {src: /a.png}}")
    rules = '[[map]]\ntitle = ["seo.title"]\nimages = ["head.img.src"]'
    found = mapping(rules=rules).apply("a.md", front, "")
    assert found.fields["title"] == "A"
    assert found.extra == {"seo": {"robots": {"index": "no"}}}
    assert front == tree("seo: {title: A, robots: {index: no}}\nhead: {img: {src: /a.png}}")


def test_a_key_may_make_two_fields() -> None:
    found = mapped("date: 2024-05-01", preset="hugo", rules='[[map]]\nexpiryDate = ["date"]')
    assert found.fields["publishedDateTime"] == found.fields["expiryDate"] == "2024-05-01"
    assert found.extra == {}


def test_an_unsuitable_value_stays_in_extra_with_a_warning() -> None:
    found = mapped("image: {id: a}")
    assert found.extra == {"image": {"id": "a"}}
    reason = "expected the URL of a picture for images, found a mapping"
    assert found.warnings == [Finding(("image",), reason)]


def test_the_places_of_values_lead_back_to_the_file() -> None:
    found = mapped("name: A\ntags: [a]\ncategories: [a, b]\nseo: {img: /a.png}\ntitle: T")
    assert found.origin(("topics",)) == ("tags",)
    assert found.origin(("topics", 0)) == ("tags", 0)
    assert found.origin(("topics", 1)) == ("categories", 1)
    assert found.origin(("title",)) == ("title",)
    assert found.origin(("webUrl",)) == ()


def test_keys_of_hugo_are_case_insensitive() -> None:
    found = mapped("Title: A\nexpirydate: 2025-01-01")
    assert (found.fields["title"], found.fields["expiryDate"]) == ("A", "2025-01-01")
    assert found.extra == {}
    assert found.origin(("title",)) == ("Title",)


DEFAULTS = """\
[[map]]
files = "news/"
defaults = { category = "news", image = "/og.png", published = false }
[[map]]
files = "news/sport/"
defaults = { category = "sport" }
"""


@pytest.mark.parametrize(
    ("path", "front", "category"),
    [
        ("news/a.md", "title: A", "news"),
        ("news/sport/a.md", "title: A", "sport"),
        ("news/sport/a.md", "category: life", "life"),
        ("life/a.md", "title: A", None),
    ],
)
def test_defaults_hold_unless_the_document_says_otherwise(
    path: str, front: str, category: str | None
) -> None:
    assert mapped(front, path=path, rules=DEFAULTS).fields.get("category") == category


def test_defaults_are_mapped_as_keys_of_the_document() -> None:
    found = mapped("title: A", rules=DEFAULTS, preset="jekyll")
    assert found.fields["images"] == [{"url": "https://gull.example/og.png"}]
    assert found.fields["published"] == "false"
    assert found.extra == {}


def test_a_default_of_a_field_that_has_other_sources_holds_too() -> None:
    rules = '[[map]]\ndefaults = { topics = ["Town"] }\ntopics = ["tags"]'
    assert mapped("title: A", rules=rules).fields["topics"] == ["Town"]
    found = mapped("tags: [a]", rules=rules)
    assert found.fields["topics"] == ["a"]
    assert found.extra == {}


KINDS = """\
[[map]]
files = "people/"
kind = "author"
[[map]]
files = ["drawer/", "!drawer/keep.md"]
kind = "ignore"
"""


@pytest.mark.parametrize(
    ("path", "front", "kind"),
    [
        ("a.md", "title: A", "article"),
        ("people/ada.md", "title: Ada", "author"),
        ("drawer/a.md", "title: A", "ignore"),
        ("drawer/keep.md", "title: A", "article"),
        ("news/_index.md", "title: News", "topic"),
        ("a.md", "taxonomy: topic", "topic"),
        ("a.md", "taxonomy: organization", "provider"),
        ("a.md", "taxonomy: author", "author"),
        ("a.md", "taxonomy: [topic]", "article"),
    ],
)
def test_rules_and_keys_decide_the_kind_of_a_document(path: str, front: str, kind: str) -> None:
    assert mapped(front, path=path, rules=KINDS).kind == kind


@pytest.mark.parametrize(
    ("preset", "path", "kind"),
    [
        ("hugo", "config.yml", "ignore"),
        ("hugo", "data/a.yaml", "ignore"),
        ("jekyll", "_config.yml", "ignore"),
        ("smartable", "_config.yml", "ignore"),
        ("smartable", "_data/topics/a.yml", "topic"),
        ("smartable", "_data/organizations/a.md", "provider"),
        ("plain", "site/_data/topics/a.yml", "topic"),
        ("plain", "a.yml", "article"),
        ("plain", "_data/authors/a.yml", "author"),
        ("smartable", "_data/authors/a.yml", "author"),
        ("astro", "src/content/authors/ada.yml", "author"),
    ],
)
def test_configuration_and_data_are_no_articles(preset: str, path: str, kind: str) -> None:
    assert mapping(preset).kind_of(path) == kind


def test_each_kind_has_its_own_fields() -> None:
    found = mapped("title: Ada\nbio: Writes.\nphoto: /a.png", path="people/ada.md", rules=KINDS)
    images = [{"url": "https://gull.example/a.png"}]
    fields = {"_id": "ada", "name": "Ada", "description": "Writes.", "images": images}
    assert found.fields == fields
    topic = mapped("title: News\nimage: /a.png", path="news/_index.md")
    assert topic.fields == {"_id": "news", "name": "News", "images": images}


@pytest.mark.parametrize(
    ("key", "right"),
    [
        ("Published", "published"),
        ("publised", "published"),
        ("dtae", "date"),
        ("discription", "description"),
        ("titel", "title"),
    ],
)
def test_a_key_that_is_similar_to_a_field_has_a_warning(key: str, right: str) -> None:
    found = (
        mapped(f"title: A\n{key}: x", preset="jekyll")
        if right != "title"
        else mapped(f"{key}: x", preset="jekyll")
    )
    assert found.warnings == [Finding((key,), f"unknown key: did you mean {right!r}?")]
    assert found.extra == {key: "x"}


@pytest.mark.parametrize(
    ("front", "alt", "title"),
    [
        ("image: /a.png\nimage_alt: A ferry", ("image_alt",), None),
        ("image: /a.png\nimageAlt: A ferry\nimageCaption: At sea", ("imageAlt",), "At sea"),
        ("image: /a.png\nimage_alt: A ferry\nimage_caption: At sea", ("image_alt",), "At sea"),
        ("cover: /a.png\ncover_alt: A ferry", ("cover_alt",), None),
        ("cover: {image: /a.png, alt: A ferry, caption: At sea}", None, "At sea"),
    ],
)
@pytest.mark.parametrize("preset", ["hugo", "jekyll", "eleventy", "astro", "decap", "plain"])
def test_the_words_beside_a_picture_are_those_of_the_picture(
    preset: str, front: str, alt: tuple[str] | None, title: str | None
) -> None:
    found = mapped(f"title: A\n{front}", preset=preset)
    words = {"alt": "A ferry"} if title is None else {"alt": "A ferry", "title": title}
    assert found.fields["images"] == [{"url": "https://gull.example/a.png", **words}]
    assert found.extra == {}
    assert found.warnings == []
    if alt is not None:
        assert found.origin(("images", 0, "alt")) == alt


@pytest.mark.parametrize("preset", PRESETS)
@pytest.mark.parametrize(
    ("key", "right"),
    [
        ("publishdate", "publishDate"),
        ("Published", "published"),
        ("publised", "published"),
        ("dtae", "date"),
        ("expirydate", "expiryDate"),
    ],
)
def test_a_key_that_is_probably_misspelt_is_a_warning_in_every_preset(
    preset: str, key: str, right: str
) -> None:
    found = mapped(f"title: A\n{key}: 2024-05-01", preset=preset)
    if preset in ("hugo", "generic") and key.lower() == right.lower():
        assert found.warnings == []  # these are the same in capital letters
    else:
        assert found.warnings == [Finding((key,), f"unknown key: did you mean {right!r}?")]


@pytest.mark.parametrize("key", ["data", "topic", "weight", "slug", "layout", "x"])
def test_a_key_that_is_only_similar_to_a_field_is_no_warning(key: str) -> None:
    assert mapped(f"title: A\n{key}: x", preset="jekyll").warnings == []


@pytest.mark.parametrize(
    ("prefix", "expected"),
    [("", ["content/news/a", "content/b"]), ("content", ["news/a", "b"])],
)
def test_items_of_hugo_are_found_below_its_content_folder(prefix: str, expected: list[str]) -> None:
    facts = SiteFacts("hugo", GULL, "content")
    definition = Definition(facts, presets.preset("hugo").rules, strict=False, prefix=prefix)
    path = "news/c.md" if prefix else "content/news/c.md"
    front = tree("title: C\nitems: [/news/a.md, content/b.md, 'https://x.example/c']")
    items = SiteMapping(definition).apply(path, front, "").fields["items"]
    assert items == [*expected, "https://x.example/c"]


STORY = """\
title: A
provider: {name: H, domain: h.example}
topics: [a]
images: [{url: /a.png}]
mood: calm
"""


@pytest.mark.parametrize("preset", ["smartable", "plain"])
def test_documents_written_for_newsgraph_stay_as_they_are(preset: str) -> None:
    found = mapped(STORY, preset=preset)
    front = tree(STORY)
    assert found.extra == {"mood": front.pop("mood")}
    assert found.fields == front
    assert (found.origins, found.warnings) == ({}, [])


@pytest.mark.parametrize("preset", ["smartable", "plain"])
def test_unsuitable_values_of_newsgraph_documents_are_left_to_validation(preset: str) -> None:
    fields = mapped("title:\nprovider: H\ntopics: {a: b}", preset=preset).fields
    assert fields == {"title": None, "provider": "H", "topics": {"a": "b"}}


def test_a_plain_folder_accepts_common_names_of_keys() -> None:
    front = "name: A\ndescription: B\ndate: 2024-05-01\ntags: a, b\nimage: /a.png\nauthor: Ada"
    found = mapped(front, preset="plain")
    assert found.fields == {
        "title": "A",
        "excerpt": "B",
        "publishedDateTime": "2024-05-01",
        "topics": ["a", "b"],
        "images": [{"url": "https://gull.example/a.png"}],
        "authors": [{"name": "Ada"}],
        "provider": {"name": "The Gull", "domain": "gull.example"},
    }
    assert found.extra == {}


def test_a_mapping_is_the_same_in_another_process() -> None:
    first = mapping("jekyll", rules=DEFAULTS, facts=SiteFacts("jekyll", GULL, future=True))
    second = pickle.loads(pickle.dumps(first))
    assert second.fingerprint == first.fingerprint
    assert second.definition == first.definition
    front = tree("title: A\ndraft: true")
    assert second.apply("news/a.md", front, "") == first.apply("news/a.md", front, "")


def test_the_fingerprint_changes_with_all_that_a_mapping_depends_on() -> None:
    definitions = [
        Definition(),
        Definition(strict=False),
        Definition(prefix="content"),
        Definition(rules=(Rule(("a",)),)),
        Definition(rules=(Rule(("b",)),)),
        Definition(rules=(Rule(defaults={"a": 1}),)),
        Definition(rules=(Rule(defaults={"a": "1"}),)),
        Definition(facts=SiteFacts("hugo")),
        Definition(facts=SiteFacts(settings=GULL)),
        Definition(facts=SiteFacts(permalinks={"a": "/:slug/"})),
    ]
    fingerprints = [SiteMapping(definition).fingerprint for definition in definitions]
    assert len(set(fingerprints)) == len(definitions)
    assert fingerprints == [SiteMapping(definition).fingerprint for definition in definitions]


def test_the_loaded_folder_may_be_below_the_root_of_the_site() -> None:
    rules = (Rule(("/content/news/",), defaults={"category": "news"}),)
    found = SiteMapping(Definition(rules=rules, prefix="content"))
    assert found.apply("news/a.md", tree("title: A"), "").fields["category"] == "news"
    assert "category" not in found.apply("a.md", tree("title: A"), "").fields
