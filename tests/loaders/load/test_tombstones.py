"""A load leaves tombstones of the published articles that it removes."""

from __future__ import annotations

from pathlib import Path

import pytest

from graph.documents import ARTICLES, TOMBSTONES
from graph.store.driver.database import Database
from loaders.files import read
from loaders.records import publication
from tests.loaders.builders import article, counts, loaded, write

pytestmark = pytest.mark.usefixtures("inline")

TOPIC = "---\ntaxonomy: topic\nname: Harbours\n---\n"
HIDDEN = article("published: false")


async def tombstones(database: Database) -> dict[str, tuple[str, int]]:
    rows = await database.find(TOMBSTONES, {"type": "Article"})
    return {row["key"]: (row["reason"], row["revision"]) for row in rows}


async def test_an_article_that_is_unpublished_removed_or_becomes_a_topic_leaves_a_tombstone(
    database: Database, tmp_path: Path
) -> None:
    for slug in "abcd":
        write(tmp_path / f"{slug}.md")
    await loaded(database, tmp_path)
    assert await tombstones(database) == {}
    write(tmp_path / "a.md", HIDDEN)
    (tmp_path / "b.md").unlink()
    write(tmp_path / "c.md", TOPIC)
    await loaded(database, tmp_path, prune=True)
    assert await tombstones(database) == {
        "a": ("unpublished", 2),
        "b": ("removed", 2),
        "c": ("removed", 2),
    }


async def test_an_article_that_was_never_published_leaves_no_tombstone(
    memory: Database, tmp_path: Path
) -> None:
    for slug in "abc":
        write(tmp_path / f"{slug}.md", HIDDEN)
    write(tmp_path / "d.md", TOPIC)
    write(tmp_path / "e.md")
    await loaded(memory, tmp_path)
    write(tmp_path / "a.md", article("published: false", "quality: 3"))
    (tmp_path / "b.md").unlink()
    write(tmp_path / "c.md", TOPIC)
    write(tmp_path / "d.md", HIDDEN)
    await loaded(memory, tmp_path, prune=True)
    assert await tombstones(memory) == {}


async def test_a_dry_run_leaves_no_tombstone(memory: Database, tmp_path: Path) -> None:
    for slug in "abc":
        write(tmp_path / f"{slug}.md")
    await loaded(memory, tmp_path)
    write(tmp_path / "a.md", HIDDEN)
    (tmp_path / "b.md").unlink()
    await loaded(memory, tmp_path, prune=True, dry_run=True)
    assert await tombstones(memory) == {}


@pytest.mark.parametrize("change", ["unpublish", "remove"])
async def test_51_a_tombstone_is_written_before_the_change(
    memory: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    for slug in "ab":
        write(tmp_path / f"{slug}.md")
    await loaded(memory, tmp_path)
    if change == "unpublish":
        write(tmp_path / "a.md", HIDDEN)
    else:
        (tmp_path / "a.md").unlink()
    name = "write" if change == "unpublish" else "delete"
    original = getattr(memory, name)
    seen = []

    async def look(collection: str, argument: object) -> object:
        if collection == ARTICLES:
            seen.append(set(await tombstones(memory)))
        return await original(collection, argument)

    monkeypatch.setattr(memory, name, look)
    await loaded(memory, tmp_path, prune=True)
    assert seen == [{"a"}]


async def test_a_reload_unpublishes_a_draft_that_an_earlier_version_published(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path / "a.md", article("draft: true"))
    with monkeypatch.context() as earlier:
        earlier.setattr(read, "DOCUMENT_VERSION", "1")
        earlier.setattr(publication, "_is_draft", lambda drafts, warnings: False)
        read._salted.cache_clear()
        await loaded(database, tmp_path)
    read._salted.cache_clear()
    assert [row["published"] for row in await database.find(ARTICLES, {})] == [True]
    report = await loaded(database, tmp_path)
    assert counts(report) == {"updated": 1, "revision": 2}
    assert [row["published"] for row in await database.find(ARTICLES, {})] == [False]
    assert await tombstones(database) == {"a": ("unpublished", 2)}
