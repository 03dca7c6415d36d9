"""How soon all live clients of one server process have a saved change, and what each client costs.

    python bench/live.py --streams 5000 --subscribers 1000

All clients are in this process. bench/README.md describes how to read the table.
"""

from __future__ import annotations

import argparse
import asyncio
import resource
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import quantiles
from typing import Final
from urllib.parse import urlsplit

from command import exit_code
from contenders import BenchError
from cores import cores, on
from live_clients import Client, connected, stream, subscriber
from responders import ON, RESPONDERS, Responder, Serving, serving
from rounds import say
from server import running
from watched_site import WatchedSite

DATABASE: Final = "live"
SECONDS: Final = 120.0
"""How long the last client may take."""

_WAKING: Final = 3.0
"""Seconds after which the last subscription has begun: nothing tells the client."""

_REST: Final = 1.0
"""Seconds between the last client's event and the next save."""

_SPARE_FILES: Final = 1_000


@dataclass(frozen=True)
class Measured:
    """The clients of one kind, and the memory of each in bytes.

    For each save, the seconds from it to each client's event in ascending order, and the seconds
    from it to the loader's report.
    """

    name: str
    clients: int
    memory: float
    delays: Sequence[Sequence[float]]
    reports: Sequence[float]


def main() -> int:
    """Run the command; see `exit_code`."""
    given = _arguments()
    return exit_code(lambda: _bench(given))


def _bench(given: argparse.Namespace) -> None:
    _raise_file_limit(max(given.streams, given.subscribers) + _SPARE_FILES)
    used, results = cores(), []
    with on(used.asking), running(None) as mongod, tempfile.TemporaryDirectory() as folder:
        mongod.drop(DATABASE)
        url, site = mongod.url(DATABASE), WatchedSite(Path(folder))
        with site.watched(url):
            for name, kind, clients in (
                ("event streams", stream, given.streams),
                ("subscribers", subscriber, given.subscribers),
            ):
                with serving(_responder(clients), url, used.answering) as server:
                    run = _measure(name, kind, clients, server, site, given.saves)
                    results.append(asyncio.run(run))
    sys.stdout.write(f"`{' '.join(['python', *sys.argv])}`\n\n{_table(results)}")


def _raise_file_limit(needed: int) -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < needed:
        raise BenchError(f"{needed:,} open files are needed, and the limit is {hard:,}: ulimit -n")
    resource.setrlimit(resource.RLIMIT_NOFILE, (needed, hard))


def _responder(clients: int) -> Responder:
    limit = str(clients + 100)
    environment = {f"NEWSGRAPH_MAX_{name}": limit for name in ("STREAMS", "CONNECTIONS")}
    return replace(RESPONDERS[ON], environment=environment)


async def _measure(
    name: str,
    kind: Callable[[], Client],
    clients: int,
    server: Serving,
    site: WatchedSite,
    saves: int,
) -> Measured:
    port = urlsplit(server.url).port or 0
    # The server imports and compiles what it needs for its first client.
    [first] = await connected(port, [kind])
    await asyncio.sleep(_WAKING)
    before = _memory(server.pid)
    all_clients = await connected(port, [kind] * clients)
    await asyncio.sleep(_WAKING)
    memory = (_memory(server.pid) - before) / clients
    delays, reports = [], []
    for turn in range(saves):
        waiting = [client.next() for client in all_clients]
        saved = site.save(turn + 1)
        async with asyncio.timeout(SECONDS):
            delays.append(sorted(each - saved for each in await asyncio.gather(*waiting)))
        reports.append(site.reported_after(saved) - saved)
        say(f"{name}: save {turn + 1} of {saves}")
        await asyncio.sleep(_REST)
    for client in (first, *all_clients):
        client.close()
    return Measured(name, clients, memory, delays, reports)


def _memory(pid: int) -> int:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmRSS"))


def _table(results: Sequence[Measured]) -> str:
    lines = [
        "| clients | KB of each | p50 ms | p99 ms | last ms | p50 ms after | p99 ms after |",
        "|---|---:|---:|---:|---:|---:|---:|",
    ]
    for each in results:
        saved = [delay for delays in each.delays for delay in delays]
        reported = [
            delay - report
            for delays, report in zip(each.delays, each.reports, strict=True)
            for delay in delays
        ]
        times = (*_percentiles(saved), max(saved), *_percentiles(reported))
        columns = " | ".join(f"{seconds * 1000:,.0f}" for seconds in times)
        lines.append(f"| {each.clients:,} {each.name} | {each.memory / 1000:.1f} | {columns} |")
    return "\n".join(lines) + "\n"


def _percentiles(delays: Sequence[float]) -> tuple[float, float]:
    """Return the median and the 99th percentile."""
    cuts = quantiles(delays, n=100)
    return cuts[49], cuts[98]


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    add = parser.add_argument
    add("--streams", type=int, default=5_000, help="clients of a live query (default: 5000)")
    add("--subscribers", type=int, default=1_000, help="over WebSockets (default: 1000)")
    add("--saves", type=int, default=5, help="how many (default: 5)")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
