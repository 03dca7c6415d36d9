"""Measure the size of a corpus in MongoDB, which is an input of `scale.py`.

    python bench/footprint.py --count 20000

An invented corpus is loaded into a private MongoDB, which returns `collStats` of each collection.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from command import exit_code
from contenders import NEWSGRAPH, BenchError
from corpus import make
from rounds import say
from server import running

from graph.documents import ARTICLES
from graph.store.indexes import INDEXES

Stats = Mapping[str, Any]

SEED: Final = 1
_DATABASE: Final = "footprint"


def main() -> int:
    """Run the command; see `exit_code`."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--count", type=int, default=20_000, help="documents (default: 20000)")
    given = parser.parse_args()
    return exit_code(lambda: _bench(given.count))


def _bench(count: int) -> None:
    with tempfile.TemporaryDirectory(prefix="newsgraph-bench-") as own, running(None) as server:
        corpus = make(count, SEED, Path(own))
        say(f"loading {count:,} documents")
        command = [str(NEWSGRAPH), "load", own, "--mongo-url", server.url(_DATABASE)]
        subprocess.run(command, check=True, capture_output=True)
        if server.count(_DATABASE) != count:
            raise BenchError(f"{server.count(_DATABASE)} of {count} documents were loaded")
        stats = {name: server.stats(_DATABASE, name) for name in INDEXES}
        sys.stdout.write(f"{count:,} documents, {corpus.size:,} bytes of files, ")
        sys.stdout.write(f"mongod {server.version}\n\n")
    sys.stdout.write("".join(f"{line}\n" for line in (*_collections(stats), "", *_indexes(stats))))


def _collections(stats: Mapping[str, Stats]) -> Iterator[str]:
    yield "| collection | documents | BSON, bytes each | disk, bytes each | indexes, bytes each |"
    yield "| --- | ---: | ---: | ---: | ---: |"
    for name, row in stats.items():
        if row["count"]:
            each = [row[key] / row["count"] for key in ("size", "storageSize", "totalIndexSize")]
            cells = " | ".join(f"{value:,.0f}" for value in each)
            yield f"| {name} | {row['count']:,} | {cells} |"


def _indexes(stats: Mapping[str, Stats]) -> Iterator[str]:
    articles = stats[ARTICLES]
    yield f"| index of {ARTICLES} | bytes a document |"
    yield "| --- | ---: |"
    for name, size in sorted(articles["indexSizes"].items(), key=lambda pair: -pair[1]):
        yield f"| `{name}` | {size / articles['count']:,.0f} |"


if __name__ == "__main__":
    sys.exit(main())
