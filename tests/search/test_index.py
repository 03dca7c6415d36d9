"""The index on disk: whole commits, one writer, and what it does with damage."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from random import Random
from typing import Final

import pytest

from graph.search.columns import IndexSchema
from graph.search.index import IndexState, SearchIndex
from tests.builders import article
from tests.search.indexes import SCHEMA, found

ONE: Final = IndexState("corpus", 1)
TWO: Final = IndexState("corpus", 2)

WRITER: Final = """
import sys
from pathlib import Path
from graph.search.columns import IndexSchema
from graph.search.index import IndexState, SearchIndex
from tests.builders import article
index = SearchIndex(IndexSchema(("en", "fr")), Path(sys.argv[1]))
assert index.lock()
revision = index.snapshot.state.revision if index.snapshot else 0
print("ready", flush=True)
while True:
    revision += 1
    index.write(article(f"a/{n}", title=f"lantern r{revision}") for n in range(50))
    index.commit(IndexState("corpus", revision))
    print(revision, flush=True)
"""


def test_an_index_has_nothing_to_read_before_its_first_commit(tmp_path: Path) -> None:
    folder = tmp_path / "a" / "b"
    index = SearchIndex(SCHEMA, folder)
    assert index.lock()
    index.add([article("a", title="lantern")])
    assert SearchIndex(SCHEMA, folder).snapshot is None
    index.commit(ONE)
    assert SearchIndex(SCHEMA, folder).snapshot is not None
    assert found(index, "lantern") == ["a"]


def test_a_snapshot_stays_as_it_is(tmp_path: Path) -> None:
    writer = SearchIndex(SCHEMA, tmp_path)
    assert writer.lock()
    writer.add([article("a", title="lantern"), article("b", title="lantern")])
    writer.commit(ONE)
    reader = SearchIndex(SCHEMA, tmp_path)
    writer.write([article("a", title="ferry")], ["b"])
    writer.commit(TWO)
    assert reader.snapshot is not None
    assert reader.snapshot.state == ONE
    assert sorted(found(reader, "lantern")) == ["a", "b"]
    reader.refresh()
    assert reader.snapshot.state == TWO
    assert found(reader, "lantern") == []
    assert found(reader, "ferry") == ["a"]
    assert reader.count() == 1


def test_one_process_writes(tmp_path: Path) -> None:
    first, second = SearchIndex(SCHEMA, tmp_path), SearchIndex(SCHEMA, tmp_path)
    assert first.lock()
    assert first.lock()
    assert not second.lock()
    with pytest.raises(RuntimeError, match="not the writer"):
        second.clear()
    first.unlock()
    assert second.lock()
    assert not first.is_writer


def test_what_was_not_committed_is_dropped(tmp_path: Path) -> None:
    index = SearchIndex(SCHEMA, tmp_path)
    assert index.lock()
    index.add([article("a", title="lantern")])
    index.unlock()
    assert index.lock()
    index.commit(ONE)
    assert index.count() == 0


def test_an_index_of_another_version_is_made_anew(tmp_path: Path) -> None:
    index = SearchIndex(SCHEMA, tmp_path)
    assert index.lock()
    index.add([article("a", title="lantern")])
    index.commit(ONE)
    index.unlock()
    other = SearchIndex(IndexSchema(("en",)), tmp_path)
    assert other.snapshot is None


@pytest.mark.parametrize("name", ["meta.json", "*.term", "*.store", "*.fast"])
def test_a_damaged_index_is_made_anew(tmp_path: Path, name: str) -> None:
    index = SearchIndex(SCHEMA, tmp_path)
    assert index.lock()
    index.add([article("a", title="lantern")])
    index.commit(ONE)
    index.unlock()
    del index
    [damaged] = tmp_path.glob(name)
    damaged.write_bytes(damaged.read_bytes()[:20])
    again = SearchIndex(SCHEMA, tmp_path)
    assert again.snapshot is None or found(again, "lantern") == ["a"]
    assert again.lock()
    again.clear()
    again.add([article("b", title="lantern")])
    again.commit(TWO)
    assert found(again, "lantern") == ["b"]


def test_a_killed_writer_leaves_a_whole_revision(tmp_path: Path) -> None:
    random = Random(1)
    last = 0
    for _ in range(3):
        process = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(tmp_path)], stdout=subprocess.PIPE, text=True
        )
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        for _ in range(random.randint(0, 4)):
            last = int(process.stdout.readline())
        os.kill(process.pid, signal.SIGKILL)
        process.communicate()
        index = SearchIndex(SCHEMA, tmp_path)
        if index.snapshot is None:
            assert last == 0
            continue
        revision = index.snapshot.state.revision
        assert revision >= last
        assert index.count() == 50
        assert len(found(index, f"r{revision}")) == 50
        last = revision
