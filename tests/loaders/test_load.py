from __future__ import annotations

import unicodedata
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from graph.config import Settings
from graph.documents import ARTICLES, META, TAXONOMY
from graph.errors import UsageError
from graph.store import write as store_write
from graph.store.client import open_database
from graph.store.database import Database
from loaders import load as module
from loaders.load import check, load
from loaders.report import Fault, Report
from tests.loaders.builders import article, write

SETTINGS = Settings(mongo_url="mongomock://")
TOPIC = "taxonomy: topic\n_id: ai\nname: AI\n"
ORGANIZATION = "---\ntaxonomy: organization\nname: D\ndomain: d.example\n---\n"


@pytest_asyncio.fixture
async def memory() -> AsyncIterator[Database]:
    async with open_database(SETTINGS) as database:
        yield database


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    write(tmp_path / "_news/a.md", article("secured: one", "heat: 1"))
    write(tmp_path / "_news/b.md")
    write(tmp_path / "_news/bad.md", "---\ntitle: a: b\n---\n")
    write(tmp_path / "topics/ai.yaml", TOPIC)
    write(tmp_path / "organizations/d.md", ORGANIZATION)
    return tmp_path


def counts(report: Report) -> dict[str, Any]:
    row = report.as_json()
    keys = ("added", "updated", "unchanged", "volatileOnly", "revision")
    return {key: row[key] for key in keys if row[key]}


async def revisions(database: Database) -> dict[str, int]:
    rows = await database.find(ARTICLES, {}) + await database.find(TAXONOMY, {})
    return {row["_id"]: row["source"]["revision"] for row in rows}


def test_check_needs_no_database(corpus: Path) -> None:
    report = check([corpus], SETTINGS)
    assert report.kinds == {"articles": 2, "topics": 1, "providers": 1}
    assert counts(report) == {}
    assert [fault.place for fault in report.rejected] == [f"{corpus}/_news/bad.md:2:9"]


async def test_the_first_load_adds(memory: Database, corpus: Path) -> None:
    report = await load(memory, SETTINGS, [corpus])
    assert (report.loaded, counts(report)) == (4, {"added": 4, "revision": 1})
    assert await revisions(memory) == {
        "_news/a": 1,
        "_news/b": 1,
        "topics/ai": 1,
        "organizations/d": 1,
    }
    [corpus_row] = await memory.find(META, {})
    assert (corpus_row["pending"], corpus_row["articleCount"]) == (False, 2)
    assert corpus_row["lastLoad"]["added"] == 4
    assert corpus_row["lastLoad"]["rejected"] == 1


async def test_loading_again_writes_nothing(memory: Database, corpus: Path) -> None:
    await load(memory, SETTINGS, [corpus])
    before = await memory.find(ARTICLES, {})
    report = await load(memory, SETTINGS, [corpus])
    assert (report.loaded, counts(report)) == (4, {"unchanged": 4, "revision": 1})
    assert await memory.find(ARTICLES, {}) == before


async def test_changes_in_meaning_make_a_revision(memory: Database, corpus: Path) -> None:
    await load(memory, SETTINGS, [corpus])
    write(corpus / "_news/a.md", article("secured: two", "heat: 2"))
    report = await load(memory, SETTINGS, [corpus])
    assert counts(report) == {"updated": 1, "unchanged": 3, "revision": 2}
    assert (await revisions(memory))["_news/a"] == 2
    assert (await revisions(memory))["_news/b"] == 1


async def test_changes_of_volatile_fields_make_none(memory: Database, corpus: Path) -> None:
    await load(memory, SETTINGS, [corpus])
    write(corpus / "_news/a.md", article("secured: two", "heat: 1"))
    report = await load(memory, SETTINGS, [corpus])
    assert counts(report) == {"volatileOnly": 1, "unchanged": 3, "revision": 1}
    [row] = await memory.find(ARTICLES, {"_id": "_news/a"})
    assert (row["secured"], row["source"]["revision"]) == ("two", 1)


async def test_a_dry_run_compares_and_writes_nothing(memory: Database, corpus: Path) -> None:
    await load(memory, SETTINGS, [corpus / "_news/a.md"])
    before = [await memory.find(name, {}) for name in (ARTICLES, TAXONOMY, META)]
    write(corpus / "a.md", article("secured: two", "heat: 2"))
    report = await load(memory, SETTINGS, [corpus], dry_run=True)
    assert counts(report) == {"added": 4, "updated": 1}
    assert [await memory.find(name, {}) for name in (ARTICLES, TAXONOMY, META)] == before


async def test_many_documents_go_in_batches(
    memory: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "BATCH", 2)
    for name in "abcde":
        write(tmp_path / f"{name}.md")
    sizes: list[int] = []
    replace = store_write.replace

    async def spy(database: Database, collection: str, documents: list[Any]) -> None:
        sizes.append(len(documents))
        await replace(database, collection, documents)

    monkeypatch.setattr(store_write, "replace", spy)
    assert (await load(memory, SETTINGS, [tmp_path])).added == 5
    assert sizes == [2, 2, 1]


async def test_a_load_that_was_cut_off_is_completed(
    memory: Database, corpus: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def die(*_: object) -> int:
        raise KeyError("power")

    with monkeypatch.context() as patch:
        patch.setattr(store_write, "finish", die)
        with pytest.raises(KeyError):
            await load(memory, SETTINGS, [corpus])
    assert counts(await load(memory, SETTINGS, [corpus])) == {"unchanged": 4, "revision": 1}


async def test_a_missing_path_touches_no_database(memory: Database, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="missing"):
        await load(memory, SETTINGS, [tmp_path / "missing"])
    assert await memory.find(META, {}) == []


def test_files_of_one_slug_are_both_rejected(tmp_path: Path) -> None:
    first, second = write(tmp_path / "a.md"), write(tmp_path / "a.txt")
    report = check([tmp_path], SETTINGS)
    assert report.loaded == 0
    assert report.rejected == [
        Fault(str(first), None, None, None, f"has the same slug as {second}: a"),
        Fault(str(second), None, None, None, f"has the same slug as {first}: a"),
    ]


def test_names_that_differ_in_composition_alone_are_one_slug(tmp_path: Path) -> None:
    for form in ("NFC", "NFD"):
        write(tmp_path / f"{unicodedata.normalize(form, 'é')}.md")
    assert check([tmp_path], SETTINGS).rejected_files == 2


def test_a_bar_goes_to_standard_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(tmp_path / "a.md")
    check([tmp_path], SETTINGS, progress=True)
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "1/1" in captured.err
