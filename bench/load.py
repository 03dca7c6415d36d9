"""Compare the loader with its peers, on the same files and the same MongoDB, in one run.

    python bench/load.py --count 10000,100000 --repeat 3

bench/README.md describes what is measured and how to read the results.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import Final

from command import exit_code
from contenders import NAMES, NODE, entries, mapped_folder
from corpus import make
from dialects import HUGO
from results import Run, disturbance, mapping_rate, scale, speed_up, table
from rounds import Course
from server import Server, running

SEED: Final = 1


def main() -> int:
    """Run the command; see `exit_code`."""
    given = _arguments()
    return exit_code(lambda: _bench(given))


def _bench(given: argparse.Namespace) -> None:
    runs: list[Run] = []
    with running(given.mongo_url) as server:
        environment = _environment(server, given.only)
        for name, value in environment.items():
            sys.stdout.write(f"{name}: {value}\n")
        for measured in _by_count(given, server):
            notes = speed_up(measured), mapping_rate(measured), disturbance(measured)
            sys.stdout.write(f"\n{table(measured)}{''.join(notes)}")
            sys.stdout.flush()
            runs += measured
    if len(given.count) > 1:
        sys.stdout.write(f"\n{scale(runs)}")
    if given.json is not None:
        raw = {"environment": environment, "runs": [asdict(run) for run in runs]}
        given.json.write_text(json.dumps(raw, indent=2) + "\n")


def _by_count(given: argparse.Namespace, server: Server) -> Iterator[list[Run]]:
    entered = entries(
        given.only, indexes=given.indexes, node_cache=given.node_cache, mapping=given.mapping
    )
    for count in given.count:
        folder = given.dir / str(count)
        if given.mapping:
            make(count, SEED, mapped_folder(folder), HUGO)
        course = Course(make(count, SEED, folder), folder, server)
        yield list(course.rounds(entered, given.repeat))


def _environment(server: Server, only: list[str]) -> dict[str, str]:
    """Describe what the figures depend on."""
    found = {
        "newsgraph": version("newsgraph"),
        "python": platform.python_version(),
        "mongod": server.version,
        "system": f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores",
    }
    if NODE in only:
        found["node"] = subprocess.check_output(["node", "--version"], text=True).strip()
    return found


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    add = parser.add_argument
    add("--count", type=_numbers, action="extend", help="documents; several: 10000,100000")
    add("--repeat", type=int, default=3, help="rounds (default: 3)")
    add("--only", type=_names, default=list(NAMES), help=f"some of {','.join(NAMES)}")
    add("--mongo-url", help="a MongoDB to use (default: a private one)")
    add(
        "--dir",
        type=Path,
        default=_corpora(),
        help="where corpora are stored, one folder for each count",
    )
    add("--json", type=Path, metavar="FILE", help="write every run's figures as JSON, too")
    add("--indexes", action="store_true", help="node also with newsgraph's indexes in place")
    add("--mapping", action="store_true", help="newsgraph also with the same in Hugo's dialect")
    add(
        "--no-node-cache",
        dest="node_cache",
        action="store_false",
        help="keep gray-matter from keeping every file in memory",
    )
    given = parser.parse_args()
    given.count = list(dict.fromkeys(given.count or [10_000]))
    if given.repeat < 1:
        parser.error("--repeat must be at least 1")
    return given


def _numbers(text: str) -> list[int]:
    numbers = [int(part) for part in text.split(",")]
    if min(numbers) < 1:
        raise argparse.ArgumentTypeError("a corpus has at least one document")
    return numbers


def _names(text: str) -> list[str]:
    names = text.split(",")
    if unknown := set(names) - set(NAMES):
        raise argparse.ArgumentTypeError(f"unknown: {', '.join(sorted(unknown))}")
    return names


def _corpora() -> Path:
    return Path(tempfile.gettempdir()) / "newsgraph-bench"


if __name__ == "__main__":
    sys.exit(main())
