"""What is asked of the database: timed, counted, and told to the operation that asks.

The driver's own monitoring would do it, too; the objects that it makes for each command cost a
tenth of a small read.
"""

from __future__ import annotations

from contextvars import ContextVar
from time import perf_counter
from types import TracebackType
from typing import Final, NamedTuple

from pymongo.errors import (
    ConnectionFailure,
    InvalidOperation,
    OperationFailure,
    PyMongoError,
)

from graph.errors import DatabaseError, DatabaseTimeout, DatabaseUnavailable
from graph.store.telemetry.histogram import Histogram

_UNAUTHORIZED: Final = 13
_AUTHENTICATION_FAILED: Final = 18

_OUT_OF_TIME: Final = frozenset({50, 11601})
"""MaxTimeMSExpired, and Interrupted: a command that was ended while it evaluated an expression."""


class Command(NamedTuple):
    """A command that came to an end; `failure` says how, where it was no good one."""

    name: str
    database: str
    collection: str | None
    seconds: float
    failure: str | None


class CommandStats:
    """What one operation asked of the database."""

    __slots__ = ("commands", "seconds")

    def __init__(self) -> None:
        self.commands = 0
        self.seconds = 0.0

    def done(self, command: Command) -> None:
        """A command came to its end."""
        self.commands += 1
        self.seconds += command.seconds


current_command_stats: Final[ContextVar[CommandStats | None]] = ContextVar("tally", default=None)
"""The tally of the operation that is being answered."""


class Commands:
    """Counts of the commands by name, of those that failed, and of those that are waited for."""

    def __init__(self) -> None:
        self.times: dict[str, Histogram] = {}
        self.failures: dict[str, int] = {}
        self.waiting = 0

    def times_of(self, name: str) -> Histogram:
        """The times of the commands of this name."""
        times = self.times.get(name)
        if times is None:
            times = self.times[name] = Histogram()
        return times

    def fail(self, name: str) -> None:
        """Count a command that failed."""
        self.failures[name] = self.failures.get(name, 0) + 1


class CommandTarget(NamedTuple):
    """Who is asked: a database's name and address, and where its commands are counted, if any."""

    name: str
    address: str
    commands: Commands | None = None


class CommandTimer:
    """One command: counted, and its errors told as ours."""

    __slots__ = ("_asked", "_collection", "_name", "_started")

    def __init__(self, asked: CommandTarget, name: str, collection: str | None = None) -> None:
        self._asked = asked
        self._name = name
        self._collection = collection
        self._started = 0.0

    def __enter__(self) -> None:
        if self._asked.commands is not None:
            self._asked.commands.waiting += 1
            self._started = perf_counter()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        commands = self._asked.commands
        if commands is not None:
            commands.waiting -= 1
            seconds = perf_counter() - self._started
            commands.times_of(self._name).add(seconds)
            if error is not None:
                commands.fail(self._name)
            tally = current_command_stats.get()
            if tally is not None:
                failure = None if error is None else _failure(error)
                database = self._asked.name
                tally.done(Command(self._name, database, self._collection, seconds, failure))
        if isinstance(error, PyMongoError):
            raise _translated(error, self._asked.address) from error


def _failure(error: BaseException) -> str:
    """What a failure is called: never the server's text, which may hold values."""
    if isinstance(error, OperationFailure):
        return str((error.details or {}).get("codeName") or error.code)
    return type(error).__name__


def _translated(error: PyMongoError, address: str) -> DatabaseError:
    if getattr(error, "code", None) in _OUT_OF_TIME:
        return DatabaseTimeout("the database ended the command at its time limit")
    if isinstance(error, ConnectionFailure | InvalidOperation):
        return DatabaseUnavailable(f"MongoDB at {address} cannot be reached")
    if isinstance(error, OperationFailure):
        if error.code == _AUTHENTICATION_FAILED:
            return DatabaseUnavailable(
                f"MongoDB at {address} refused the credentials: correct the user, the password or "
                f"the authSource in the URL"
            )
        if error.code == _UNAUTHORIZED:  # which no waiting mends
            return DatabaseError(
                f"MongoDB at {address} does not allow this: the URL must name a user that has the "
                f"role read on the database to serve, the role readWrite to load"
            )
        name = (error.details or {}).get("codeName", f"code {error.code}")
        return DatabaseError(f"MongoDB at {address} refused a command: {name}")
    return DatabaseError(f"MongoDB at {address}: {type(error).__name__}")
