"""Folders that are one page: in sites of generators, the index of a folder has its slug."""

from __future__ import annotations

from pathlib import Path

import pytest

from graph.documents import ARTICLES, TAXONOMY
from graph.store.driver.database import Database
from loaders.files.discover import Skipped, find
from loaders.files.places import Place, Root
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
async def test_a_page_and_a_folder_of_one_slug_are_both_named(
    memory: Database, tmp_path: Path, index: str
) -> None:
    pages = {"content/ferry.md": PAGE, f"content/{index}": PAGE, "content/mill.md": PAGE}
    write_site(tmp_path, {**HUGO, **pages, "content/mill/a.md": PAGE})
    report = await loaded(memory, tmp_path)
    assert set(faults(report, tmp_path)) == {"content/ferry.md", f"content/{index}"}
    assert await slugs(memory) == {"content/mill", "content/mill/a"}


@pytest.mark.parametrize("changed", ["ferry.md", "ferry/index.md"])
def test_a_change_of_either_finds_both(tmp_path: Path, changed: str) -> None:
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
