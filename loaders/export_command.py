"""The command `export`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from graph.config import Settings, load_settings
from graph.store.driver.client import open_database
from loaders.command_options import (
    MongoUrl,
    ReportFormat,
    ReportFormatOption,
    Strict,
    non_empty_path,
)
from loaders.console import exit_codes, say
from loaders.export.export import Export, document_count
from loaders.load.signals import stopped_by_signals
from loaders.report.progress import terminal_progress
from loaders.report.report import Report
from loaders.report_output import exit_with_report, run_reported

Folder = Annotated[
    Path,
    typer.Argument(
        metavar="DIR", help="A new folder, or that of an earlier export.", parser=non_empty_path
    ),
]
PruneFiles = Annotated[bool, typer.Option("--prune", help="Delete files whose documents are gone.")]


def export_command(
    folder: Folder,
    mongo_url: MongoUrl = None,
    prune: PruneFiles = False,
    report: ReportFormatOption = ReportFormat.text,
    strict: Strict = False,
) -> None:
    """Write the stored documents to files that load to the same documents."""
    with exit_codes(interrupted="interrupted; export again to continue"):
        settings = load_settings(mongo_url=mongo_url)
        outcome = Report(verb="exported")
        ended_by = run_reported(_export(settings, folder, outcome, prune), outcome, report)
        exit_with_report(outcome, report, strict=strict, ended_by=ended_by)


async def _export(settings: Settings, folder: Path, report: Report, prune: bool) -> int | None:
    """Export until done, or until a signal arrives. Return the number of that signal."""
    with stopped_by_signals(say) as stopping:
        async with open_database(settings) as database:
            count = await document_count(database)
            with terminal_progress(lambda: count) as advance:
                export = Export(database, folder, report)
                await export.run(prune=prune, advance=advance, stop=stopping.event)
    return stopping.signal
