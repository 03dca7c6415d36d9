"""Writing a report to standard output."""

from __future__ import annotations

import json
import sys

from rich.console import Console

from loaders.command_options import ReportFormat
from loaders.console import standard_output
from loaders.report.render import render_github, render_text
from loaders.report.report import Report


def print_report(outcome: Report, report: ReportFormat) -> None:
    """Write the report. Raises UnwritableOutput."""
    with standard_output("the report"):
        if report is ReportFormat.json:
            sys.stdout.write(f"{json.dumps(outcome.as_json())}\n")
        elif report is ReportFormat.github:
            sys.stdout.write(render_github(outcome))
        else:
            render_text(outcome, Console())
