"""Time and count database commands, in total and for each operation, and translate their errors.

The driver's own monitoring would do, but the event objects that it creates cost a tenth of a small
read.
"""

from __future__ import annotations

from contextvars import ContextVar
from time import perf_counter
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
"""MaxTimeMSExpired, and Interrupted, which is raised while an expression is evaluated."""

TRANSIENT: Final = frozenset({6, 7, 89, 91, 134, 189, 262, 9001, 10107, 11600, 11602, 13435, 13436})
"""Error codes of a server that is shutting down or not the primary, from MongoDB's specification of
retryable reads. The driver repeats reads and most writes, but not an update of many documents.
"""


class Command(NamedTuple):
    """A completed command. `failure` names the error, if there was one."""

    name: str
    database: str
    collection: str | None
    seconds: float
    failure: str | None


class CommandStats:
    """The number and total time of an operation's commands."""

    __slots__ = ("commands", "seconds")

    def __init__(self) -> None:
        self.commands = 0
        self.seconds = 0.0

    def done(self, command: Command) -> None:
        """Add a completed command."""
        self.commands += 1
        self.seconds += command.seconds


current_command_stats: Final[ContextVar[CommandStats | None]] = ContextVar(
    "command_stats", default=None
)
"""The statistics of the current operation."""


class Commands:
    """The times and failures of commands by name, and the number of commands in progress."""

    def __init__(self) -> None:
        self.times: dict[str, Histogram] = {}
        self.failures: dict[str, int] = {}
        self.waiting = 0

    def times_of(self, name: str) -> Histogram:
        """Return the histogram of a command's times."""
        times = self.times.get(name)
        if times is None:
            times = self.times[name] = Histogram()
        return times

    def fail(self, name: str) -> None:
        """Count a failed command."""
        self.failures[name] = self.failures.get(name, 0) + 1


class CommandTarget(NamedTuple):
    """A database's name and address, and where to count its commands, if anywhere."""

    name: str
    address: str
    commands: Commands | None = None


class CommandTimer:
    """Times a command and translates its errors."""

    __slots__ = ("_collection", "_name", "_started", "_target")

    def __init__(self, target: CommandTarget, name: str, collection: str | None = None) -> None:
        self._target = target
        self._name = name
        self._collection = collection
        self._started = 0.0

    def __enter__(self) -> None:
        if self._target.commands is not None:
            self._target.commands.waiting += 1
            self._started = perf_counter()

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        commands = self._target.commands
        if commands is not None:
            commands.waiting -= 1
            seconds = perf_counter() - self._started
            commands.times_of(self._name).add(seconds)
            if error is not None:
                commands.fail(self._name)
            stats = current_command_stats.get()
            if stats is not None:
                failure = None if error is None else _failure(error)
                database = self._target.name
                stats.done(Command(self._name, database, self._collection, seconds, failure))
        if isinstance(error, PyMongoError):
            raise _translated(error, self._target.address) from error


def _failure(error: BaseException) -> str:
    """Return a name for an error, never the server's message, which may contain values."""
    if isinstance(error, OperationFailure):
        return str((error.details or {}).get("codeName") or error.code)
    return type(error).__name__


def _translated(error: PyMongoError, address: str) -> DatabaseError:
    code = getattr(error, "code", None)
    if code in _OUT_OF_TIME:
        return DatabaseTimeout("the database ended the command at its time limit")
    if isinstance(error, ConnectionFailure | InvalidOperation) or code in TRANSIENT:
        return DatabaseUnavailable(f"MongoDB at {address} cannot be reached")
    if isinstance(error, OperationFailure):
        if error.code == _AUTHENTICATION_FAILED:
            return DatabaseUnavailable(
                f"MongoDB at {address} rejected the credentials: correct the user, the password or "
                "the authSource in the URL"
            )
        if error.code == _UNAUTHORIZED:  # permanent: waiting does not help
            return DatabaseError(
                f"MongoDB at {address} does not allow this: the URL must name a user that has the "
                f"role read on the database to serve, the role readWrite to load"
            )
        name = (error.details or {}).get("codeName", f"code {error.code}")
        return DatabaseError(f"MongoDB at {address} rejected a command: {name}")
    return DatabaseError(f"MongoDB at {address}: {type(error).__name__}")
