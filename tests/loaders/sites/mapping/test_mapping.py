"""The mapping of the keys of other generators to the fields of newsgraph."""

from __future__ import annotations

import pickle

import pytest

from loaders.records.values.scalar_values import Finding
from loaders.sites import presets
from loaders.sites.generators.facts import SiteFacts
from loaders.sites.mapping.mapping import Definition, SiteMapping
from loaders.sites.presets import PRESETS
from loaders.sites.rules.rules import Rule
from tests.loaders.sites.building import GULL, mapped, mapping, tree


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
