"""The programs to compare: their commands, and what must be true for their times to count."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from corpus import Corpus
from dialects import HUGO
from meter import Cost

HERE: Final = Path(__file__).parent
PEERS: Final = HERE / "peers"
NEWSGRAPH: Final = Path(sys.executable).with_name("newsgraph")

NEWSGRAPH_FIRST: Final = "newsgraph"
NEWSGRAPH_AGAIN: Final = "newsgraph reload"
NEWSGRAPH_MAPPED: Final = "newsgraph mapped"
FLOOR: Final = "floor"
NODE: Final = "node"
NODE_INDEXED: Final = "node+indexes"
SCRIPT: Final = "script"
NAMES: Final = (NEWSGRAPH_FIRST, FLOOR, NODE, SCRIPT)
"""The names that can be selected. The reload is part of newsgraph, the indexes of node."""


class BenchError(Exception):
    """The run cannot be done, or its results are not valid."""


@dataclass(frozen=True)
class Done:
    """What is checked after a run. `stored` is None if it has no database."""

    corpus: Corpus
    cost: Cost
    stored: int | None


@dataclass(frozen=True)
class Contender:
    """A program to compare. `command` returns its command line for a corpus and a database URL."""

    name: str
    command: Callable[[Path, str], list[str]]
    check: Callable[[Done], None]


@dataclass(frozen=True)
class Entry:
    """Contenders that run one after the other on one database; `database` is None if they need
    none.
    """

    database: str | None
    contenders: tuple[Contender, ...]
    indexed: bool = False


def entries(only: list[str], *, indexes: bool, node_cache: bool, mapping: bool) -> list[Entry]:
    """Return the selected contenders in the order of a first round. Raises BenchError if something
    that they need is missing.
    """
    node = _node(node_cache)
    known = {
        NEWSGRAPH_FIRST: [
            Entry(
                "newsgraph",
                (
                    Contender(NEWSGRAPH_FIRST, _newsgraph, _check_first),
                    Contender(NEWSGRAPH_AGAIN, _newsgraph, _check_reload),
                ),
            )
        ],
        FLOOR: [Entry(None, (Contender(FLOOR, _floor, _check_floor),))],
        NODE: [Entry("node", (Contender(NODE, node, _check_peer),))],
        SCRIPT: [Entry("script", (Contender(SCRIPT, _script, _check_peer),))],
    }
    if indexes:
        indexed = Contender(NODE_INDEXED, node, _check_peer)
        known[NODE].append(Entry("node_indexes", (indexed,), indexed=True))
    if mapping:
        mapped = Contender(NEWSGRAPH_MAPPED, _newsgraph_mapped, _check_mapped)
        known[NEWSGRAPH_FIRST].append(Entry("newsgraph_mapped", (mapped,)))
    for name in only:
        _require(name)
    return [entry for name in NAMES if name in only for entry in known[name]]


def _newsgraph(folder: Path, url: str) -> list[str]:
    return [str(NEWSGRAPH), "load", str(folder), "--mongo-url", url, "--report", "json"]


def _newsgraph_mapped(folder: Path, url: str) -> list[str]:
    return _newsgraph(mapped_folder(folder), url)


def mapped_folder(folder: Path) -> Path:
    """Where the documents of a corpus are in Hugo's dialect."""
    return folder.with_name(f"{folder.name}-{HUGO}")


def _floor(folder: Path, _: str) -> list[str]:
    return [sys.executable, str(PEERS / "floor.py"), str(folder)]


def _script(folder: Path, url: str) -> list[str]:
    return [sys.executable, str(PEERS / "load_simple.py"), str(folder), url]


def _node(cache: bool) -> Callable[[Path, str], list[str]]:
    options = [] if cache else ["--no-cache"]
    return lambda folder, url: ["node", str(PEERS / "load.mjs"), str(folder), url, *options]


def _require(name: str) -> None:
    if name == NEWSGRAPH_FIRST and not NEWSGRAPH.is_file():
        raise BenchError(f"no newsgraph command beside {sys.executable}: pip install -e .")
    if name == NODE and shutil.which("node") is None:
        raise BenchError("there is no node on PATH; leave it out with --only")
    if name == NODE and not (HERE / "node_modules").is_dir():
        raise BenchError("bench/node_modules is missing: run `npm ci` in bench/")
    if name == SCRIPT and find_spec("frontmatter") is None:
        raise BenchError("python-frontmatter is missing: pip install -r bench/requirements.txt")


def _check_first(done: Done) -> None:
    files = done.corpus.count + done.corpus.taxonomy
    _expect_report(done, loaded=files, added=files, updated=0, unchanged=0)


def _check_mapped(done: Done) -> None:
    count = done.corpus.count
    _expect_report(done, loaded=count, added=count, updated=0, unchanged=0)


def _check_reload(done: Done) -> None:
    files = done.corpus.count + done.corpus.taxonomy
    _expect_report(done, loaded=files, added=0, updated=0, unchanged=files)


def _expect_report(done: Done, **expected: int) -> None:
    report = _report(done)
    if rejected := report.get("rejected", "it does not say which"):
        raise BenchError(f"documents were rejected: {str(rejected)[:500]}")
    _expect(expected, {key: report.get(key) for key in expected})
    _check_peer(done)


def _check_floor(done: Done) -> None:
    _expect(f"{done.corpus.count}", done.cost.output.strip())


def _check_peer(done: Done) -> None:
    _expect(f"{done.corpus.count} articles", f"{done.stored} articles")


def _report(done: Done) -> dict[str, Any]:
    try:
        report: dict[str, Any] = json.loads(done.cost.output)
    except ValueError:
        raise BenchError(f"its report is no JSON: {done.cost.output[:200]!r}") from None
    return report


def _expect(expected: object, found: object) -> None:
    if found != expected:
        raise BenchError(f"expected {expected}, found {str(found)[:500]}")
