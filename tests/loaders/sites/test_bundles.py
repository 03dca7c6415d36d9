"""Folders that are one page: in sites of generators, the index of a folder has its slug."""

from __future__ import annotations

from pathlib import Path

import pytest

from graph.documents import ARTICLES, TAXONOMY
from graph.store.driver.database import Database
from loaders.files.discover import Skipped, find
from loaders.files.places import Place, Root
from loaders.sites.bundles import Bundles
from loaders.sites.site import read_site
from tests.loaders.builders import article, counts, faults, loaded, write
from tests.loaders.sites.building import write_site

pytestmark = pytest.mark.usefixtures("inline")

HUGO = {"hugo.toml": 'title = "The Gull"\nbaseURL = "https://gull.example"\n'}
PAGE = "---\ntitle: Ferry\n---\n"


async def slugs(database: Database) -> set[str]:
    rows = [*await database.find(ARTICLES, {}), *await database.find(TAXONOMY, {})]
    return {row["_id"] for row in rows}


@pytest.mark.parametrize(
    ("path", "slug"),
    [
        ("posts/ferry/index.md", "posts/ferry"),
        ("posts/_index.md", "posts"),
        ("posts/index.txt.gz", "posts"),
        ("posts/ferry.md", "posts/ferry"),
        ("posts/indexes.md", "posts/indexes"),
        ("index.md", "index"),
        ("posts/ferry.fr.md", "posts/ferry.fr"),
        ("posts/ferry/index.fr.md", "posts/ferry/index.fr"),
    ],
)
def test_the_slug_of_an_index_is_its_folders(path: str, slug: str) -> None:
    assert Root("", "/site", has_bundles=True).slug_of(path) == slug
    assert Root("", "/site").slug_of(path).startswith(path.split(".")[0])


async def test_bundles_are_loaded_under_the_slugs_of_their_folders(
    memory: Database, tmp_path: Path
) -> None:
    pages = {"content/ferry/index.md": PAGE, "content/news/_index.md": PAGE, "content/a.md": PAGE}
    write_site(tmp_path, {**HUGO, **pages})
    assert counts(await loaded(memory, tmp_path)) == {"added": 3, "revision": 1}
    assert await slugs(memory) == {"content/ferry", "content/news", "content/a"}
    assert counts(await loaded(memory, tmp_path, prune=True)) == {"unchanged": 3, "revision": 1}


async def test_each_translation_is_an_article(memory: Database, tmp_path: Path) -> None:
    names = ["ferry/index.md", "ferry/index.fr.md", "ferry.fr.md", "a.md", "a.fr.md"]
    config = {"hugo.toml": f"{HUGO['hugo.toml']}[languages.en]\n[languages.fr]\n"}
    write_site(tmp_path, {**config, **{f"content/{name}": PAGE for name in names}})
    assert counts(await loaded(memory, tmp_path)) == {"added": 5, "revision": 1}
    rows = await memory.find(ARTICLES, {})
    assert {row["_id"].removeprefix("content/"): row["language"] for row in rows} == {
        "ferry": "en",
        "ferry/index.fr": "fr",
        "ferry.fr": "fr",
        "a": "en",
        "a.fr": "fr",
    }
    assert counts(await loaded(memory, tmp_path, prune=True)) == {"unchanged": 5, "revision": 1}


async def test_in_documents_of_newsgraph_an_index_is_a_document_like_others(
    memory: Database, tmp_path: Path
) -> None:
    write(tmp_path / "ferry/index.md", article())
    await loaded(memory, tmp_path)
    assert await slugs(memory) == {"ferry/index"}


@pytest.mark.parametrize("index", ["ferry/index.md", "ferry/_index.md", "Ferry/index.md"])
async def test_a_page_and_a_bundle_of_one_slug_are_both_named(
    memory: Database, tmp_path: Path, index: str
) -> None:
    pages = {"content/ferry.md": PAGE, f"content/{index}": PAGE, "content/mill.md": PAGE}
    write_site(tmp_path, {**HUGO, **pages, "content/mill/a.md": PAGE})
    report = await loaded(memory, tmp_path)
    assert set(faults(report, tmp_path)) == {"content/ferry.md", f"content/{index}"}
    assert await slugs(memory) == {"content/mill", "content/mill/a"}


@pytest.mark.parametrize("changed", ["ferry.md", "ferry/index.md"])
def test_a_change_of_one_of_two_files_of_a_slug_names_both(tmp_path: Path, changed: str) -> None:
    write(tmp_path / "ferry.md")
    write(tmp_path / "ferry/index.md")
    root = Root(str(tmp_path), str(tmp_path), has_bundles=True)
    entries = list(find(Place(root, "", is_folder=True), [changed]))
    assert len(entries) == 2
    assert all(isinstance(entry, Skipped) and "same slug" in entry.reason for entry in entries)


async def test_a_page_that_becomes_a_bundle_is_the_same_article(
    memory: Database, tmp_path: Path
) -> None:
    write_site(tmp_path, {**HUGO, "content/ferry.md": PAGE, "content/a.md": PAGE})
    await loaded(memory, tmp_path)
    (tmp_path / "content/ferry").mkdir()
    (tmp_path / "content/ferry.md").rename(tmp_path / "content/ferry/index.md")
    report = await loaded(memory, tmp_path, prune=True)
    assert (report.added, report.removed) == (0, 0)
    (tmp_path / "content/ferry/index.md").unlink()
    assert (await loaded(memory, tmp_path, prune=True)).removed == 1
    assert await slugs(memory) == {"content/a"}


ZOLA = {"zola.toml": 'title = "The Gull"\nbase_url = "https://gull.example"\n'}


@pytest.mark.parametrize("configuration", [HUGO, ZOLA], ids=["hugo", "zola"])
async def test_other_documents_in_the_folder_of_a_page_are_its_resources(
    memory: Database, tmp_path: Path, configuration: dict[str, str]
) -> None:
    page = "+++\ntitle = 'Ferry'\n+++\n"
    pages = ("ferry/index.md", "news/_index.md", "news/a.md", "news/b/c.md")
    resources = ("ferry/notes.md", "ferry/maps/quay.md", "ferry/maps/index.md")
    names = (*pages, *resources)
    write_site(tmp_path, {**configuration, **{f"content/{name}": page for name in names}})
    report = await loaded(memory, tmp_path)
    assert (counts(report), len(report.warnings)) == ({"added": 4, "revision": 1}, 3)
    assert await slugs(memory) == {
        f"content/{slug}" for slug in ("ferry", "news", "news/a", "news/b/c")
    }
    assert {warning.reason for warning in report.warnings} == {
        "is a resource of the page 'content/ferry/index.md': not loaded as a page of its own"
    }


async def test_an_index_makes_resources_of_the_documents_beside_it(
    memory: Database, tmp_path: Path
) -> None:
    write_site(tmp_path, {**HUGO, "content/ferry/a.md": PAGE, "content/ferry/b.md": PAGE})
    await loaded(memory, tmp_path)
    write_site(tmp_path, {"content/ferry/index.fr.md": PAGE, "content/ferry/b.md": f"{PAGE}B\n"})
    assert "removed" not in counts(await loaded(memory, tmp_path, prune=True))  # no such language
    config = f"{HUGO['hugo.toml']}[languages.en]\n[languages.fr]\n"
    write_site(tmp_path, {"hugo.toml": config})
    assert counts(await loaded(memory, tmp_path, prune=True))["removed"] == 2
    assert await slugs(memory) == {"content/ferry/index.fr"}


def test_a_folder_within_a_site_has_the_same_resources(tmp_path: Path) -> None:
    files = {f"content/news/ferry/{name}.md": PAGE for name in ("index", "notes")}
    write_site(tmp_path, {**HUGO, **files})
    for folder in ("content", "content/news", "content/news/ferry"):
        start = str(tmp_path / folder)
        site = read_site(start)
        below = "content/news/ferry/notes.md".removeprefix(f"{folder}/")
        assert site.ignores(start)(below)
        assert not site.ignores(start)(below.replace("notes", "index"))


def test_the_content_folder_itself_is_no_page(tmp_path: Path) -> None:
    write_site(tmp_path, {**HUGO, "content/index.md": PAGE, "content/a.md": PAGE})
    assert not read_site(str(tmp_path)).ignores(str(tmp_path))("content/a.md")


def test_a_folder_is_examined_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pages = {f"content/news/{name}.md": PAGE for name in ("a", "b", "c")}
    write_site(tmp_path, {**HUGO, "content/ferry/index.md": PAGE, **pages})
    bundles = Bundles(read_site(str(tmp_path)).mapping.definition, str(tmp_path))
    assert bundles.page_of("content/ferry/notes.md") == "content/ferry/index.md"
    assert bundles.page_of("content/news/a.md") is None
    monkeypatch.setattr("loaders.sites.bundles.os.path.isfile", None)
    assert bundles.page_of("content/ferry/more.md") == "content/ferry/index.md"
    assert {bundles.page_of(path) for path in pages} == {None}
