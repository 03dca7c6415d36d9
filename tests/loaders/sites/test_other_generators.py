"""Sites of generators without a preset of their own, and folders without a generator."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from loaders.files.places import has_extension
from loaders.records.convert import ConvertedFile, convert
from loaders.sites.rules.rules import SiteSettings
from loaders.sites.site import read_site
from tests.loaders.builders import source_file_of
from tests.loaders.sites.building import GULL, write_site

PAGE = "---\ntitle: A\n---\nText.\n"


def outcomes(
    folder: Path, files: dict[str, str], settings: SiteSettings = GULL
) -> dict[str, ConvertedFile]:
    """The result of converting each of these files that a load of the folder would read."""
    site = read_site(str(write_site(folder, files)), settings)
    return {
        name: convert(source_file_of(folder / name, folder), frozenset(), None, site.mapping)
        for name in files
        if has_extension(name) and not site.mapping.ignores(name)
    }


def document(folder: Path, front: str, path: str = "ferry.md", **files: str) -> Any:
    """The document that is made of such front matter in a folder of no known generator."""
    result = outcomes(folder, {**files, path: f"---\n{front}\n---\nText.\n"})[path]
    assert result.faults == []
    return result.document


@pytest.mark.parametrize(
    ("sign", "path"),
    [
        ("docusaurus.config.js", "blog/a.md"),
        ("gatsby-config.ts", "content/blog/a.md"),
        ("mkdocs.yml", "docs/a.md"),
        ("_quarto.yml", "posts/a.qmd"),
        ("pelicanconf.py", "content/a.md"),
        ("bridgetown.config.yml", "src/_posts/a.md"),
        ("docs/.vitepress/config.ts", "docs/a.md"),
        (".obsidian/app.json", "Notes/a.md"),
    ],
)
def test_other_generators_are_recognised(tmp_path: Path, sign: str, path: str) -> None:
    site = read_site(str(write_site(tmp_path, {sign: "", path: PAGE})))
    assert site.generator == "generic"
    assert site.sign is not None
    assert sign.startswith(site.sign)
    assert site.has_bundles


def test_hexo_is_not_mistaken_for_jekyll(tmp_path: Path) -> None:
    files = {"_config.yml": "title: A\n", "package.json": "{}", "source/_posts/a.md": PAGE}
    assert read_site(str(write_site(tmp_path, files))).generator == "generic"


@pytest.mark.parametrize(
    ("files", "settings"),
    [
        (
            {"mkdocs.yml": "site_name: A\nsite_url: https://a.example\ntheme: {language: nb}\n"},
            SiteSettings("A", "https://a.example", None, "nb"),
        ),
        (
            {"_quarto.yml": "lang: de\nwebsite: {title: A, site-url: 'https://a.example'}\n"},
            SiteSettings("A", "https://a.example", None, "de"),
        ),
        (
            {
                "_config.yml": "title: A\nurl: https://a.example\nlanguage: zh-CN\n"
                "timezone: Asia/Shanghai\n",
                "package.json": "{}",
                "source/_posts/a.md": PAGE,
            },
            SiteSettings("A", "https://a.example", "Asia/Shanghai", "zh-CN"),
        ),
    ],
    ids=["mkdocs", "quarto", "hexo"],
)
def test_a_configuration_that_is_data_names_the_site(
    tmp_path: Path, files: dict[str, str], settings: SiteSettings
) -> None:
    site = read_site(str(write_site(tmp_path, files)))
    assert site.mapping.definition.facts.settings == settings
    assert site.warnings == []


@pytest.mark.parametrize(
    ("front", "field", "value"),
    [
        ("Title: B", "title", "B"),
        ("headline: B", "title", "B"),
        ("título: B", "title", "B"),
        ("date_published: 2024-05-01", "publishedDateTime", "2024-05-01"),
        ("published_at: 2024-05-01", "publishedDateTime", "2024-05-01"),
        ("date: {created: 2024-05-01, updated: 2024-05-02}", "publishedDateTime", "2024-05-01"),
        ("date: {created: 2024-05-01, updated: 2024-05-02}", "updatedDateTime", "2024-05-02"),
        ("last_update: {date: 5/28/2024}", "updatedDateTime", "2024-05-28"),
        ("date: 31.12.2024", "publishedDateTime", "2024-12-31"),
        ("date-modified: 2024-05-01", "updatedDateTime", "2024-05-01"),
        ("Tags: a, b", "topics", ["a", "b"]),
        ("categories: [[a, b], [c]]", "topics", ["a", "b", "c"]),
        ("categories: [[a, b], [c]]", "category", "a"),
        ("primary_author: Ada", "authors", [{"name": "Ada", "slug": "ada"}]),
        ("feature_image: /a.jpg", "images", [{"url": "https://gull.example/a.jpg"}]),
        ("cover: '[[a.jpg]]'", "images", [{"url": "https://gull.example/a.jpg"}]),
        ("Image: '{static}/a.jpg'", "images", [{"url": "https://gull.example/a.jpg"}]),
        ("custom_excerpt: B", "excerpt", "B"),
        ("permalink: /b/", "webUrl", "https://gull.example/b/"),
    ],
)
def test_usual_keys_are_read_however_they_are_spelt(
    tmp_path: Path, front: str, field: str, value: object
) -> None:
    made = document(tmp_path, front)[field]
    assert (f"{made:%Y-%m-%d}" if hasattr(made, "year") else made) == value


@pytest.mark.parametrize(
    ("front", "published"),
    [
        ("status: publish", True),
        ("Status: Draft", False),
        ("status: entwurf", False),
        ("visibility: public", True),
        ("visibility: members", False),
        ("status: evergreen", True),
        ("publish: false", False),
        ("unlisted: true", False),
        ("published: true\nstatus: draft", False),
        ("status: published\ndraft: true", False),
        ("published: 2024-05-01\nstatus: published", True),
    ],
)
def test_one_key_that_hides_an_article_is_enough(
    tmp_path: Path, front: str, published: bool
) -> None:
    assert document(tmp_path, front)["published"] is published


def test_a_draft_is_recognised_by_its_folder(tmp_path: Path) -> None:
    assert document(tmp_path, "title: A", "notes/_drafts/a.md")["published"] is False


def test_a_value_that_suits_no_field_is_a_warning(tmp_path: Path) -> None:
    page = "---\nrelated: '[[Quay]]'\nimages: true\n---\nText.\n"
    result = outcomes(tmp_path, {"a.md": page})["a.md"]
    assert result.faults == []
    assert [warning.field for warning in result.warnings] == ["related", "images"]


def test_documents_that_are_written_for_newsgraph_have_their_own_fields(tmp_path: Path) -> None:
    front = "title: A\nquality: 80\nheat: 7\nremoved: true\nsecured: abc\nfeaturedContent: b"
    made = document(tmp_path, front)
    fields = ("quality", "heat", "removed", "secured", "featuredContent")
    assert [made[field] for field in fields] == [80, 7, True, "abc", "b"]
    assert made["extra"] == {}


def test_an_unsuitable_quality_of_another_program_is_a_warning(tmp_path: Path) -> None:
    result = outcomes(tmp_path, {"a.md": "---\nquality: high\n---\nText.\n"})["a.md"]
    assert [warning.reason for warning in result.warnings] == [
        "expected a whole number for quality, found 'high'"
    ]
    assert result.document is not None
    assert result.document["extra"] == {"quality": "high"}


def test_dates_in_other_languages_begin_with_the_day(tmp_path: Path) -> None:
    page = "---\ndate: 1/2/2024\n---\nText.\n"
    settings = SiteSettings("A", "https://a.example", None, "fr")
    made = outcomes(tmp_path, {"a.md": page}, settings)["a.md"].document
    assert made is not None
    assert f"{made['publishedDateTime']:%Y-%m-%d}" == "2024-02-01"
    [fault] = outcomes(tmp_path, {"a.md": page})["a.md"].faults
    assert fault.reason.endswith("write 2024-01-02 or 2024-02-01")


@pytest.mark.parametrize(
    ("path", "url"),
    [
        ("blog/ferry/index.md", "https://gull.example/blog/ferry/a.jpg"),
        ("blog/ferry.md", "https://gull.example/blog/a.jpg"),
    ],
)
def test_a_picture_beside_a_page_of_unknown_address_is_beside_its_file(
    tmp_path: Path, path: str, url: str
) -> None:
    assert document(tmp_path, "image: ./a.jpg", path)["images"] == [{"url": url}]


def test_a_picture_beside_a_page_of_known_address_is_below_that(tmp_path: Path) -> None:
    made = document(tmp_path, "image: ./a.jpg\npermalink: /b/", "blog/ferry/index.md")
    assert made["images"] == [{"url": "https://gull.example/b/a.jpg"}]


AUTHORS = "jd:\n  name: Jane Doe\n  image_url: https://jane.example/j.png\n"


@pytest.mark.parametrize(
    ("files", "path"),
    [
        ({"docusaurus.config.js": "", "blog/authors.yml": AUTHORS}, "blog/2024-05-01-a.mdx"),
        (
            {
                "mkdocs.yml": "site_name: A\n",
                "docs/blog/.authors.yml": "authors: {jd: {name: Jane Doe, avatar: "
                "'https://jane.example/j.png'}}\n",
            },
            "docs/blog/posts/a.md",
        ),
        ({"_data/authors.yml": AUTHORS}, "notes/a.md"),
    ],
    ids=["docusaurus", "mkdocs", "none"],
)
def test_authors_are_called_by_their_keys(tmp_path: Path, files: dict[str, str], path: str) -> None:
    made = outcomes(tmp_path, {**files, path: "---\ntitle: A\nauthors: [jd]\n---\n"})[path]
    assert made.document is not None
    picture = {"url": "https://jane.example/j.png"}
    assert made.document["authors"] == [{"name": "Jane Doe", "slug": "jd", "images": [picture]}]


def test_tags_have_the_labels_that_docusaurus_gives_them(tmp_path: Path) -> None:
    files = {
        "docusaurus.config.js": "",
        "blog/tags.yml": "hola:\n  label: Hello\n",
        "blog/a.md": "---\ntitle: A\ntags: [hola, b]\n---\n",
    }
    made = outcomes(tmp_path, files)["blog/a.md"].document
    assert made is not None
    assert made["topics"] == ["Hello", "b"]


@pytest.mark.parametrize(
    ("files", "path", "front", "url"),
    [
        ({"docusaurus.config.js": ""}, "blog/2024-05-01-a.md", "slug: b", "/blog/b"),
        ({"mkdocs.yml": "site_name: A"}, "docs/b/a.md", "title: A", "/b/a/"),
        (
            {"mkdocs.yml": "site_name: A"},
            "docs/blog/posts/a.md",
            "slug: b\ndate: 2024-05-01",
            "/blog/2024/05/01/b/",
        ),
        ({"_quarto.yml": ""}, "posts/a/index.qmd", "title: A", "/posts/a/"),
        ({"_quarto.yml": ""}, "about.qmd", "title: A", "/about.html"),
        ({"docs/.vitepress/config.ts": ""}, "docs/a.md", "title: A", "/a.html"),
        (
            {"_config.yml": "permalink: :year/:title/", "package.json": "{}"},
            "source/_posts/b/a.md",
            "date: 2024-05-01",
            "/2024/b/a/",
        ),
        ({}, "blog/a.md", "title: A", None),
        ({}, "blog/a.md", "permalink: '/{{ slug }}/'", None),
    ],
)
def test_the_address_of_a_page_is_that_of_its_generator(
    tmp_path: Path, files: dict[str, str], path: str, front: str, url: str | None
) -> None:
    made = outcomes(tmp_path, {**files, path: f"---\n{front}\n---\n"})[path].document
    assert made is not None
    assert made.get("webUrl") == (url and f"https://gull.example{url}")


def test_translations_of_docusaurus_have_their_language(tmp_path: Path) -> None:
    path = "i18n/fr/docusaurus-plugin-content-blog/a.md"
    made = outcomes(tmp_path, {"docusaurus.config.js": "", path: PAGE})[path].document
    assert made is not None
    assert made["language"] == "fr"


def test_the_date_of_an_article_may_be_that_of_its_folders(tmp_path: Path) -> None:
    made = document(tmp_path, "title: A", "blog/2024/05/01/a.md")
    assert f"{made['publishedDateTime']:%Y-%m-%d}" == "2024-05-01"


def test_metadata_may_have_no_delimiters(tmp_path: Path) -> None:
    page = "Title: A\nDate: 2024-05-01 08:30\nStatus: draft\nAuthors: Ada, Bo\n\nText.\n"
    made = outcomes(tmp_path, {"content/a.md": page})["content/a.md"].document
    assert made is not None
    assert made["published"] is False
    assert [author["name"] for author in made["authors"]] == ["Ada", "Bo"]
    assert made["body"] == "\nText.\n"


def test_links_of_obsidian_are_words_in_an_excerpt(tmp_path: Path) -> None:
    page = "---\ntags: [a]\n---\nSee [[Quay|the quay]] and [[Ferry]]. ![[a.jpg]]\n"
    made = outcomes(tmp_path, {"a.md": page})["a.md"].document
    assert made is not None
    assert made["excerpt"] == "See the quay and Ferry."


def test_built_files_are_not_read(tmp_path: Path) -> None:
    files = ("public/a.html", "_site/a.html", "node_modules/a/b.md", "scaffolds/post.md")
    written = outcomes(tmp_path, dict.fromkeys((*files, "notes/a.md"), PAGE))
    assert list(written) == ["notes/a.md"]


def test_the_name_of_a_site_with_a_cms_is_that_of_its_generator(tmp_path: Path) -> None:
    config = "module.exports = {siteMetadata: {title: 'A', siteUrl: 'https://a.example'}}"
    files = {"static/admin/config.yml": "collections: []\n", "gatsby-config.js": config}
    site = read_site(str(write_site(tmp_path, files)))
    assert site.generator == "decap"
    assert site.mapping.definition.facts.settings == SiteSettings("A", "https://a.example")


@pytest.mark.parametrize(
    ("sign", "name"),
    [
        (".obsidian/app.json", "Maps/harbour.excalidraw.md"),
        ("_quarto.yml", "posts/_part.qmd"),
        ("mkdocs.yml", "docs/robots.txt"),
        ("gatsby-config.js", "CONTRIBUTING.md"),
    ],
)
def test_files_that_are_no_pages_are_not_read(tmp_path: Path, sign: str, name: str) -> None:
    assert outcomes(tmp_path, {sign: "", name: PAGE}) == {}


def test_a_readme_of_no_site_may_be_a_document(tmp_path: Path) -> None:
    made = outcomes(tmp_path, {"README.md": PAGE, "robots.txt": PAGE})
    assert [result.document is not None for result in made.values()] == [True, True]


@pytest.mark.parametrize(
    ("front", "published"),
    [
        ("Entwurf: ja", False),
        ("brouillon: oui", False),
        ("borrador: sí", False),
        ("下書き: true", False),
        ("مسودة: نعم", False),
        ("szkic: nie", True),
        ("publié: non", False),
        ("status: 公開", True),
    ],
)
def test_drafts_are_recognised_in_several_languages(
    tmp_path: Path, front: str, published: bool
) -> None:
    assert document(tmp_path, front)["published"] is published


def test_a_plain_preset_that_is_named_is_still_strict(tmp_path: Path) -> None:
    write_site(tmp_path, {"newsgraph.toml": 'preset = "plain"\n'})
    site = read_site(str(tmp_path), GULL)
    assert (site.generator, site.mapping.definition.strict) == ("plain", True)


def test_the_pages_of_hexo_that_list_terms_are_no_articles(tmp_path: Path) -> None:
    pages = ["source/tags/index.md", "source/categories/index.md", "source/_posts/a.md"]
    files = {"package.json": "{}", "_config.yml": "title: A\n", **dict.fromkeys(pages, PAGE)}
    assert list(outcomes(tmp_path, files)) == ["source/_posts/a.md"]
