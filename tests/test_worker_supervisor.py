"""Workers that die or hang are replaced, unless none of them can start."""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import Iterator
from multiprocessing.connection import Connection, Pipe
from threading import Event
from time import monotonic
from types import SimpleNamespace
from typing import Any, cast

import pytest
from uvicorn import Config

from graph import worker_supervisor as supervisor
from graph.worker_supervisor import (
    FAILED_STARTS,
    MAX_DELAY,
    START_SECONDS,
    Supervisor,
    stop_with_supervisor,
)
from tests.forks import PROCESSES


class Clock:
    """A clock that a test sets forward."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


class Worker:
    """A worker without a process: it lives, responds and stops as a test says."""

    made: list[Worker]
    starts: bool
    """Whether new workers come to serve at once."""

    def __init__(self, config: Config, sockets: list[socket.socket]) -> None:
        self.pid = 100 + len(self.made)
        self.exitcode: int | None = None
        self.responds = self.serves = self.starts
        self.process: Any = self  # multiprocessing's, which uvicorn wraps
        self.made.append(self)

    def start(self) -> None: ...

    def is_alive(self) -> bool:
        return self.exitcode is None

    def end(self, code: int) -> None:
        self.exitcode = code

    def terminate(self) -> None:
        if self.responds and self.exitcode is None:
            self.exitcode = -signal.SIGTERM

    def kill(self) -> None:
        if self.exitcode is None:
            self.exitcode = -signal.SIGKILL

    def join(self, timeout: float | None = None) -> None:
        assert self.exitcode is not None or timeout is not None, "it waits for ever"


def response(worker: Worker, seconds: float) -> bool | None:
    return worker.serves if worker.responds else None


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(supervisor, "monotonic", made)
    return made


@pytest.fixture
def reported() -> list[int]:
    return []


@pytest.fixture
def two(monkeypatch: pytest.MonkeyPatch, clock: Clock, reported: list[int]) -> Iterator[Supervisor]:
    """A supervisor of two workers that serve."""
    monkeypatch.setattr(Worker, "made", [], raising=False)
    monkeypatch.setattr(Worker, "starts", True, raising=False)
    monkeypatch.setattr(supervisor, "Process", Worker)
    monkeypatch.setattr(supervisor, "_response", response)
    handlers = {number: signal.getsignal(number) for number in signal.valid_signals()}
    with socket.socket() as listening:
        config = Config("app", workers=2, timeout_graceful_shutdown=3)
        made = Supervisor(config, listening, reported.append)
        for number, handler in handlers.items():  # uvicorn's belong into a process of its own
            if signal.getsignal(number) is not handler:
                signal.signal(number, handler)
        made.processes = [cast(Any, Worker(config, [listening])) for _ in range(2)]
        made.keep_subprocess_alive()
        yield made


def workers() -> list[Worker]:
    """All workers that were ever started."""
    return Worker.made


def current(two: Supervisor) -> list[Any]:
    return list(two.processes)


def test_a_worker_that_was_killed_is_replaced_logged_and_counted(
    two: Supervisor, reported: list[int], caplog: pytest.LogCaptureFixture
) -> None:
    first, second = workers()
    first.end(-signal.SIGKILL)
    two.keep_subprocess_alive()
    assert current(two) == [workers()[2], second]
    assert reported == [1]
    assert caplog.messages == ["worker 100 was killed by SIGKILL: another is started"]


def test_the_exit_code_of_a_worker_is_logged(
    two: Supervisor, caplog: pytest.LogCaptureFixture
) -> None:
    workers()[1].end(1)
    two.keep_subprocess_alive()
    assert caplog.messages == ["worker 101 ended with exit code 1: another is started"]


def test_a_worker_that_hangs_is_killed_and_replaced(
    two: Supervisor, caplog: pytest.LogCaptureFixture
) -> None:
    workers()[0].responds = False
    two.keep_subprocess_alive()
    assert workers()[0].exitcode == -signal.SIGKILL
    assert current(two) == workers()[2:0:-1]
    assert "worker 100 did not respond for 5 s and is killed" in caplog.text


def test_a_worker_may_start_slowly_but_not_for_ever(
    two: Supervisor, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    Worker.starts = False
    workers()[0].end(-signal.SIGKILL)
    two.keep_subprocess_alive()
    slow = workers()[2]
    clock.now += START_SECONDS - 1
    two.keep_subprocess_alive()
    assert slow.is_alive()
    clock.now += 2
    two.keep_subprocess_alive()
    assert slow.exitcode == -signal.SIGKILL
    assert "another starts in 1 s" in caplog.text


def test_workers_that_die_again_and_again_are_replaced_after_ever_longer_delays(
    two: Supervisor, clock: Clock, reported: list[int]
) -> None:
    delays = []
    for _ in range(8):
        two.keep_subprocess_alive()
        workers()[-1].end(-signal.SIGKILL)
        began, count = clock.now, len(workers())
        two.keep_subprocess_alive()
        while len(workers()) == count:
            clock.now += 0.5
            two.keep_subprocess_alive()
        delays.append(clock.now - began)
    assert delays == [0, 1, 2, 4, 8, 16, MAX_DELAY, MAX_DELAY]
    assert reported == [*range(1, 9)]
    assert two.failure is None
    two.keep_subprocess_alive()
    clock.now += 100
    workers()[-1].end(-signal.SIGKILL)
    two.keep_subprocess_alive()
    assert len(reported) == 9  # it had served for long: at once


def test_if_no_worker_starts_to_serve_all_stop(
    two: Supervisor, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    Worker.starts = False
    workers()[0].end(-signal.SIGKILL)
    for _ in range(100):
        two.keep_subprocess_alive()
        workers()[-1].end(1)
        clock.now += 0.5
        if two.should_exit.is_set():
            break
    assert two.failure == "a worker could not start: the log says why"
    assert len(workers()) == 2 + FAILED_STARTS
    assert caplog.messages[-1] == (
        f"worker {101 + FAILED_STARTS} ended with exit code 1 before it served: all workers stop"
    )


def test_if_the_application_does_not_start_all_stop_at_once(
    two: Supervisor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Worker, "starts", False)
    two.processes = [cast(Any, Worker(two.config, [])) for _ in range(2)]
    workers()[2].end(3)
    two.keep_subprocess_alive()
    assert two.should_exit.is_set()
    assert two.failure is not None
    assert len(workers()) == 4


def test_a_worker_that_does_not_stop_is_killed_after_the_grace_period(
    two: Supervisor, caplog: pytest.LogCaptureFixture
) -> None:
    workers()[0].responds = False
    two.terminate_all()
    two.join_all()
    assert [each.exitcode for each in workers()] == [-signal.SIGKILL, -signal.SIGTERM]
    assert caplog.messages == ["worker 100 does not stop: it is killed"]


def test_a_worker_that_dies_instead_of_responding_is_noticed_at_once() -> None:
    parent, child = Pipe()
    sentinel, living = os.pipe()
    os.close(living)
    worker: Any = SimpleNamespace(parent_conn=parent, process=SimpleNamespace(sentinel=sentinel))
    with parent, child:
        began = monotonic()
        assert supervisor._response(worker, 60) is None
        assert monotonic() - began < 30
    os.close(sentinel)


def _supervised(writing: Connection) -> None:
    stop_with_supervisor()
    writing.send(os.getpid())
    Event().wait()


def _supervise(writing: Connection) -> None:
    PROCESSES.Process(target=_supervised, args=(writing,)).start()
    Event().wait()


def test_a_worker_stops_when_its_supervisor_is_killed() -> None:
    reading, writing = PROCESSES.Pipe(duplex=False)
    parent = PROCESSES.Process(target=_supervise, args=(writing,))
    parent.start()
    writing.close()
    worker = None
    try:
        assert reading.poll(60)
        worker = reading.recv()
        parent.kill()
        assert reading.poll(20), "the worker runs on"
        with pytest.raises(EOFError):
            reading.recv()
        worker = None
    finally:
        parent.kill()
        parent.join()
        if worker is not None:
            os.kill(worker, signal.SIGKILL)
