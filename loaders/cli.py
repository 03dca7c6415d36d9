"""The commands `load` and `check`."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from enum import Enum
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Console

from graph.config import PREFIX, Settings, load_settings
from graph.errors import DatabaseError, NewsgraphError
from graph.store.client import open_database
from loaders.load import check, load
from loaders.report import Report

USAGE_EXIT: Final = 2
DATABASE_EXIT: Final = 3
INTERRUPTED_EXIT: Final = 130

app = typer.Typer(
    help="Front-matter documents → MongoDB.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
err = Console(stderr=True)


class Format(Enum):
    """How a report is printed."""

    TEXT = "text"
    JSON = "json"


Paths = Annotated[list[Path], typer.Argument(help="Folders and files to read.", metavar="PATH...")]
MongoUrl = Annotated[
    str | None,
    typer.Option(help="Where MongoDB is.", envvar=f"{PREFIX}MONGO_URL", show_default="embedded:"),
]
DryRun = Annotated[
    bool,
    typer.Option("--dry-run", help="Compare, write nothing.", envvar=f"{PREFIX}DRY_RUN"),
]
ReportFormat = Annotated[
    Format, typer.Option("--report", help="How to report.", envvar=f"{PREFIX}REPORT")
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
    report: ReportFormat = Format.TEXT,
    strict: Strict = False,
) -> None:
    """Bring the documents below PATH into MongoDB; what did not change is not written."""
    with exit_codes():
        settings = load_settings(mongo_url=mongo_url)
        outcome = asyncio.run(_load(settings, paths, dry_run))
    _print(outcome, report)
    raise typer.Exit(outcome.exit_code(strict=strict))


@app.command("check")
def check_command(paths: Paths, report: ReportFormat = Format.TEXT, strict: Strict = False) -> None:
    """Say what is wrong with the documents below PATH, without a database."""
    with exit_codes():
        outcome = check(paths, load_settings(), progress=err.is_terminal)
    _print(outcome, report)
    raise typer.Exit(outcome.exit_code(strict=strict))


async def _load(settings: Settings, paths: list[Path], dry_run: bool) -> Report:
    async with open_database(settings) as database:
        return await load(database, settings, paths, dry_run=dry_run, progress=err.is_terminal)


def _print(report: Report, style: Format) -> None:
    if style is Format.JSON:
        sys.stdout.write(json.dumps(report.as_json(), ensure_ascii=False) + "\n")
    else:
        report.print_to(Console())


@contextmanager
def exit_codes() -> Iterator[None]:
    """Errors as one line on standard error and an exit code."""
    try:
        yield
    except KeyboardInterrupt:
        err.print("newsgraph: interrupted; what is not loaded yet is loaded by the next run")
        raise typer.Exit(INTERRUPTED_EXIT) from None
    except NewsgraphError as error:
        err.print(f"newsgraph: {error}", markup=False, highlight=False, soft_wrap=True)
        code = DATABASE_EXIT if isinstance(error, DatabaseError) else USAGE_EXIT
        raise typer.Exit(code) from None
