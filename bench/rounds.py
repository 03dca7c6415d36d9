"""Run the rounds on one corpus: each contender in a process, measured and checked."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import meter
from contenders import BenchError, Contender, Done, Entry, mapped_folder
from corpus import Corpus
from results import Run
from server import Server


@dataclass(frozen=True)
class Course:
    """A corpus, its folder, and the server that it is loaded into."""

    corpus: Corpus
    folder: Path
    server: Server

    def rounds(self, entered: Sequence[Entry], repeat: int) -> Iterator[Run]:
        """Run A B C, then C B A, so that a machine that slows down favours none.

        Raises BenchError if a run failed or did not store what the others did.
        """
        self._warm()
        for number in range(repeat):
            for entry in entered if number % 2 == 0 else reversed(entered):
                yield from self._entry(entry, number)

    def _warm(self) -> None:
        """Read every file once, so that no run waits for the disk."""
        say(f"reading {self.corpus.count:,} files once")
        for folder in (self.folder, mapped_folder(self.folder)):
            for path in folder.rglob("*.md"):
                path.read_bytes()

    def _entry(self, entry: Entry, number: int) -> Iterator[Run]:
        if entry.database is not None:
            self.server.drop(entry.database)
        if entry.database is not None and entry.indexed:
            self.server.create_indexes(entry.database)
        try:
            for contender in entry.contenders:
                yield self._run(contender, entry.database, number)
        finally:
            if entry.database is not None:
                self.server.drop(entry.database)

    def _run(self, contender: Contender, database: str | None, number: int) -> Run:
        url = "" if database is None else self.server.url(database)
        before = self.server.cpu_seconds()
        cost = meter.run(contender.command(self.folder, url))
        after = self.server.cpu_seconds()
        stored = None if database is None else self.server.count(database)
        _believe(contender, Done(self.corpus, cost, stored))
        mongod = None if before is None or after is None else after - before
        run = Run(
            contender=contender.name,
            count=self.corpus.count,
            round=number,
            seconds=cost.seconds,
            cpu_seconds=cost.cpu_seconds,
            mongod_cpu_seconds=mongod,
            other_cpu_seconds=max(0.0, cost.machine_cpu_seconds - cost.cpu_seconds - (mongod or 0)),
            peak_pss=cost.peak_pss,
            peak_rss=cost.peak_rss,
        )
        say(f"round {number + 1}: {run.contender}: {run.seconds:.2f} s, {run.rate:,.0f} docs/s")
        return run


def say(line: str) -> None:
    """Report progress on stderr."""
    sys.stderr.write(f"bench: {line}\n")
    sys.stderr.flush()


def _believe(contender: Contender, done: Done) -> None:
    if done.cost.code != 0:
        raise BenchError(f"{contender.name} ended with {done.cost.code}: {done.cost.errors}")
    try:
        contender.check(done)
    except BenchError as error:
        raise BenchError(f"{contender.name}: {error}") from None
