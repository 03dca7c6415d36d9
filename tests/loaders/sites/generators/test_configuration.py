"""The configuration of generators: the settings that are read, and unreadable files."""

from __future__ import annotations

from pathlib import Path

import pytest

from loaders.sites.generators import decap, eleventy, hugo, jekyll, zola
from loaders.sites.generators.configuration import UnreadableConfiguration, read_configuration
from loaders.sites.generators.facts import SiteFacts
from loaders.sites.rules.rules import Rule, SiteSettings
from loaders.sites.site import read_site
from tests.loaders.sites.building import write_site


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("c.yml", "a: &x {b: 1}\nc: {<<: *x, d: true}\ne: '1'\n"),
        ("c.yaml", "---\na: {b: 1}\nc: {b: 1, d: true}\ne: '1'\n---\n"),
        ("c.toml", 'e = "1"\n[a]\nb = 1\n[c]\nb = 1\nd = true\n'),
        ("c.json", '{"a": {"b": 1}, "c": {"b": 1, "d": true}, "e": "1"}'),
    ],
)
def test_every_format_of_configuration_is_read_alike(tmp_path: Path, name: str, text: str) -> None:
    write_site(tmp_path, {name: text})
    expected = {"a": {"b": 1}, "c": {"b": 1, "d": True}, "e": "1"}
    assert read_configuration(str(tmp_path / name)) == expected


@pytest.mark.parametrize(
    ("name", "text"), [("c.yml", ""), ("c.yml", "---\n# title: A\n"), ("c.toml", "# a = 1\n")]
)
def test_a_configuration_may_say_nothing(tmp_path: Path, name: str, text: str) -> None:
    write_site(tmp_path, {name: text})
    assert read_configuration(str(tmp_path / name)) == {}


BOMB = "a0: &a0 {x: 1}\n" + "".join(
    f"a{n}: &a{n} {{<<: [*a{n - 1}, *a{n - 1}, *a{n - 1}]}}\n" for n in range(1, 40)
)


@pytest.mark.parametrize(
    ("name", "text", "line"),
    [
        ("c.yml", "a: 1\nb: [\n", 3),
        ("c.yml", "a: &x {b: 1}\nc: {<<: *x}\nd: [\n", 4),
        ("c.yml", "a: 1\nc: {<<: 1}\n", 2),
        ("c.yml", "<<: {a: !!python/object/apply:os.getcwd []}\n", 1),
        ("c.yml", "<<: " + "[" * 3_000, 1),
        ("c.toml", "a = \n", 1),
        ("c.json", "{", 1),
        ("c.yml", "just text", 1),
    ],
)
def test_an_unreadable_configuration_is_named(
    tmp_path: Path, name: str, text: str, line: int
) -> None:
    write_site(tmp_path, {name: text})
    with pytest.raises(UnreadableConfiguration) as raised:
        read_configuration(str(tmp_path / name))
    assert raised.value.path == str(tmp_path / name)
    assert raised.value.line == line


def test_merge_keys_that_repeat_do_no_harm(tmp_path: Path) -> None:
    write_site(tmp_path, {"c.yml": BOMB})
    try:
        found = read_configuration(str(tmp_path / "c.yml"))["a39"]
    except UnreadableConfiguration as error:  # of a PyYAML that repeats what they merge
        found = error.reason
    assert found in ({"x": 1}, "merge keys (<<) that expand to too many values")


def test_a_site_whose_configuration_has_merge_keys_has_a_mapping(tmp_path: Path) -> None:
    defaults = "defaults:\n- scope: {path: ''}\n  values:\n    <<: *look\n    image: /og.png\n"
    write_site(tmp_path, {"_config.yml": f"look: &look {{layout: post}}\n{defaults}"})
    [rule] = jekyll.read_site(str(tmp_path)).rules
    assert rule.defaults == {"layout": "post", "image": "/og.png"}
    assert read_site(str(tmp_path)).mapping.apply("a.md", {}, "").extra == {"layout": "post"}


@pytest.mark.parametrize(
    ("name", "text", "line", "field", "reason"),
    [
        ("_config.yml", "url: x\ntitle: 5\n", 2, "title", "expected text, found 5"),
        ("_config.yml", "collections: true\n", 1, "collections", "a mapping or a list, found true"),
        ("_config.yml", "permalink: [a]\n", 1, "permalink", "expected text, found a list"),
        ("_config.yml", "a: 1\ndefaults: {}\n", 2, "defaults", "expected a list, found a mapping"),
        ("_config.yml", "timezone: 3\n", 1, "timezone", "expected text, found 3"),
        ("_config.yml", "exclude: vendor\n", 1, "exclude", "expected a list, found 'vendor'"),
        ("_config.yml", "future: 'true'\n", 1, "future", "true or false, found 'true'"),
        (
            "_config.yml",
            "defaults:\n- {scope: {path: a}, values: {}}\n- scope: _posts\n",
            3,
            "defaults[1].scope",
            "expected a mapping, found '_posts'",
        ),
        ("hugo.toml", 'Taxonomies = "x"\n', 1, "Taxonomies", "a mapping, found 'x'"),
        ("hugo.yaml", "languages:\n  en: English\n", 2, "languages.en", "found 'English'"),
        ("config/_default/permalinks.toml", "[page]\nnews = 1\n", 2, "permalinks.page.news", "1"),
        ("zola.toml", 'title = "A"\ntaxonomies = "x"\n', 2, "taxonomies", "a list, found 'x'"),
        ("admin/config.yml", "collections:\n- posts\n", 2, "collections[0]", "found 'posts'"),
    ],
)
def test_a_value_of_another_type_is_a_warning(
    tmp_path: Path, name: str, text: str, line: int, field: str, reason: str
) -> None:
    write_site(tmp_path, {name: text})
    [warning] = read_site(str(tmp_path)).warnings
    assert (warning.path, warning.line, warning.field) == (str(tmp_path / name), line, field)
    assert reason in warning.reason
    assert warning.reason.endswith(": it is not used")


@pytest.mark.parametrize(
    "text",
    [
        "title:\ncollections:\n  notes:\n",
        "timezone: false\n",
        "url: ''\nexclude: []\n",
        "mine: 5\n",
    ],
)
def test_a_missing_or_unused_value_is_no_warning(tmp_path: Path, text: str) -> None:
    write_site(tmp_path, {"_config.yml": text})
    assert read_site(str(tmp_path)).warnings == []


def test_the_rest_of_a_configuration_is_used(tmp_path: Path) -> None:
    write_site(tmp_path, {"_config.yml": "title: The Gull\nexclude: vendor\n"})
    site = read_site(str(tmp_path))
    assert site.mapping.definition.facts.settings.name == "The Gull"
    assert site.mapping.definition.facts.warnings == ()  # they are not part of the fingerprint


def test_the_size_of_a_configuration_is_limited(tmp_path: Path) -> None:
    write_site(tmp_path, {"c.yml": "a: " + "x" * 1_000_001})
    with pytest.raises(UnreadableConfiguration, match="is larger than 1,000,000 bytes"):
        read_configuration(str(tmp_path / "c.yml"))


JEKYLL = """\
title: The Gull
url: https://gull.example
baseurl: /paper
timezone: Pacific/Auckland
lang: en
permalink: pretty
collections_dir: parts
collections:
  guides: {permalink: "/help/:name/", output: true}
  notes:
exclude: [vendor, README.md]
defaults:
- scope: {path: "", type: guides}
  values: {layout: guide}
- scope: {path: ""}
  values: {image: /og.png, draft: false}
- scope: {path: _posts/sport, type: posts}
  values: {category: sport}
"""


def test_the_configuration_of_jekyll_is_read(tmp_path: Path) -> None:
    write_site(tmp_path, {"_config.yml": JEKYLL})
    assert jekyll.read_site(str(tmp_path)) == SiteFacts(
        "jekyll",
        SiteSettings("The Gull", "https://gull.example/paper", "Pacific/Auckland", "en"),
        permalinks={"": "pretty", "posts": "pretty", "guides": "/help/:name/"},
        collections={"guides": "parts/_guides", "notes": "parts/_notes"},
        unwritten=("notes",),
        rules=(
            Rule((), defaults={"image": "/og.png", "draft": False}),
            Rule(("/parts/_guides/**",), defaults={"layout": "guide"}),
            Rule(("/_posts/sport", "/_posts/sport/**"), defaults={"category": "sport"}),
            Rule(("/vendor", "/README.md"), kind="ignore"),
        ),
    )


def test_a_jekyll_site_with_future_posts_has_no_window(tmp_path: Path) -> None:
    write_site(tmp_path, {"_config.yml": "future: true\n"})
    facts = jekyll.read_site(str(tmp_path))
    assert facts.future
    assert facts.rules == (Rule(fields={"publishDate": ("publishDate",)}),)


HUGO = """\
title = "The Gull"
BaseURL = "https://gull.example/"
languageCode = "en-nz"
buildDrafts = true
buildFuture = true
contentDir = "stories"
defaultContentLanguage = "en"
[permalinks]
news = "/:year/:slug/"
[permalinks.page]
sport = "/s/:slug/"
[languages.en]
weight = 1
[languages.mi]
weight = 2
[taxonomies]
tag = "tags"
writer = "people"
"""


def test_the_configuration_of_hugo_is_read(tmp_path: Path) -> None:
    write_site(tmp_path, {"hugo.toml": HUGO})
    facts = hugo.read_site(str(tmp_path))
    assert facts.settings == SiteSettings("The Gull", "https://gull.example/", None, "en-nz")
    assert facts.content == "stories"
    assert facts.permalinks["news"] == "/:year/:slug/"
    assert facts.permalinks["sport"] == "/s/:slug/"
    assert facts.languages == {"en": "", "mi": "/mi"}
    assert (facts.drafts, facts.future, facts.expired) == (True, True, False)
    assert all("!draft" not in rule.fields.get("published", ()) for rule in facts.rules)
    assert Rule(fields={"publishDate": ()}) in facts.rules
    assert Rule(fields={"topics": ("topics", "+tags")}) in facts.rules
    assert Rule(fields={"authors": ("authors", "author", "people")}) in facts.rules
    kinds = {rule.files[0]: rule.kind for rule in facts.rules if rule.kind}
    assert kinds == {
        "/stories/tags/*/_index.*": "topic",
        "/stories/people/*/_index.*": "author",
        "/stories/tags/_index.*": "ignore",
        "/stories/people/_index.*": "ignore",
    }


def test_the_configuration_of_hugo_may_be_a_folder(tmp_path: Path) -> None:
    files = {
        "config/_default/hugo.yaml": "title: A\nbaseURL: https://a.example\nparams: {x: 1}",
        "config/_default/permalinks.toml": 'news = "/:slug/"',
        "config/_default/languages.yaml": "en: {title: The Gull}",
        "config/_default/notes.txt": "not a configuration",
    }
    facts = hugo.read_site(str(write_site(tmp_path, files)))
    assert facts.settings == SiteSettings("The Gull", "https://a.example", None, "en")
    assert facts.permalinks == {"news": "/:slug/"}
    assert facts.languages == {"en": ""}


def test_hugos_languages_may_have_domains_or_be_disabled(tmp_path: Path) -> None:
    config = (
        "baseURL: https://a.example\ndisableLanguages: [de]\nlanguages:\n"
        "  en: {baseURL: 'https://en.example'}\n  fr: {baseURL: 'https://fr.example/'}\n"
        "  de: {}\n  mi: {disabled: true, contentDir: content/mi}\n"
    )
    page = "---\ntitle: A\n---\n"
    files = {"hugo.yaml": config, "content/a.fr.md": page, "content/mi/a.md": page}
    site = read_site(str(write_site(tmp_path, files)))
    assert site.mapping.definition.facts.settings.url == "https://en.example"
    urls = [
        site.mapping.apply(path, {}, "").fields["webUrl"]
        for path in ("content/a.md", "content/a.fr.md")
    ]
    assert urls == ["https://en.example/a/", "https://fr.example/a/"]
    disabled = ("content/a.de.md", "content/mi/a.md")
    assert all(map(site.mapping.ignores, disabled))
    assert not site.mapping.ignores("content/a.fr.md")


def test_mounts_of_hugo_are_read(tmp_path: Path) -> None:
    mounts = (
        "module:\n  mounts:\n  - {source: ./handbook, target: content/docs}\n"
        "  - {source: french, target: content, lang: fr}\n  - {source: a, target: static}\n"
    )
    facts = hugo.read_site(str(write_site(tmp_path, {"hugo.yaml": mounts})))
    assert facts.mounts == {"handbook": "docs", "french": ""}
    assert facts.language_folders == {"fr": "french"}


ZOLA = """\
title = "The Gull"
base_url = "https://gull.example"
default_language = "en"
taxonomies = [{name = "tags"}, {name = "authors"}]
[languages.mi]
title = "Te Karoro"
"""


def test_the_configuration_of_zola_is_read(tmp_path: Path) -> None:
    facts = zola.read_site(str(write_site(tmp_path, {"config.toml": ZOLA})))
    assert facts.settings == SiteSettings("The Gull", "https://gull.example", None, "en")
    assert facts.languages == {"mi": "/mi"}
    assert [dict(rule.fields) for rule in facts.rules] == [
        {"topics": ("+taxonomies.tags",)},
        {"authors": ("authors", "taxonomies.authors", "extra.authors", "extra.author")},
    ]


DECAP = """\
site_url: https://gull.example
collections:
  - name: news
    folder: content/news
    identifier_field: headline
    fields:
      - {name: headline, widget: string}
      - {name: day, widget: datetime}
      - {name: until, widget: datetime}
      - {name: picture, widget: image}
      - {name: tags, widget: list}
  - name: pages
    files: []
"""


def test_the_collections_of_decap_are_read(tmp_path: Path) -> None:
    facts = decap.read_site(str(write_site(tmp_path, {"static/admin/config.yml": DECAP})))
    assert facts.settings.url == "https://gull.example"
    assert facts.rules == (
        Rule(
            ("/content/news/**",),
            fields={
                "title": ("title", "headline", ":heading", ":filename"),
                "publishedDateTime": ("day",),
                "images": ("picture",),
                "topics": ("tags",),
            },
        ),
    )


LUOTSI = """\
locale: fi
i18n: {structure: STRUCTURE, locales: [fi, sv]}
collections:
  - name: kirjoittajat
    folder: content/kirjoittajat
  - name: blogi
    folder: content/blogi
    fields:
      - {name: avainsanat, widget: list}
      - {name: aikataulu, widget: list, fields: [{name: day}]}
      - {name: kuka, widget: relation, collection: kirjoittajat}
      - {name: ingressi, widget: text}
  - name: sivut
    files:
      - {file: content/tietoja.md, fields: [{name: pvm, widget: date}]}
"""


@pytest.mark.parametrize(
    ("structure", "pattern"),
    [("multiple_folders", "/content/blogi/sv/"), ("multiple_files", "/content/blogi/**/*.sv.*")],
)
def test_collections_of_decap_in_other_languages_are_read(
    tmp_path: Path, structure: str, pattern: str
) -> None:
    config = LUOTSI.replace("STRUCTURE", structure)
    facts = decap.read_site(str(write_site(tmp_path, {"admin/config.yml": config})))
    assert facts.settings.language == "fi"
    people, posts, page, *translations = facts.rules
    assert people == Rule(("/content/kirjoittajat/**",), "author")
    summary = ("excerpt", "description", "summary", "subtitle", "ingressi", ":first-paragraph")
    assert posts.fields == {"topics": ("avainsanat",), "authors": ("kuka",), "excerpt": summary}
    assert page == Rule(("/content/tietoja.md",), fields={"publishedDateTime": ("pvm",)})
    assert Rule((pattern,), defaults={"language": "sv"}) in translations


def test_the_data_files_of_eleventy_are_read(tmp_path: Path) -> None:
    files = {
        "src/_data/metadata.json": '{"title": "The Gull", "url": "https://gull.example"}',
        "src/posts/posts.json": '{"layout": "post", "tags": "posts", "author": "jd", "x": null}',
        "src/posts/2024/2024.11tydata.json": '{"author": "bo"}',
        "src/pages/other.json": '{"author": "no"}',
        "src/broken/broken.json": "{",
        "node_modules/sea/sea.json": '{"author": "no"}',
    }
    facts = eleventy.read_site(str(write_site(tmp_path, files)))
    assert facts.settings == SiteSettings("The Gull", "https://gull.example")
    assert facts.content == "src"
    assert facts.rules == (
        Rule(("/src/posts/**",), defaults={"author": "jd"}),
        Rule(("/src/posts/2024/**",), defaults={"author": "bo"}),
    )


@pytest.mark.parametrize("text", ["a: 1", "defaults: x\ncollections: 3\nexclude: {}\ntitle: []"])
def test_a_configuration_may_hold_anything(tmp_path: Path, text: str) -> None:
    write_site(tmp_path, {"_config.yml": text, "hugo.yaml": text, "admin/config.yml": text})
    assert jekyll.read_site(str(tmp_path)).settings == SiteSettings()
    assert hugo.read_site(str(tmp_path)).settings == SiteSettings()
    assert decap.read_site(str(tmp_path)).rules == ()
