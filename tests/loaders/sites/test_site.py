"""A site: recognised by its files, with its configuration and its newsgraph.toml."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from graph.errors import UsageError
from loaders.sites.generators.recognition import recognise
from loaders.sites.rules.rules import SiteSettings
from loaders.sites.site import read_site
from tests.loaders.sites.building import tree, write_site

HUGO_CONFIG = 'title = "The Gull"\nbaseURL = "https://gull.example"\n'
ZOLA_CONFIG = 'title = "The Gull"\nbase_url = "https://gull.example"\n'
PAGE = "---\ntitle: A\n---\n"


@pytest.mark.parametrize(
    ("files", "generator"),
    [
        ({"hugo.toml": HUGO_CONFIG}, "hugo"),
        ({"hugo.yaml": "title: A"}, "hugo"),
        ({"config.toml": HUGO_CONFIG, "content/a.md": PAGE}, "hugo"),
        ({"config.yml": "title: A", "content/a.md": PAGE}, "hugo"),
        ({"config/_default/hugo.toml": HUGO_CONFIG}, "hugo"),
        ({"config.toml": "a = ", "content/a.md": PAGE}, "hugo"),
        ({"config.toml": ZOLA_CONFIG, "content/a.md": PAGE}, "zola"),
        ({"config.toml": 'taxonomies = [{name = "tags"}]', "content/a.md": PAGE}, "zola"),
        ({"zola.toml": ZOLA_CONFIG}, "zola"),
        ({"_config.yml": "title: A"}, "jekyll"),
        ({"_config.toml": 'title = "A"'}, "jekyll"),
        ({"astro.config.mjs": "export default {}"}, "astro"),
        ({".eleventy.js": ""}, "eleventy"),
        ({"eleventy.config.mjs": ""}, "eleventy"),
        ({"package.json": '{"devDependencies": {"@11ty/eleventy": "^3"}}'}, "eleventy"),
        ({"package.json": '{"dependencies": {"astro": "^5"}}'}, "astro"),
        ({"package.json": '{"dependencies": {"astro-icon": "^1"}}'}, "plain"),
        ({"package.json": "{"}, "plain"),
        ({"content/posts/posts.11tydata.js": ""}, "eleventy"),
        ({"posts/posts.11tydata.json": "{}"}, "eleventy"),
        ({"static/admin/config.yml": "backend: {}"}, "decap"),
        ({"admin/config.yml": "backend: {}"}, "decap"),
        ({"_config.yml": "title: A", "_news/a.md": PAGE}, "smartable"),
        ({"_data/topics/a.yaml": "name: A"}, "smartable"),
        ({"config.toml": HUGO_CONFIG}, "plain"),
        ({"a.md": PAGE}, "plain"),
    ],
)
def test_a_generator_is_recognised_by_its_own_files(
    tmp_path: Path, files: dict[str, str], generator: str
) -> None:
    write_site(tmp_path, files)
    found = recognise(str(tmp_path))
    assert (found.root, found.generator) == (str(tmp_path), generator)


def test_folders_beside_the_one_that_is_loaded_are_not_looked_into(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_site(tmp_path, {"mine/a.md": PAGE, "other/posts.11tydata.js": ""})
    read: list[str] = []
    scandir = os.scandir

    def recorded(path: Any) -> Any:
        read.append(os.fsdecode(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", recorded)
    assert recognise(str(tmp_path / "mine")).generator == "plain"
    mine = tmp_path / "mine"
    assert read
    assert [
        path for path in read if not (mine.is_relative_to(path) or Path(path).is_relative_to(mine))
    ] == []


@pytest.mark.parametrize(
    ("files", "folder", "generator"),
    [
        ({"hugo.toml": HUGO_CONFIG}, "content", "hugo"),
        ({"hugo.toml": HUGO_CONFIG}, "content/news/2024", "hugo"),
        ({"_config.yml": "title: A"}, "_posts", "jekyll"),
        ({"astro.config.mjs": ""}, "src/content/blog", "astro"),
        ({".eleventy.js": ""}, "content/posts", "eleventy"),
        ({"src/guides/guides.11tydata.js": ""}, "src/mine", "eleventy"),
        ({"_data/topics/a.yml": "name: A"}, "_news", "smartable"),
    ],
)
def test_the_folder_may_be_the_content_of_a_site(
    tmp_path: Path, files: dict[str, str], folder: str, generator: str
) -> None:
    write_site(tmp_path, {**files, f"{folder}/a.md": PAGE})
    found = recognise(str(tmp_path / folder))
    assert (found.root, found.generator) == (str(tmp_path), generator)


@pytest.mark.parametrize(
    ("files", "folder"),
    [
        ({"hugo.toml": HUGO_CONFIG}, "drafts"),
        ({"hugo.toml": HUGO_CONFIG}, "content/a/b/c/d"),
        ({"_config.yml": "title: A"}, "notes"),
        ({"hugo.toml": HUGO_CONFIG, "content/.git/HEAD": ""}, "content"),
    ],
)
def test_a_folder_that_is_no_part_of_the_site_above_is_its_own(
    tmp_path: Path, files: dict[str, str], folder: str
) -> None:
    write_site(tmp_path, {**files, f"{folder}/a.md": PAGE})
    found = recognise(str(tmp_path / folder))
    assert (found.root, found.generator) == (str(tmp_path / folder), "plain")


def test_a_site_has_its_configuration(tmp_path: Path) -> None:
    site = read_site(str(write_site(tmp_path, {"hugo.toml": HUGO_CONFIG})))
    settings = site.mapping.definition.facts.settings
    assert (settings.name, settings.url) == ("The Gull", "https://gull.example")
    assert (site.generator, site.sign, site.warnings) == ("hugo", "hugo.toml", [])


def test_terms_have_the_names_of_their_pages(tmp_path: Path) -> None:
    config = HUGO_CONFIG + '[taxonomies]\ntopic = "topics"\nauthor = "authors"\n'
    files = {
        "hugo.toml": config,
        "content/topics/open-data/_index.md": "---\ntitle: Open data\nslug: opendata\n---\n",
        "content/topics/broken/_index.md": "---\ntitle: [\n---\n",
        "content/topics/untitled/_index.md": "---\nx: 1\n---\n",
        "content/authors/ada/_index.md": "---\ntitle: Ada Lovelace\n---\n",
    }
    mapping = read_site(str(write_site(tmp_path, files))).mapping
    front = "topics: [open-data, Open Data, opendata, broken, untitled, x]\nauthors: [ada, Bo]"
    fields = mapping.apply("content/a.md", tree(front), "").fields
    assert fields["topics"] == [*["Open data"] * 3, "broken", "untitled", "x"]
    assert fields["authors"] == [{"name": "Ada Lovelace", "slug": "ada"}, {"name": "Bo"}]
    topic = mapping.apply("content/topics/open-data/_index.md", tree("title: Open data"), "")
    assert topic.fields["name"] == "Open data"


def test_newsgraph_toml_goes_before_the_configuration_and_options_before_both(
    tmp_path: Path,
) -> None:
    rules = '[site]\nname = "B"\nurl = "https://b.example"\n'
    write_site(tmp_path, {"hugo.toml": HUGO_CONFIG, "newsgraph.toml": rules})
    settings = read_site(str(tmp_path), SiteSettings(name="C")).mapping.definition.facts.settings
    assert (settings.name, settings.url) == ("C", "https://b.example")


def test_newsgraph_toml_is_found_above_the_content(tmp_path: Path) -> None:
    rules = '[[map]]\nfiles = "content/news/"\ndefaults = { category = "news" }\n'
    files = {"hugo.toml": HUGO_CONFIG, "newsgraph.toml": rules, "content/news/a.md": PAGE}
    site = read_site(str(write_site(tmp_path, files) / "content"))
    assert site.rule_file == str(tmp_path / "newsgraph.toml")
    found = site.mapping.apply("news/a.md", tree("title: A"), "")
    assert found.fields["category"] == "news"
    assert found.fields["webUrl"] == "https://gull.example/news/a/"


def test_newsgraph_toml_alone_makes_a_site(tmp_path: Path) -> None:
    rules = 'preset = "hugo"\n[site]\nname = "A"\nurl = "https://a.example"\n'
    site = read_site(str(write_site(tmp_path, {"newsgraph.toml": rules})))
    assert (site.generator, site.sign) == ("hugo", None)
    assert "draft" not in site.mapping.apply("a.md", tree("draft: true"), "").extra


def test_an_unreadable_configuration_is_a_warning(tmp_path: Path) -> None:
    write_site(tmp_path, {"hugo.toml": "a = \n"})
    site = read_site(str(tmp_path))
    assert site.generator == "hugo"
    [warning] = site.warnings
    assert warning.place == f"{tmp_path}/hugo.toml:1:5"
    assert warning.reason.endswith(": the site's configuration is not used")


@pytest.mark.parametrize(
    ("current", "folder", "expected"),
    [
        (".", "site", "site/hugo.toml"),
        ("site", ".", "hugo.toml"),
        (".", "site/content", "site/hugo.toml"),
        ("other", "../site", "../site/hugo.toml"),
    ],
)
def test_a_configuration_is_named_as_documents_are(
    current: str, folder: str, expected: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = {"site/hugo.toml": "title = 5\n", "site/newsgraph.toml": "", "other/a.md": ""}
    write_site(tmp_path, {**files, "site/content/a.md": ""})
    monkeypatch.chdir(tmp_path / current)
    site = read_site(folder)
    assert [warning.place for warning in site.warnings] == [f"{expected}:1:9"]
    assert site.rule_file == expected.replace("hugo.toml", "newsgraph.toml")
    absolute = read_site(str(tmp_path / current / folder))
    assert [Path(warning.path).is_absolute() for warning in absolute.warnings] == [True]


def test_an_unknown_time_zone_of_a_configuration_is_a_warning(tmp_path: Path) -> None:
    write_site(tmp_path, {"_config.yml": "timezone: Mars/Base\n"})
    site = read_site(str(tmp_path))
    assert [warning.reason for warning in site.warnings] == [
        "unknown time zone 'Mars/Base': UTC is used"
    ]
    assert site.mapping.definition.facts.settings.timezone is None


def test_an_unknown_preset_is_wrong_usage(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="unknown preset: did you mean 'hugo'"):
        read_site(str(tmp_path), preset_name="hugoo")


def test_a_preset_can_be_named(tmp_path: Path) -> None:
    assert read_site(str(tmp_path), preset_name="astro").generator == "astro"


def test_a_site_below_the_loaded_folder_is_named(tmp_path: Path) -> None:
    write_site(tmp_path, {"docs/_config.yml": "title: A\n", "docs/_posts/a.md": "", "b/c.md": ""})
    [warning] = read_site(str(tmp_path)).warnings
    assert (warning.path, warning.reason) == (
        str(tmp_path / "docs"),
        "_config.yml makes it a site of the preset jekyll: load this folder separately",
    )
    assert read_site(str(tmp_path), preset_name="jekyll").warnings == []


@pytest.mark.parametrize(
    ("path", "title"), [("blog/ferry.md", "Ferry"), ("blog/authors.yml", None)]
)
def test_a_file_of_a_plain_site_is_named_by_its_file_unless_it_is_yaml(
    path: str, title: str | None, tmp_path: Path
) -> None:
    site = read_site(str(tmp_path), SiteSettings("The Gull", "https://gull.example"))
    assert site.mapping.apply(path, tree("jd: {name: Jane}"), "").fields.get("title") == title
