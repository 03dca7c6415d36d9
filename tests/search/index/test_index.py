"""The index on disk: whole commits and one writer."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from threading import Event, Thread
from typing import Final

import pytest

from graph.search.index.columns import IndexSchema
from graph.search.index.index import IndexState, SearchIndex
from tests.builders import Row, article
from tests.search.indexes import SCHEMA, found

ONE: Final = IndexState("corpus", 1)
TWO: Final = IndexState("corpus", 2)


def test_an_index_has_no_snapshot_before_its_first_commit(tmp_path: Path) -> None:
    folder = tmp_path / "a" / "b"
    index = SearchIndex(SCHEMA, folder)
    assert index.lock()
    index.add([article("a", title="lantern")])
    assert SearchIndex(SCHEMA, folder).snapshot is None
    index.commit(ONE)
    assert SearchIndex(SCHEMA, folder).snapshot is not None
    assert found(index, "lantern") == ["a"]


def test_a_snapshot_does_not_change(tmp_path: Path) -> None:
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


def test_only_one_process_writes_an_index(tmp_path: Path) -> None:
    first, second = SearchIndex(SCHEMA, tmp_path), SearchIndex(SCHEMA, tmp_path)
    assert first.lock()
    assert first.lock()
    assert not second.lock()
    with pytest.raises(RuntimeError, match="not the writer"):
        second.clear()
    first.unlock()
    assert second.lock()
    with pytest.raises(RuntimeError, match="not the writer"):
        first.clear()


def test_uncommitted_changes_are_dropped(tmp_path: Path) -> None:
    index = SearchIndex(SCHEMA, tmp_path)
    assert index.lock()
    index.add([article("a", title="lantern")])
    index.unlock()
    assert index.lock()
    index.commit(ONE)
    assert index.count() == 0


def test_an_index_of_another_version_is_rebuilt(tmp_path: Path) -> None:
    index = SearchIndex(SCHEMA, tmp_path)
    assert index.lock()
    index.add([article("a", title="lantern")])
    index.commit(ONE)
    index.unlock()
    other = SearchIndex(IndexSchema(("en",)), tmp_path)
    assert other.snapshot is None


def test_the_writer_is_released_when_its_thread_has_ended() -> None:
    index = SearchIndex(SCHEMA, None)
    assert index.lock()
    began, goes_on = Event(), Event()

    def rows() -> Iterator[Row]:
        yield article("a", title="lantern")
        began.set()
        assert goes_on.wait(20)
        yield article("b", title="lantern")

    adding = Thread(target=index.add, args=(rows(),))
    leaving = Thread(target=index.unlock)
    adding.start()
    assert began.wait(20)
    leaving.start()
    leaving.join(0.05)
    waits = leaving.is_alive()
    goes_on.set()
    for each in (adding, leaving):
        each.join(20)
    assert waits
    with pytest.raises(RuntimeError, match="not the writer"):
        index.clear()
