"""Compare the API with its peers, on the same MongoDB and the same queries, in one run.

    python bench/answers.py --count 20000 --rounds 8

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
from contextlib import ExitStack
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import wrk
from command import exit_code
from contenders import NEWSGRAPH, BenchError
from cores import cores, on
from corpus import make
from pymongo import MongoClient
from questions import PAGES, SLUGS
from responders import MERCURIUS, RESPONDERS, Responder, beside, chosen, serving
from rounds import say
from server import Server, running
from standings import comparison, disturbance, tables
from trials import Course, Trial
from wrk import Load

from graph.documents import ARTICLES

SEED: Final = 1
LEAST: Final = 1_000
"""The minimum number of documents, so that there are enough published articles for all pages."""
DATABASE: Final = "answers"
BY_URL: Final = [("webUrl", 1), ("published", 1)]
"""The index that the other servers need: newsgraph looks up by what the forms of a URL share."""


def main() -> int:
    """Run the command; see `exit_code`."""
    given = _arguments()
    return exit_code(lambda: _bench(given))


def _bench(given: argparse.Namespace) -> None:
    responders, wrk_version = chosen(given.only), wrk.version()
    if given.beside is not None:
        responders += beside(given.beside)
    make(given.count, SEED, given.dir / str(given.count))
    used = cores()
    load = Load(given.connections, given.seconds, used.asking)
    with ExitStack() as stack:
        with on(used.asking):
            mongod = stack.enter_context(running(None))
        environment = _environment(mongod, responders, wrk_version)
        databases = {NEWSGRAPH: DATABASE, given.beside: f"{DATABASE}-beside"}
        for loader in {responder.loader for responder in responders}:
            folder = given.dir / str(given.count)
            fill(folder, given.count, mongod, loader, databases[loader])
        servings = [
            stack.enter_context(
                serving(responder, mongod.url(databases[responder.loader]), used.answering)
            )
            for responder in responders
        ]
        course = Course(servings, mongod, load)
        trials = list(course.trials(slugs_of(mongod.url(DATABASE)), given.rounds))
    sys.stdout.write(_head(environment))
    sys.stdout.write(f"\n{tables(trials)}\n{comparison(trials)}{disturbance(trials)}")
    if given.json is not None:
        _write(given.json, environment, trials)


def fill(
    folder: Path,
    count: int,
    mongod: Server,
    loader: Path = NEWSGRAPH,
    database: str = DATABASE,
) -> None:
    say(f"loading {count:,} documents with {loader}")
    url = mongod.url(database)
    command = [str(loader), "load", str(folder), "--mongo-url", url, "--report", "json"]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    if mongod.count(database) != count:
        raise BenchError(f"{mongod.count(database)} of {count} documents were loaded")
    with MongoClient[dict[str, Any]](url) as client:
        client.get_default_database()[ARTICLES].create_index(BY_URL)


def slugs_of(url: str) -> list[str]:
    """Return the slugs of published articles, spread evenly over the corpus."""
    with MongoClient[dict[str, Any]](url) as client:
        articles = client.get_default_database()[ARTICLES]
        found = articles.find({"published": True}, {"_id": 1}).sort("_id")
        slugs = [str(row["_id"]) for row in found]
    return slugs[:: max(1, len(slugs) // SLUGS)][:SLUGS]


def _environment(mongod: Server, responders: list[Responder], wrk_version: str) -> dict[str, str]:
    """Describe what the figures depend on."""
    found = {
        "newsgraph": version("newsgraph"),
        "python": platform.python_version(),
        "mongod": mongod.version,
        "wrk": wrk_version,
        "system": f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores",
    }
    if any(responder.name == MERCURIUS for responder in responders):
        found["node"] = subprocess.check_output(["node", "--version"], text=True).strip()
    return found


def _head(environment: dict[str, str]) -> str:
    command = f"`python bench/answers.py {' '.join(sys.argv[1:])}`".replace(" `", "`")
    versions = ", ".join(f"{name} {value}" for name, value in environment.items())
    return f"{command}: {versions}\n"


def _write(path: Path, environment: dict[str, str], trials: list[Trial]) -> None:
    raw = {"environment": environment, "trials": [asdict(trial) for trial in trials]}
    path.write_text(json.dumps(raw, indent=2) + "\n")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    add = parser.add_argument
    add("--count", type=_number, default=20_000, help="documents (default: 20000)")
    add("--rounds", type=_number, default=8, help="rounds (default: 8)")
    add("--seconds", type=_number, default=5, help="seconds of a trial (default: 5)")
    add("--connections", type=_number, default=32, help="open at a time (default: 32)")
    add("--only", type=_names, default=list(RESPONDERS), help=f"some of {','.join(RESPONDERS)}")
    add(
        "--beside",
        type=Path,
        metavar="COMMAND",
        help="the newsgraph command of another checkout, to compare with",
    )
    add(
        "--dir",
        type=Path,
        default=_corpora(),
        help="where corpora are stored, one folder for each count",
    )
    add("--json", type=Path, metavar="FILE", help="write every trial's figures as JSON, too")
    given = parser.parse_args()
    if given.count < LEAST:
        parser.error(f"--count must be at least {LEAST}: there are {PAGES} pages to ask for")
    return given


def _number(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be at least 1")
    return number


def _names(text: str) -> list[str]:
    names = text.split(",")
    if unknown := set(names) - set(RESPONDERS):
        raise argparse.ArgumentTypeError(f"unknown: {', '.join(sorted(unknown))}")
    return names


def _corpora() -> Path:
    return Path(tempfile.gettempdir()) / "newsgraph-bench"


if __name__ == "__main__":
    sys.exit(main())
