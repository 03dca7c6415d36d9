"""Documents as users of generators write them, and files beside them that are no documents."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from loaders.records.convert import ConvertedFile, convert
from loaders.sites.rules.rules import SiteSettings
from loaders.sites.site import read_site
from tests.loaders.builders import source_file_of
from tests.loaders.sites.building import GULL, write_site

PAGE = "---\ntitle: Ferry\n---\nText.\n"
SITES = {
    "hugo": {"hugo.toml": 'title = "The Gull"\nbaseURL = "https://gull.example"\n'},
    "zola": {"zola.toml": 'title = "The Gull"\nbase_url = "https://gull.example"\n'},
    "jekyll": {"_config.yml": "title: The Gull\nurl: https://gull.example\n"},
    "eleventy": {".eleventy.js": ""},
    "astro": {"astro.config.mjs": ""},
    "decap": {"admin/config.yml": "site_url: https://gull.example\n"},
    "plain": {},
}


def outcome(
    folder: Path,
    generator: str,
    path: str,
    page: str = PAGE,
    *,
    configuration: dict[str, str] | None = None,
    settings: SiteSettings = GULL,
) -> ConvertedFile:
    """The result of converting this page of a site of this generator."""
    write_site(folder, {**SITES[generator], **(configuration or {}), path: page})
    mapping = read_site(str(folder), settings).mapping
    return convert(source_file_of(folder / path, folder), frozenset(), None, mapping)


def document(folder: Path, generator: str, path: str, page: str = PAGE, **options: Any) -> Any:
    """The document that is made of such a page."""
    result = outcome(folder, generator, path, page, **options)
    assert result.faults == []
    assert result.document is not None
    return result.document


@pytest.mark.parametrize(
    ("generator", "path", "is_document"),
    [
        ("hugo", "content/news/ferry.md", True),
        ("hugo", "archetypes/default.md", False),
        ("hugo", "themes/sea/exampleSite/content/ferry.md", False),
        ("hugo", "layouts/shortcodes/note.html", False),
        ("hugo", "content/_index.md", False),
        ("hugo", "content/news/_index.md", True),
        ("hugo", "content/tags/_index.md", False),
        ("hugo", "content/tags/ferry/_index.md", True),
        ("zola", "content/news/ferry.md", True),
        ("zola", "themes/sea/content/_index.md", False),
        ("zola", "content/_index.md", False),
        ("jekyll", "_posts/2024-05-01-ferry.md", True),
        ("jekyll", "about.md", True),
        ("jekyll", "index.html", False),
        ("jekyll", "404.html", False),
        ("jekyll", "_layouts/default.html", False),
        ("jekyll", "_includes/note.md", False),
        ("jekyll", "vendor/theme/ferry.md", False),
        ("eleventy", "posts/ferry.md", True),
        ("eleventy", "_includes/note.md", False),
        ("eleventy", "node_modules/sea/ferry.md", False),
        ("astro", "src/content/blog/ferry.md", True),
        ("astro", "node_modules/sea/ferry.md", False),
        ("plain", "node_modules/sea/ferry.md", False),
    ],
)
def test_only_what_the_generator_reads_is_a_document(
    tmp_path: Path, generator: str, path: str, is_document: bool
) -> None:
    write_site(tmp_path, {"content/other.md": PAGE} if generator in ("hugo", "zola") else {})
    assert (outcome(tmp_path, generator, path).document is not None) is is_document


def test_files_that_are_no_documents_need_not_be_valid(tmp_path: Path) -> None:
    write_site(tmp_path, {"content/ferry.md": PAGE})
    page = '---\ntitle: "{{ replace .Name "-" " " }}"\n---\n'
    result = outcome(tmp_path, "hugo", "archetypes/default.md", page)
    assert (result.document, result.faults, result.warnings) == (None, [], [])


@pytest.mark.parametrize(
    "configuration",
    [
        'contentDir = "stories"\n',
        '[languages.mi]\ncontentDir = "stories"\n',
        '[[module.mounts]]\nsource = "stories"\ntarget = "content"\n',
    ],
)
def test_hugo_reads_every_folder_that_its_configuration_names(
    tmp_path: Path, configuration: str
) -> None:
    write_site(tmp_path, {"content/other.md": PAGE})
    files = {"hugo.toml": f'baseURL = "https://gull.example"\n{configuration}'}
    document(tmp_path, "hugo", "stories/ferry.md", configuration=files)


@pytest.mark.parametrize("front", ["", "# nothing\n"])
def test_a_generators_document_may_leave_its_front_matter_empty(tmp_path: Path, front: str) -> None:
    page = f"---\n{front}---\nThe ferry sails.\n"
    made = document(tmp_path, "jekyll", "_posts/2024-05-01-the-ferry.md", page)
    assert (made["title"], made["excerpt"]) == ("The ferry", "The ferry sails.")


def test_front_matter_that_is_written_for_newsgraph_is_not_empty(tmp_path: Path) -> None:
    page = "---\n---\nText.\n"
    [fault] = outcome(tmp_path, "plain", "ferry.md", page, settings=SiteSettings()).faults
    assert fault.reason == "the front matter is empty"


def test_an_empty_document_without_a_provider_is_a_fault_with_a_place(tmp_path: Path) -> None:
    result = outcome(tmp_path, "eleventy", "a.md", "---\n---\nA\n", settings=SiteSettings())
    assert [(fault.line, fault.field) for fault in result.faults] == [(2, "provider")]


@pytest.mark.parametrize(
    "key", ["image", "excerpt", "tags", "category", "author", "provider", "date"]
)
def test_false_for_a_field_means_that_there_is_no_value(tmp_path: Path, key: str) -> None:
    page = f"---\ntitle: Ferry\n{key}: false\n---\n"
    result = outcome(tmp_path, "eleventy", "ferry.md", page)
    assert result.document is not None
    without_key = document(tmp_path, "eleventy", "ferry.md", "---\ntitle: Ferry\n---\n")
    assert result.document["extra"] == {key: False}
    for field in ("images", "excerpt", "topics", "category", "provider", "publishedDateTime"):
        assert result.document.get(field) == without_key.get(field)
    assert result.warnings == []


def test_jekylls_categories_in_one_text_are_several(tmp_path: Path) -> None:
    page = "---\ntitle: Ferry\ncategories: news local\n---\n"
    made = document(tmp_path, "jekyll", "_posts/2024-05-01-ferry.md", page)
    assert (made["category"], made["topics"]) == ("news", ["news", "local"])


def test_jekylls_file_names_may_have_short_dates(tmp_path: Path) -> None:
    made = document(tmp_path, "jekyll", "_posts/2024-5-1-ferry.md", "---\nlayout: post\n---\n")
    assert made["title"] == "Ferry"
    assert made["publishedDateTime"].isoformat() == "2024-05-01T00:00:00+00:00"
    assert made["webUrl"] == "https://gull.example/2024/05/01/ferry.html"


def test_spaces_in_the_url_of_a_picture_are_escaped(tmp_path: Path) -> None:
    page = "---\ntitle: Ferry\nimage: /img/the ferry.jpg\n---\n"
    made = document(tmp_path, "jekyll", "ferry.md", page)
    assert made["images"] == [{"url": "https://gull.example/img/the%20ferry.jpg"}]


LANGUAGES = """\
baseURL = "https://gull.example"
title = "The Gull"
defaultContentLanguage = "en"
languageCode = "en-nz"
[languages.en]
contentDir = "content/english"
[languages.mi]
contentDir = "content/maori"
"""


@pytest.mark.parametrize(
    ("path", "language", "url"),
    [
        ("content/english/news/ferry.md", "en", "https://gull.example/news/ferry/"),
        ("content/maori/news/ferry.md", "mi", "https://gull.example/mi/news/ferry/"),
        ("content/maori/news/ferry/index.md", "mi", "https://gull.example/mi/news/ferry/"),
        ("content/english/news/ferry.mi.md", "mi", "https://gull.example/mi/news/ferry/"),
    ],
)
def test_a_language_has_its_folder_or_its_ending(
    tmp_path: Path, path: str, language: str, url: str
) -> None:
    page = "---\nlayout: post\n---\n"
    write_site(tmp_path, {**SITES["hugo"], "hugo.toml": LANGUAGES, path: page})
    mapping = read_site(str(tmp_path)).mapping
    fields = mapping.apply(path, {}, "").fields
    assert (fields["language"], fields["webUrl"], fields["title"]) == (language, url, "Ferry")


TRANSLATED = """\
baseURL = "https://gull.example"
title = "The Gull"
[languages.en]
[languages.pt-BR]
"""


@pytest.mark.parametrize(
    ("path", "language", "url"),
    [
        ("content/ferry.pt-br.md", "pt-br", "https://gull.example/pt-br/ferry/"),
        ("content/ferry/index.pt-BR.md", "pt-br", "https://gull.example/pt-br/ferry/"),
        ("content/ferry/index.md", "en", "https://gull.example/ferry/"),
    ],
)
def test_a_translation_has_the_language_of_its_name_in_any_case(
    tmp_path: Path, path: str, language: str, url: str
) -> None:
    write_site(tmp_path, {"hugo.toml": TRANSLATED, path: "---\ntitle: Ferry\n---\n"})
    fields = read_site(str(tmp_path)).mapping.apply(path, {}, "").fields
    assert (fields["language"], fields["webUrl"]) == (language, url)


@pytest.mark.parametrize(
    ("path", "target", "url"),
    [
        ("content/a.pt-BR.md", '{{< ref "ferry" >}}', "/pt-br/ferry/"),
        ("content/a.pt-BR.md", "ferry.md", "/pt-br/ferry/"),
        ("content/a.pt-BR.md", "ferry.en.md", "/ferry/"),
        ("content/a.md", '{{< ref "ferry" >}}', "/ferry/"),
    ],
)
def test_a_translation_links_to_translations(
    tmp_path: Path, path: str, target: str, url: str
) -> None:
    write_site(tmp_path, {"hugo.toml": TRANSLATED, path: "---\ntitle: A\n---\n"})
    fields = read_site(str(tmp_path)).mapping.apply(path, {}, f"A [ferry]({target}).").fields
    assert [story["webUrl"] for story in fields["related"]] == [f"https://gull.example{url}"]


def test_a_page_without_a_language_has_that_of_the_site(tmp_path: Path) -> None:
    write_site(tmp_path, {"hugo.toml": LANGUAGES})
    fields = read_site(str(tmp_path)).mapping.apply("content/a.md", {}, "").fields
    assert fields["language"] == "en-nz"


def test_the_configuration_of_quarto_is_no_document(tmp_path: Path) -> None:
    write_site(tmp_path, {"_quarto.yml": "project: {type: website}\n"})
    mapping = read_site(str(tmp_path), SiteSettings("The Gull", "https://gull.example")).mapping
    names = ("_quarto.yml", "_quarto-draft.yml", "posts/_metadata.yml", "posts/ferry.qmd")
    assert list(map(mapping.ignores, names)) == [True, True, True, False]


STRANGER = "---\ntags: [sea]\n---\nThe ferry sails.\n"


def test_a_plain_folder_whose_site_is_named_needs_no_titles(tmp_path: Path) -> None:
    made = document(tmp_path, "plain", "notes/2024-05-01-the-ferry.md", STRANGER)
    assert (made["title"], made["excerpt"]) == ("The ferry", "The ferry sails.")
    assert made["publishedDateTime"].isoformat() == "2024-05-01T00:00:00+00:00"
    assert made["provider"] == {"name": "The Gull", "domain": "gull.example"}


def test_a_document_that_is_written_for_newsgraph_needs_a_title(tmp_path: Path) -> None:
    page = "---\nprovider: {name: The Gull, domain: gull.example}\n---\nText.\n"
    result = outcome(tmp_path, "plain", "ferry.md", page, settings=SiteSettings())
    assert [fault.field for fault in result.faults] == ["title"]


def test_a_publishers_newsletter_may_have_its_title_in_its_body(tmp_path: Path) -> None:
    site = {"_data/topics/sea.yaml": "name: Sea\n", **SITES["jekyll"]}
    page = "---\nlayout: newsletter\n---\n<h1>News of June</h1>\n"
    made = document(tmp_path, "plain", "_newsletters/june.html", page, configuration=site)
    assert made["title"] == "News of June"


def test_a_publishers_people_have_names_and_biographies(tmp_path: Path) -> None:
    site = {"_data/topics/sea.yaml": "name: Sea\n", **SITES["jekyll"]}
    page = "---\nname: Ada\nbio: Writes programs.\naffiliation: The Gull\n---\n"
    made = document(tmp_path, "plain", "_people/ada.md", page, configuration=site)
    assert (made["title"], made["excerpt"]) == ("Ada", "Writes programs.")
    assert made["provider"] == {"name": "The Gull", "domain": "gull.example"}
    assert made["extra"] == {"affiliation": "The Gull"}


def test_a_publishers_home_page_is_no_document(tmp_path: Path) -> None:
    site = {"_data/topics/sea.yaml": "name: Sea\n", **SITES["jekyll"]}
    result = outcome(
        tmp_path, "plain", "index.html", "---\nlayout: home\n---\n", configuration=site
    )
    assert (result.document, result.faults) == (None, [])


def test_an_empty_entry_of_a_list_hides_no_others(tmp_path: Path) -> None:
    page = "---\ntitle: Ferry\nimages: [/a.png, '']\ntags: ['']\nauthors: ['', Ada]\n---\n"
    result = outcome(tmp_path, "hugo", "content/ferry.md", page)
    assert result.document is not None
    assert result.document["images"] == [{"url": "https://gull.example/a.png"}]
    assert result.document["topics"] is None
    assert [warning.field for warning in result.warnings if "Ada" in warning.reason] == []


@pytest.mark.parametrize(
    ("scope", "path", "applies"),
    [
        ('{path: "*.md", type: pages}', "about.md", True),
        ('{path: "*.md", type: pages}', "docs/about.md", False),
        ("{path: about.md, type: pages}", "about.md", True),
        ("{path: docs, type: pages}", "docs/about.md", True),
        ("{path: docs, type: pages}", "_posts/2024-05-01-a.md", False),
        ('{path: "_posts/2024-05-01-*", type: posts}', "_posts/2024-05-01-a.md", True),
        ('{path: "_posts/2024-06-*", type: posts}', "_posts/2024-05-01-a.md", False),
        ('{path: "_guides/a.md", type: guides}', "_guides/a.md", True),
        ('{path: "_guides/b.md", type: guides}', "_guides/a.md", False),
        ('{path: "docs/**/*.md"}', "docs/a/b/c.md", True),
    ],
)
def test_the_path_of_a_scope_of_jekyll_may_be_that_of_files(
    tmp_path: Path, scope: str, path: str, applies: bool
) -> None:
    values = f"defaults:\n- scope: {scope}\n  values: {{category: sea}}\n"
    site = {"_config.yml": f"url: https://gull.example\ncollections: [guides]\n{values}"}
    made = document(tmp_path, "jekyll", path, configuration=site)
    assert (made["category"] == "sea") is applies


@pytest.mark.parametrize(
    ("front", "names"),
    [
        ("authors: Ada, Ben", ["Ada", "Ben"]),
        ("authors: [Ada, Ben]", ["Ada", "Ben"]),
        ("author: Gull, A.", ["Gull, A."]),
        ("author: {name: Ada}", ["Ada"]),
    ],
)
def test_the_names_of_several_authors_are_separated_by_commas(
    tmp_path: Path, front: str, names: list[str]
) -> None:
    made = document(tmp_path, "plain", "ferry.md", f"---\ntitle: Ferry\n{front}\n---\n")
    assert [author["name"] for author in made["authors"]] == names


def test_the_default_language_of_hugo_is_that_of_pages_without_one(tmp_path: Path) -> None:
    write_site(tmp_path, {"hugo.toml": "[languages.en]\nweight = 1\n[languages.mi]\nweight = 2\n"})
    assert read_site(str(tmp_path)).mapping.apply("content/a.md", {}, "").fields["language"] == "en"
