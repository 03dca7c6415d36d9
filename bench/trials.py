"""Run the rounds: each query on each server, in turn, with its cost."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Final

import orjson
import wrk
from contenders import BenchError
from cores import used_by, used_by_all, used_by_us, wait_for_rest
from questions import QUESTIONS, Question, Record, ask, comparable, difference, record
from responders import Serving
from rounds import say
from server import Server
from wrk import Load

WARM_SECONDS: Final = 2
_TICK: Final = 0.01

Records = Mapping[tuple[str, str], Record]
"""By name of server, then by query."""


@dataclass(frozen=True)
class Trial:
    """One server with one query in one round; latencies in microseconds, `size` in bytes.

    `other_cpu_seconds` is the CPU time of processes other than the server, MongoDB and the load
    generator.
    """

    responder: str
    question: str
    round: int
    requests: int
    seconds: float
    cpu_seconds: float
    mongod_cpu_seconds: float
    other_cpu_seconds: float
    size: int
    p50: int
    p99: int

    @property
    def rate(self) -> float:
        """Requests per second."""
        return self.requests / self.seconds

    @property
    def rate_of_cpu(self) -> float:
        """Requests per CPU second of the server: what it would handle with a core to itself."""
        return self.requests / max(self.cpu_seconds, _TICK)


@dataclass(frozen=True)
class Course:
    """The running servers, the MongoDB that they share, and the load."""

    servings: Sequence[Serving]
    mongod: Server
    load: Load

    def trials(self, slugs: Sequence[str], rounds: int) -> Iterator[Trial]:
        """Run query by query A B C, in the next round C B A, so that a drift favours none.

        Raises BenchError if responses differ, before the rounds or after them.
        """
        records = self._recorded(slugs)
        self._warm(records)
        for number in range(rounds):
            order = self.servings if number % 2 == 0 else self.servings[::-1]
            for question in QUESTIONS:
                for serving in order:
                    with _naming(serving, question):
                        bodies = records[serving.name, question.name].bodies
                        trial = self._trial(serving, question, bodies, number)
                        wait_for_rest(serving.pid)
                    say(f"round {number + 1}: {question.title}: {_shown(trial)}")
                    yield trial
        self._check(records)

    def _recorded(self, slugs: Sequence[str]) -> Records:
        """Return the responses of every server. All must be equal."""
        records: dict[tuple[str, str], Record] = {}
        first = self.servings[0].name
        for question in QUESTIONS:
            for serving in self.servings:
                with _naming(serving, question):
                    found = record(serving.client, question, slugs)
                    records[serving.name, question.name] = found
                    expected = records[first, question.name]
                    _require_equal(expected, found, f"{first} answers otherwise")
        say(f"{len(self.servings)} servers give equal answers")
        return records

    def _warm(self, records: Records) -> None:
        load = replace(self.load, seconds=min(self.load.seconds, WARM_SECONDS))
        for question in QUESTIONS:
            for serving in self.servings:
                with _naming(serving, question):
                    wrk.post(serving.url, records[serving.name, question.name].bodies, load)
                    wait_for_rest(serving.pid)
        say("every server is warm")

    def _check(self, records: Records) -> None:
        """Send all requests again: the responses must not have changed."""
        for question in QUESTIONS:
            for serving in self.servings:
                with _naming(serving, question):
                    before = records[serving.name, question.name]
                    answers = [comparable(ask(serving.client, body)) for body in before.bodies]
                    _require_equal(
                        before, replace(before, answers=answers), "its answer has changed"
                    )

    def _trial(
        self, serving: Serving, question: Question, bodies: Sequence[bytes], number: int
    ) -> Trial:
        us, everybody = used_by_us(), used_by_all()
        own, mongod = used_by(serving.pid), self._mongod_seconds()
        outcome = wrk.post(serving.url, bodies, self.load)
        own, mongod = used_by(serving.pid) - own, self._mongod_seconds() - mongod
        us, everybody = used_by_us() - us, used_by_all() - everybody
        if not outcome.requests:
            raise BenchError(f"nothing was answered in {self.load.seconds} s: give more --seconds")
        return Trial(
            responder=serving.name,
            question=question.name,
            round=number,
            requests=outcome.requests,
            seconds=outcome.microseconds / 1e6,
            cpu_seconds=own,
            mongod_cpu_seconds=mongod,
            other_cpu_seconds=max(0.0, everybody - us - own - mongod),
            size=outcome.size,
            p50=outcome.p50,
            p99=outcome.p99,
        )

    def _mongod_seconds(self) -> float:
        seconds = self.mongod.cpu_seconds()
        if seconds is None:
            raise BenchError("the CPU time of mongod cannot be seen")
        return seconds


@contextmanager
def _naming(serving: Serving, question: Question) -> Iterator[None]:
    """Add the server and the query to an error."""
    try:
        yield
    except BenchError as error:
        raise BenchError(f"{serving.name}, {question.title}: {error}") from None


def _require_equal(expected: Record, found: Record, why: str) -> None:
    for number, pair in enumerate(zip(expected.answers, found.answers, strict=True)):
        if (place := difference(*pair)) is not None:
            request = orjson.loads(found.bodies[number])["variables"]
            raise BenchError(f"{why}, for {request}: {place}")


def _shown(trial: Trial) -> str:
    return f"{trial.responder}: {trial.rate:,.0f} requests/s"
