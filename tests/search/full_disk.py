"""A program that writes an index to a disk until it is full; `index/test_faults.py` runs it."""

from __future__ import annotations

import sys
from pathlib import Path

from graph.search.index.index import IndexState, SearchIndex
from tests.builders import article
from tests.search.indexes import SCHEMA, found

ONE, TWO = (IndexState("corpus", revision) for revision in (1, 2))
BLOCK = bytes(4096)


def main(disk: Path) -> None:
    """Write until the disk is full, free space, and continue."""
    index = SearchIndex(SCHEMA, disk / "index")
    assert index.lock()
    index.add([article("a", title="lantern")])
    index.commit(ONE)

    with (disk / "filler").open("wb", buffering=0) as filler:
        try:
            while True:
                filler.write(BLOCK)
        except OSError:
            pass
    rows = [article(f"b/{n}", title=f"lantern {n}") for n in range(500)]
    try:
        index.write(rows)
        index.commit(TWO)
    except (OSError, ValueError):
        index.unlock()
    else:
        raise AssertionError("the disk was not full")
    assert index.snapshot is not None
    assert index.snapshot.state == ONE
    assert found(index, "lantern") == ["a"]
    again = SearchIndex(SCHEMA, disk / "index")
    assert again.snapshot is not None
    assert again.snapshot.state == ONE
    del again

    (disk / "filler").unlink()
    assert index.lock()
    index.write(rows)
    index.commit(TWO)
    assert len(found(index, "lantern", size=1000)) == 501
    sys.stdout.write("went on\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
