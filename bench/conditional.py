"""Compare conditional requests for the front page, and for a feed, with sending them.

    python bench/conditional.py --count 20000 --rounds 8

bench/README.md describes how to read the table.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from time import monotonic, sleep
from typing import Final
from urllib.parse import quote

import wrk
from command import exit_code
from contenders import NEWSGRAPH, BenchError
from cores import cores, on, used_by, wait_for_rest
from corpus import make
from responders import OFF, ON, RESPONDERS, Serving, serving
from rounds import say
from server import running
from wrk import Load

SEED: Final = 1
DATABASE: Final = "conditional"
QUERY: Final = Path(__file__).parents[1] / "docs" / "queries" / "front_page.graphql"
FEED: Final = "/feeds/all.atom"
COMPUTED: Final = "computed"
_PATIENCE: Final = 20.0
_TICK: Final = 0.01


@dataclass(frozen=True)
class Way:
    """A way to request a URL: the server, the request headers, and the expected status."""

    name: str
    server: Serving
    url: str
    headers: Mapping[str, str]
    status: int = 200


@dataclass
class Measured:
    """The results of a way in every round."""

    rates: list[float] = field(default_factory=list)
    cpu_rates: list[float] = field(default_factory=list)
    bytes: float = 0
    p50: list[int] = field(default_factory=list)


def main() -> int:
    """Run the command; see `exit_code`."""
    given = _arguments()
    return exit_code(lambda: _bench(given))


def _bench(given: argparse.Namespace) -> None:
    wrk_version = wrk.version()
    folder = given.dir / str(given.count)
    make(given.count, SEED, folder)
    used = cores()
    load = Load(given.connections, given.seconds, used.asking)
    with ExitStack() as stack:
        with on(used.asking):
            mongod = stack.enter_context(running(None))
        url = mongod.url(DATABASE)
        say(f"loading {given.count:,} documents")
        command = [str(NEWSGRAPH), "load", str(folder), "--mongo-url", url, "--report", "json"]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        off, cached = (
            stack.enter_context(serving(RESPONDERS[name], url, used.answering))
            for name in (OFF, ON)
        )
        ways = _ways(off, cached)
        measured = _measured(ways, load, given.rounds)
    options = " ".join(["", *sys.argv[1:]])
    sys.stdout.write(f"`python bench/conditional.py{options}`: mongod {mongod.version}, ")
    sys.stdout.write(f"wrk {wrk_version}\n\n{_table(measured)}")


def _ways(off: Serving, cached: Serving) -> list[Way]:
    plain = {"Accept-Encoding": "identity"}
    query = f"?query={quote(QUERY.read_text())}"
    page = cached.url + query
    feed, computed_feed = (each.url.removesuffix("/graphql") + FEED for each in (cached, off))
    return [
        Way(COMPUTED, off, off.url + query, plain),
        Way("cached", cached, page, plain),
        Way("cached, zstd", cached, page, {"Accept-Encoding": "zstd"}),
        Way("304", cached, page, {**plain, "If-None-Match": _tag(cached, page)}, 304),
        Way("feed, computed", off, computed_feed, plain),
        Way("feed, cached", cached, feed, plain),
        Way("feed, 304", cached, feed, {**plain, "If-None-Match": _tag(cached, feed)}, 304),
    ]


def _tag(server: Serving, url: str) -> str:
    """Return the ETag of a URL. It has one as soon as the server knows the corpus revision."""
    deadline = monotonic() + _PATIENCE
    while monotonic() < deadline:
        answer = server.client.get(url)
        if "etag" in answer.headers:
            return str(answer.headers["etag"])
        sleep(0.1)
    raise BenchError(f"{server.name}: {url[:80]} has no ETag after {_PATIENCE:.0f} s")


def _measured(ways: Sequence[Way], load: Load, rounds: int) -> dict[str, Measured]:
    found = {way.name: Measured() for way in ways}
    for way in ways:
        _believe(way)
        wrk.get(way.url, way.headers, load)
        wait_for_rest(way.server.pid)
    for number, way in _order(ways, rounds):
        before = used_by(way.server.pid)
        outcome = wrk.get(way.url, way.headers, load)
        cpu_seconds = max(used_by(way.server.pid) - before, _TICK)
        each = found[way.name]
        each.rates.append(outcome.requests * 1e6 / outcome.microseconds)
        each.cpu_rates.append(outcome.requests / cpu_seconds)
        each.bytes = outcome.size / outcome.requests
        each.p50.append(outcome.p50)
        say(f"round {number + 1}: {way.name}: {each.rates[-1]:,.0f} requests/s")
        wait_for_rest(way.server.pid)
    for way in ways:
        _believe(way)
    return found


def _order(ways: Sequence[Way], rounds: int) -> Iterator[tuple[int, Way]]:
    """Return the order of the rounds: A B C, then C B A, so that a drift affects all equally."""
    for number in range(rounds):
        for way in ways if number % 2 == 0 else reversed(ways):
            yield number, way


def _believe(way: Way) -> None:
    answer = way.server.client.get(way.url, headers=dict(way.headers))
    if answer.status_code != way.status or (way.status == 200) is not bool(answer.content):
        raise BenchError(f"{way.name}: answered with {answer.status_code}, not {way.status}")


def _table(measured: Mapping[str, Measured]) -> str:
    lines = ["| | requests/s | of computed | requests/CPU s | p50 µs | bytes |"]
    lines.append("|---|---:|---:|---:|---:|---:|")
    for name, each in measured.items():
        computed = measured["feed, computed" if name.startswith("feed") else COMPUTED].rates
        ratio = median(a / b for a, b in zip(each.rates, computed, strict=True))
        lines.append(
            f"| {name} | {median(each.rates):,.0f} | {ratio:.1f} | {median(each.cpu_rates):,.0f} "
            f"| {median(each.p50):,.0f} | {each.bytes:,.0f} |"
        )
    return "\n".join(lines) + "\n"


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    add = parser.add_argument
    add("--count", type=int, default=20_000, help="documents (default: 20000)")
    add("--rounds", type=int, default=8, help="rounds (default: 8)")
    add("--seconds", type=int, default=5, help="seconds of a trial (default: 5)")
    add("--connections", type=int, default=32, help="open at a time (default: 32)")
    folder = Path(tempfile.gettempdir()) / "newsgraph-bench"
    add(
        "--dir",
        type=Path,
        default=folder,
        help="where corpora are stored, one folder for each count",
    )
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
