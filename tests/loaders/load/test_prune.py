"""Documents whose file was deleted; mostly in memory, where a real database makes no difference."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from graph.documents import ARTICLES, PROVIDERS, TAXONOMY, TOPICS
from graph.errors import UsageError
from graph.store.driver.database import Database
from loaders.load import prune as module
from tests.loaders.builders import article, counts, loaded, write

pytestmark = pytest.mark.usefixtures("inline")

FILES = {
    "_news/a.md": article(),
    "_news/b.md": article().replace("Transport", "Harbour").replace("The Gull", "Tern"),
    "_news/2024/c.md": article(),
    "_newsletter/d.md": article(),
    "e.md": article(),
    "_data/topics/ai.yml": "name: AI\n",
    "_data/organizations/d.yml": "name: D\ndomain: d.example\n",
}
SLUGS = sorted(name.partition(".")[0] for name in FILES)


@pytest.fixture
def site(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        write(tmp_path / "site" / name, text)
    return tmp_path / "site"


async def stored(database: Database) -> list[str]:
    """The slugs of all documents."""
    rows = await database.find(ARTICLES, {}) + await database.find(TAXONOMY, {})
    return sorted(row["_id"] for row in rows)


def without(*slugs: str) -> list[str]:
    return [slug for slug in SLUGS if slug not in slugs]


async def names(database: Database, collection: str) -> set[str]:
    return {row["_id"] for row in await database.find(collection, {})}


async def test_nothing_is_removed_without_prune(memory: Database, site: Path) -> None:
    await loaded(memory, site)
    (site / "e.md").unlink()
    assert counts(await loaded(memory, site)) == {"unchanged": 6, "revision": 1}
    assert await stored(memory) == SLUGS


async def test_documents_without_files_are_removed_with_their_topics_and_providers(
    database: Database, site: Path
) -> None:
    await loaded(database, site)
    assert await names(database, TOPICS) == {"Transport", "Harbour", "AI"}
    for name in ("_news/b.md", "_data/topics/ai.yml", "_data/organizations/d.yml"):
        (site / name).unlink()
    report = await loaded(database, site, prune=True)
    assert counts(report) == {"removed": 3, "unchanged": 4, "revision": 2}
    assert await stored(database) == without("_news/b", "_data/topics/ai", "_data/organizations/d")
    [topic] = await database.find(TOPICS, {})
    assert (topic["_id"], topic["articleCount"]) == ("Transport", 4)
    assert await names(database, PROVIDERS) == {"gull.example/The Gull"}
    again = await loaded(database, site, prune=True)
    assert counts(again) == {"unchanged": 4, "revision": 2}


async def test_the_documents_of_a_deleted_folder_are_removed(memory: Database, site: Path) -> None:
    await loaded(memory, site)
    shutil.rmtree(site / "_news")
    report = await loaded(memory, site, prune=True)
    assert counts(report) == {"removed": 3, "unchanged": 4, "revision": 2}


async def test_many_pages_are_removed(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "PAGE", 2)
    for number in range(7):
        write(tmp_path / f"{number}.md")
    await loaded(database, tmp_path)
    for number in (0, 1, 2, 4, 6):
        (tmp_path / f"{number}.md").unlink()
    assert counts(await loaded(database, tmp_path, prune=True))["removed"] == 5
    assert await stored(database) == ["3", "5"]


async def test_another_roots_documents_stay(database: Database, site: Path, tmp_path: Path) -> None:
    write(tmp_path / "other" / "x.md")
    write(tmp_path / "other" / "y.md")
    await loaded(database, site)
    await loaded(database, tmp_path / "other")
    shutil.rmtree(tmp_path / "other")
    (site / "e.md").unlink()
    report = await loaded(database, site, prune=True)
    assert report.removed == 1
    assert await stored(database) == sorted([*without("e"), "x", "y"])


async def test_a_document_that_another_root_holds_now_stays(
    memory: Database, site: Path, tmp_path: Path
) -> None:
    await loaded(memory, site)
    write(tmp_path / "other" / "e.md")
    await loaded(memory, tmp_path / "other", take_over=True)
    (site / "e.md").unlink()
    assert (await loaded(memory, site, prune=True)).removed == 0
    assert await stored(memory) == SLUGS


@pytest.mark.parametrize(
    ("names", "remaining"),
    [
        (["_news"], without("_news/a", "_news/2024/c")),
        (["_news/2024"], without("_news/2024/c")),
        (["_newsletter"], SLUGS),
        (["_news/2024", "_news/b.md"], without("_news/2024/c")),
        (["e.md"], SLUGS),
        (["."], without("_news/a", "_news/2024/c", "_data/topics/ai")),
    ],
)
async def test_below_a_root_only_the_loaded_paths_are_pruned(
    memory: Database, site: Path, names: list[str], remaining: list[str]
) -> None:
    await loaded(memory, site)
    for name in ("_news/a.md", "_news/2024/c.md", "_data/topics/ai.yml"):
        (site / name).unlink()
    paths = [site / name for name in names]
    await loaded(memory, *paths, root=site, prune=True, allow_empty=True)
    assert await stored(memory) == remaining


@pytest.mark.parametrize("name", ["a.txt", "a.yaml", "a.md.gz"])
async def test_a_document_stays_if_a_rejected_file_has_its_slug(
    memory: Database, tmp_path: Path, name: str
) -> None:
    (tmp_path / "b.md").write_text(article())
    path = write(tmp_path / "a.md")
    await loaded(memory, tmp_path)
    path.rename(tmp_path / name)  # no end, no keys, or no gzip: rejected, yet not gone
    (tmp_path / name).write_text("---\nnonsense")
    report = await loaded(memory, tmp_path, prune=True)
    assert (report.removed, report.rejected_files) == (0, 1)
    assert await stored(memory) == ["a", "b"]


async def test_documents_of_excluded_or_skipped_files_stay(memory: Database, site: Path) -> None:
    await loaded(memory, site)
    (site / "e.md").unlink()
    (site / "e.md").symlink_to("/dev/zero")
    write(site / "_news/a.txt")
    options = {"prune": True, "exclude": ["2024/"]}
    report = await loaded(memory, site, **options)
    assert report.removed == 0
    assert await stored(memory) == SLUGS


Away = Callable[[str], OSError]


@pytest.mark.parametrize(
    "error", [PermissionError(13, "Permission denied"), OSError(5, "Input/output error")]
)
async def test_a_folder_that_cannot_be_read_removes_nothing(
    memory: Database, site: Path, monkeypatch: pytest.MonkeyPatch, error: OSError
) -> None:
    await loaded(memory, site)
    scandir, lstat = os.scandir, os.lstat

    def failing_scandir(path: str) -> object:
        if path.endswith("/_news"):
            raise error
        return scandir(path)

    def failing_lstat(path: str) -> object:
        if "/_news/" in path:
            raise error
        return lstat(path)

    with monkeypatch.context() as patch:
        patch.setattr(os, "scandir", failing_scandir)
        patch.setattr(os, "lstat", failing_lstat)
        report = await loaded(memory, site, prune=True)
    assert (report.removed, report.rejected_files) == (0, 1)
    assert await stored(memory) == SLUGS


@pytest.mark.parametrize("dry_run", [False, True])
async def test_all_documents_are_removed_only_with_allow_empty(
    memory: Database, site: Path, dry_run: bool
) -> None:
    await loaded(memory, site)
    shutil.rmtree(site)
    write(site / "README.rst")
    write(site / ".hidden" / "a.md")
    with pytest.raises(UsageError) as caught:
        await loaded(memory, site, prune=True, dry_run=dry_run)
    assert str(caught.value) == (
        f"{site}/ contains no documents, and --prune would remove all that were loaded from there "
        "(7). Is the disk mounted, and is the path right? To remove these documents, add "
        "--allow-empty"
    )
    assert await stored(memory) == SLUGS
    report = await loaded(memory, site, prune=True, allow_empty=True, dry_run=dry_run)
    assert (report.added, report.removed) == (0, 7)
    assert await stored(memory) == (SLUGS if dry_run else [])


async def test_all_files_may_be_renamed_at_once(database: Database, site: Path) -> None:
    await loaded(database, site)
    for name in FILES:
        path = site / name
        path.rename(path.with_stem(f"{path.stem}-renamed"))
    report = await loaded(database, site, prune=True)
    assert (report.added, report.removed) == (7, 7)
    assert await stored(database) == sorted(f"{slug}-renamed" for slug in SLUGS)


async def test_excluded_files_keep_their_documents(memory: Database, site: Path) -> None:
    await loaded(memory, site)
    (site / "e.md").unlink()
    assert (await loaded(memory, site, prune=True, include=["*.markdown"])).removed == 1
    assert await stored(memory) == without("e")


async def test_files_of_every_length_of_name_are_pruned(memory: Database, tmp_path: Path) -> None:
    """Of a long name, those with other endings are longer than the file system allows."""
    write(tmp_path / "a.md")
    paths = [write(tmp_path / f"{'n' * (length - 3)}.md") for length in (*range(240, 256), 40)]
    await loaded(memory, tmp_path)
    assert len(await stored(memory)) == 1 + len(paths)
    for path in paths:
        path.unlink()
    assert (await loaded(memory, tmp_path, prune=True)).removed == len(paths)
    assert await stored(memory) == ["a"]


@pytest.mark.parametrize("ending", [".md", ".MD", ".Markdown.GZ", ".yml.gz"])
async def test_a_document_stays_if_a_file_of_any_extension_has_its_slug(
    memory: Database, tmp_path: Path, ending: str
) -> None:
    write(tmp_path / "b.md")
    path = write(tmp_path / "cafe\u0301.txt")
    await loaded(memory, tmp_path)
    path.unlink()
    write(tmp_path / f"caf\u00e9{ending}", "---\ntitle: [\n---\n")
    report = await loaded(memory, tmp_path, prune=True)
    assert (report.removed, report.rejected_files) == (0, 1)


async def test_the_documents_of_a_folder_that_became_a_link_are_removed(
    memory: Database, site: Path, tmp_path: Path
) -> None:
    await loaded(memory, site)
    (site / "_news").rename(tmp_path / "elsewhere")
    (site / "_news").symlink_to(tmp_path / "elsewhere")
    assert (await loaded(memory, site, prune=True)).removed == 3
    assert await stored(memory) == without("_news/a", "_news/b", "_news/2024/c")


async def test_the_document_of_a_file_that_became_a_folder_is_removed(
    memory: Database, site: Path
) -> None:
    await loaded(memory, site)
    (site / "e.md").unlink()
    (site / "e.md").mkdir()
    shutil.rmtree(site / "_news" / "2024")
    write(site / "_news" / "2024")
    assert (await loaded(memory, site, prune=True)).removed == 2
    assert await stored(memory) == without("e", "_news/2024/c")


async def test_a_link_given_as_the_path_is_followed(
    memory: Database, site: Path, tmp_path: Path
) -> None:
    (site / "_news").rename(tmp_path / "elsewhere")
    (site / "_news").symlink_to(tmp_path / "elsewhere")
    await loaded(memory, site / "_news", root=site)
    (site / "_news" / "a.md").unlink()
    assert (await loaded(memory, site / "_news", root=site, prune=True)).removed == 1
    assert await stored(memory) == ["_news/2024/c", "_news/b"]


async def test_an_empty_root_is_noticed_beside_a_root_with_files(
    memory: Database, site: Path, tmp_path: Path
) -> None:
    write(tmp_path / "other" / "x.md")
    await loaded(memory, site, tmp_path / "other")
    (tmp_path / "other" / "x.md").unlink()
    with pytest.raises(UsageError, match=r"/other/ contains no documents, .* \(1\)\. "):
        await loaded(memory, site, tmp_path / "other", prune=True)
    assert await stored(memory) == sorted([*SLUGS, "x"])


async def test_an_empty_database_can_be_pruned_without_allow_empty(
    memory: Database, tmp_path: Path
) -> None:
    assert counts(await loaded(memory, tmp_path, prune=True)) == {}
    write(tmp_path / "a.md")
    assert counts(await loaded(memory, tmp_path, prune=True)) == {"added": 1, "revision": 1}


async def test_a_dry_run_counts_what_would_be_removed(memory: Database, site: Path) -> None:
    await loaded(memory, site)
    (site / "e.md").unlink()
    (site / "_news/b.md").rename(site / "_news/b.txt")
    report = await loaded(memory, site, prune=True, dry_run=True)
    assert counts(report) == {"removed": 1, "unchanged": 5, "volatileOnly": 1}
    assert await stored(memory) == SLUGS
