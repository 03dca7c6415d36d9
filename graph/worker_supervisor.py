"""The process that starts server processes (workers) on one socket, and replaces those that die."""

from __future__ import annotations

import logging
import os
import signal
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing import parent_process
from multiprocessing.connection import wait
from socket import socket
from threading import Thread
from time import monotonic
from typing import Final

import uvicorn
from uvicorn.supervisors import Multiprocess
from uvicorn.supervisors.multiprocess import Process

log = logging.getLogger("newsgraph")

START_SECONDS: Final = 60.0
"""How long a worker may take to respond for the first time: a busy machine starts Python slowly."""

FAILED_STARTS: Final = 5
"""The number of workers in a row that may die before they serve."""

MAX_DELAY: Final = 30.0
"""The longest time in seconds until a worker is replaced."""

_CALM_SECONDS: Final = 60.0
"""A worker that has served for so long is replaced at once."""

_POLL_SECONDS: Final = 0.1
"""How long to wait for the response of a worker that is perhaps still starting."""

_STOP_SECONDS: Final = 10.0
"""How long a worker may take to stop beyond the grace period."""

_STARTUP_FAILURE: Final = 3
"""uvicorn's exit code of a worker whose application does not start."""


@dataclass
class _State:
    """What is known of a worker: when it was first seen, whether it has served, the number of its
    predecessors that soon died, and when it will be replaced if it is dead.
    """

    began: float
    predecessors: int = 0
    has_served: bool = False
    replaced_at: float | None = None


class Supervisor(Multiprocess):
    """Starts workers, and replaces those that die or hang.

    A worker that dies soon after its start is replaced after a delay, which doubles each time. If
    FAILED_STARTS workers in a row die before they serve, all stop, and `failure` says why.

    Args:
        config: uvicorn's configuration, with the number of workers.
        listening: the socket that they share. It is closed as soon as they are to stop, so that
            none of them accepts connections any longer.
        report: called with the number of workers that were replaced so far.
    """

    def __init__(
        self, config: uvicorn.Config, listening: socket, report: Callable[[int], None]
    ) -> None:
        super().__init__(config, [listening])
        self.failure: str | None = None
        self._report = report
        self._replaced = 0
        self._failed_starts = 0
        self._states: dict[Process, _State] = {}

    def terminate_all(self) -> None:
        for listening in self.sockets:
            listening.close()
        super().terminate_all()

    def join_all(self) -> None:
        """Wait until all workers have stopped. Kill those that take too long."""
        deadline = monotonic() + (self.config.timeout_graceful_shutdown or 0) + _STOP_SECONDS
        for worker in self.processes:
            worker.process.join(max(0.0, deadline - monotonic()))
            if worker.exitcode is None:
                log.warning("worker %s does not stop: it is killed", worker.pid)
                worker.kill()
                worker.join()

    def keep_subprocess_alive(self) -> None:
        """Replace the workers that have died or do not respond."""
        self._states = {
            worker: self._states.get(worker) or _State(monotonic()) for worker in self.processes
        }
        for index, worker in enumerate(self.processes):
            if self.should_exit.is_set():
                return
            state = self._states[worker]
            if state.replaced_at is None:
                reason = self._fault(worker, state)
                if reason is None:
                    continue
                self._handle_death(worker, state, reason)
            if state.replaced_at is not None and monotonic() >= state.replaced_at:
                self._replace(index, state)

    def _fault(self, worker: Process, state: _State) -> str | None:
        """Return why a worker must be replaced; None if it need not be."""
        seconds: float = self.config.timeout_worker_healthcheck
        has_started = _response(worker, seconds if state.has_served else _POLL_SECONDS)
        if has_started is None:
            worker.process.join(_POLL_SECONDS)  # the pipe of a worker that dies closes before
        if not worker.process.is_alive():
            return _ending(worker.exitcode)
        if has_started and not state.has_served:
            state.has_served = True
            self._failed_starts = 0
        if state.has_served:
            is_hung = has_started is None
        else:
            seconds = START_SECONDS
            is_hung = monotonic() >= state.began + seconds
        return f"did not respond for {seconds:g} s and is killed" if is_hung else None

    def _handle_death(self, worker: Process, state: _State, reason: str) -> None:
        """Log a death, and decide when the worker is replaced, or that all stop."""
        worker.kill()  # and close its pipes
        worker.join()
        if not state.has_served:
            self._failed_starts += 1
            has_any_served = any(state.has_served for state in self._states.values())
            is_hopeless = worker.exitcode == _STARTUP_FAILURE and not has_any_served
            if is_hopeless or self._failed_starts >= FAILED_STARTS:
                self._give_up(worker, reason)
                return
        if state.has_served and monotonic() - state.began >= _CALM_SECONDS:
            state.predecessors = 0
        delay = min(2.0 ** (state.predecessors - 1), MAX_DELAY) if state.predecessors else 0.0
        state.replaced_at = monotonic() + delay
        when = f"another starts in {delay:g} s" if delay else "another is started"
        log.warning("worker %s %s: %s", worker.pid, reason, when)

    def _give_up(self, worker: Process, reason: str) -> None:
        log.error("worker %s %s before it served: all workers stop", worker.pid, reason)
        self.failure = "a worker could not start: the log says why"
        self.should_exit.set()

    def _replace(self, index: int, state: _State) -> None:
        worker = Process(self.config, self.sockets)
        worker.start()
        self.processes[index] = worker
        self._states[worker] = _State(monotonic(), state.predecessors + 1)
        self._replaced += 1
        self._report(self._replaced)


def stop_with_supervisor() -> None:
    """Stop this worker gracefully when its supervisor dies: nobody else could stop it."""
    supervisor = parent_process()
    if supervisor is None:
        return

    def stop() -> None:
        supervisor.join()
        log.error("the process that started this worker has died: it stops")
        os.kill(os.getpid(), signal.SIGTERM)

    Thread(target=stop, name="supervisor", daemon=True).start()


def _response(worker: Process, seconds: float) -> bool | None:
    """Return whether a worker's application has started; None if the worker does not respond in
    time, or has died.
    """
    responses = worker.parent_conn
    with suppress(OSError):
        while responses.poll():  # late ones, to earlier requests
            responses.recv()
        responses.send(b"ping")
        wait([responses, worker.process.sentinel], seconds)
        if responses.poll():
            has_started: bool = responses.recv()
            return has_started
    return None


def _ending(code: int | None) -> str:
    if code is not None and code < 0:
        return f"was killed by {signal.Signals(-code).name}"
    return f"ended with exit code {code}"
