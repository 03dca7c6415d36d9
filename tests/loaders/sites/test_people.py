"""The authors that a site describes, and the articles that name them in other ways."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Final

import pytest

from graph.config import Settings
from graph.store.driver.client import open_database
from graph.store.driver.database import Database
from loaders.sites.site import read_site
from tests.loaders.builders import loaded
from tests.loaders.sites.building import tree, write_site
from tests.loaders.watch.following import eventually, following

pytestmark = pytest.mark.usefixtures("inline")

JEKYLL = {"_config.yml": "title: The Gull\nurl: https://gull.example\n"}
HUGO = {
    "hugo.toml": 'title = "The Gull"\nbaseURL = "https://gull.example"\n'
    '[taxonomies]\ntag = "tags"\nauthor = "authors"\n'
}
JANE = "---\nname: Jane Doe\nbio: Sails.\n---\n"
DATA = """\
jd:
  name: Jane Doe
  bio: Sails.
  avatar: /jane.png
  url: https://jane.example
bo: {name: Bo}
"""
BY_JANE = {"name": "Jane Doe", "slug": "jd"}
FROM_DATA = {
    **BY_JANE,
    "url": "https://jane.example",
    "description": "Sails.",
    "images": [{"url": "https://gull.example/jane.png"}],
}


@pytest.fixture
async def database() -> AsyncIterator[Database]:
    async with open_database(Settings(mongo_url="mongomock://")) as opened:
        yield opened


def authors(folder: Path, front: str, path: str = "_posts/2024-05-01-a.md") -> Any:
    return read_site(str(folder)).mapping.apply(path, tree(front), "").fields.get("authors")


@pytest.mark.parametrize(
    ("files", "path"),
    [
        ({**JEKYLL, "_authors/jd.md": JANE}, "_posts/2024-05-01-a.md"),
        ({**HUGO, "content/authors/jd/_index.md": JANE}, "content/news/a.md"),
        ({"astro.config.mjs": "", "src/content/authors/jd.md": JANE}, "src/content/blog/a.md"),
        ({**JEKYLL, "_autores/jd.md": JANE}, "_posts/2024-05-01-a.md"),
        ({"_data/authors/jd.yml": "name: Jane Doe\n"}, "news/a.md"),
        (
            {"newsgraph.toml": '[[map]]\nfiles="/us/*.md"\nkind="author"\n', "us/jd.md": JANE},
            "a.md",
        ),
    ],
    ids=["jekyll", "hugo", "astro", "jekyll in Spanish", "plain", "newsgraph.toml"],
)
@pytest.mark.parametrize(
    "front", ["author: jd", "author: Jane Doe", "authors: [{name: jane doe}]", "author: [JD]"]
)
def test_an_author_document_is_found_by_slug_and_by_name(
    tmp_path: Path, files: dict[str, str], path: str, front: str
) -> None:
    assert authors(write_site(tmp_path, files), front, path) == [BY_JANE]


@pytest.mark.parametrize(
    ("files", "path"),
    [
        ({**JEKYLL, "_data/authors.yml": DATA}, "_posts/2024-05-01-a.md"),
        ({**HUGO, "data/authors.yaml": DATA}, "content/news/a.md"),
        (
            {
                **HUGO,
                "data/authors/jd.toml": 'name = "Jane Doe"\nbio = "Sails."\n'
                'avatar = "/jane.png"\nurl = "https://jane.example"\n',
            },
            "content/news/a.md",
        ),
    ],
    ids=["jekyll", "hugo", "a file for each"],
)
def test_an_author_has_the_fields_of_a_data_file(
    tmp_path: Path, files: dict[str, str], path: str
) -> None:
    write_site(tmp_path, files)
    assert authors(tmp_path, "author: jd", path) == [FROM_DATA]
    assert authors(tmp_path, "authors: [Jane Doe, Una]", path) == [FROM_DATA, {"name": "Una"}]


def test_fields_in_an_article_override_a_data_file(tmp_path: Path) -> None:
    write_site(tmp_path, {**JEKYLL, "_data/authors.yml": DATA})
    front = "author: {name: jd, url: 'https://x.example'}"
    assert authors(tmp_path, front) == [{**FROM_DATA, "url": "https://x.example"}]
    named = {"name": "J. Doe", "slug": "jd"}
    assert authors(tmp_path, "author: {name: J. Doe, slug: jd}") == [named]


def test_an_ambiguous_name_refers_to_no_author(tmp_path: Path) -> None:
    write_site(tmp_path, {**JEKYLL, "_authors/jd.md": JANE, "_authors/jane2.md": JANE})
    assert authors(tmp_path, "author: Jane Doe") == [{"name": "Jane Doe"}]
    assert authors(tmp_path, "author: jane2") == [{"name": "Jane Doe", "slug": "jane2"}]


def test_a_data_file_that_cannot_be_read_is_a_warning(tmp_path: Path) -> None:
    site = read_site(str(write_site(tmp_path, {**JEKYLL, "_data/authors.yml": "jd: [\n"})))
    [warning] = site.warnings
    assert warning.path == str(tmp_path / "_data/authors.yml")
    assert warning.line == 2
    assert "its authors are not known" in warning.reason


WITHOUT: Final = {"revision": 0, "changedRevision": 0, "latest": 0}


async def test_an_author_of_a_data_file_is_served_with_its_fields(
    tmp_path: Path, database: Database
) -> None:
    page = "---\ntitle: Ferry\nauthor: Jane Doe\n---\n"
    files = {**JEKYLL, "_data/authors.yml": DATA, "_posts/2024-05-01-a.md": page}
    await loaded(database, write_site(tmp_path, files))
    [author] = await database.find("authors", {}, projection=WITHOUT)
    provider = {"name": "The Gull", "domain": "gull.example"}
    counted = {"articleCount": 1, "provider": provider, "foldedName": "jane doe"}
    assert author == {**FROM_DATA, "_id": "jd", **counted}


async def test_a_watched_load_follows_the_names_of_authors_and_topics(
    tmp_path: Path, database: Database
) -> None:
    page = "---\ntitle: Ferry\ndate: 2024-05-01\ntags: [sea]\nauthor: jd\n---\n"
    term, author = "content/tags/sea/_index.md", "content/authors/jd/_index.md"
    files = {term: "---\ntitle: Sea\n---\n", author: JANE, "content/news/a.md": page}

    async def are(topic: str, author: str) -> bool:
        [row] = await database.find("articles", {})
        return (row["topics"], row["authors"]) == ([topic], [{"name": author, "slug": "jd"}])

    async with following(database, write_site(tmp_path, {**HUGO, **files})) as state:
        await state.wait_for_titles({"content/news/a": "Ferry"})
        assert await are("Sea", "Jane Doe")
        write_site(tmp_path, {term: "---\ntitle: The Sea\n---\n"})
        await eventually(lambda: are("The Sea", "Jane Doe"))
        write_site(tmp_path, {author: "---\nname: Jane Roe\n---\n"})
        await eventually(lambda: are("The Sea", "Jane Roe"))
