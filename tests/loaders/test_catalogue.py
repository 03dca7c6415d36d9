"""Hostile documents, from the command to the database and back, through real worker processes."""

from __future__ import annotations

import json
import os
import unicodedata
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic
from typing import Any, NamedTuple
from unittest.mock import ANY

import pytest
import pytest_asyncio

from graph.config import Settings
from graph.documents import ARTICLES, META, TAXONOMY
from graph.errors import UsageError
from graph.store.driver.client import open_database
from graph.store.driver.database import Database
from loaders.files.discover import Skipped, discover
from loaders.files.places import Place, SourceFile
from loaders.files.selection import FileSelection
from loaders.load import run as load_module
from tests.builders import drop
from tests.conftest import Ask, query_sender
from tests.forks import run as forked
from tests.loaders.builders import ARTICLE, article, counts, faults, loaded, write
from tests.loaders.hostile import EMPTY, GOOD, NO_FRONT, REJECTED, SKIPPED, TWINS, WARNED, hostile

APPLY = "the tag '!!python/object/apply:os.system'"
ROOT = Path(__file__).parents[2]

STRANGE: dict[str, tuple[str | bytes, dict[str, Any]]] = {
    "37/deep.md": (
        article(f"a: {'[' * 98}{']' * 98}"),
        {"a": json.loads("[" * 98 + "]" * 98)},
    ),
    "37/deeper.md": (
        article(f"a: {'[' * 150}{']' * 150}"),
        {"a": json.loads("[" * 99 + json.dumps("[" * 51 + "]" * 51) + "]" * 99)},
    ),
    "38/tags.md": (
        article(
            "a: !!python/object/apply:os.system [id]",
            "b: !!binary aGk=",
            "c: [!mine x, =]",
            "d: {<<: {e: 1}}",
        ),
        {
            "a": "!!python/object/apply:os.system [id]",
            "b": "!!binary aGk=",
            "c": ["!mine x", "="],
            "d": {"<<": {"e": 1}},
        },
    ),
    "44/odd.md": (
        article('"a\\0b": 1', "[c]: 2", "{d: e}: 3", "$ref: x", "$id: y"),
        {r"a\0b": 1, "[c]": 2, "{d: e}": 3, "$ref": '{"$ref":"x","$id":"y"}'},
    ),
    "42/texts.md": (
        article("category: no", "excerpt: 12:30:45", "secured: 0123", "featuredContent: 1.10"),
        {},
    ),
    "42/unknown.md": (
        article("a: no", "b: 12:30:45", "c: '0123'", "d: 1.5", "e: 0x1F", "f: ~"),
        {"a": "no", "b": "12:30:45", "c": "0123", "d": 1.5, "e": 31, "f": None},
    ),
    "43/limits.md": (
        article(f"a: {2**63 - 1}", f"b: -{2**63}", "c: 1.7976931348623157e308"),
        {"a": 2**63 - 1, "b": -(2**63), "c": 1.7976931348623157e308},
    ),
    "43/texts.md": (
        article("a: .nan", "b: [-.inf]", f"c: {2**64}", "d: 123e4567", "e: {$ref: x, $id: 1}"),
        {
            "a": ".nan",
            "b": ["-.inf"],
            "c": str(2**64),
            "d": "123e4567",
            "e": '{"$ref":"x","$id":1}',
        },
    ),
    "44/keys.md": (
        article(
            "$where: this.x",
            "a.b: 1",
            '"": 2',
            "_id: mine",
            "1: one",
            "true: yes",
            "null: none",
            "extra: {$set: {$inc: 1}, $ref: r, x: {$id: i}}",
            "source: {hash: 0}",
        ),
        {
            "$where": "this.x",
            "a.b": 1,
            "": 2,
            "_id": "mine",
            "1": "one",
            "true": "yes",
            "null": "none",
            "extra": {"$set": {"$inc": 1}, "$ref": "r", "x": {"$id": "i"}},
            "source": {"hash": 0},
        },
    ),
    "45/marked.md": (b"\xef\xbb\xbf" + article("a: b").encode(), {"a": "b"}),
    "45/escape.md": (article('a: "\\ud800"'), {"a": "\\ud800"}),
    "45/crlf.md": (
        article("a: b", "c: |", "  d", "  e").replace("\n", "\r\n"),
        {"a": "b", "c": "d\ne\n"},
    ),
    "46/rule.md": (article("a: b", body="Text.\n\n---\n\nMore.\n"), {"a": "b"}),
}
"""Files that are odd and right, and what is kept of them below `extra`."""

DATES = {
    "41/day.md": ("2025-03-01", datetime(2025, 3, 1, tzinfo=UTC)),
    "41/no-offset.md": ("2025-03-01T08:30:00", datetime(2025, 3, 1, 8, 30, tzinfo=UTC)),
    "41/space.md": ("2025-03-01 08:30:00.123", datetime(2025, 3, 1, 8, 30, 0, 123000, tzinfo=UTC)),
    "41/offset.md": ("2025-03-01T08:30:00+05:30", datetime(2025, 3, 1, 3, 0, tzinfo=UTC)),
    "41/quoted.md": ("'2025-03-01T08:30:00-01:00'", datetime(2025, 3, 1, 9, 30, tzinfo=UTC)),
}


def slug(name: str) -> str:
    return unicodedata.normalize("NFC", name.partition(".")[0])


class Outcome(NamedTuple):
    """The result of a command: its report, standard error, exit code and duration."""

    report: dict[str, Any]
    stderr: str
    code: int
    seconds: float


def run(*arguments: str | Path, **environment: str) -> Outcome:
    started = monotonic()
    options = ("--report", "json", "--jobs", "2")
    done = forked(*arguments, *options, module="loaders", **environment)
    return Outcome(json.loads(done.stdout), done.stderr, done.returncode, monotonic() - started)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All hostile files, with good and odd ones among them."""
    folder = tmp_path_factory.mktemp("catalogue") / "site"
    hostile(folder)
    for name, (content, _) in STRANGE.items():
        write(folder / name, content)
    for name, (date, _) in DATES.items():
        write(folder / name, ARTICLE.replace("2025-03-01T08:30:00Z", date))
    return folder


@pytest.fixture(scope="module")
def checked(folder: Path) -> Outcome:
    return run("check", folder)


@pytest_asyncio.fixture(scope="module")
async def database(mongod: str | UsageError) -> AsyncIterator[Database]:
    """A database on a real server that the tests of this module share."""
    if isinstance(mongod, UsageError):
        pytest.skip(str(mongod))
    url = mongod.replace("/?", "/catalogue?")
    async with open_database(Settings(mongo_url=url)) as opened:
        yield opened
        await drop(opened)


@pytest.fixture(scope="module")
def stored(folder: Path, mongod: str | UsageError, database: Database) -> Outcome:
    """The outcome of a load into that database."""
    assert isinstance(mongod, str)
    return run("load", folder, NEWSGRAPH_MONGO_URL=mongod.replace("/?", "/catalogue?"))


def first_faults(
    outcome: Outcome, folder: Path, kind: str = "rejected"
) -> dict[str, tuple[Any, str]]:
    """The line and the reason of each file's first fault."""
    found: dict[str, tuple[Any, str]] = {}
    for fault in outcome.report[kind]:
        name = str(Path(fault["path"]).relative_to(folder))
        reason = f"{fault['field']}: {fault['reason']}" if fault["field"] else fault["reason"]
        found.setdefault(name, (fault["line"], reason))
    return found


def expected(folder: Path) -> dict[str, tuple[int | None, str]]:
    rejected: dict[str, tuple[int | None, str]] = {
        name: (line, reason) for name, (_, line, reason) in REJECTED.items()
    }
    for name, twin in TWINS.items():
        rejected[name] = (None, f"has the same slug as {folder / twin}: '{slug(name)}'")
    rejected["47/large.md"] = (None, "is larger than 16 MB")
    rejected["48/?.md"] = (None, "the name is not UTF-8")
    return rejected


def of(case: int, rows: dict[str, Any]) -> dict[str, Any]:
    return {name: row for name, row in rows.items() if name.startswith(f"{case}/")}


async def rows_of(database: Database, names: Sequence[str]) -> dict[str, dict[str, Any]]:
    slugs = {slug(name): name for name in names}
    rows = await database.find(ARTICLES, {"_id": {"$in": list(slugs)}})
    return {slugs[row["_id"]]: row for row in rows}


ACCEPTED = [*GOOD, *STRANGE, *DATES]


def test_a_check_finishes_and_names_every_hostile_file(folder: Path, checked: Outcome) -> None:
    assert (checked.code, checked.stderr) == (1, "")
    assert checked.report["loaded"] == len(ACCEPTED)
    assert first_faults(checked, folder) == expected(folder)
    warned = first_faults(checked, folder, "warnings")
    assert warned == {
        **{name: (None, reason) for name, reason in SKIPPED.items()},
        **{path: (1, NO_FRONT if text.strip() else EMPTY) for path, text in WARNED.items()},
        "37/deeper.md": (9, ANY),
        "38/tags.md": (9, f"a: {APPLY} is not allowed: kept as text"),
        "44/odd.md": (9, r"a\0b: a key must not contain a NUL character: kept as the key 'a\\0b'"),
        "43/texts.md": (9, "a: .nan is not a finite number: kept as text"),
        "45/escape.md": (9, "a: the character U+D800 is not allowed: kept as text"),
    }


async def test_a_load_finishes_and_stores_every_good_file(
    folder: Path, stored: Outcome, database: Database
) -> None:
    assert (stored.code, stored.stderr) == (1, "")
    assert (stored.report["added"], stored.report["revision"]) == (len(ACCEPTED), 1)
    assert first_faults(stored, folder) == expected(folder)
    rows = await database.find(ARTICLES, {}, projection={"_id": 1})
    assert {row["_id"] for row in rows} == {slug(name) for name in ACCEPTED}
    assert await database.count(TAXONOMY, {}) == 0
    [corpus] = await database.find(META, {})
    assert (corpus["pending"], corpus["lastLoad"]["rejected"]) == ([], len(expected(folder)))


def require_rejected(case: int, folder: Path, *outcomes: Outcome) -> None:
    """All hostile files of a case are rejected at their lines, and as they should be."""
    for outcome in outcomes:
        assert of(case, first_faults(outcome, folder)) == of(case, expected(folder)) != {}


async def require_extra_unchanged(database: Database, case: int) -> dict[str, dict[str, Any]]:
    """Require that `extra` of unusual files is stored unchanged; return the rows."""
    rows = await rows_of(database, list(of(case, STRANGE)))
    assert {name: row["extra"] for name, row in rows.items()} == {
        name: extra for name, (_, extra) in of(case, STRANGE).items()
    }
    return rows


def test_36_aliases_that_multiply_or_contain_themselves_are_rejected(
    folder: Path, checked: Outcome
) -> None:
    require_rejected(36, folder, checked)


async def test_37_nesting_beyond_a_hundred_levels_is_rejected_or_kept_as_text(
    folder: Path, stored: Outcome, database: Database
) -> None:
    require_rejected(37, folder, stored)
    await require_extra_unchanged(database, 37)


async def test_38_tags_make_no_objects(folder: Path, stored: Outcome, database: Database) -> None:
    require_rejected(38, folder, stored)
    await require_extra_unchanged(database, 38)


def test_39_a_key_that_occurs_twice_is_rejected(folder: Path, checked: Outcome) -> None:
    require_rejected(39, folder, checked)


def test_40_invalid_dates_are_rejected(folder: Path, checked: Outcome) -> None:
    require_rejected(40, folder, checked)


async def test_41_dates_are_utc_and_equal_after_a_round_trip(
    stored: Outcome, database: Database
) -> None:
    rows = await rows_of(database, list(DATES))
    assert {name: row["publishedDateTime"] for name, row in rows.items()} == {
        name: moment for name, (_, moment) in DATES.items()
    }


async def test_42_text_stays_as_it_is_written(
    folder: Path, stored: Outcome, database: Database
) -> None:
    require_rejected(42, folder, stored)
    row = (await require_extra_unchanged(database, 42))["42/texts.md"]
    texts = {key: row[key] for key in ("category", "excerpt", "secured", "featuredContent")}
    assert texts == {
        "category": "no",
        "excerpt": "12:30:45",
        "secured": "0123",
        "featuredContent": "1.10",
    }


async def test_43_numbers_out_of_range_are_rejected_or_kept_as_text(
    folder: Path, stored: Outcome, database: Database
) -> None:
    require_rejected(43, folder, stored)
    await require_extra_unchanged(database, 43)


async def test_44_unusual_keys_are_stored_unchanged(stored: Outcome, database: Database) -> None:
    await require_extra_unchanged(database, 44)


@pytest.fixture
def ask_stored(stored: Outcome, database: Database) -> Ask:
    return query_sender(database)


@pytest.mark.parametrize("name", list(STRANGE))
async def test_44_unusual_keys_are_served_unchanged(ask_stored: Ask, name: str) -> None:
    query = "query ($slug: String!) { article(slug: $slug) { slug extra } }"
    assert await ask_stored(query, slug=slug(name)) == {
        "data": {"article": {"slug": slug(name), "extra": STRANGE[name][1]}}
    }


async def test_45_encodings_other_than_utf_8_are_rejected(
    folder: Path, stored: Outcome, database: Database
) -> None:
    require_rejected(45, folder, stored)
    await require_extra_unchanged(database, 45)


async def test_46_front_matter_without_an_end_or_a_beginning_is_rejected(
    folder: Path, stored: Outcome, database: Database
) -> None:
    require_rejected(46, folder, stored)
    rows = await require_extra_unchanged(database, 46)
    assert rows["46/rule.md"]["body"] == "Text.\n\n---\n\nMore.\n"


def test_47_files_that_are_too_large_take_no_time(folder: Path, checked: Outcome) -> None:
    require_rejected(47, folder, checked)
    alone = run("check", folder / "47")
    assert alone.report["seconds"] < 5
    assert {reason for _, reason in first_faults(alone, folder).values()} == {
        "is larger than 16 MB",
        "expands to more than 16 MB",
    }


def test_48_paths_that_are_no_regular_files_are_skipped(folder: Path, checked: Outcome) -> None:
    warned = first_faults(checked, folder, "warnings")
    assert of(48, warned) == {name: (None, reason) for name, reason in SKIPPED.items()}
    require_rejected(48, folder, checked)


def test_49_truncated_files_are_rejected(folder: Path, checked: Outcome) -> None:
    require_rejected(49, folder, checked)


def after_discovery(
    monkeypatch: pytest.MonkeyPatch, path: Path, change: Callable[[Path], object]
) -> None:
    """Let something happen to a file after it was found and before it is read."""

    def changed(
        places: Sequence[Place], selection: FileSelection
    ) -> Iterator[SourceFile | Skipped]:
        entries = list(discover(places, selection))
        change(path)
        yield from entries

    monkeypatch.setattr(load_module, "discover", changed)


async def test_49_a_file_that_vanishes_before_it_is_read_is_no_fault(
    memory: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path / "a.md")
    deleted = write(tmp_path / "gone.md")
    after_discovery(monkeypatch, deleted, Path.unlink)
    report = await loaded(memory, tmp_path)
    assert counts(report) == {"added": 1, "revision": 1}
    assert report.rejected == []


async def test_49_a_file_that_is_replaced_before_it_is_read_is_loaded_whole(
    memory: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path / "a.md", article("heat: 1", body="old"))
    after_discovery(monkeypatch, path, lambda path: write(path, article("heat: 2", body="new")))
    await loaded(memory, tmp_path)
    [row] = await memory.find(ARTICLES, {})
    assert (row["heat"], row["body"]) == (2, "new")


async def test_48_a_file_that_becomes_a_pipe_before_it_is_read_does_not_block(
    memory: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def replace(path: Path) -> None:
        path.unlink()
        os.mkfifo(path)

    write(tmp_path / "a.md")
    after_discovery(monkeypatch, write(tmp_path / "pipe.md"), replace)
    report = await loaded(memory, tmp_path)
    assert faults(report, tmp_path) == {"pipe.md": "is not a regular file"}
    assert report.added == 1


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
async def test_49_a_file_without_permission_is_rejected(memory: Database, tmp_path: Path) -> None:
    write(tmp_path / "a.md")
    write(tmp_path / "secret.md").chmod(0)
    report = await loaded(memory, tmp_path)
    assert faults(report, tmp_path) == {"secret.md": "cannot be read: Permission denied"}


def test_50_files_of_one_slug_are_named_in_pairs(folder: Path, checked: Outcome) -> None:
    require_rejected(50, folder, checked)
    again = run("check", folder / "50", "--root", folder)
    assert first_faults(again, folder) == of(50, expected(folder))
