"""The report of a command on standard output, and the exit code that follows from it."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Coroutine
from typing import Any, NoReturn, TypeVar

import typer
from rich.console import Console

from graph.errors import DatabaseError
from loaders.command_options import ReportFormat
from loaders.console import standard_output
from loaders.report.render import render_github, render_text
from loaders.report.report import Report

T = TypeVar("T")


def run_reported(work: Coroutine[Any, Any, T], outcome: Report, report: ReportFormat) -> T:
    """Run what fills in a report. After a database error, write what was done before it."""
    try:
        return asyncio.run(work)
    except DatabaseError:
        if outcome.loaded or outcome.rejected:
            _write(outcome, report)
        raise


def exit_with_report(
    outcome: Report, report: ReportFormat, *, strict: bool, ended_by: int | None = None
) -> NoReturn:
    """Write the report, and exit. `ended_by` is the signal that ended the command, if one did.

    Raises UnwritableOutput.
    """
    _write(outcome, report)
    code = outcome.exit_code(strict=strict) if ended_by is None else 128 + ended_by
    raise typer.Exit(code)


def _write(outcome: Report, report: ReportFormat) -> None:
    with standard_output("the report"):
        if report is ReportFormat.json:
            sys.stdout.write(f"{json.dumps(outcome.as_json())}\n")
        elif report is ReportFormat.github:
            sys.stdout.write(render_github(outcome))
        else:
            render_text(outcome, Console())
