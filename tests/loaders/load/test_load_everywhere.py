"""Loads into a real database or, where that makes no difference, into one in memory."""

from __future__ import annotations

import os
import shutil
import unicodedata
from collections.abc import Awaitable, Callable
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import Any, BinaryIO

import pytest

from graph.documents import ARTICLES, CORPUS, META, PROVIDERS, TAXONOMY, TOPICS
from graph.errors import UsageError
from graph.fields.article_document import ALWAYS_STORED
from graph.store.driver.database import Database
from graph.store.indexes import missing_indexes
from graph.store.load import write as store_write
from graph.store.revision import read_corpus
from loaders.load.options import LoadOptions
from loaders.load.run import check
from loaders.workers import parser, worker
from loaders.workers.jobs import Job
from tests.builders import article as stored_article
from tests.conftest import Commands
from tests.loaders.builders import SETTINGS, counts, faults, loaded, packed, warnings, write

pytestmark = pytest.mark.usefixtures("inline")

SEEDS = Path(__file__).parents[3] / "seeds"
TOPIC = "taxonomy: topic\nname: AI\nparent: Science\n"


def put(folder: Path, slug: str, **changes: str) -> Path:
    """Write an article's file."""
    keys = {
        "title": f"Title of {slug}",
        "provider": "{name: Gull, domain: gull.example}",
        "topics": "[AI]",
        "secured": "a;b",
    }
    lines = [f"{key}: {value}" for key, value in {**keys, **changes}.items()]
    return write(folder / f"{slug}.md", "\n".join(["---", *lines, "---", ""]))


async def everything(database: Database) -> dict[str, list[dict[str, Any]]]:
    """All that is stored."""
    names = (ARTICLES, TAXONOMY, TOPICS, PROVIDERS, META)
    return {name: await database.find(name, {}, sort=[("_id", 1)]) for name in names}


async def source(database: Database, slug: str) -> dict[str, Any]:
    [row] = await database.find(ARTICLES, {"_id": slug}, projection={"source": 1})
    found: dict[str, Any] = row["source"]
    return found


async def test_a_second_load_writes_nothing(
    database: Database, tmp_path: Path, commands: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(tmp_path, "a")
    put(tmp_path, "b")
    write(tmp_path / "_data/topics/ai.yml", TOPIC)
    assert counts(await loaded(database, tmp_path)) == {"added": 3, "revision": 1}
    before = await everything(database)
    commands.names.clear()
    monkeypatch.setattr(parser, "convert", None)  # nothing is parsed either
    report = await loaded(database, tmp_path, prune=True)
    assert counts(report) == {"unchanged": 3, "revision": 1}
    assert report.kinds == {"articles": 2, "topics": 1, "providers": 0, "authors": 0}
    assert set(commands.names) <= {"ping", "find", "createIndexes"}
    assert await everything(database) == before


async def test_the_revision_rises_only_with_a_change_in_meaning(
    database: Database, tmp_path: Path
) -> None:
    put(tmp_path, "a")
    put(tmp_path, "b")
    await loaded(database, tmp_path)
    put(tmp_path, "a", secured="c;d")
    report = await loaded(database, tmp_path)
    assert counts(report) == {"volatileOnly": 1, "unchanged": 1, "revision": 1}
    put(tmp_path, "b", topics="[AI, Sea]")
    report = await loaded(database, tmp_path)
    assert counts(report) == {"updated": 1, "unchanged": 1, "revision": 2}
    rows = await database.find(ARTICLES, {}, projection={"secured": 1, "source.revision": 1})
    assert {row["_id"]: (row["secured"], row["source"]["revision"]) for row in rows} == {
        "a": ("c;d", 1),
        "b": ("a;b", 2),
    }
    topics = await database.find(TOPICS, {}, projection={"articleCount": 1}, sort=[("_id", 1)])
    assert topics == [{"_id": "AI", "articleCount": 2}, {"_id": "Sea", "articleCount": 1}]


async def test_a_file_that_was_only_touched_is_left_alone(
    memory: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = put(tmp_path, "a")
    await loaded(memory, tmp_path)
    before = await everything(memory)
    os.utime(path, ns=(5, 5))
    monkeypatch.setattr(parser, "convert", None)
    assert counts(await loaded(memory, tmp_path)) == {"unchanged": 1, "revision": 1}
    assert await everything(memory) == before


async def test_a_quick_load_does_not_read_files_of_the_same_size_and_time(
    memory: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = [put(tmp_path, slug, title="One") for slug in ("a", "b")]
    for path in paths:
        os.utime(path, (1_700_000_000, 1_700_000_000))
    await loaded(memory, tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr(worker, "read", None)
        report = await loaded(memory, tmp_path, quick=True)
    assert counts(report) == {"unchanged": 2, "revision": 1}
    put(tmp_path, "a", title="Two")  # of the same size
    assert counts(await loaded(memory, tmp_path, quick=True)) == {
        "updated": 1,
        "unchanged": 1,
        "revision": 2,
    }


async def test_a_quick_load_reads_what_changed_within_the_tick_of_a_clock(
    memory: Database, tmp_path: Path
) -> None:
    path = put(tmp_path, "a", title="One")
    status = path.stat()
    await loaded(memory, tmp_path)
    put(tmp_path, "a", title="Two")
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert (await loaded(memory, tmp_path, quick=True)).updated == 1


async def test_a_change_of_formatting_is_no_update_and_is_parsed_once(
    memory: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = put(tmp_path, "a")
    await loaded(memory, tmp_path)
    before = await everything(memory)
    path.write_text(path.read_text().replace("---\n", "---\n# a remark\n", 1))
    assert counts(await loaded(memory, tmp_path)) == {"unchanged": 1, "revision": 1}
    after = await everything(memory)
    [was], [now] = before.pop(ARTICLES), after.pop(ARTICLES)
    assert after == before
    assert now["source"]["file"]["size"] == was["source"]["file"]["size"] + len("# a remark\n")
    for row in (was, now):
        del row["source"]["file"], row["source"]["loadedAt"]
    assert now == was
    monkeypatch.setattr(parser, "convert", None)
    assert counts(await loaded(memory, tmp_path)) == {"unchanged": 1, "revision": 1}


@pytest.mark.parametrize("name", ["a.txt", "a.markdown", "a.md.gz"])
async def test_another_file_extension_is_no_change_in_meaning(
    memory: Database, tmp_path: Path, name: str
) -> None:
    path = put(tmp_path, "a")
    await loaded(memory, tmp_path)
    text = path.read_text()
    path.unlink()
    write(tmp_path / name, packed(text) if name.endswith(".gz") else text)
    report = await loaded(memory, tmp_path, prune=True)
    assert counts(report) == {"volatileOnly": 1, "revision": 1}
    assert (await source(memory, "a"))["path"] == name
    assert counts(await loaded(memory, tmp_path)) == {"unchanged": 1, "revision": 1}


async def test_another_root_is_no_change_in_meaning(memory: Database, tmp_path: Path) -> None:
    put(tmp_path / "one", "a")
    await loaded(memory, tmp_path / "one")
    (tmp_path / "one").rename(tmp_path / "two")
    report = await loaded(memory, tmp_path / "two")
    assert counts(report) == {"volatileOnly": 1, "revision": 1}
    found = await source(memory, "a")
    assert (found["root"], found["path"]) == (str(tmp_path / "two"), "a.md")
    assert counts(await loaded(memory, tmp_path / "two")) == {"unchanged": 1, "revision": 1}


async def test_a_document_of_another_kind_leaves_nothing_behind(
    database: Database, tmp_path: Path
) -> None:
    put(tmp_path, "a", topics="[AI, Sea]")
    put(tmp_path, "b")
    await loaded(database, tmp_path)
    write(tmp_path / "a.md", f"---\n{TOPIC}---\n")
    report = await loaded(database, tmp_path)
    assert counts(report) == {"updated": 1, "unchanged": 1, "revision": 2}
    assert report.kinds == {"articles": 1, "topics": 1, "providers": 0, "authors": 0}
    assert [row["_id"] for row in await database.find(ARTICLES, {})] == ["b"]
    ai = {"foldedName": "ai"}
    derived: dict[str, Any] = {"coOccurring": [], "latest": None, "changedRevision": 2}
    science = {"foldedName": "science", "parent": None, "articleCount": 0}
    assert await database.find(TOPICS, {}, sort=[("_id", 1)]) == [
        {"_id": "AI", "slug": "a", "parent": "Science", "articleCount": 1, **ai, **derived},
        {"_id": "Science", "slug": "science", **science, **derived},
    ]
    put(tmp_path, "a")
    report = await loaded(database, tmp_path)
    assert counts(report) == {"updated": 1, "unchanged": 1, "revision": 3}
    assert await database.find(TAXONOMY, {}) == []
    assert await database.find(TOPICS, {}) == [
        {
            "_id": "AI",
            "slug": "ai",
            "parent": None,
            "articleCount": 2,
            **ai,
            **derived,
            "changedRevision": 3,
        }
    ]


async def test_55_a_rejected_document_does_not_stop_others(
    database: Database, tmp_path: Path
) -> None:
    put(tmp_path, "a")
    put(tmp_path, "bad", title="[x]")
    write(tmp_path / "worse.md", "---\na: 'b\n---\n")
    put(tmp_path, "z")
    report = await loaded(database, tmp_path)
    assert (report.loaded, report.exit_code()) == (2, 1)
    assert sorted(faults(report, tmp_path)) == ["bad.md", "worse.md"]
    assert await database.count(ARTICLES, {}) == 2


async def test_a_document_whose_file_is_now_rejected_stays(
    memory: Database, tmp_path: Path
) -> None:
    path = put(tmp_path, "a")
    await loaded(memory, tmp_path)
    before = await everything(memory)
    path.write_text("---\na: 'b\n---\n")
    report = await loaded(memory, tmp_path, prune=True)
    assert (counts(report), report.exit_code()) == ({"revision": 1}, 1)
    assert await everything(memory) == before


@pytest.mark.parametrize("twin", ["a.txt", "A.md"])
async def test_50_files_with_one_slug_are_rejected_and_named(
    memory: Database, tmp_path: Path, twin: str
) -> None:
    put(tmp_path, "a")
    put(tmp_path, "b")
    shutil.copy(tmp_path / "a.md", tmp_path / twin)
    report = await loaded(memory, tmp_path)
    assert report.loaded == 1
    assert faults(report, tmp_path) == {
        "a.md": f"has the same slug as {tmp_path / twin}: 'a'",
        twin: f"has the same slug as {tmp_path / 'a.md'}: '{twin[0]}'",
    }


async def test_a_dry_run_says_what_would_happen_and_writes_nothing(
    database: Database, tmp_path: Path, commands: Commands
) -> None:
    put(tmp_path, "a")
    assert counts(await loaded(database, tmp_path, dry_run=True)) == {"added": 1}
    assert set(commands.names) <= {"ping", "find"}
    put(tmp_path, "b")
    deleted = put(tmp_path, "c")
    await loaded(database, tmp_path)
    before = await everything(database)
    put(tmp_path, "a", secured="new")
    put(tmp_path, "b", title="New")
    deleted.unlink()
    put(tmp_path, "d")
    report = await loaded(database, tmp_path, dry_run=True, prune=True)
    assert counts(report) == {"added": 1, "updated": 1, "volatileOnly": 1, "removed": 1}
    assert await everything(database) == before


async def test_a_file_that_is_deleted_during_the_load_is_ignored(
    memory: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(tmp_path, "a")
    deleted = put(tmp_path, "b")
    work = worker.work

    def delete_first(job: Job, output: BinaryIO) -> None:
        deleted.unlink(missing_ok=True)
        work(job, output)

    monkeypatch.setattr(worker, "work", delete_first)
    report = await loaded(memory, tmp_path)
    assert (counts(report), report.rejected) == ({"added": 1, "revision": 1}, [])
    corpus = await read_corpus(memory)
    assert corpus["lastLoad"]["rejected"] == 0


@pytest.mark.parametrize("option", ["dry_run", "prune"])
async def test_a_database_without_indexes_can_be_loaded(
    bare: Database, tmp_path: Path, option: str
) -> None:
    await bare.replace(ARTICLES, [stored_article("x")])
    put(tmp_path, "a")
    assert (await loaded(bare, tmp_path, **{option: True})).added == 1


async def test_the_first_load_creates_the_indexes(bare: Database, tmp_path: Path) -> None:
    put(tmp_path, "a")
    assert counts(await loaded(bare, tmp_path)) == {"added": 1, "revision": 1}
    assert await missing_indexes(bare) == []


async def test_51_a_load_that_was_killed_is_completed_by_the_next(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(tmp_path, "a")

    async def die(*_: object, **__: object) -> int:
        raise RuntimeError("killed")

    with monkeypatch.context() as patch:
        patch.setattr(store_write, "finish", die)
        with pytest.raises(RuntimeError, match="killed"):
            await loaded(database, tmp_path)
    assert await database.count(TOPICS, {}) == 0
    [row] = await database.find(META, {"_id": CORPUS})
    assert len(row["pending"]) == 1
    assert counts(await loaded(database, tmp_path)) == {"unchanged": 1, "revision": 1}
    assert await database.count(TOPICS, {}) == 1
    assert [row["pending"] for row in await database.find(META, {"_id": CORPUS})] == [[]]


@pytest.mark.parametrize("before", ["article", "topic"])
@pytest.mark.parametrize("survived", range(7))
async def test_51_a_load_that_was_killed_while_a_document_moved_is_completed(
    memory: Database,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    before: str,
    survived: int,
) -> None:
    kinds = {"article": put(tmp_path, "a").read_text(), "topic": f"---\n{TOPIC}---\n"}
    after = kinds.pop("topic" if before == "article" else "article")
    write(tmp_path / "a.md", kinds[before])
    put(tmp_path, "b")
    await loaded(memory, tmp_path)
    write(tmp_path / "a.md", after)
    calls = count()

    def dying(call: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
        async def wrapped(*arguments: Any) -> Any:
            if next(calls) == survived:
                raise RuntimeError("killed")
            return await call(*arguments)

        return wrapped

    with monkeypatch.context() as patch, suppress(RuntimeError):
        for name in ("put", "remove", "finish"):
            patch.setattr(store_write, name, dying(getattr(store_write, name)))
        await loaded(memory, tmp_path)
    await loaded(memory, tmp_path)
    rows = {name: await memory.find(name, {}) for name in (ARTICLES, TAXONOMY)}
    slugs = {name: sorted(row["_id"] for row in found) for name, found in rows.items()}
    assert slugs == (
        {ARTICLES: ["b"], TAXONOMY: ["a"]}
        if before == "article"
        else {ARTICLES: ["a", "b"], TAXONOMY: []}
    )
    topics = {row["_id"]: row for row in await memory.find(TOPICS, {})}
    assert topics["AI"]["articleCount"] == len(slugs[ARTICLES])
    assert bool(topics["AI"]["parent"]) is ("Science" in topics) is (before == "article")


async def test_a_missing_path_is_named_and_nothing_is_changed(
    memory: Database, tmp_path: Path
) -> None:
    with pytest.raises(UsageError, match="nowhere: cannot be read: No such file or directory"):
        await loaded(memory, tmp_path / "nowhere")
    assert await everything(memory) == {
        name: [] for name in (ARTICLES, TAXONOMY, TOPICS, PROVIDERS, META)
    }


async def test_several_paths_are_loaded_at_once(memory: Database, tmp_path: Path) -> None:
    put(tmp_path / "one", "sub/a")
    put(tmp_path / "two", "b")
    single = put(tmp_path / "three", "c")
    put(tmp_path / "three", "not-given")
    paths = (tmp_path / "one", tmp_path / "two", single, single, tmp_path / "one")
    assert counts(await loaded(memory, *paths)) == {"added": 3, "revision": 1}
    rows = await memory.find(ARTICLES, {}, sort=[("_id", 1)])
    assert [(row["_id"], row["source"]["root"], row["source"]["path"]) for row in rows] == [
        ("b", str(tmp_path / "two"), "b.md"),
        ("c", str(tmp_path / "three"), "c.md"),
        ("sub/a", str(tmp_path / "one"), "sub/a.md"),
    ]
    assert counts(await loaded(memory, *paths)) == {"unchanged": 3, "revision": 1}


async def test_a_root_gives_every_path_its_slug(memory: Database, tmp_path: Path) -> None:
    put(tmp_path, "_news/a")
    topic = write(tmp_path / "_data/topics/ai.yml", "name: AI\n")
    await loaded(memory, tmp_path)
    before = await everything(memory)
    report = await loaded(memory, topic, tmp_path / "_news", root=tmp_path)
    assert counts(report) == {"unchanged": 2, "revision": 1}
    assert await everything(memory) == before


async def test_a_document_that_lost_its_front_matter_is_rejected(
    memory: Database, tmp_path: Path
) -> None:
    """Its earlier content is still served: that deserves more than a warning."""
    path = write(tmp_path / "a.md")
    await loaded(memory, tmp_path)
    write(path, "# About\n")
    write(tmp_path / "b.md", "# About\n")
    report = await loaded(memory, tmp_path)
    reason = "no front matter: the first line is not `---`"
    assert faults(report, tmp_path) == {"a.md": reason}
    assert warnings(report, tmp_path) == {"b.md": reason}
    assert [row["_id"] for row in await memory.find(ARTICLES, {})] == ["a"]


async def test_globs_choose_what_is_loaded(memory: Database, tmp_path: Path) -> None:
    for slug in ("a", "drafts/b", "sub/c", "sub/README"):
        put(tmp_path, slug)
    report = await loaded(memory, tmp_path, exclude=["drafts/", "README.md"])
    assert counts(report) == {"added": 2, "revision": 1}
    report = await loaded(memory, tmp_path, include=["sub/", "drafts/"], exclude=["README.md"])
    assert counts(report) == {"added": 1, "unchanged": 1, "revision": 2}
    assert sorted(row["_id"] for row in await memory.find(ARTICLES, {})) == [
        "a",
        "drafts/b",
        "sub/c",
    ]


YAML = "---\ntitle: Ünï\nprovider: {name: Gull, domain: gull.example}\ntopics: [AI]\nheat: 3\n"
JSON = (
    '{"title": "Ünï", "provider": {"name": "Gull", "domain": "gull.example"},'
    ' "topics": ["AI"], "heat": 3, "more": {"ratio": 1.5, "none": null}}\nBody.\n'
)
TOML = (
    '+++\ntitle = "Ünï"\ntopics = ["AI"]\nheat = 3\n'
    '[provider]\nname = "Gull"\ndomain = "gull.example"\n[more]\nratio = 1.5\n+++\nBody.\n'
)


async def test_every_format_is_stored_alike(database: Database, tmp_path: Path) -> None:
    texts: dict[str, str | bytes] = {
        "a.md": f"{YAML}more: {{ratio: 1.5}}\n---\nBody.\n",
        "b.md": JSON.replace(', "none": null', ""),
        "c.md": TOML,
        "d.md.gz": packed(TOML),
        "e.txt": "---json\n" + JSON.replace(', "none": null', "").replace("\nBody", "\n---\nBody"),
        "f.markdown.gz": packed(f"\ufeff{YAML}more: {{ratio: 1.5}}\n---\nBody.\n"),
    }
    for name, text in texts.items():
        write(tmp_path / name, text)
    assert counts(await loaded(database, tmp_path)) == {"added": 6, "revision": 1}
    rows = await database.find(ARTICLES, {}, sort=[("_id", 1)])
    assert [row["source"].pop("path") for row in rows] == list(texts)
    for row in rows:
        del row["_id"], row["source"], row["updatedDateTime"]
    assert rows == 6 * [
        {
            **dict.fromkeys(name for name in ALWAYS_STORED if name != "updatedDateTime"),
            "title": "Ünï",
            "foldedTitle": "uni",
            "urlKey": None,
            "heat": 3,
            "published": True,
            "provider": {"name": "Gull", "domain": "gull.example"},
            "topics": ["AI"],
            "body": "Body.\n",
            "extra": {"more": {"ratio": 1.5}},
        }
    ]
    assert counts(await loaded(database, tmp_path)) == {"unchanged": 6, "revision": 1}


async def test_slugs_are_composed_whatever_the_file_system_says(
    memory: Database, tmp_path: Path
) -> None:
    put(tmp_path, unicodedata.normalize("NFD", "é/ü"))
    await loaded(memory, tmp_path)
    assert [row["_id"] for row in await memory.find(ARTICLES, {})] == ["é/ü"]
    report = await loaded(memory, tmp_path, prune=True)
    assert counts(report) == {"unchanged": 1, "revision": 1}


async def test_the_seeds_load_but_for_the_one_that_shows_a_fault(database: Database) -> None:
    report = await loaded(database, SEEDS)
    assert report.kinds == {"articles": 60, "topics": 13, "providers": 9, "authors": 1}
    assert [Path(p.path).name for p in report.rejected] == ["2025-09-02-a-name-without-quotes.md"]
    assert (await check(LoadOptions.of([SEEDS], jobs=1), SETTINGS)).kinds == report.kinds
