"""The use of the keys of a site, in a table and in a generated newsgraph.toml."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from typer.testing import CliRunner

from loaders.cli import app
from loaders.files.places import places
from loaders.sites.presets import PRESETS
from loaders.sites.rules.rule_file import parse_rules
from loaders.sites.rules.rules import SiteSettings
from loaders.sites.site import read_site
from loaders.sites.starter import starter
from loaders.sites.survey import KeyUse, Survey, key_uses, survey_site
from tests.loaders.sites.building import mapping, tree, write_site

pytestmark = pytest.mark.usefixtures("inline")

SITE = {
    "hugo.toml": 'title = "The \\"Gull\\"\\u007f"\nbaseURL = "https://gull.example"\n',
    "content/news/_index.md": "---\ntitle: News\n---\n",
    "content/news/a.md": "---\ntitle: A\ntags: [x]\nmood: calm\n---\n",
    "content/news/b.md": "---\ntitle: B\nmood: calm\n---\n",
    "content/news/broken.md": "---\ntitle: [\n---\n",
    "README.md": "no front matter",
    "themes/sea/content/c.md": "---\ntitle: C\nsea: blue\n---\n",
}


@pytest.fixture
def site(tmp_path: Path) -> Path:
    return write_site(tmp_path, SITE)


def survey_of(folder: Path) -> Survey:
    return survey_site(read_site(str(folder)), places([folder]))


@pytest.mark.parametrize(
    ("front", "uses"),
    [
        ("title: A\nmood: calm", {"title": "title", "mood": "extra"}),
        ("date: 2024-05-01", {"date": "publishDate, publishedDateTime"}),
        ("tags: a\ncategories: b", {"tags": "topics", "categories": "category, topics"}),
        ("taxonomy: topic\ntitle: A", {"taxonomy": "kind", "title": "topic.name"}),
        ("Title: A", {"Title": "title"}),
        ("topics: [a]\ntags: [a]", {"topics": "topics", "tags": "nothing new"}),
    ],
)
def test_a_survey_says_how_each_key_is_used(front: str, uses: dict[str, str]) -> None:
    front_matter = tree(front)
    rules = '[[map]]\ntopics = ["topics", "+tags", "+categories"]'
    found = mapping("hugo", rules=rules).apply("news/a.md", front_matter, "")
    assert key_uses(found, front_matter) == uses


def test_a_key_that_is_used_in_part_is_a_field_and_extra() -> None:
    front = tree("seo: {title: A, robots: no}")
    rules = '[[map]]\ntitle = ["seo.title"]'
    found = mapping(rules=rules).apply("a.md", front, "")
    assert key_uses(found, front) == {"seo": "title, extra"}


def test_a_survey_counts_what_can_be_read(site: Path) -> None:
    survey = survey_of(site)
    assert survey.documents == 3
    assert survey.uses == [
        KeyUse("title", 2, "title"),
        KeyUse("title", 1, "topic.name"),
        KeyUse("mood", 2, "extra"),
        KeyUse("tags", 1, "topics"),
    ]
    assert list(survey.lines()) == [
        "key    documents  becomes",
        "title          2  title",
        "title          1  topic.name",
        "mood           2  extra",
        "tags           1  topics",
    ]


def test_a_long_table_is_shortened() -> None:
    survey = Survey(1)
    survey.counts.update({(f"k{number:02}", "extra"): 1 for number in range(50)})
    assert [*survey.lines()][-1] == "… and 10 more"


def test_the_generated_rule_file_changes_nothing(site: Path) -> None:
    before = read_site(str(site)).mapping.fingerprint
    result = CliRunner().invoke(app, ["init", str(site)])
    assert (result.exit_code, result.stdout) == (0, f"{site}/newsgraph.toml\n")
    assert read_site(str(site)).mapping.fingerprint == before


def test_the_generated_rule_file_has_the_known_settings(site: Path) -> None:
    text = starter(read_site(str(site)), survey_of(site))
    assert "#   mood           2  extra\n" in text
    uncommented = [
        line.removeprefix("# ")
        for line in text.splitlines()
        if " = " in line or line in ("# [[map]]", "[site]", "# [reader]")
    ]
    rules = parse_rules("\n".join(uncommented), "newsgraph.toml", PRESETS)
    assert rules.reader.name == rules.site.name
    assert rules.preset == "hugo"
    assert (rules.site.name, rules.site.url) == ('The "Gull"\x7f', "https://gull.example")
    assert rules.rules[0].fields["title"][0] == "title"
    assert tomllib.loads(text) == {"preset": "hugo", "site": {}}


def test_the_generated_rule_file_has_the_settings_of_options(tmp_path: Path) -> None:
    write_site(tmp_path, {".eleventy.js": "", "a.md": "---\ntitle: A\n---\n"})
    options = ["--site-name", "The Gull", "--site-url", "https://gull.example"]
    assert CliRunner().invoke(app, ["init", str(tmp_path), *options]).exit_code == 0
    written = tomllib.loads((tmp_path / "newsgraph.toml").read_text("utf-8"))
    assert written["site"] == {"name": "The Gull", "url": "https://gull.example"}
    settings = SiteSettings("The Gull", "https://gull.example")
    with_file = read_site(str(tmp_path)).mapping
    assert with_file.fingerprint == read_site(str(tmp_path), settings).mapping.fingerprint


def test_unknown_settings_are_examples_in_comments(tmp_path: Path) -> None:
    write_site(tmp_path, {"a.md": "---\ntitle: A\n---\n"})
    text = starter(read_site(str(tmp_path)), survey_of(tmp_path))
    assert '# url = "https://gull.example"  # unknown; this is an example\n' in text


def test_an_existing_file_is_not_changed(site: Path) -> None:
    (site / "newsgraph.toml").write_text("# mine\n", "utf-8")
    result = CliRunner().invoke(app, ["init", str(site)])
    assert result.exit_code == 2
    assert "exists already, and was not changed" in " ".join(result.stderr.split())
    assert (site / "newsgraph.toml").read_text("utf-8") == "# mine\n"


@pytest.mark.parametrize("name", ["missing", "content/news/a.md"])
def test_only_a_folder_is_a_site(site: Path, name: str) -> None:
    assert CliRunner().invoke(app, ["init", str(site / name)]).exit_code == 2


def test_a_check_begins_with_the_recognised_generator(site: Path) -> None:
    (site / "content/news/broken.md").unlink()
    result = CliRunner().invoke(app, ["check", str(site), "--jobs", "1"])
    first, second, *_ = result.stdout.splitlines()
    assert first == 'hugo, recognised by hugo.toml: The "Gull"\ufffd, https://gull.example'
    assert second == "keys of 3 documents:"
    assert "  mood           2  extra\n" in result.stdout


def test_a_check_names_files_that_are_not_read(site: Path) -> None:
    (site / "content/news/broken.md").unlink()
    result = CliRunner().invoke(app, ["check", str(site), "--jobs", "1"])
    assert "\nfolders and files that are not read: README.md, themes\n" in result.stdout


def test_a_check_says_that_the_url_of_a_site_is_not_known(tmp_path: Path) -> None:
    write_site(tmp_path, {"nuxt.config.ts": "", "content/a.md": "# A\n"})
    result = CliRunner().invoke(app, ["check", str(tmp_path), "--jobs", "1"])
    assert "\nthe URL of the site is not known, so articles" in result.stdout
    options = ["--site-url", "https://gull.example", "--jobs", "1"]
    result = CliRunner().invoke(app, ["check", str(tmp_path), *options])
    assert "is not known" not in result.stdout


def test_a_check_counts_the_documents_in_formats_that_are_not_read(tmp_path: Path) -> None:
    files = {"pelicanconf.py": "", "content/a.rst": "A\n", "content/b.rst": "B\n"}
    others = {"content/c.ipynb": "{}", "theme/d.rst": "D\n", "content/.e/f.rst": "F\n"}
    write_site(tmp_path, {**files, **others})
    result = CliRunner().invoke(app, ["check", str(tmp_path), "--jobs", "1"])
    assert (
        "\ndocuments in formats that are not read: 2 .rst (reStructuredText), 1 .ipynb (Jupyter)\n"
        in result.stdout
    )


def test_a_check_of_a_plain_folder_whose_site_is_named_says_how_it_is_read(tmp_path: Path) -> None:
    write_site(tmp_path, {"a.md": "---\ntags: [sea]\n---\n"})
    options = ["--site-name", "The Gull", "--site-url", "https://gull.example", "--jobs", "1"]
    result = CliRunner().invoke(app, ["check", str(tmp_path), *options])
    first, second, *_ = result.stdout.splitlines()
    assert first == "generic (no known generator): The Gull, https://gull.example"
    assert second == "keys of 1 document:"


def test_a_named_preset_is_not_called_recognised(site: Path) -> None:
    result = CliRunner().invoke(app, ["check", str(site), "--preset", "eleventy", "--jobs", "1"])
    assert result.stdout.splitlines()[0].startswith("eleventy")
    assert "recognised" not in result.stdout.splitlines()[0]


def test_settings_of_options_are_shown(tmp_path: Path) -> None:
    write_site(tmp_path, {".eleventy.js": "", "a.md": "---\ntitle: A\n---\n"})
    site = read_site(str(tmp_path), SiteSettings("The Gull", "https://gull.example"))
    assert "# eleventy, recognised by .eleventy.js: The Gull" in starter(site, Survey())
