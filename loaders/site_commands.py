"""The command `init`, and the description of the sites that `check` prints."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from loaders.command_options import Preset, SiteName, SiteUrl, site_settings
from loaders.console import exit_codes, standard_output, write
from loaders.load.options import LoadOptions
from loaders.report.report import printable
from loaders.sites.starter import write_starter
from loaders.sites.summary import summary

SiteFolder = Annotated[
    Path,
    typer.Argument(metavar="PATH", help="The root of a site, or the folder of its documents."),
]


def init_command(
    path: SiteFolder,
    preset: Preset = None,
    site_name: SiteName = None,
    site_url: SiteUrl = None,
) -> None:
    """Write a commented newsgraph.toml for a site, unless it has one."""
    with exit_codes():
        written = write_starter(path, site_settings(site_name, site_url), preset)
        write(f"{printable(written)}\n")


def print_sites(plan: LoadOptions) -> None:
    """Print how each site was recognised. Raises UnwritableOutput."""
    with standard_output("the report"):
        for root, site in plan.sites.items():
            places = [place for place in plan.places if place.root == root]
            for line in summary(site, places, plan.selection):
                sys.stdout.write(f"{line}\n")
