"""The arguments and options of the commands `load`, `check` and `init`."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from graph.config import PREFIX
from graph.errors import UsageError
from loaders.sites.rules.rules import SiteSettings


class ReportFormat(StrEnum):
    """How a report is written."""

    text = "text"
    json = "json"
    github = "github"


def non_empty_path(text: str) -> Path:
    """Return a path. An empty one, as of an unset variable, would mean the current folder."""
    if not text:
        raise typer.BadParameter("is empty: name a file or a folder")
    return Path(text)


FilePaths = Annotated[
    list[Path],
    typer.Argument(
        metavar="PATH...", help="Files, or folders to search for files.", parser=non_empty_path
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
        parser=non_empty_path,
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


SourceName = Annotated[
    str | None,
    typer.Option(
        help="The name of the source in stored documents, whatever folder it is checked out to.",
        metavar="NAME",
        envvar=f"{PREFIX}SOURCE",
        show_default="the path of the root",
    ),
]
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
    """Return the settings that these options stand for. Raises UsageError."""
    if url and not url.startswith(("http://", "https://")):
        raise UsageError(f"--site-url {url}: expected a URL that begins with http:// or https://")
    return SiteSettings(name or None, url or None)
