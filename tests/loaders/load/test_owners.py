"""A document belongs to the folder that it was loaded from, as long as its file exists."""

from __future__ import annotations

import json
import os
import shutil
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console
from typer.testing import CliRunner

from graph.documents import ARTICLES, TAXONOMY
from graph.errors import UsageError
from graph.store.driver.database import Database
from loaders.cli import app
from loaders.files.deleted_files import is_deleted
from loaders.report.render import render_text
from tests.loaders.builders import article, counts, faults, loaded, warnings, write
from tests.loaders.watch.following import following
from tests.pool import pool_of

pytestmark = pytest.mark.usefixtures("inline")

TOPIC = "---\ntaxonomy: topic\nname: Harbours\n---\n"


@pytest.fixture
def one(tmp_path: Path) -> Path:
    return write(tmp_path / "one/index.md", article("heat: 1")).parent


@pytest.fixture
def two(tmp_path: Path) -> Path:
    return write(tmp_path / "two/index.md", article("heat: 2")).parent


def taken_by(folder: Path) -> str:
    return f"the slug belongs to a document from {folder}; --take-over replaces it"


async def everything(database: Database) -> list[dict[str, Any]]:
    return [*await database.find(ARTICLES, {}), *await database.find(TAXONOMY, {})]


async def test_a_slug_that_another_folder_holds_is_rejected(
    database: Database, one: Path, two: Path
) -> None:
    await loaded(database, one)
    before = await everything(database)
    write(two / "other.md")
    for dry_run in (True, False):
        report = await loaded(database, two, dry_run=dry_run)
        assert faults(report, two) == {"index.md": taken_by(one)}
        assert (report.added, report.loaded, report.exit_code()) == (1, 1, 1)
    assert [row for row in await everything(database) if row["_id"] == "index"] == before
    assert counts(await loaded(database, one)) == {"unchanged": 1, "revision": 2}
    report = await loaded(database, two)
    assert counts(report) == {"unchanged": 1, "revision": 2}
    assert faults(report, two) == {"index.md": taken_by(one)}


@pytest.mark.parametrize("kinds", [(TOPIC, TOPIC), (TOPIC, article()), (article(), TOPIC)])
async def test_a_topic_slug_that_another_folder_holds_is_rejected(
    memory: Database, tmp_path: Path, kinds: tuple[str, str]
) -> None:
    for folder, text in zip(("one", "two"), kinds, strict=True):
        write(tmp_path / folder / "a.md", text)
    await loaded(memory, tmp_path / "one")
    before = await everything(memory)
    report = await loaded(memory, tmp_path / "two")
    assert faults(report, tmp_path) == {"two/a.md": taken_by(tmp_path / "one")}
    assert await everything(memory) == before


async def test_take_over_replaces_a_document_and_changes_its_folder(
    database: Database, one: Path, two: Path
) -> None:
    await loaded(database, one)
    report = await loaded(database, two, take_over=True)
    assert (counts(report), report.warnings) == ({"updated": 1, "revision": 2}, [])
    report = await loaded(database, one)
    assert faults(report, one) == {"index.md": taken_by(two)}
    shutil.rmtree(one)
    one.mkdir()
    assert (await loaded(database, one, prune=True)).removed == 0
    assert [row["heat"] for row in await everything(database)] == [2]


async def test_a_checkout_that_was_moved_is_loaded_with_one_warning(
    memory: Database, tmp_path: Path
) -> None:
    before, after = tmp_path / "before", tmp_path / "after"
    for slug in ("a", "b", "c"):
        write(before / f"{slug}.md")
    await loaded(memory, before)
    before.rename(after)
    write(after / "b.md", article("heat: 2"))
    for dry_run in (True, False):
        report = await loaded(memory, after, dry_run=dry_run)
        assert (report.updated, report.volatile_only, report.rejected) == (1, 2, [])
        reason = f"takes over 3 documents from {before}, where their files no longer exist"
        assert warnings(report, tmp_path) == {"after": reason}
    report = await loaded(memory, after)
    assert (counts(report), report.warnings) == ({"unchanged": 3, "revision": 2}, [])


async def test_a_document_whose_file_was_deleted_belongs_to_no_folder(
    memory: Database, one: Path, two: Path
) -> None:
    write(one / "other.md")
    await loaded(memory, one)
    (one / "index.md").unlink()
    report = await loaded(memory, two)
    assert counts(report) == {"updated": 1, "revision": 2}
    assert warnings(report, two.parent) == {
        "two": f"takes over 1 document from {one}, where their files no longer exist"
    }


async def test_a_file_under_another_extension_still_holds_its_slug(
    memory: Database, one: Path, two: Path
) -> None:
    await loaded(memory, one)
    (one / "index.md").rename(one / "index.txt")
    assert faults(await loaded(memory, two), two) == {"index.md": taken_by(one)}


async def test_another_path_to_the_same_file_is_the_same_document(
    memory: Database, one: Path, tmp_path: Path
) -> None:
    (tmp_path / "link").symlink_to(one)
    await loaded(memory, one)
    report = await loaded(memory, tmp_path / "link")
    assert (counts(report), report.rejected) == ({"volatileOnly": 1, "revision": 1}, [])
    assert report.warnings == []  # nothing was moved


async def test_a_folder_within_a_site_has_slugs_of_its_own(
    memory: Database, tmp_path: Path
) -> None:
    write(tmp_path / "_news/a.md")
    await loaded(memory, tmp_path)
    report = await loaded(memory, tmp_path / "_news")
    assert (counts(report), report.rejected) == ({"added": 1, "revision": 2}, [])


async def test_a_folder_that_cannot_be_read_keeps_its_documents(
    memory: Database, one: Path, two: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await loaded(memory, one)

    def refuse(path: str) -> None:
        raise PermissionError(13, "Permission denied", path)

    monkeypatch.setattr(os, "lstat", refuse)
    assert not is_deleted(str(one), "index.md")
    report = await loaded(memory, two)
    assert faults(report, two) == {"index.md": taken_by(one)}


async def test_a_slug_that_the_other_folder_pruned_can_be_loaded(
    memory: Database, one: Path, two: Path
) -> None:
    await loaded(memory, one)
    (one / "index.md").unlink()
    await loaded(memory, one, prune=True, allow_empty=True)
    report = await loaded(memory, two)
    assert (counts(report), report.warnings) == ({"added": 1, "revision": 3}, [])


@pytest.mark.parametrize("take_over", [False, True])
async def test_a_watched_folder_is_treated_like_a_load(
    memory: Database, one: Path, two: Path, take_over: bool
) -> None:
    await loaded(memory, one)
    (two / "index.md").unlink()
    async with following(memory, two, take_over=take_over) as state:
        write(two / "index.md", article("heat: 2"))
        await state.wait_for_message(
            "updated 1" if take_over else f"rejected: {two}/index.md: {taken_by(one)}"
        )
    assert [row["heat"] for row in await everything(memory)] == [2 if take_over else 1]


async def test_many_taken_slugs_are_reported_as_one_group(
    database: Database, one: Path, two: Path
) -> None:
    for number in range(30):
        write(one / f"{number}.md")
        write(two / f"{number}.md")
    await loaded(database, one)
    text = StringIO()
    render_text(await loaded(database, two), Console(file=text))
    title, *places = text.getvalue().partition("\n\n")[0].splitlines()
    assert title == f"31 documents rejected: {taken_by(one)}"
    assert len(places) == 2
    assert places[-1] == "  … and 30 more"


@pytest.mark.parametrize("way", ["option", "variable"])
def test_the_command_takes_over_by_option_or_variable(
    mongod: str | UsageError, one: Path, two: Path, way: str
) -> None:
    if isinstance(mongod, UsageError):
        pytest.skip(str(mongod))
    pool = pool_of(mongod)
    name = pool.take()
    env = {"NEWSGRAPH_MONGO_URL": pool.url(name), "NEWSGRAPH_REPORT": "json"}

    def load(*arguments: str, **more: str) -> tuple[int, dict[str, Any]]:
        done = CliRunner().invoke(app, ["load", *arguments], env={**env, **more})
        return done.exit_code, json.loads(done.stdout)

    assert load(str(one))[0] == 0
    code, report = load(str(two))
    assert (code, report["rejected"]) == (
        1,
        [
            {
                "path": f"{two}/index.md",
                "line": None,
                "column": None,
                "field": None,
                "reason": taken_by(one),
            }
        ],
    )
    option = ["--take-over"] if way == "option" else []
    code, report = load(str(two), *option, NEWSGRAPH_TAKE_OVER="" if option else "1")
    assert (code, report["updated"], report["rejected"]) == (0, 1, [])
    pool.give_back(name)
