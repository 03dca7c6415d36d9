from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from graph.store.driver import encoding
from loaders.files.places import SourceFile
from loaders.files.read import fingerprint
from loaders.records.convert import convert
from loaders.workers import parser, worker
from loaders.workers.jobs import (
    Job,
    LoadStamp,
    PackedFingerprint,
    ParsedFile,
    Vanished,
    WorkerResult,
)
from tests.builders import LOADED_AT
from tests.loaders.builders import article, messages_of, packed, source_file_of, write

VOLATILE = frozenset({"secured"})
LOAD_STAMP = LoadStamp(LOADED_AT, 7)


def job(
    *paths: Path,
    known: tuple[Path, ...] = (),
    load_stamp: LoadStamp | None = LOAD_STAMP,
    careful: bool = False,
) -> Job:
    """A job for files below one folder, of which some were loaded as they are."""
    files: list[tuple[SourceFile, PackedFingerprint | None]] = []
    for path in paths:
        source_file = source_file_of(path, path.parent)
        mark = fingerprint(source_file.root.name, source_file.path, path.read_bytes(), VOLATILE)
        files.append((source_file, (mark, None, None) if path in known else None))
    return Job(files, load_stamp, VOLATILE, careful)


def only(messages: list[Any]) -> ParsedFile:
    [[result]] = messages
    assert isinstance(result, ParsedFile)
    return result


def refuse(*_: object) -> None:
    raise AssertionError("parsed")


def test_a_worker_returns_documents_as_they_are_stored(tmp_path: Path) -> None:
    path = write(tmp_path / "a.md", article("secured: x", "images: [~]"))
    outcome = convert(source_file_of(path, tmp_path), VOLATILE)
    assert outcome.document is not None
    parsed = only(messages_of(job(path)))
    assert parsed.data is not None
    document = encoding.decode(parsed.data)
    assert document["source"].pop("loadedAt") == LOADED_AT
    assert document["source"].pop("revision") == 7
    assert document["source"].pop("hasUpdatedDateTime") is False
    assert document.pop("updatedDateTime") == LOADED_AT
    assert outcome.document.pop("updatedDateTime") is None
    assert document == outcome.document
    source = document["source"]
    assert (parsed.kind, parsed.collection, parsed.id) == ("articles", "articles", "a")
    assert (parsed.hash, parsed.volatile_hash) == (source["hash"], source["volatileHash"])
    assert (parsed.faults, [fault.message for fault in parsed.warnings]) == (
        [],
        ["images[0]: an empty entry, dropped"],
    )


def test_a_check_needs_no_stamp(tmp_path: Path) -> None:
    parsed = only(messages_of(job(write(tmp_path / "a.md"), load_stamp=None)))
    assert parsed.data is not None
    assert sorted(encoding.decode(parsed.data)["source"]) == [
        "file",
        "hash",
        "path",
        "root",
        "volatileHash",
    ]


def test_a_file_with_faults_has_no_document(tmp_path: Path) -> None:
    path = write(tmp_path / "a.md", article("heat: hot", "quality: low"))
    parsed = only(messages_of(job(path)))
    assert (parsed.id, parsed.data, parsed.facts) == ("a", None, {})
    assert [fault.field for fault in parsed.faults] == ["heat", "quality"]


def test_an_unchanged_file_is_not_parsed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    paths = (write(tmp_path / "a.md"), write(tmp_path / "b.md.gz", packed()))
    touched = job(*paths, known=paths)
    for path in paths:
        os.utime(path, ns=(9, 9))
    monkeypatch.setattr(parser, "convert", refuse)
    assert messages_of(touched) == [[None, None]]


@pytest.mark.parametrize("change", [b"---\n---\n", b"", article("heat: 1").encode()])
def test_a_file_that_changed_is_parsed(tmp_path: Path, change: bytes) -> None:
    path = write(tmp_path / "a.md")
    changed = job(path, known=(path,))
    write(path, change)
    assert isinstance(only(messages_of(changed)), ParsedFile)


def names(messages: list[list[WorkerResult]]) -> list[list[str | None]]:
    return [
        [result.id if isinstance(result, ParsedFile) else None for result in results]
        for results in messages
    ]


def test_results_keep_the_order_of_the_files(tmp_path: Path) -> None:
    paths = [write(tmp_path / f"{name}.md") for name in "abcdef"]
    mixed = job(*paths, known=(paths[1], paths[2], paths[5]))
    assert names(messages_of(mixed)) == [["a", None, None, "d", "e", None]]


def test_a_careful_job_sends_each_result_before_the_next_file_is_touched(tmp_path: Path) -> None:
    paths = [write(tmp_path / f"{name}.md") for name in "abc"]
    careful = job(*paths, known=(paths[1],), careful=True)
    assert names(messages_of(careful)) == [["a"], [None], ["c"]]


def test_many_results_are_sent_in_parts(tmp_path: Path) -> None:
    text = article(body="x" * 40_000)
    paths = [write(tmp_path / f"{name}.md", text) for name in "abcde"]
    assert names(messages_of(job(*paths))) == [["a", "b"], ["c", "d"], ["e"]]


def test_a_job_is_read_as_it_was_written(tmp_path: Path) -> None:
    paths = [write(tmp_path / f"{name}.md") for name in "ab"]
    sent = job(*paths, known=(paths[0],), careful=True)
    again = pickle.loads(pickle.dumps(sent))
    assert again == sent
    assert [found.file for found, _ in again.files] == [str(path) for path in paths]


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (MemoryError(), "needs more than 2 GiB of memory"),
        (ValueError("x"), "newsgraph failed to read it (ValueError): please report the file"),
        (RecursionError(), "newsgraph failed to read it (RecursionError): please report the file"),
    ],
)
def test_an_exception_in_one_file_rejects_only_that_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception, reason: str
) -> None:
    def fail(*arguments: Any) -> Any:
        if arguments[0].slug == "b":
            raise error
        return convert(*arguments)

    monkeypatch.setattr(parser, "convert", fail)
    paths = [write(tmp_path / f"{name}.md") for name in "abc"]
    results = [r for batch in messages_of(job(*paths)) for r in batch if isinstance(r, ParsedFile)]
    assert [result.data is None for result in results] == [False, True, False]
    assert [(fault.path, fault.reason) for fault in results[1].faults] == [(str(paths[1]), reason)]


def test_a_document_too_large_to_store_is_rejected(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(encoding, "MAX_BYTES", 1_000)
    path = write(tmp_path / "a.md", article(body="x" * 1_000))
    [fault] = only(messages_of(job(path))).faults
    assert fault.reason.startswith("takes 1,")
    assert fault.reason.endswith(" bytes to store; 1,000 is the limit")


def test_a_file_that_was_deleted_after_it_was_listed_is_not_rejected(tmp_path: Path) -> None:
    paths = [write(tmp_path / "sub" / f"{name}.md") for name in "abc"]
    waiting = job(*paths, known=(paths[0],))
    paths[0].unlink()
    paths[2].unlink()
    [[first, second, third]] = messages_of(waiting)
    assert (first, third) == (Vanished("a.md"), Vanished("c.md"))
    assert isinstance(second, ParsedFile)
    (tmp_path / "sub").rename(tmp_path / "moved")
    assert messages_of(waiting) == [[Vanished("a.md"), Vanished("b.md"), Vanished("c.md")]]


def test_a_link_whose_target_was_deleted_is_rejected(tmp_path: Path) -> None:
    (tmp_path / "a.md").symlink_to(write(tmp_path / "target.md"))
    waiting = job(tmp_path / "a.md")
    (tmp_path / "target.md").unlink()
    [fault] = only(messages_of(waiting)).faults
    assert fault.reason == "cannot be read: No such file or directory"


def test_a_worker_runs_no_timer_while_it_waits_for_its_parent(tmp_path: Path) -> None:
    class Slow(BytesIO):
        """A parent that takes results late: nothing may be ticking while it does."""

        def write(self, data: Any) -> int:
            assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)
            return super().write(data)

    output = Slow()
    worker.work(job(*(write(tmp_path / f"{name}.md") for name in "ab"), careful=True), output)
    assert output.getvalue()


def test_a_worker_imports_no_database_client() -> None:
    program = (
        "import sys, loaders.workers.worker, loaders.workers.parser; "
        "print({'asyncio', 'motor', 'pymongo', 'ssl'} & set(sys.modules))"
    )
    command = [sys.executable, "-c", program]
    assert subprocess.check_output(command, text=True, timeout=60) == "set()\n"
