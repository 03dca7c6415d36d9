"""Errors of the driver: their translation to our own, and their names in the statistics."""

from __future__ import annotations

import pytest
from pymongo.errors import (
    AutoReconnect,
    ConfigurationError,
    ExecutionTimeout,
    OperationFailure,
    PyMongoError,
)

from graph.errors import DatabaseError, DatabaseTimeout, DatabaseUnavailable
from graph.store.telemetry.commands import (
    Command,
    Commands,
    CommandStats,
    CommandTarget,
    CommandTimer,
    current_command_stats,
)


def failure_of(error: PyMongoError, commands: Commands | None = None) -> DatabaseError:
    """The error that a command raises when the driver raises this one."""
    target = CommandTarget("news", "db.example:27017", commands)
    with pytest.raises(DatabaseError) as caught, CommandTimer(target, "find", "articles"):
        raise error
    assert caught.value.__cause__ is error
    return caught.value


@pytest.mark.parametrize(
    ("error", "kind", "message"),
    [
        (ExecutionTimeout("over", 50), DatabaseTimeout, "at its time limit"),
        (OperationFailure("interrupted", 11601), DatabaseTimeout, "at its time limit"),
        (AutoReconnect("secret.example: gone"), DatabaseUnavailable, "cannot be reached"),
        (OperationFailure("no", 18), DatabaseUnavailable, "correct the user, the password or"),
        (OperationFailure("no", 13), DatabaseError, "a user that has the role read"),
        (
            OperationFailure("value 'x'", 2, {"codeName": "BadValue"}),
            DatabaseError,
            "MongoDB at db.example:27017 rejected a command: BadValue",
        ),
        (OperationFailure("value 'x'", 9999), DatabaseError, "rejected a command: code 9999"),
        (ConfigurationError("secret"), DatabaseError, "db.example:27017: ConfigurationError"),
    ],
)
def test_an_error_of_the_driver_is_translated_with_advice(
    error: PyMongoError, kind: type[DatabaseError], message: str
) -> None:
    found = failure_of(error)
    assert type(found) is kind
    assert message in str(found)
    assert "secret" not in str(found)
    assert "'x'" not in str(found)


def test_a_failed_command_is_counted_by_name_without_the_server_s_message() -> None:
    commands, seen = Commands(), list[Command]()

    class RecordedStats(CommandStats):
        def done(self, command: Command) -> None:
            seen.append(command)

    token = current_command_stats.set(RecordedStats())
    try:
        failure_of(OperationFailure("value 'x'", 2, {"codeName": "BadValue"}), commands)
        failure_of(OperationFailure("value 'x'", 9999), commands)
        failure_of(AutoReconnect("gone"), commands)
    finally:
        current_command_stats.reset(token)
    assert [each.failure for each in seen] == ["BadValue", "9999", "AutoReconnect"]
    assert commands.failures == {"find": 3}
    assert (commands.waiting, sum(commands.times_of("find").counts)) == (0, 3)
