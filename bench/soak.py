"""Load the server for a long time: nothing may fail, grow or slow down.

    python bench/soak.py --minutes 10

It sends the queries of a news site and hostile requests over many connections while documents
change, and live clients come and go. bench/README.md describes how to read the table.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median
from typing import Any, Final
from urllib.parse import urlsplit

import orjson
import wrk
from answers import DATABASE, SEED, fill, slugs_of
from audience import audience
from command import exit_code
from contenders import NEWSGRAPH, BenchError
from cores import Cores, cores, on, pace
from corpus import make
from hostile import hostile_bodies
from queries import QUERIES
from questions import QUESTIONS, record
from responders import ON, RESPONDERS, Serving, serving
from rounds import say
from server import Server, running
from variables import variables_of

from graph.config import Settings
from graph.store.driver.client import open_database

HOSTILE: Final = 0.05
"""The share of hostile requests."""

INTENDED: Final = frozenset({200, 400, 408, 413, 503})
"""408 is caused by wrk: after a response in the middle of 10 MB, it starts another request within
them.
"""

GROWTH: Final = 1.1
"""The maximum ratio of memory and latency at the end to those at the start."""

_SCRIPT: Final = Path(__file__).with_name("soak.lua")
_REQUESTS: Final = 4_000


@dataclass(frozen=True)
class Part:
    """The results of a period; latencies in microseconds, `memory` in bytes.

    `live` is the number of results that live clients received, `without` that of the clients that
    received none. `pace` is the time of a fixed piece of work on the server's core after it.
    """

    requests: int
    microseconds: int
    lost: int
    internal: int
    statuses: dict[str, int]
    p50: int
    p99: int
    live: int = 0
    without: int = 0
    memory: int = 0
    pace: int = 0

    @property
    def faults(self) -> int:
        """The number of requests without a response, or with one that is a fault, and of live
        clients without a result.
        """
        others = sum(n for status, n in self.statuses.items() if int(status) not in INTENDED)
        return self.lost + self.internal + self.without + others


def main() -> int:
    """Run the command; see `exit_code`."""
    given = _arguments()
    return exit_code(lambda: _bench(given))


def _bench(given: argparse.Namespace) -> None:
    wrk.version()
    make(given.count, SEED, given.dir / str(given.count))
    used = cores()
    with running(None) as mongod:
        fill(given.dir / str(given.count), given.count, mongod)
        with serving(RESPONDERS[ON], mongod.url(DATABASE), used.answering) as server:
            bodies = _bodies(mongod, server)
            parts = list(_parts(given, bodies, mongod, server, used))
    sys.stdout.write(f"`python bench/soak.py {' '.join(sys.argv[1:])}`\n\n{_table(parts)}")
    _believe(parts)


def _bodies(mongod: Server, server: Serving) -> list[bytes]:
    """Return a random mix of ordinary and hostile requests."""
    url = mongod.url(DATABASE)
    asked = [
        body
        for question in QUESTIONS
        for body in record(server.client, question, slugs_of(url)).bodies
    ]
    asked += asyncio.run(_documented(url))
    hostile = list(hostile_bodies().values())
    chance = random.Random(SEED)
    bad = round(_REQUESTS * HOSTILE)
    # The largest only once: it is as long as all others together.
    return [
        *(chance.choice(asked) for _ in range(_REQUESTS - bad)),
        *(hostile[n % (len(hostile) - 1)] for n in range(bad - 1)),
        hostile[-1],
    ]


async def _documented(url: str) -> list[bytes]:
    """Return the operations of docs/queries, with variables from the data."""
    async with open_database(Settings(mongo_url=url)) as database:
        variables = await variables_of(database)
    return [
        orjson.dumps({"query": path.read_text(), "variables": variables.get(path.stem, {})})
        for path in sorted(QUERIES.glob("*.graphql"))
        if not path.stem.startswith("search")
    ]


def _parts(
    given: argparse.Namespace, bodies: Sequence[bytes], mongod: Server, server: Serving, used: Cores
) -> Iterator[Part]:
    number = max(4, round(given.minutes * 60 / given.window))
    port = urlsplit(server.url).port or 0
    with (
        tempfile.TemporaryDirectory() as folder,
        audience(port, given.streams, given.subscribers, used.asking) as clients,
    ):
        requests = Path(folder) / "requests"
        requests.write_bytes(b"\n".join(bodies) + b"\n")
        for turn in range(number):
            clients.renew()
            before = clients.counts
            change = _change(Path(folder) / "documents", turn, mongod)
            part = _part(requests, given, server, used)
            if change.wait() != 0:
                raise BenchError("a load of changed documents failed")
            live, without = clients.received(before)
            part = replace(part, live=live, without=without)
            say(f"part {turn + 1} of {number}: {part.requests} requests, {part.faults} faults")
            yield part


def _change(folder: Path, turn: int, mongod: Server) -> subprocess.Popen[bytes]:
    """Change a document while the server runs, which invalidates its caches."""
    folder.mkdir(exist_ok=True)
    head = f"title: Turn {turn}\npublishedDateTime: 2030-01-01T00:00:00Z"
    text = f"---\n{head}\nprovider: {{name: Gull, domain: gull.example}}\n---\n"
    (folder / "turn.md").write_text(text)
    command = [str(NEWSGRAPH), "load", str(folder), "--mongo-url", mongod.url(DATABASE)]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def _part(requests: Path, given: argparse.Namespace, server: Serving, used: Cores) -> Part:
    size = ["-t1", f"-c{given.connections}", f"-d{given.window}s", "--timeout", "30s"]
    command = ["wrk", *size, "-s", str(_SCRIPT), server.url, "--", str(requests)]
    with on(used.asking):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    lines = done.stdout.splitlines()
    if done.returncode != 0 or not lines or not lines[-1].startswith("{"):
        raise BenchError(f"wrk ended with {done.returncode}: {done.stdout}{done.stderr}")
    found: dict[str, Any] = json.loads(lines[-1])
    return Part(**found, memory=_memory(server.pid), pace=pace(used.answering))


def _memory(pid: int) -> int:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmRSS"))


def _table(parts: Sequence[Part]) -> str:
    heads = ("part", "requests/s", "p50 ms", "p99 ms", "pace ms", "memory MB", "live results")
    lines = [f"| {' | '.join(heads)} | statuses | faults |"]
    lines.append("|---:|---:|---:|---:|---:|---:|---:|---|---:|")
    for number, part in enumerate(parts, 1):
        statuses = ", ".join(f"{each} × {n:,}" for each, n in sorted(part.statuses.items()))
        rate = part.requests / part.microseconds * 1e6
        memory, pace = part.memory / 1e6, part.pace / 1000
        lines.append(
            f"| {number} | {rate:,.0f} | {part.p50 / 1000:.1f} | {part.p99 / 1000:.1f} "
            f"| {pace:.1f} | {memory:.0f} | {part.live:,} | {statuses} | {part.faults} |"
        )
    return "\n".join(lines) + "\n"


def _believe(parts: Sequence[Part]) -> None:
    """Raise BenchError for a fault or for growth. The first period warms up and is ignored."""
    faults = sum(part.faults for part in parts)
    third = max(1, (len(parts) - 1) // 3)
    start, end = parts[1 : third + 1], parts[-third:]
    grown = {
        "memory": _ratio([part.memory for part in start], [part.memory for part in end]),
        "p50": _ratio([part.p50 for part in start], [part.p50 for part in end]),
        "p99": _ratio([part.p99 for part in start], [part.p99 for part in end]),
        "pace": _ratio([part.pace for part in start], [part.pace for part in end]),
    }
    told = ", ".join(f"{name} {ratio:.2f}" for name, ratio in grown.items())
    sys.stdout.write(f"\nfaults: {faults}; the last third to the first: {told}\n")
    if faults:
        raise BenchError(f"{faults} faults")
    if grown["memory"] > GROWTH:
        raise BenchError(f"memory grew by {grown['memory']:.2f}")


def _ratio(before: Sequence[int], after: Sequence[int]) -> float:
    return median(after) / median(before)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    add = parser.add_argument
    add("--minutes", type=float, default=10.0, help="how long (default: 10)")
    add("--window", type=int, default=30, help="seconds of a part (default: 30)")
    add("--connections", type=int, default=64, help="open at a time (default: 64)")
    add("--streams", type=int, default=200, help="clients of a live query (default: 200)")
    add("--subscribers", type=int, default=100, help="over WebSockets (default: 100)")
    add("--count", type=int, default=20_000, help="documents (default: 20000)")
    add(
        "--dir",
        type=Path,
        default=Path(tempfile.gettempdir()) / "newsgraph-bench",
        help="where corpora are stored, one folder for each count",
    )
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
