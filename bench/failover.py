"""What clients and loads notice of faults in a replica set of three, with both drivers.

    python bench/failover.py --rounds 5

bench/README.md describes how to read the table.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import platform
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from time import monotonic, sleep
from typing import Final

import httpx
from command import exit_code
from contenders import NEWSGRAPH, BenchError
from corpus import make
from faults import Fault, faults_of
from rounds import say
from stalling_proxy import StallingProxy, proxy_loop

from graph.config import Settings
from graph.errors import DatabaseError
from graph.store.driver.client import open_database
from loaders.load.options import LoadOptions
from loaders.load.run import load
from tests.replicas import ReplicaSet, replica_set

DRIVERS: Final = ("motor", "pymongo")
DATABASE: Final = "failover"
QUERY: Final = "{ articles(first: 10) { nodes { slug title provider { name } } } }"
ARTICLES: Final = 100
SEED: Final = 1

PERIOD: Final = 1 / 6
"""Seconds between two requests to each server; they do not wait for each other."""

BEFORE: Final = 2.0
"""Seconds of requests before each fault, and after the answers that end it."""

PATIENCE: Final = 60.0


@dataclass
class Traffic:
    """What happened to requests or loads: when each began and ended, and whether it succeeded."""

    longest: float = 0.0
    failed: int = 0
    gap: float = 0.0
    """The longest time in which none succeeded."""
    last: float = field(default_factory=monotonic)

    def done(self, began: float, *, succeeded: bool) -> None:
        now = monotonic()
        self.longest = max(self.longest, now - began)
        if succeeded:
            self.gap = max(self.gap, now - self.last)
            self.last = now
        else:
            self.failed += 1


@dataclass
class Outcome:
    """What one round of a fault did to reads, by driver, and to writes."""

    reads: dict[str, Traffic]
    writes: Traffic


class ServerProcess:
    """A server under one driver, without caches."""

    def __init__(self, driver: str, url: str, folder: Path) -> None:
        with socket.create_server(("127.0.0.1", 0)) as probe:
            port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        settings = {
            "NEWSGRAPH_CACHE": "off",
            "NEWSGRAPH_MONGO_DRIVER": driver,
            "NEWSGRAPH_DATA_DIR": str(folder / driver),
        }
        self.process = subprocess.Popen(
            [str(NEWSGRAPH), "serve", "--mongo-url", url, "--port", str(port)],
            env={**os.environ, **settings},
            stdout=subprocess.DEVNULL,
            stderr=(folder / f"{driver}.log").open("ab"),
        )

    def resources(self) -> tuple[int, int]:
        """The numbers of threads and of open files."""
        root = Path(f"/proc/{self.process.pid}")
        return len(list((root / "task").iterdir())), len(list((root / "fd").iterdir()))

    def wait(self) -> None:
        """Return once it answers."""
        until = monotonic() + PATIENCE
        while monotonic() < until:
            try:
                if httpx.get(f"{self.url}/readyz", trust_env=False).status_code == 200:
                    return
            except httpx.TransportError:
                pass
            if self.process.poll() is not None:
                raise BenchError("the server has ended")
            sleep(0.1)
        raise BenchError(f"the server is not ready after {PATIENCE:.0f} s")


def main() -> int:
    """Run the command; see `exit_code`."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=5, help="how often each fault is caused")
    parser.add_argument("--pause", type=float, default=30, help="seconds that a primary is paused")
    parser.add_argument("--only", default="", help="names of faults, separated by commas")
    given = parser.parse_args()
    return exit_code(lambda: _bench(given.rounds, given.pause, given.only))


def _bench(rounds: int, pause: float, only: str) -> None:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="newsgraph-bench-")))
        loop = stack.enter_context(proxy_loop())
        proxies: dict[int, StallingProxy] = {}

        def proxied(port: int) -> int:
            proxies[port] = StallingProxy(loop, port)
            return proxies[port].port

        database = stack.enter_context(replica_set(folder, proxied))
        url = database.url(DATABASE)
        make(ARTICLES, SEED, folder / "articles")
        asyncio.run(_loaded(folder / "articles", url))
        servers = {driver: stack.enter_context(_serving(driver, url, folder)) for driver in DRIVERS}
        before = {driver: server.resources() for driver, server in servers.items()}
        faults = [each for each in faults_of(proxies, pause) if not only or each.name in only]
        _print_head(rounds)
        for fault in faults:
            outcomes = [
                asyncio.run(_round(fault, database, servers, folder)) for _ in range(rounds)
            ]
            _print_rows(fault, outcomes)
        for driver, server in servers.items():
            ended = "threads, open files: {} and {}, at the start {} and {}"
            sys.stdout.write(f"\n{driver}: {ended.format(*server.resources(), *before[driver])}\n")


async def _round(
    fault: Fault, database: ReplicaSet, servers: Mapping[str, ServerProcess], folder: Path
) -> Outcome:
    await asyncio.to_thread(database.heal)
    outcome = Outcome({driver: Traffic() for driver in servers}, Traffic())
    over = asyncio.Event()
    async with asyncio.TaskGroup() as tasks:
        for driver, server in servers.items():
            tasks.create_task(_read(server, outcome.reads[driver], over))
        tasks.create_task(_write(database.url(DATABASE), folder, outcome.writes, over))
        await asyncio.sleep(BEFORE)
        end = await asyncio.to_thread(fault.cause, database)
        await asyncio.sleep(fault.seconds)
        await asyncio.to_thread(end)
        ended = monotonic()
        everything = [*outcome.reads.values(), outcome.writes]
        while any(each.last < ended for each in everything):  # until all succeed again
            if monotonic() - ended > PATIENCE:
                raise BenchError(f"{fault.name}: no success {PATIENCE:.0f} s after its end")
            await asyncio.sleep(0.1)
        await asyncio.sleep(BEFORE)
        over.set()
    for driver, traffic in outcome.reads.items():
        say(f"{fault.name}: {driver}: {traffic}")
    say(f"{fault.name}: writes: {outcome.writes}")
    return outcome


async def _read(server: ServerProcess, traffic: Traffic, over: asyncio.Event) -> None:
    """Send requests at a steady rate, whether or not earlier ones have been answered."""
    limits = httpx.Limits(max_connections=None)
    traffic.last = monotonic()
    async with (
        httpx.AsyncClient(trust_env=False, timeout=PATIENCE, limits=limits) as client,
        asyncio.TaskGroup() as tasks,
    ):
        while not over.is_set():
            tasks.create_task(_request(client, server.url, traffic))
            await asyncio.sleep(PERIOD)


async def _request(client: httpx.AsyncClient, url: str, traffic: Traffic) -> None:
    began = monotonic()
    response = await client.post(f"{url}/graphql", json={"query": QUERY})
    traffic.done(began, succeeded="errors" not in response.json())


async def _write(url: str, folder: Path, traffic: Traffic, over: asyncio.Event) -> None:
    """Load one changed article again and again."""
    changing = folder / "changing"
    changing.mkdir(exist_ok=True)
    traffic.last = monotonic()
    number = 0
    while not over.is_set():
        number += 1
        head = (
            f"title: Number {number} at {monotonic()}\nprovider: {{name: Gull, domain: g.example}}"
        )
        (changing / "one.md").write_text(f"---\n{head}\n---\n\nA story.\n")
        began = monotonic()
        try:
            await _loaded(changing, url)
        except DatabaseError:
            traffic.done(began, succeeded=False)
        else:
            traffic.done(began, succeeded=True)


async def _loaded(folder: Path, url: str) -> None:
    settings = Settings(mongo_url=url)
    async with open_database(settings) as database:
        await load(database, settings, LoadOptions.of([folder]))


@contextmanager
def _serving(driver: str, url: str, folder: Path) -> Iterator[ServerProcess]:
    server = ServerProcess(driver, url, folder)
    try:
        server.wait()
        yield server
    finally:
        server.process.terminate()
        server.process.wait()


def _print_head(rounds: int) -> None:
    sys.stdout.write(
        f"{rounds} rounds, {1 / PERIOD:.0f} requests a second to each server, "
        f"Python {platform.python_version()}, {platform.system()} {platform.machine()}, "
        f"{os.cpu_count()} cores\n\n"
        "| fault | driver | longest request, s | gap of reads, s | failed requests | "
        "longest load, s | gap of loads, s | failed loads |\n"
        "|---|---|---:|---:|---:|---:|---:|---:|\n"
    )


def _print_rows(fault: Fault, outcomes: list[Outcome]) -> None:
    writes = [outcome.writes for outcome in outcomes]
    for driver in DRIVERS:
        reads = [outcome.reads[driver] for outcome in outcomes]
        cells = [
            f"{fault.name}, {fault.seconds:g} s",
            driver,
            *_cells(reads),
            *(_cells(writes) if driver == DRIVERS[0] else ["", "", ""]),
        ]
        sys.stdout.write(f"| {' | '.join(cells)} |\n")
    sys.stdout.flush()


def _cells(traffic: list[Traffic]) -> list[str]:
    return [
        f"{median(each.longest for each in traffic):.1f}",
        f"{median(each.gap for each in traffic):.1f}",
        f"{median(each.failed for each in traffic):.0f}",
    ]


if __name__ == "__main__":
    sys.exit(main())
