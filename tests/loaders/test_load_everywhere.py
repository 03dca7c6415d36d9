"""Loads, on every kind of database: in memory, and on a real server under each driver."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from graph.config import Settings
from graph.documents import ARTICLES, CORPUS, META, TOPICS
from graph.errors import UsageError
from graph.store import write
from graph.store.database import Database
from loaders.load import check, load
from loaders.report import Report

SETTINGS = Settings(mongo_url="mongomock://")
SEEDS = Path(__file__).parents[2] / "seeds"


def put(folder: Path, slug: str, **changes: str) -> Path:
    """Write an article's file."""
    keys = {
        "title": f"Title of {slug}",
        "provider": "{name: Gull, domain: gull.example}",
        "topics": "[AI]",
        "secured": "a;b",
    }
    path = folder / f"{slug}.md"
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = [f"{key}: {value}" for key, value in {**keys, **changes}.items()]
    path.write_text("\n".join(["---", *lines, "---", ""]))
    return path


def counts(report: Report) -> dict[str, Any]:
    names = ("added", "updated", "unchanged", "volatileOnly", "revision")
    return {name: value for name, value in report.as_json().items() if name in names and value}


async def test_a_second_load_writes_nothing(database: Database, tmp_path: Path) -> None:
    put(tmp_path, "a")
    put(tmp_path, "b")
    assert counts(await load(database, SETTINGS, [tmp_path])) == {"added": 2, "revision": 1}
    before = await database.find(ARTICLES, {}, sort=[("_id", 1)])
    assert counts(await load(database, SETTINGS, [tmp_path])) == {"unchanged": 2, "revision": 1}
    assert await database.find(ARTICLES, {}, sort=[("_id", 1)]) == before


async def test_the_revision_rises_only_with_a_change_in_meaning(
    database: Database, tmp_path: Path
) -> None:
    put(tmp_path, "a")
    put(tmp_path, "b")
    await load(database, SETTINGS, [tmp_path])
    put(tmp_path, "a", secured="c;d")
    report = await load(database, SETTINGS, [tmp_path])
    assert counts(report) == {"volatileOnly": 1, "unchanged": 1, "revision": 1}
    put(tmp_path, "b", topics="[AI, Sea]")
    report = await load(database, SETTINGS, [tmp_path])
    assert counts(report) == {"updated": 1, "unchanged": 1, "revision": 2}
    rows = await database.find(ARTICLES, {}, projection={"secured": 1, "source.revision": 1})
    assert {row["_id"]: (row["secured"], row["source"]["revision"]) for row in rows} == {
        "a": ("c;d", 1),
        "b": ("a;b", 2),
    }
    topics = await database.find(TOPICS, {}, projection={"articleCount": 1}, sort=[("_id", 1)])
    assert topics == [{"_id": "AI", "articleCount": 2}, {"_id": "Sea", "articleCount": 1}]


async def test_55_a_rejected_document_stops_no_other(database: Database, tmp_path: Path) -> None:
    put(tmp_path, "a")
    put(tmp_path, "bad", title="[x]")
    (tmp_path / "worse.md").write_text("---\na: 'b\n---\n")
    put(tmp_path, "z")
    report = await load(database, SETTINGS, [tmp_path])
    assert (report.loaded, report.exit_code()) == (2, 1)
    assert [Path(p.path).name for p in report.rejected] == ["bad.md", "worse.md"]
    assert await database.count(ARTICLES, {}) == 2


@pytest.mark.parametrize("twin", ["a.txt", "A.md"])
async def test_50_files_with_one_slug_are_rejected_and_named(
    database: Database, tmp_path: Path, twin: str
) -> None:
    put(tmp_path, "a")
    put(tmp_path, "b")
    shutil.copy(tmp_path / "a.md", tmp_path / twin)
    report = await load(database, SETTINGS, [tmp_path])
    assert report.loaded == 1
    assert {(p.path, p.reason.split(":")[0]) for p in report.rejected} == {
        (str(tmp_path / "a.md"), f"has the same slug as {tmp_path / twin}"),
        (str(tmp_path / twin), f"has the same slug as {tmp_path / 'a.md'}"),
    }


async def test_a_dry_run_says_what_would_happen_and_writes_nothing(
    database: Database, tmp_path: Path
) -> None:
    put(tmp_path, "a")
    report = await load(database, SETTINGS, [tmp_path], dry_run=True)
    assert counts(report) == {"added": 1}
    assert await database.count(ARTICLES, {}) == 0
    assert await database.count(META, {}) == 0


async def test_51_a_load_that_was_killed_is_completed_by_the_next(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(tmp_path, "a")

    async def die(*_: object, **__: object) -> int:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(write, "finish", die)
        with pytest.raises(KeyboardInterrupt):
            await load(database, SETTINGS, [tmp_path])
    assert await database.count(TOPICS, {}) == 0
    report = await load(database, SETTINGS, [tmp_path])
    assert counts(report) == {"unchanged": 1, "revision": 1}
    assert await database.count(TOPICS, {}) == 1
    assert [row["pending"] for row in await database.find(META, {"_id": CORPUS})] == [False]


async def test_a_path_that_is_not_there_is_named(database: Database, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="nowhere: cannot be read: No such file or directory"):
        await load(database, SETTINGS, [tmp_path / "nowhere"])


async def test_the_seeds_load_but_for_the_one_that_shows_a_fault(database: Database) -> None:
    report = await load(database, SETTINGS, [SEEDS])
    assert report.kinds == {"articles": 60, "topics": 13, "providers": 9}
    assert [Path(p.path).name for p in report.rejected] == ["2025-09-02-a-name-without-quotes.md"]
    assert check([SEEDS], SETTINGS).kinds == report.kinds
