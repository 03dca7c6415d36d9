"""Sites of other generators, checked and loaded."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from graph.config import Settings
from graph.documents import ARTICLES
from graph.store.driver.client import open_database
from graph.store.driver.database import Database
from graph.store.revision import common_site, read_corpus
from loaders.cli import app
from loaders.records.convert import ConvertedFile, convert
from loaders.sites.rules.rules import SiteSettings
from loaders.sites.site import read_site
from tests.loaders.builders import counts, faults, loaded, source_file_of, warnings
from tests.loaders.sites.building import write_site
from tests.loaders.watch.following import eventually, following

pytestmark = pytest.mark.usefixtures("inline")

HUGO = {
    "hugo.toml": 'title = "The Gull"\nbaseURL = "https://gull.example"\nbuildFuture = true\n',
    "content/news/ferry.md": "---\ntitle: Ferry\ndate: 2024-05-01\ntags: [Transport]\n---\nText.\n",
}


@pytest.fixture
async def database() -> AsyncIterator[Database]:
    async with open_database(Settings(mongo_url="mongomock://")) as opened:
        yield opened


def outcome(folder: Path, path: str) -> ConvertedFile:
    mapping = read_site(str(folder)).mapping
    return convert(source_file_of(folder / path, folder), frozenset(), None, mapping)


def test_a_document_of_another_generator_becomes_an_article(tmp_path: Path) -> None:
    document = outcome(write_site(tmp_path, HUGO), "content/news/ferry.md").document
    assert document is not None
    assert document["title"] == "Ferry"
    assert document["excerpt"] == "Text."
    assert document["topics"] == ["Transport"]
    assert document["publishedDateTime"].isoformat() == "2024-05-01T00:00:00+00:00"
    assert document["webUrl"] == "https://gull.example/news/ferry/"
    assert document["provider"] == {"name": "The Gull", "domain": "gull.example"}
    assert document["extra"] == {}


def test_a_fault_of_a_mapped_field_has_the_place_of_its_key(tmp_path: Path) -> None:
    page = "---\ntitle: A\ntags: [a]\ndate: on day 3\n---\n"
    write_site(tmp_path, {**HUGO, "content/a.md": page})
    [fault] = outcome(tmp_path, "content/a.md").faults
    assert (fault.line, fault.column, fault.field) == (4, 7, "date")
    assert "on day 3" in fault.reason


def test_a_key_of_a_known_name_that_means_something_else_stays_extra(tmp_path: Path) -> None:
    page = "---\ntitle: A\nrelated: true\nquality: high\n---\n"
    document = outcome(write_site(tmp_path, {**HUGO, "content/a.md": page}), "content/a.md")
    assert document.faults == []
    assert document.document is not None
    assert document.document["extra"] == {"related": True, "quality": "high"}


def test_a_draft_is_not_published(tmp_path: Path) -> None:
    page = "---\ntitle: A\ndraft: true\n---\n"
    document = outcome(write_site(tmp_path, {**HUGO, "content/a.md": page}), "content/a.md")
    assert document.document is not None
    assert document.document["published"] is False


def test_two_keys_that_would_be_read_as_a_reference_become_text(tmp_path: Path) -> None:
    page = "---\ntitle: A\n$ref: a\n$id: b\n---\n"
    result = outcome(write_site(tmp_path, {**HUGO, "content/a.md": page}), "content/a.md")
    assert result.document is not None
    assert result.document["extra"] == {"$ref": '{"$ref":"a","$id":"b"}'}


async def test_a_changed_mapping_is_found_by_a_plain_reload(
    tmp_path: Path, database: Database
) -> None:
    write_site(tmp_path, HUGO)
    assert counts(await loaded(database, tmp_path)) == {"added": 1, "revision": 1}
    assert counts(await loaded(database, tmp_path)) == {"unchanged": 1, "revision": 1}
    rules = '[[map]]\nfiles = "content/news/"\ndefaults = { category = "news" }\n'
    write_site(tmp_path, {"newsgraph.toml": rules})
    assert counts(await loaded(database, tmp_path)) == {"updated": 1, "revision": 2}
    site = SiteSettings(name="The Tern")
    assert counts(await loaded(database, tmp_path, site=site)) == {"updated": 1, "revision": 3}


async def test_reader_settings_change_without_parsing_and_without_a_revision(
    tmp_path: Path, database: Database
) -> None:
    write_site(tmp_path, HUGO)
    await loaded(database, tmp_path)
    site = common_site(await read_corpus(database))
    assert site["name"] == "The Gull"
    assert "url" not in site
    reader = '[reader]\nname = "The Gull Online"\nbase-url = "https://news.example"\n'
    write_site(tmp_path, {"newsgraph.toml": reader})
    await loaded(database, tmp_path, dry_run=True)
    assert common_site(await read_corpus(database)) == site
    assert counts(await loaded(database, tmp_path)) == {"unchanged": 1, "revision": 1}
    changed = {"name": "The Gull Online", "url": "https://news.example"}
    assert common_site(await read_corpus(database)) == {**site, **changed}


async def test_a_quick_load_reads_all_files_after_a_change_of_the_mapping(
    tmp_path: Path, database: Database
) -> None:
    write_site(tmp_path, HUGO)
    os.utime(tmp_path / "content/news/ferry.md", (1_700_000_000, 1_700_000_000))
    await loaded(database, tmp_path, quick=True)
    assert counts(await loaded(database, tmp_path, quick=True)) == {"unchanged": 1, "revision": 1}
    write_site(tmp_path, {"newsgraph.toml": '[[map]]\ndefaults = { category = "news" }\n'})
    assert counts(await loaded(database, tmp_path, quick=True)) == {"updated": 1, "revision": 2}


async def test_files_that_are_ignored_are_not_stored_and_those_of_authors_are(
    tmp_path: Path, database: Database
) -> None:
    rules = (
        '[[map]]\nfiles = "content/drawer/"\nkind = "ignore"\n'
        '[[map]]\nfiles = "content/people/"\nkind = "author"\n'
    )
    page = "---\ntitle: Ada Lund\nlinks: [{name: Mast, url: 'https://m.example/ada'}]\n---\nTall.\n"
    files = {"content/drawer/a.md": page, "content/people/ada.md": page, "newsgraph.toml": rules}
    report = await loaded(database, write_site(tmp_path, {**HUGO, **files}))
    assert (report.kinds["articles"], report.kinds["authors"]) == (1, 1)
    assert (faults(report, tmp_path), warnings(report, tmp_path)) == ({}, {})
    [author] = await database.find(
        "authors", {}, projection={"revision": 0, "changedRevision": 0, "latest": 0}
    )
    assert author == {
        "_id": "ada",
        "slug": "ada",
        "name": "Ada Lund",
        "foldedName": "ada lund",
        "url": None,
        "description": "Tall.",
        "links": ["https://m.example/ada"],
        "images": None,
        "provider": None,
        "articleCount": 0,
    }


async def test_a_configuration_that_cannot_be_read_is_a_warning_of_the_load(
    tmp_path: Path, database: Database
) -> None:
    page = "---\ntitle: A\n---\n"
    write_site(tmp_path, {"hugo.toml": "a = \n", "content/a.md": page})
    report = await loaded(database, tmp_path, site=SiteSettings("A", "https://a.example"))
    assert report.loaded == 1
    assert "hugo.toml" in warnings(report, tmp_path)


async def test_a_configuration_that_cannot_be_read_is_no_document(
    tmp_path: Path, database: Database
) -> None:
    files = {"_config.yml": "title: A: b\nprovider: 1\n", "a.md": "---\ntitle: A\n---\n"}
    report = await loaded(database, write_site(tmp_path, files))
    assert warnings(report, tmp_path).keys() == {"_config.yml"}
    reason = (
        "provider is missing: name it, or set the site's name and URL with --site-name and "
        "--site-url, or in newsgraph.toml"
    )
    assert [fault.reason for fault in report.rejected] == [reason]


@pytest.mark.parametrize("name", [".eleventy.js", "package.txt"])
def test_a_fault_says_which_options_name_the_site(tmp_path: Path, name: str) -> None:
    write_site(tmp_path, {name: "", "posts/a.md": "---\ntitle: A\n---\n"})
    [fault] = outcome(tmp_path, "posts/a.md").faults
    assert "--site-name and --site-url" in fault.reason


@pytest.mark.parametrize(
    ("rules", "options", "message"),
    [
        ('prest = "hugo"\n', [], "newsgraph.toml:1:1: unknown key 'prest': did you mean 'preset'?"),
        ("", ["--preset", "hugoo"], "--preset hugoo: unknown preset: did you mean 'hugo'?"),
        ("", ["--site-url", "gull"], "--site-url gull: expected a URL that begins with http"),
    ],
)
def test_a_mistake_in_the_mapping_is_wrong_usage(
    tmp_path: Path, rules: str, options: list[str], message: str
) -> None:
    write_site(tmp_path, {"newsgraph.toml": rules})
    done = CliRunner().invoke(app, ["check", str(tmp_path), *options])
    assert done.exit_code == 2
    assert message in " ".join(done.stderr.split())


async def test_a_document_that_the_mapping_ignores_now_is_pruned(
    tmp_path: Path, database: Database
) -> None:
    page = "---\ntitle: A\n---\n"
    write_site(tmp_path, {**HUGO, "content/drawer/a.md": page})
    await loaded(database, tmp_path)
    write_site(tmp_path, {"newsgraph.toml": '[[map]]\nfiles = "drawer/"\nkind = "ignore"\n'})
    assert (await loaded(database, tmp_path)).removed == 0
    assert (await loaded(database, tmp_path, prune=True)).removed == 1
    assert await stored(database) == ["content/news/ferry"]


async def stored(database: Database) -> list[str]:
    """The slugs of the articles."""
    return sorted([row["_id"] for row in await database.find(ARTICLES, {})])


async def test_a_watched_load_follows_the_reader_settings(
    tmp_path: Path, database: Database
) -> None:
    async with following(database, write_site(tmp_path, HUGO)):
        write_site(tmp_path, {"newsgraph.toml": '[reader]\nname = "The Gull Online"\n'})

        async def is_shown() -> bool:
            return common_site(await read_corpus(database))["name"] == "The Gull Online"

        await eventually(is_shown)


async def test_a_watched_load_follows_a_valid_mapping_only(
    tmp_path: Path, database: Database
) -> None:
    page = "---\nname: Ada\n---\n"
    write_site(tmp_path, {**HUGO, "content/news/a.md": page, "content/drawer/b.md": page})
    async with following(database, tmp_path) as state:
        ferry = {"content/news/ferry": "Ferry"}
        assert state.messages[0] == "loaded 3: added 3"
        await state.wait_for_titles({**ferry, "content/news/a": "A", "content/drawer/b": "B"})
        write_site(tmp_path, {"newsgraph.toml": '[[map]]\ntitel = "name"\n'})
        await state.wait_for_message("unknown key 'titel'")
        assert "the previous mapping stays in use" in state.messages[-1]
        rules = '[[map]]\ntitle = "name"\n[[map]]\nfiles = "drawer/"\nkind = "ignore"\n'
        rules = rules.replace('"name"', '["title", "name"]')
        write_site(tmp_path, {"newsgraph.toml": rules})
        await state.wait_for_titles({"content/news/ferry": "Ferry", "content/news/a": "Ada"})


async def test_adding_or_removing_an_index_changes_the_documents_beside_it(
    database: Database, tmp_path: Path
) -> None:
    write_site(tmp_path, {**HUGO, "content/quay/a.md": "---\ntitle: A\n---\n"})
    ferry = {"content/news/ferry": "Ferry"}
    async with following(database, tmp_path) as state:
        await state.wait_for_titles({**ferry, "content/quay/a": "A"})
        write_site(tmp_path, {"content/quay/index.md": "---\ntitle: Quay\n---\n"})
        await state.wait_for_titles({**ferry, "content/quay": "Quay"})
        (tmp_path / "content/quay/index.md").unlink()
        await state.wait_for_titles({**ferry, "content/quay/a": "A"})
