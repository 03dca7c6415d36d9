"""The commands `load` and `check`, and the program `loaders`."""

from __future__ import annotations

import asyncio
from contextlib import AbstractContextManager
from functools import partial
from typing import Final

import typer

from graph.config import Settings, load_settings
from graph.errors import UsageError
from graph.store.driver.client import open_database
from loaders.command_options import (
    AllowEmpty,
    DryRun,
    Exclude,
    FilePaths,
    Include,
    Jobs,
    MongoUrl,
    Poll,
    Preset,
    Prune,
    Quick,
    ReportFormat,
    ReportFormatOption,
    Rescan,
    RootFolder,
    SiteName,
    SiteUrl,
    SourceName,
    Strict,
    TakeOver,
    Watch,
    site_settings,
)
from loaders.console import (
    CommandGroup,
    exit_codes,
    say,
    warn_of_unknown_variables,
)
from loaders.export_command import export_command
from loaders.files.discover import discover
from loaders.files.places import SourceFile
from loaders.load.options import RESCAN_SECONDS, LoadOptions
from loaders.load.run import check, load
from loaders.load.signals import stopped_by_signals
from loaders.report.progress import Advance, terminal_progress
from loaders.report.report import Report
from loaders.report_output import exit_with_report, run_reported
from loaders.site_commands import init_command, print_sites
from loaders.watch.follow import follow

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


@app.command("load")
def load_command(
    paths: FilePaths,
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
    source: SourceName = None,
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
            raise UsageError("--watch cannot be combined with --dry-run: leave out one of them")
        outcome = Report()
        signal = run_reported(_load(settings, plan, outcome, watch), outcome, report)
        ended_by = None if watch else signal  # which is how a watch ends
        exit_with_report(outcome, report, strict=strict, ended_by=ended_by)


@app.command("check")
def check_command(
    paths: FilePaths,
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
        with load_progress(plan) as advance:
            outcome = asyncio.run(check(plan, load_settings(), advance=advance))
        exit_with_report(outcome, report, strict=strict)


app.command("export")(export_command)
app.command("init")(init_command)


async def _load(settings: Settings, plan: LoadOptions, report: Report, watch: bool) -> int | None:
    """Load until done, or until a signal arrives. Return the number of that signal."""
    with stopped_by_signals(say) as stopping, load_progress(plan) as advance:
        async with open_database(settings) as database:
            task = partial(follow, say=say) if watch else load
            await task(
                database, settings, plan, report=report, advance=advance, stop=stopping.event
            )
    return stopping.signal


def load_progress(plan: LoadOptions) -> AbstractContextManager[Advance]:
    """Show the progress of a load if standard error is a terminal."""

    def count() -> int:
        entries = discover(plan.places, plan.selection)
        return sum(isinstance(entry, SourceFile) for entry in entries)

    return terminal_progress(count)
