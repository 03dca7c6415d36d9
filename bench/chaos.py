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
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from threading import Event, Thread
from time import monotonic, sleep
from typing import Final

from chaos_clients import Gaps, Reader, Stream
from chaos_cluster import Loader, Server, serving
from chaos_faults import faults_of, schedule
from chaos_followers import Follower, check_tombstones
from chaos_leftovers import check_idle
from chaos_outcome import Clients, Outcome
from chaos_site import Answer, Site, Versions
from chaos_streams import Failed, websocket_events
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
        self._faults = faults_of(site, database, servers, self.loader)

    def _clients_of(self, server: Server, ports: Sequence[int]) -> Clients:
        site, stop, gaps = self._site, self._stop_clients, Gaps()
        readers = [
            Reader(site, f"{server.name}, reader {n}", server.port, stop, (gaps, self._gaps))
            for n in range(READERS)
        ]
        stream = Stream(site, server.name, server.port, stop)
        socket = f"{server.name}, WebSocket"
        followers = [
            Follower(site, server.name, ports, stop),
            Follower(site, socket, ports, stop, websocket_events),
        ]
        return Clients(server, readers, stream, followers, gaps)

    def run(self, seconds: float, seed: int) -> Outcome:
        """Let faults happen for so long, and then check that nothing is lost."""
        runs = [self.loader.run]
        for each in self._clients:
            runs += [each.stream.run, *(follower.run for follower in each.followers)]
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
        self._close()
        return Outcome(self._site, self.loader, self._clients, faults, self._gaps, lost)

    def _close(self) -> None:
        """Check what can be known when there are no clients any more."""
        for follower in (each for clients in self._clients for each in clients.followers):
            follower.close()
        for clients in self._clients:
            check_idle(self._site, clients.server, self._load_again)
        self._site.close()

    def _load_again(self) -> None:
        """Load a change, and wait until all servers show it."""
        self._site.change()
        self._load_files()

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
        """Load a last time, and wait until all servers and their clients show the files."""
        self._load_files()
        for clients in self._clients:
            ended = monotonic() + SETTLE_SECONDS
            while (late := self._late(clients)) and monotonic() < ended:
                sleep(PAUSE)
            for what in late:
                self._site.violate(f"{clients.server.name}: its {what} did not get the files")
            until(partial(self._reads_all, clients.server), SETTLE_SECONDS, "all changes", 1)

    def _load_files(self) -> None:
        """Load the files, and wait until all servers show them."""
        until(self.loader.load, SETTLE_SECONDS, "a last load confirmed", 1)
        files = self._site.files
        for clients in self._clients:
            answer = self._answer(clients, lambda found: dict(found.articles) == files)
            if dict(answer.articles) != files:
                self._site.violate(f"{clients.server.name}: does not show the files in the end")

    def _late(self, clients: Clients) -> list[str]:
        """Return what of a server does not show the files yet."""
        shown = [
            ("live query", dict(clients.stream.newest)),
            *((f"copy {n}", each.copy) for n, each in enumerate(clients.followers, 1)),
            ("search", self._searched(clients.server)),
        ]
        return [what for what, articles in shown if articles != self._site.files]

    def _reads_all(self, server: Server) -> bool:
        try:
            check_tombstones(self._site, self._reader(server))
        except Failed:
            return False
        return True

    def _reader(self, server: Server) -> Reader:
        return Reader(self._site, server.name, server.port, self._stop_clients)

    def _searched(self, server: Server) -> Versions:
        """Return the articles that a search finds; none if it fails."""
        try:
            return dict(self._reader(server).search().articles)
        except Failed:
            return {}

    def _answer(self, clients: Clients, is_expected: Callable[[Answer], bool]) -> Answer:
        """Return an answer that is as expected; another one if none is in time."""
        reader, answer = self._reader(clients.server), None
        ended = monotonic() + SETTLE_SECONDS
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
