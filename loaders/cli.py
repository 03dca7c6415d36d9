"""The commands `load` and `check`."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Console

from graph.config import PREFIX, Settings, load_settings
from graph.errors import DatabaseError, NewsgraphError
from graph.store.client import open_database
from loaders.load import check, load
from loaders.report import Report, printable

USAGE_EXIT: Final = 2
DATABASE_EXIT: Final = 3
INTERRUPTED_EXIT: Final = 130


class ReportFormat(StrEnum):
    """How a report is written."""

    text = "text"
    json = "json"


app = typer.Typer(
    name="loaders",
    help="Front-matter documents into the database, or just checked.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

Paths = Annotated[
    list[Path], typer.Argument(metavar="PATH...", help="Files, or folders to search for files.")
]
MongoUrl = Annotated[
    str | None,
    typer.Option(help="Where MongoDB is.", envvar=f"{PREFIX}MONGO_URL", show_default="embedded:"),
]
DryRun = Annotated[
    bool,
    typer.Option("--dry-run", help="Compare and report, write nothing.", envvar=f"{PREFIX}DRY_RUN"),
]
Format = Annotated[
    ReportFormat, typer.Option(help="How to write the report.", envvar=f"{PREFIX}REPORT")
]
Strict = Annotated[
    bool,
    typer.Option("--strict", help="Exit with 1 for warnings too.", envvar=f"{PREFIX}STRICT"),
]


@app.command("load")
def load_command(
    paths: Paths,
    mongo_url: MongoUrl = None,
    dry_run: DryRun = False,
    report: Format = ReportFormat.text,
    strict: Strict = False,
) -> None:
    """Load documents into the database: what is there already and unchanged stays untouched."""
    with exit_codes():
        settings = load_settings(mongo_url=mongo_url)
        _close(asyncio.run(_load(settings, paths, dry_run)), report, strict)


@app.command("check")
def check_command(paths: Paths, report: Format = ReportFormat.text, strict: Strict = False) -> None:
    """Check documents as a load does, without a database."""
    with exit_codes():
        outcome = check(paths, load_settings(), progress=sys.stderr.isatty())
        _close(outcome, report, strict)


async def _load(settings: Settings, paths: list[Path], dry_run: bool) -> Report:
    async with open_database(settings) as database:
        progress = sys.stderr.isatty()
        return await load(database, settings, paths, dry_run=dry_run, progress=progress)


def _close(outcome: Report, report: ReportFormat, strict: bool) -> None:
    if report is ReportFormat.json:
        sys.stdout.write(f"{json.dumps(outcome.as_json())}\n")
    else:
        outcome.print_to(Console())
    raise typer.Exit(outcome.exit_code(strict=strict))


@contextmanager
def exit_codes() -> Iterator[None]:
    """Errors as a message on standard error and an exit code."""
    try:
        yield
    except KeyboardInterrupt:
        _say("interrupted; the next load completes what this one began")
        raise typer.Exit(INTERRUPTED_EXIT) from None
    except NewsgraphError as error:
        _say(str(error))
        code = DATABASE_EXIT if isinstance(error, DatabaseError) else USAGE_EXIT
        raise typer.Exit(code) from None


def _say(message: str) -> None:
    sys.stderr.write(f"newsgraph: {printable(message)}\n")
