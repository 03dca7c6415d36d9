"""What the driver does for the application: counted by command, and for the operation that asked.

Motor calls listeners in the thread that runs the command, under the context of the coroutine that
asked for it; so a context variable tells for whom it is, whichever the driver.
"""

from __future__ import annotations

from contextvars import ContextVar
from threading import Lock
from typing import Any, Final

from pymongo.monitoring import (
    CommandFailedEvent,
    CommandListener,
    CommandStartedEvent,
    CommandSucceededEvent,
    ConnectionPoolListener,
)

from graph.store.histogram import Histogram


class Tally:
    """What one operation asked of the database.

    Where `is_traced`, it is also told of what a command is about when it begins.
    """

    __slots__ = ("commands", "is_traced", "seconds")

    def __init__(self) -> None:
        self.commands = 0
        self.seconds = 0.0
        self.is_traced = False

    def begun(self, number: int, database: str, collection: str | None) -> None:
        """A command with this number was sent."""

    def done(self, number: int, name: str, seconds: float, failure: str | None) -> None:
        """The command came to an end; `failure` says how, where it was no good one."""
        self.commands += 1
        self.seconds += seconds


TALLY: Final[ContextVar[Tally | None]] = ContextVar("tally", default=None)
"""The tally of the operation that is being answered."""


class Commands(CommandListener, ConnectionPoolListener):
    """Counts of the commands by name, of those that failed, and of connections."""

    def __init__(self) -> None:
        self.times: dict[str, Histogram] = {}
        self.failures: dict[str, int] = {}
        self.connections_created = 0
        self.connections_closed = 0
        self.checked_out = 0
        self._lock = Lock()

    def started(self, event: CommandStartedEvent) -> None:
        tally = TALLY.get()
        if tally is not None and tally.is_traced:
            tally.begun(event.request_id, event.database_name, _collection(event))

    def succeeded(self, event: CommandSucceededEvent) -> None:
        self._done(event, None)

    def failed(self, event: CommandFailedEvent) -> None:
        self._done(event, _failure(event.failure))

    def _done(self, event: CommandSucceededEvent | CommandFailedEvent, failure: str | None) -> None:
        name, seconds = event.command_name, event.duration_micros / 1e6
        with self._lock:
            times = self.times.get(name)
            if times is None:
                times = self.times[name] = Histogram()
            times.add(seconds)
            if failure is not None:
                self.failures[name] = self.failures.get(name, 0) + 1
            tally = TALLY.get()
            if tally is not None:
                tally.done(event.request_id, name, seconds, failure)

    def connection_created(self, event: object) -> None:
        with self._lock:
            self.connections_created += 1

    def connection_closed(self, event: object) -> None:
        with self._lock:
            self.connections_closed += 1

    def connection_checked_out(self, event: object) -> None:
        with self._lock:
            self.checked_out += 1

    def connection_checked_in(self, event: object) -> None:
        with self._lock:
            self.checked_out -= 1

    def pool_created(self, event: object) -> None:
        pass

    def pool_ready(self, event: object) -> None:
        pass

    def pool_cleared(self, event: object) -> None:
        pass

    def pool_closed(self, event: object) -> None:
        pass

    def connection_ready(self, event: object) -> None:
        pass

    def connection_check_out_started(self, event: object) -> None:
        pass

    def connection_check_out_failed(self, event: object) -> None:
        pass


def _collection(event: CommandStartedEvent) -> str | None:
    """The collection that a command is about, if it is about one."""
    named = "collection" if event.command_name == "getMore" else event.command_name
    value: Any = event.command.get(named)
    return value if isinstance(value, str) else None


def _failure(answer: Any) -> str:
    """What a failure is called: never the server's text, which may hold values."""
    name = answer.get("codeName") or answer.get("errtype") or answer.get("code")
    return str(name or "unknown")
