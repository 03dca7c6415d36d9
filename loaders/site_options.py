"""The options of commands that say what cannot be read of a site."""

from __future__ import annotations

from typing import Annotated

import typer

from graph.config import PREFIX
from graph.errors import UsageError
from loaders.sites.rules import SiteSettings

Preset = Annotated[
    str | None,
    typer.Option(
        help="The generator that the documents are written for.",
        envvar=f"{PREFIX}PRESET",
        show_default="recognised by the site's own files",
    ),
]
SiteName = Annotated[
    str | None,
    typer.Option(
        help="The name of the site: the provider of articles that name none.",
        envvar=f"{PREFIX}SITE_NAME",
        show_default="that of the site's configuration",
    ),
]
SiteUrl = Annotated[
    str | None,
    typer.Option(
        help="The address of the site, with which relative links are made absolute.",
        envvar=f"{PREFIX}SITE_URL",
        show_default="that of the site's configuration",
    ),
]


def site_settings(name: str | None, url: str | None) -> SiteSettings:
    """The settings of these options. Raises UsageError."""
    if url and not url.startswith(("http://", "https://")):
        raise UsageError(f"--site-url {url}: expected a URL that begins with http:// or https://")
    return SiteSettings(name or None, url or None)
