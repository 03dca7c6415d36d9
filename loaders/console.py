"""Messages, output and exit codes of all commands."""

from __future__ import annotations

import asyncio
import errno
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final, TextIO

import typer
from typer.core import TyperGroup

from graph.config import unknown_variables
from graph.errors import DatabaseError, NewsgraphError, UsageError
from loaders.report.report import printable

USAGE_EXIT: Final = 2
DATABASE_EXIT: Final = 3
INTERRUPTED_EXIT: Final = 130

_INTERRUPTED: Final = "interrupted; the next load completes what this one began"


class UnwritableOutput(UsageError):
    """Standard output cannot be written to."""


@contextmanager
def exit_codes(interrupted: str = _INTERRUPTED) -> Iterator[None]:
    """Turn an error into a message on standard error and an exit code.

    `interrupted` is the message of a command that was stopped at once.
    """
    try:
        yield
    except (KeyboardInterrupt, asyncio.CancelledError):
        say(interrupted)
        raise typer.Exit(INTERRUPTED_EXIT) from None
    except NewsgraphError as error:
        say(str(error))
        code = DATABASE_EXIT if isinstance(error, DatabaseError) else USAGE_EXIT
        raise typer.Exit(code) from None
    except OSError as error:
        say(_reason(error))
        raise typer.Exit(USAGE_EXIT) from None


@contextmanager
def standard_output(what: str = "the output") -> Iterator[None]:
    """Write to standard output in this context. A closed pipe is no error.

    Raises UnwritableOutput, whose message begins with `what`.
    """
    try:
        if sys.stdout is None:
            raise OSError(errno.EBADF, "standard output is closed")
        yield
        sys.stdout.flush()
    except BrokenPipeError:
        _discard(sys.stdout)
    except OSError as error:
        _discard(sys.stdout)
        raise UnwritableOutput(f"{what} cannot be written: {error.strerror}") from None


def write(text: str) -> None:
    """Write to standard output. Raises UnwritableOutput."""
    with standard_output():
        sys.stdout.write(text)


class CommandGroup(TyperGroup):
    """A group of commands that reports it if Typer cannot write help or an error."""

    def main(self, *args: Any, **options: Any) -> Any:
        try:
            return super().main(*args, **options)
        except OSError as error:
            _discard(sys.stdout)
            say(f"the output cannot be written: {_reason(error)}")
            sys.exit(USAGE_EXIT)


def say(message: str) -> None:
    """Write a message to standard error, unless it is closed."""
    if sys.stderr is None:
        return
    try:
        sys.stderr.write(f"newsgraph: {printable(message)}\n")
        sys.stderr.flush()
    except OSError:
        _discard(sys.stderr)


def warn_of_unknown_variables(context: typer.Context) -> None:
    """Warn of environment variables that look like misspelt settings."""
    commands = getattr(context.command, "commands", {}).values()
    options = {
        str(parameter.envvar)
        for command in commands
        for parameter in command.params
        if parameter.envvar
    }
    for message in unknown_variables(os.environ, options):
        say(message)


def _reason(error: OSError) -> str:
    reason = error.strerror or str(error)
    return f"{os.fsdecode(error.filename)}: {reason}" if error.filename else reason


def _discard(stream: TextIO | None) -> None:
    """Redirect a broken stream to the null device, so that Python's flush at exit succeeds."""
    if stream is not None:
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
