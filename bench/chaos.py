"""Break a cluster in many ways while it is loaded and read, and check each answer.

    python bench/chaos.py --minutes 10 --seed 1

It starts a replica set of three, a server with each driver, loads and clients, and then kills,
stops and steps down what a seed chooses. bench/README.md describes the checks.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Thread
from time import monotonic, sleep
from typing import Final

from chaos_clients import Counts, Failed, Gaps, Reader, Stream
from chaos_cluster import Loader, Server, serving
from chaos_faults import faults_of, schedule
from chaos_followers import Follower
from chaos_site import Answer, Site, Versions
from command import exit_code
from contenders import BenchError
from rounds import say

from tests.processes import until
from tests.replicas import ReplicaSet, replica_set

READERS: Final = 2
"""The number of readers of each server."""

SETTLE_SECONDS: Final = 60.0
"""How long all may take to agree after the last fault."""

PAUSE: Final = 0.2
"""Seconds between two looks at a server."""

SHOWN: Final = 20
"""The largest number of violations that are printed."""

_DATABASE: Final = "chaos"


@dataclass(frozen=True)
class Clients:
    """The clients of one server."""

    server: Server
    readers: Sequence[Reader]
    stream: Stream
    follower: Follower
    gaps: Gaps

    @property
    def counts(self) -> Sequence[Counts]:
        readers = (reader.counts for reader in self.readers)
        return [*readers, self.stream.counts, self.follower.counts]


@dataclass(frozen=True)
class Outcome:
    """What happened; times in seconds."""

    site: Site
    loader: Loader
    clients: Sequence[Clients]
    faults: Mapping[str, int]
    gaps: Gaps
    lost: int

    def table(self) -> str:
        """Return the outcome as Markdown."""
        loader = self.loader
        codes = ", ".join(f"{code} × {n}" for code, n in sorted(loader.exit_codes.items()))
        lines = [
            "| | |",
            "|---|---|",
            f"| faults | {_listed(self.faults)} |",
            f"| loads | {loader.loads:,}, exit codes {codes} |",
            f"| longest time without a confirmed load | {loader.written.longest:.1f} s |",
            f"| longest time without an answer of any server | {self.gaps.longest:.1f} s |",
            *(line for each in self.clients for line in _lines(each)),
            f"| longest time a server answered from before a load | {self.site.lag:.1f} s |",
            f"| answers compared with the files of their revision | {self.site.compared:,} |",
            f"| confirmed changes lost | {self.lost} |",
            f"| violations | {len(self.site.violations)} |",
        ]
        return "\n".join(lines) + "\n"


def _lines(clients: Clients) -> list[str]:
    name = clients.server.name
    errors: Counter[str] = Counter()
    for counts in clients.counts:
        errors.update(counts.errors)
    requests = sum(each.requests for each in clients.counts)
    cached = sum(each.cached for each in clients.counts)
    return [
        f"| {name}: requests | {requests:,}, of these {cached:,} from the cache |",
        f"| {name}: live results | {clients.stream.counts.events:,} |",
        f"| {name}: changes | {clients.follower.counts.events:,} |",
        f"| {name}: errors | {_listed(errors)} |",
        f"| {name}: longest time without an answer | {clients.gaps.longest:.1f} s |",
    ]


def _listed(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name} × {count:,}" for name, count in sorted(counts.items())) or "none"


class Run:
    """A run: loads and clients at work while faults happen.

    Args:
        url: of the database.
        servers: they serve.
        database: the replica set; None for another database, which is not broken.
        report: called with a line about each fault.
    """

    def __init__(
        self,
        site: Site,
        url: str,
        servers: Sequence[Server],
        database: ReplicaSet | None,
        report: Callable[[str], None] = say,
    ) -> None:
        self._site = site
        self._database = database
        self._report = report
        self._stop_clients, self._stop_loader = Event(), Event()
        log = servers[0].folder / "loads.log"
        self.loader = Loader(site, url, self._stop_loader, log)
        self._gaps = Gaps()
        ports = [server.port for server in servers]
        self._clients = [
            self._clients_of(server, [*ports[number:], *ports[:number]])
            for number, server in enumerate(servers)
        ]
        self._faults = faults_of(database, servers, self.loader)

    def _clients_of(self, server: Server, ports: Sequence[int]) -> Clients:
        site, stop, gaps = self._site, self._stop_clients, Gaps()
        readers = [
            Reader(site, f"{server.name}, reader {n}", server.port, stop, (gaps, self._gaps))
            for n in range(READERS)
        ]
        stream = Stream(site, server.name, server.port, stop)
        return Clients(server, readers, stream, Follower(site, server.name, ports, stop), gaps)

    def run(self, seconds: float, seed: int) -> Outcome:
        """Let faults happen for so long, and then check that nothing is lost."""
        runs = [self.loader.run]
        for each in self._clients:
            runs += [each.stream.run, each.follower.run]
            runs += [reader.run for reader in each.readers]
        threads = [Thread(target=self._guarded, args=(run,), daemon=True) for run in runs]
        for gaps in (self._gaps, self.loader.written, *(each.gaps for each in self._clients)):
            gaps.begin()
        for thread in threads:
            thread.start()
        try:
            faults = self._break(seconds, seed)
            self._stop_loader.set()
            threads[0].join()
            lost = self._lost()
            self._settle()
        finally:
            self._stop_loader.set()
            self._stop_clients.set()
        for thread in threads:
            thread.join(SETTLE_SECONDS)
            if thread.is_alive():
                raise BenchError("a client does not end")
        self._site.close()
        return Outcome(self._site, self.loader, self._clients, faults, self._gaps, lost)

    def _guarded(self, run: Callable[[], None]) -> None:
        """Run a client. If it fails by itself, its answers were not checked."""
        try:
            run()
        except Exception as error:
            self._site.violate(f"a client failed: {error!r}")
            raise

    def _break(self, seconds: float, seed: int) -> Counter[str]:
        """Cause faults; return their numbers."""
        chance, ended = random.Random(seed), monotonic() + seconds
        done: Counter[str] = Counter()
        for pause, name in schedule(list(self._faults), seed):
            if monotonic() + pause >= ended:
                break
            sleep(pause)
            self._report(f"{seconds - (ended - monotonic()):.0f} s: {name}")
            self._faults[name](chance)
            done[name] += 1
        sleep(max(0.0, ended - monotonic()))
        return done

    def _lost(self) -> int:
        """Return the number of confirmed changes that the database does not have."""
        revision, _ = self._site.confirmed
        answers = [
            self._answer(clients, lambda found: found.revision >= revision)
            for clients in self._clients
        ]
        lost = max(self._site.lost(dict(answer.articles)) for answer in answers)
        if lost:
            self._site.violate(f"{lost} confirmed changes are lost")
        return lost

    def _settle(self) -> None:
        """Load a last time, and wait until all servers and streams show the files."""
        until(self.loader.load, SETTLE_SECONDS, "a last load confirmed", 1)
        files = self._site.files
        for clients in self._clients:
            answer = self._answer(clients, lambda found: dict(found.articles) == files)
            if dict(answer.articles) != files:
                self._site.violate(f"{clients.server.name}: does not show the files in the end")
            ended = monotonic() + SETTLE_SECONDS
            while (late := self._late(clients, files)) and monotonic() < ended:
                sleep(PAUSE)
            for what in late:
                self._site.violate(f"{clients.server.name}: its {what} did not get the files")

    def _late(self, clients: Clients, files: Versions) -> list[str]:
        """Return what of a server does not show the files yet."""
        newest, found = dict(clients.stream.newest), self._searched(clients.server)
        shown = {"live query": newest, "copy": clients.follower.copy, "search": found}
        return [what for what, articles in shown.items() if articles != files]

    def _searched(self, server: Server) -> Versions:
        """Return the articles that a search finds; none if it fails."""
        try:
            reader = Reader(self._site, server.name, server.port, self._stop_clients)
            return dict(reader.search().articles)
        except Failed:
            return {}

    def _answer(self, clients: Clients, is_expected: Callable[[Answer], bool]) -> Answer:
        """Return an answer that is as expected; another one if none is in time."""
        reader = Reader(self._site, clients.server.name, clients.server.port, self._stop_clients)
        ended, answer = monotonic() + SETTLE_SECONDS, None
        while monotonic() < ended:
            try:
                answer = reader.read_whole()
                if is_expected(answer):
                    return answer
            except Failed as error:
                self._report(f"{clients.server.name}: {error}")
            sleep(PAUSE)
        if answer is None:
            raise BenchError(f"{clients.server.name} does not answer in the end")
        return answer


def main() -> int:
    """Run the command; see `exit_code`."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--minutes", type=float, default=10.0, help="how long (default: 10)")
    parser.add_argument("--seed", type=int, default=1, help="of the faults (default: 1)")
    given = parser.parse_args()
    return exit_code(lambda: _bench(given.minutes, given.seed))


def _bench(minutes: float, seed: int) -> None:
    with tempfile.TemporaryDirectory(prefix="newsgraph-chaos-") as folder:
        try:
            outcome = broken_cluster(Path(folder), minutes * 60, seed)
        except AssertionError as error:  # of the helpers of tests
            raise BenchError(str(error)) from error
    sys.stdout.write(f"`python bench/chaos.py {' '.join(sys.argv[1:])}`\n\n{outcome.table()}")
    for violation in outcome.site.violations[:SHOWN]:
        sys.stdout.write(f"\n- {violation}")
    if outcome.site.violations:
        raise BenchError(f"{len(outcome.site.violations)} violations")


def broken_cluster(folder: Path, seconds: float, seed: int) -> Outcome:
    """Run on a replica set of three and a server with each driver, whose files are in a folder."""
    with replica_set(folder) as database:
        url = database.url(_DATABASE)
        servers = [Server("motor", 1, url, folder), Server("pymongo", 2, url, folder)]
        run = Run(Site(folder / "site", seed), url, servers, database)
        until(run.loader.load, SETTLE_SECONDS, "a first load", 1)
        with serving(servers):
            return run.run(seconds, seed)


if __name__ == "__main__":
    sys.exit(main())
