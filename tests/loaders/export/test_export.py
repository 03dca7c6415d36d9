"""An exported folder loads to the same documents."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.config import Settings
from graph.documents import ARTICLES, TAXONOMY
from graph.errors import DatabaseUnavailable, UsageError
from graph.fields.article_document import ALWAYS_STORED
from graph.fields.folding import folded_key
from graph.store.driver.client import open_database
from graph.store.driver.database import Database
from graph.store.revision import common_site, read_corpus
from loaders import export_command
from loaders.export import export
from loaders.export.case_variants import CaseVariants
from loaders.export.export import Export
from loaders.export.exported_file import exported_file
from loaders.export.folder import ExportFolder, WriteResult
from loaders.files.places import Root
from loaders.report.report import Report
from tests.builders import article as stored_article
from tests.builders import store
from tests.loaders.builders import SETTINGS, article, loaded, write
from tests.loaders.export.test_yaml_text import TEXTS, VALUES
from tests.loaders.test_cli import run
from tests.thorough import examples

pytestmark = pytest.mark.usefixtures("inline")

SEEDS = Path(__file__).parents[3] / "seeds"
FILES = {
    "_news/a.md": article("updatedDateTime: 2025-03-01T08:30:00.5Z", "no: [1, '1', ~]", body="A\n"),
    "_news/b.html": article("draft: true", body="<p>B</p>"),
    "_news/past.md": article("expiryDate: 2020-01-01"),
    "_news/future.md": article("publishDate: 2999-01-01"),
    "_news/image/index.md": article("cover: a.png", "authors: [Ida Holm]"),
    "_data/topics/ai.yml": "name: AI\nbody: no\n",
    "_data/organizations/d.yml": "name: D\ndomain: d.example\n",
    "_data/authors/ida.md": "---\nname: Ida Holm\n---\nIda covers the harbour.\n",
}


@pytest.fixture
def site(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        write(tmp_path / "site" / name, text)
    return tmp_path / "site"


async def exported(database: Database, folder: Path, *, prune: bool = False) -> Report:
    report = Report(verb="exported")
    await Export(database, folder, report).run(prune=prune)
    return report


async def stored(database: Database) -> list[dict[str, Any]]:
    """All documents, without the fields that each load sets."""
    documents = await database.find(ARTICLES, {}) + await database.find(TAXONOMY, {})
    for document in documents:
        source = document.pop("source")
        if source.get("hasUpdatedDateTime") is False:
            del document["updatedDateTime"]
        document["source"] = {"hash": source["hash"], "due": source.get("due")}
    return sorted(documents, key=lambda document: str(document["_id"]))


def files(folder: Path) -> set[str]:
    """The exported files, without the folder's own."""
    found = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    return found - {"newsgraph.toml"}


async def test_an_export_of_every_kind_of_document_loads_to_the_same(
    memory: Database, site: Path, tmp_path: Path
) -> None:
    await loaded(memory, site)
    report = await exported(memory, tmp_path / "out")
    assert (report.added, report.rejected, report.kinds["authors"]) == (8, [], 1)
    assert files(tmp_path / "out") == {
        *(f"{name.partition('.')[0]}.md" for name in FILES if name != "_news/b.html"),
        "_news/b.html",
    }
    async with open_database(SETTINGS) as other:
        await loaded(other, tmp_path / "out")
        assert await stored(other) == await stored(memory)


async def test_an_export_keeps_the_reader_settings(
    memory: Database, site: Path, tmp_path: Path
) -> None:
    reader = (
        '[reader]\nname = "The \\"Gull\\""\ntimezone = "Europe/Lisbon"\ntime-format = "HH:mm"\n'
    )
    (site / "newsgraph.toml").write_text(f'preset = "plain"\n{reader}')
    await loaded(memory, site)
    await exported(memory, tmp_path / "out")
    async with open_database(SETTINGS) as other:
        await loaded(other, tmp_path / "out")
        before, after = [common_site(await read_corpus(each)) for each in (memory, other)]
    assert after == before
    assert before["name"] == 'The "Gull"'


async def test_an_export_of_the_seeds_loads_to_the_same(memory: Database, tmp_path: Path) -> None:
    await loaded(memory, SEEDS)
    report = await exported(memory, tmp_path / "out")
    warned_fields = {warning.field for warning in report.warnings if warning.field}
    assert (report.rejected, warned_fields) == ([], {"extra.items"})
    async with open_database(SETTINGS) as other:
        await loaded(other, tmp_path / "out")
        differing = [
            a["_id"]
            for a, b in zip(*[await stored(d) for d in (memory, other)], strict=True)
            if a != b
        ]
    assert differing == ["_news/2025-06-18-ten-long-reads-about-the-shelf"]


async def test_only_files_that_differ_are_written_again(
    memory: Database, site: Path, tmp_path: Path
) -> None:
    await loaded(memory, site)
    out = tmp_path / "out"
    await exported(memory, out)
    before = {name: (out / name).stat().st_ino for name in files(out)}
    write(site / "_news/a.md", article(body="Changed"))
    await loaded(memory, site)
    report = await exported(memory, out)
    assert (report.added, report.updated, report.unchanged) == (0, 1, 7)
    after = {name: (out / name).stat().st_ino for name in files(out)}
    assert {name for name in before if before[name] != after[name]} <= {"_news/a.md"}
    assert (out / "_news/a.md").read_text().endswith("---\nChanged")


async def test_files_without_a_document_are_named_and_pruned(
    memory: Database, site: Path, tmp_path: Path
) -> None:
    await loaded(memory, site)
    out = tmp_path / "out"
    await exported(memory, out)
    write(out / "README.md", "About this backup.")
    await memory.delete(ARTICLES, {"_id": "_news/image/index"})
    report = await exported(memory, out)
    named = {Path(warning.path).name for warning in report.warnings}
    assert {"index.md", "README.md"} <= named
    assert (out / "_news/image/index.md").exists()
    report = await exported(memory, out, prune=True)
    assert (report.removed, (out / "_news/image").exists()) == (1, False)
    assert (out / "README.md").exists()


@pytest.mark.parametrize(("old", "new"), [("html", "md"), ("md", "html")])
async def test_a_file_whose_document_has_another_format_is_a_fault_until_it_is_pruned(
    old: str, new: str, memory: Database, tmp_path: Path
) -> None:
    bodies = {"html": "<p>A</p>", "md": "A"}
    site, out = tmp_path / "site", tmp_path / "out"
    first = write(site / f"a.{old}", article(body=bodies[old]))
    await loaded(memory, site)
    await exported(memory, out)
    first.unlink()
    write(site / f"a.{new}", article(body=bodies[new]))
    await loaded(memory, site)
    report = await exported(memory, out)
    reason = f"has the same slug as {out}/a.{new}, so a load rejects both: --prune deletes it"
    assert [(fault.path, fault.reason) for fault in report.rejected] == [(f"{out}/a.{old}", reason)]
    assert report.exit_code() == 1
    assert files(out) == {"a.md", "a.html"}
    report = await exported(memory, out, prune=True)
    assert (report.rejected, report.removed) == ([], 1)
    async with open_database(SETTINGS) as other:
        await loaded(other, out)
        assert await stored(other) == await stored(memory)


async def test_a_file_beside_that_of_a_document_is_not_deleted_without_front_matter(
    memory: Database, site: Path, tmp_path: Path
) -> None:
    await loaded(memory, site)
    out = tmp_path / "out"
    await exported(memory, out)
    mine = write(out / "_news/a.html", "Mine")
    report = await exported(memory, out, prune=True)
    assert [fault.path for fault in report.rejected] == [str(mine)]
    assert report.rejected[0].reason.endswith("it has no front matter, delete it yourself")
    assert mine.read_text() == "Mine"


async def test_an_empty_database_prunes_nothing(
    memory: Database, site: Path, tmp_path: Path
) -> None:
    await loaded(memory, site)
    await exported(memory, tmp_path / "out")
    async with open_database(SETTINGS) as empty:
        with pytest.raises(UsageError, match="holds no documents"):
            await exported(empty, tmp_path / "out", prune=True)
    assert len(files(tmp_path / "out")) == 8


async def test_a_folder_of_other_files_is_rejected(memory: Database, tmp_path: Path) -> None:
    other = write(tmp_path / "mine" / "notes.txt", "Mine")
    with pytest.raises(UsageError, match="was not made by an export"):
        await exported(memory, other.parent)
    with pytest.raises(UsageError, match="is not a folder"):
        await exported(memory, other)
    assert list(other.parent.iterdir()) == [other]


@pytest.mark.parametrize(
    "slug",
    ["../x", "/tmp/x", "a//b", "a/../../x", "", ".git/x", "a\0", "e\u0301", "a.md/b", "a.YML.gz/b"],
)
async def test_a_hostile_slug_is_rejected(
    slug: str, memory: Database, site: Path, tmp_path: Path
) -> None:
    await loaded(memory, site)
    [document] = await memory.find(ARTICLES, {"_id": "_news/a"})
    await memory.replace(ARTICLES, [{**document, "_id": slug}])
    report = await exported(memory, tmp_path / "out")
    assert (len(report.rejected), report.added) == (1, 8)
    assert {path.name for path in tmp_path.iterdir()} == {"site", "out"}


@pytest.mark.parametrize("is_case_sensitive", [True, False])
async def test_slugs_that_differ_only_in_case_are_named(
    is_case_sensitive: bool,
    memory: Database,
    site: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(ExportFolder, "is_case_sensitive", is_case_sensitive)
    await loaded(memory, site)
    [first] = await memory.find(ARTICLES, {"_id": "_news/a"})
    [topic] = await memory.find(TAXONOMY, {"_id": "_data/topics/ai"})
    await memory.replace(ARTICLES, [{**first, "_id": "_news/A", "title": "Other"}])
    await memory.replace(TAXONOMY, [{**topic, "_id": "_NEWS/a"}])
    report = await exported(memory, tmp_path / "out")
    reason = "differs from _news/A only in case: a load takes only one of the two"
    also = ", and this file system cannot hold both files: it is not written"
    assert {(Path(fault.path).name, fault.reason) for fault in report.rejected} == {
        ("a.md", reason if is_case_sensitive else reason + also)
    }
    assert len(report.rejected) == 2
    assert ("_news/a.md" in files(tmp_path / "out")) is is_case_sensitive
    assert "title: Other" in (tmp_path / "out/_news/A.md").read_text()


def test_variants_are_found_among_many_slugs() -> None:
    variants = CaseVariants()
    slugs = [f"news/{number}" for number in range(20_000)]
    for slug in (*slugs, "Straße", "strasse", "É", "é"):
        variants.add(slug)
    assert [variants.earlier(slug) for slug in slugs] == [None] * len(slugs)
    found = [variants.earlier(slug) for slug in ("Straße", "strasse", "É", "é", "é")]
    assert found == [None, "Straße", None, "É", "É"]


@pytest.fixture
def ended() -> int:
    """The id of a process that has ended."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


async def test_temporary_files_of_a_killed_export_are_deleted(
    ended: int, memory: Database, site: Path, tmp_path: Path
) -> None:
    await loaded(memory, site)
    out = tmp_path / "out"
    await exported(memory, out)
    for pid in (ended, os.getpid(), os.getppid()):
        write(out / f".newsgraph-export/{pid}.tmp", "half a fi")
    write(out / ".newsgraph-export/mine.tmp", "")
    await exported(memory, out)
    assert files(out / ".newsgraph-export") == {f"{os.getppid()}.tmp", "mine.tmp"}


async def test_links_out_of_the_folder_are_not_followed(
    memory: Database, site: Path, tmp_path: Path
) -> None:
    await loaded(memory, site)
    out = tmp_path / "out"
    await exported(memory, out)
    (out / "_data").rename(tmp_path / "elsewhere")
    (tmp_path / "elsewhere" / "topics" / "ai.md").write_text("Mine")
    (out / "_data").symlink_to(tmp_path / "elsewhere")
    report = await exported(memory, out)
    assert {fault.reason for fault in report.rejected} == {
        "cannot be written: a link leads out of the exported folder"
    }
    assert (tmp_path / "elsewhere" / "topics" / "ai.md").read_text() == "Mine"


DATES = st.datetimes(datetime(1900, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)).map(
    lambda date: date.replace(microsecond=date.microsecond // 1000 * 1000)
)
FILLED = TEXTS.map(str.strip).filter(bool)


@examples(25)
@given(title=FILLED, date=DATES, heat=st.integers(-9, 9), body=TEXTS, extra=VALUES)
def test_an_export_of_any_article_loads_to_the_same(
    title: str, date: datetime, heat: int, body: str, extra: object
) -> None:
    text = body.replace("\r\n", "\n")
    document = {
        "_id": "a",
        **dict.fromkeys(ALWAYS_STORED),
        "title": title,
        "foldedTitle": folded_key(title),
        "urlKey": None,
        "excerpt": None,
        "provider": {"name": title, "domain": "d.example"},
        "publishedDateTime": date,
        "heat": heat,
        "published": True,
        "extra": {"other": extra},
        "source": {"root": "/", "hasUpdatedDateTime": False},
        **({"body": text} if text.strip() else {}),
    }
    file = exported_file(document, Root("out", "/out"), datetime.now(UTC))
    assert (file.faults, file.warnings) == ([], [])


def test_the_command_reports_and_exits_as_load_does(tmp_path: Path) -> None:
    result = run("export", tmp_path / "out", "--report", "json")
    report = json.loads(result.stdout)
    assert (result.exit_code, report["exported"], report["rejected"]) == (0, 0, [])
    write(tmp_path / "mine" / "a.txt", "")
    result = run("export", tmp_path / "mine")
    assert (result.exit_code, result.stdout) == (2, "")
    assert run("export").exit_code == 2
    assert run("export", "").exit_code == 2


@pytest.fixture
def ten_articles(monkeypatch: pytest.MonkeyPatch) -> None:
    """The command reads a database of ten articles, two at a time."""

    @asynccontextmanager
    async def filled(settings: Settings) -> AsyncIterator[Database]:
        async with open_database(settings) as database:
            await store(database, *(stored_article(f"{number}") for number in range(10)))
            yield database

    monkeypatch.setattr(export_command, "open_database", filled)
    monkeypatch.setattr(export, "BATCH", 2)


@pytest.mark.usefixtures("ten_articles")
@pytest.mark.parametrize(
    ("signals", "code", "said"),
    [
        ([signal.SIGINT], 130, "stopping after the current writes"),
        ([signal.SIGTERM], 143, "stopping after the current writes"),
        ([signal.SIGINT, signal.SIGTERM], 130, "interrupted; export again to continue"),
    ],
)
def test_a_stopped_export_leaves_no_temporary_file_and_can_be_continued(
    signals: list[signal.Signals],
    code: int,
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    out = tmp_path / "out"
    original = ExportFolder.write

    def write_and_stop(folder: ExportFolder, path: str, data: bytes) -> WriteResult:
        if path == "2.md":
            for number in signals:
                os.kill(os.getpid(), number)
        return original(folder, path, data)

    with monkeypatch.context() as patch:
        patch.setattr(ExportFolder, "write", write_and_stop)
        result = run("export", out, "--report", "json")
    assert (result.exit_code, said in result.stderr) == (code, True), result.output
    written = files(out)
    assert 3 <= len(written) < 10
    assert all(path.endswith(".md") for path in written)
    result = run("export", out, "--report", "json")
    assert (result.exit_code, json.loads(result.stdout)["unchanged"]) == (0, len(written))
    assert len(files(out)) == 10


@pytest.mark.usefixtures("ten_articles")
def test_a_document_that_cannot_be_written_exits_with_1(tmp_path: Path) -> None:
    out = tmp_path / "out"
    (out / ".newsgraph-export").mkdir(parents=True)
    (out / "3.md").mkdir()
    result = run("export", out)
    assert result.exit_code == 1
    assert "1 document rejected: cannot be written: Is a directory" in result.stdout
    assert len(files(out)) == 9


@pytest.mark.usefixtures("ten_articles")
def test_a_database_that_fails_during_the_export_exits_with_3_after_the_report(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    original = Database.find

    async def fail(database: Database, *args: Any, **options: Any) -> Any:
        if len(files(out)) == 4:
            raise DatabaseUnavailable("MongoDB cannot be reached")
        return await original(database, *args, **options)

    monkeypatch.setattr(Database, "find", fail)
    result = run("export", out, "--report", "json")
    assert (result.exit_code, json.loads(result.stdout)["exported"]) == (3, 4)
    assert result.stderr == "newsgraph: MongoDB cannot be reached\n"
