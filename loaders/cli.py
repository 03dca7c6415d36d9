"""The commands `load` and `check`."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Console

from graph.config import PREFIX, Settings, load_settings
from graph.errors import DatabaseError, UsageError
from graph.store.driver.client import open_database
from loaders.console import (
    CommandGroup,
    exit_codes,
    say,
    standard_output,
    warn_of_unknown_variables,
)
from loaders.files.discover import discover
from loaders.files.places import FoundFile
from loaders.load.options import RESCAN_SECONDS, LoadOptions
from loaders.load.run import check, load
from loaders.load.signals import stopped_by_signals
from loaders.report.progress import Advance, progress, silent
from loaders.report.render import render_github, render_text
from loaders.report.report import Report
from loaders.site_commands import init_command, print_sites
from loaders.site_options import Preset, SiteName, SiteUrl, site_settings
from loaders.watch.follow import follow


class ReportFormat(StrEnum):
    """How a report is written."""

    text = "text"
    json = "json"
    github = "github"


CONTEXT: Final = {"help_option_names": ["-h", "--help"]}

app = typer.Typer(
    cls=CommandGroup,
    name="loaders",
    help="Load front-matter documents into the database, or only check them.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings=CONTEXT,
    callback=warn_of_unknown_variables,
)


def filled_path(text: str) -> Path:
    """A path. An empty one, such as that of a variable that is not set, would be this folder."""
    if not text:
        raise typer.BadParameter("is empty: name a file or a folder")
    return Path(text)


Paths = Annotated[
    list[Path],
    typer.Argument(
        metavar="PATH...", help="Files, or folders to search for files.", parser=filled_path
    ),
]
MongoUrl = Annotated[
    str | None,
    typer.Option(help="The URL of MongoDB.", envvar=f"{PREFIX}MONGO_URL", show_default="embedded:"),
]
RootFolder = Annotated[
    Path | None,
    typer.Option(
        "--root",
        help="The folder to which slugs are relative.",
        envvar=f"{PREFIX}ROOT",
        parser=filled_path,
        show_default="each PATH, or the folder of a file",
    ),
]
Include = Annotated[
    list[str] | None,
    typer.Option(
        help="Load only files that match this glob; repeatable.",
        metavar="GLOB",
        envvar=f"{PREFIX}INCLUDE",
    ),
]
Exclude = Annotated[
    list[str] | None,
    typer.Option(
        help="Skip files that match this glob; repeatable.",
        metavar="GLOB",
        envvar=f"{PREFIX}EXCLUDE",
    ),
]
Jobs = Annotated[
    int | None,
    typer.Option(
        min=1,
        max=256,
        help="The number of processes that read documents.",
        envvar=f"{PREFIX}JOBS",
        show_default="one per core",
    ),
]
Quick = Annotated[
    bool,
    typer.Option(
        "--quick",
        help="Do not read files whose size and modification time have not changed.",
        envvar=f"{PREFIX}QUICK",
    ),
]
DryRun = Annotated[
    bool,
    typer.Option("--dry-run", help="Compare and report; write nothing.", envvar=f"{PREFIX}DRY_RUN"),
]
Prune = Annotated[
    bool,
    typer.Option(
        "--prune",
        help="Remove documents whose file is gone from these folders.",
        envvar=f"{PREFIX}PRUNE",
    ),
]
Watch = Annotated[
    bool,
    typer.Option(
        "--watch", help="Keep running, and load changes at once.", envvar=f"{PREFIX}WATCH"
    ),
]
Rescan = Annotated[
    int,
    typer.Option(
        min=1,
        help="With --watch: seconds between comparisons of all files.",
        envvar=f"{PREFIX}RESCAN",
    ),
]
Poll = Annotated[
    bool,
    typer.Option(
        "--poll",
        help="With --watch: poll the files, for network and shared folders.",
        envvar=f"{PREFIX}POLL",
    ),
]
AllowEmpty = Annotated[
    bool,
    typer.Option("--allow-empty", help="Allow --prune to remove all documents of a folder."),
]
TakeOver = Annotated[
    bool,
    typer.Option(
        "--take-over",
        help="Replace documents with the same slug from other folders.",
        envvar=f"{PREFIX}TAKE_OVER",
    ),
]
ReportFormatOption = Annotated[
    ReportFormat, typer.Option(help="The format of the report.", envvar=f"{PREFIX}REPORT")
]
Strict = Annotated[
    bool,
    typer.Option("--strict", help="Exit with 1 for warnings, too.", envvar=f"{PREFIX}STRICT"),
]


Source = Annotated[
    str | None,
    typer.Option(
        help="The name of the source in stored documents, whatever folder it is checked out to.",
        metavar="NAME",
        envvar=f"{PREFIX}SOURCE",
        show_default="the path of the root",
    ),
]


@app.command("load")
def load_command(
    paths: Paths,
    mongo_url: MongoUrl = None,
    root: RootFolder = None,
    include: Include = None,
    exclude: Exclude = None,
    jobs: Jobs = None,
    quick: Quick = False,
    dry_run: DryRun = False,
    prune: Prune = False,
    allow_empty: AllowEmpty = False,
    take_over: TakeOver = False,
    source: Source = None,
    watch: Watch = False,
    rescan: Rescan = RESCAN_SECONDS,
    poll: Poll = False,
    preset: Preset = None,
    site_name: SiteName = None,
    site_url: SiteUrl = None,
    report: ReportFormatOption = ReportFormat.text,
    strict: Strict = False,
) -> None:
    """Load documents into the database. Unchanged documents are not written again."""
    with exit_codes():
        settings = load_settings(mongo_url=mongo_url)
        plan = LoadOptions.of(
            paths,
            root=root,
            include=include or (),
            exclude=exclude or (),
            jobs=jobs,
            quick=quick,
            dry_run=dry_run,
            prune=prune,
            allow_empty=allow_empty,
            take_over=take_over,
            source=source,
            rescan=rescan,
            poll=poll,
            preset=preset,
            site=site_settings(site_name, site_url),
        )
        if watch and dry_run:
            raise UsageError("--watch writes what it sees: leave out --dry-run")
        outcome = Report()
        try:
            ended_by = asyncio.run(_load(settings, plan, outcome, watch))
        except DatabaseError:
            if outcome.loaded or outcome.rejected:
                _print(outcome, report)
            raise
        _close(outcome, report, strict, None if watch else ended_by)


@app.command("check")
def check_command(
    paths: Paths,
    root: RootFolder = None,
    include: Include = None,
    exclude: Exclude = None,
    jobs: Jobs = None,
    preset: Preset = None,
    site_name: SiteName = None,
    site_url: SiteUrl = None,
    report: ReportFormatOption = ReportFormat.text,
    strict: Strict = False,
) -> None:
    """Check documents as a load does, without a database."""
    with exit_codes():
        plan = LoadOptions.of(
            paths,
            root=root,
            include=include or (),
            exclude=exclude or (),
            jobs=jobs,
            preset=preset,
            site=site_settings(site_name, site_url),
        )
        if report is ReportFormat.text:
            print_sites(plan)
        with shown_progress(plan) as advance:
            outcome = asyncio.run(check(plan, load_settings(), advance=advance))
        _close(outcome, report, strict)


app.command("init")(init_command)


async def _load(settings: Settings, plan: LoadOptions, report: Report, watch: bool) -> int | None:
    """Load, until all is done or a signal asks to stop: its number, else None."""
    with stopped_by_signals(say) as stopping, shown_progress(plan) as advance:
        async with open_database(settings) as database:
            task = partial(follow, tell=say) if watch else load
            await task(
                database, settings, plan, report=report, advance=advance, stop=stopping.event
            )
    return stopping.signal


@contextmanager
def shown_progress(plan: LoadOptions) -> Iterator[Advance]:
    """A bar, where standard error is a terminal."""
    if not sys.stderr.isatty():
        yield silent
        return

    def count() -> int:
        entries = discover(plan.places, plan.selection)
        return sum(isinstance(entry, FoundFile) for entry in entries)

    with progress(count) as advance:
        yield advance


def _close(
    outcome: Report, report: ReportFormat, strict: bool, ended_by: int | None = None
) -> None:
    _print(outcome, report)
    code = outcome.exit_code(strict=strict) if ended_by is None else 128 + ended_by
    raise typer.Exit(code)


def _print(outcome: Report, report: ReportFormat) -> None:
    """Write the report. Raises UnwritableOutput."""
    with standard_output("the report"):
        if report is ReportFormat.json:
            sys.stdout.write(f"{json.dumps(outcome.as_json())}\n")
        elif report is ReportFormat.github:
            sys.stdout.write(render_github(outcome))
        else:
            render_text(outcome, Console())
