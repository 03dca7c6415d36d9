"""Command-line options that describe a site."""

from __future__ import annotations

from typing import Annotated

import typer

from graph.config import PREFIX
from graph.errors import UsageError
from loaders.sites.rules.rules import SiteSettings

Preset = Annotated[
    str | None,
    typer.Option(
        help="The generator of the site.",
        envvar=f"{PREFIX}PRESET",
        show_default="recognised by its files",
    ),
]
SiteName = Annotated[
    str | None,
    typer.Option(
        help="The name of the site, which is the provider of articles without one.",
        envvar=f"{PREFIX}SITE_NAME",
        show_default="from its configuration",
    ),
]
SiteUrl = Annotated[
    str | None,
    typer.Option(
        help="The URL of the site, to make relative links absolute.",
        envvar=f"{PREFIX}SITE_URL",
        show_default="from its configuration",
    ),
]


def site_settings(name: str | None, url: str | None) -> SiteSettings:
    """The settings of these options. Raises UsageError."""
    if url and not url.startswith(("http://", "https://")):
        raise UsageError(f"--site-url {url}: expected a URL that begins with http:// or https://")
    return SiteSettings(name or None, url or None)
