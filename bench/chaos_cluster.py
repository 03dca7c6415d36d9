"""What chaos.py breaks: a replica set, servers and loads, each a process of its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Lock
from time import monotonic, sleep
from typing import Final

import httpx
from chaos_clients import Gaps
from chaos_site import Site
from contenders import NEWSGRAPH
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.samples import Sample

from tests.processes import HTTP, free_port, listens, until

START_SECONDS: Final = 180.0

_LOAD_PAUSE: Final = 0.3
"""Seconds between two loads."""


@dataclass
class Server:
    """A server with one driver, as a process that can be killed and started again."""

    driver: str
    workers: int
    url: str
    folder: Path
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    @property
    def name(self) -> str:
        return f"{self.driver}, {self.workers} worker{'s' if self.workers > 1 else ''}"

    def start(self) -> None:
        """Start it, without waiting until it serves."""
        environment = {
            **_environment(self.url),
            "NEWSGRAPH_MONGO_DRIVER": self.driver,
            "NEWSGRAPH_SERVER_TIMING": "on",
            "NEWSGRAPH_HEARTBEAT": "2",
            "NEWSGRAPH_WORKERS": str(self.workers),
            "NEWSGRAPH_DATA_DIR": str(self.folder / self.driver),
        }
        with (self.folder / f"{self.driver}.log").open("ab") as log:
            command = [str(NEWSGRAPH), "serve", "--port", str(self.port)]
            self.process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)

    def wait(self) -> None:
        """Wait until it serves."""
        until(lambda: listens(self.port) and self._is_ready(), START_SECONDS, "a server up", 0.2)

    def kill(self) -> None:
        """Kill it; its workers stop by themselves."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()
        until(lambda: not listens(self.port), START_SECONDS, "the workers stopped", 0.1)

    def kill_worker(self) -> None:
        """Kill one of its workers."""
        pids = {each.labels["pid"] for each in self._samples() if "pid" in each.labels}
        os.kill(int(min(pids)), signal.SIGKILL)

    def metrics(self) -> dict[str, float] | None:
        """Return the sums over all workers; None if not all of them respond."""
        try:
            samples = self._samples()
        except httpx.TransportError:
            return None
        if sum(each.name == "process_open_fds" for each in samples) < self.workers:
            return None
        sums: dict[str, float] = {}
        for each in samples:
            sums[each.name] = sums.get(each.name, 0.0) + each.value
        return sums

    def _samples(self) -> list[Sample]:
        families = text_string_to_metric_families(HTTP.get(self._address("metrics")).text)
        return [sample for family in families for sample in family.samples]

    def stop(self) -> None:
        """Stop it as an operator does."""
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(40)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()

    def _is_ready(self) -> bool:
        return HTTP.get(self._address("readyz")).status_code == 200

    def _address(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}/{path}"


class Loader:
    """Changes the files and loads them, again and again, until it is stopped."""

    def __init__(self, site: Site, url: str, stop: Event, log: Path) -> None:
        self.loads = 0
        self.confirmed = 0
        self.exit_codes: dict[int, int] = {}
        self.written = Gaps()
        self._site = site
        self._url = url
        self._stop = stop
        self._log = log
        self._lock = Lock()
        self._running: list[subprocess.Popen[bytes]] = []
        self._at_once = 1

    def run(self) -> None:
        """Change and load, until stopped."""
        while not self._stop.wait(_LOAD_PAUSE):
            self._site.change()
            self.load()

    def load(self) -> bool:
        """Load the files as they are, once or twice at once. Return whether that is confirmed."""
        with self._lock:
            count, self._at_once = self._at_once, 1
            self._site.begin_load(count)
            self._running = [self._started() for _ in range(count)]
        reports = [process.communicate()[0] for process in self._running]
        codes = [process.returncode for process in self._running]
        self.loads += count
        for code in codes:
            self.exit_codes[code] = self.exit_codes.get(code, 0) + 1
            if code not in (0, 3, -signal.SIGKILL):
                self._site.violate(f"a load ended with exit code {code}")
        well = [json.loads(report) for report, code in zip(reports, codes, strict=True) if not code]
        is_settled = len(well) == count
        for report in well:
            self._site.confirm(report["revision"], is_settled=is_settled)
        if well:
            self.confirmed += 1
            self.written.note()
        return is_settled

    def load_twice(self) -> None:
        """Let the next load be two at once."""
        with self._lock:
            self._at_once = 2

    def kill(self, delay: float, cause: Callable[[], None] = lambda: None) -> None:
        """Kill a load, one of two if two run at once, `delay` seconds after it began and another
        fault was caused.
        """
        ended = monotonic() + START_SECONDS
        while monotonic() < ended:
            with self._lock:
                [*before] = self._running
                is_due = len(before) >= self._at_once
            if is_due and any(process.poll() is None for process in before):
                break
            sleep(0.01)
        cause()
        sleep(delay)
        with self._lock:
            self._running[0].kill()

    def _started(self) -> subprocess.Popen[bytes]:
        with self._log.open("ab") as log:
            return subprocess.Popen(
                [str(NEWSGRAPH), "load", str(self._site.folder), "--prune", "--report", "json"],
                env=_environment(self._url),
                stdout=subprocess.PIPE,
                stderr=log,
            )


def _environment(url: str) -> dict[str, str]:
    """Return this process's environment with the settings of newsgraph replaced."""
    others = {name: text for name, text in os.environ.items() if name[:10] != "NEWSGRAPH_"}
    return {**others, "NEWSGRAPH_MONGO_URL": url}


@contextmanager
def serving(servers: Sequence[Server]) -> Iterator[None]:
    """Start servers, wait until they serve, and stop them afterwards."""
    try:
        for server in servers:
            server.start()
        for server in servers:
            server.wait()
        yield
    finally:
        for server in servers:
            server.stop()
