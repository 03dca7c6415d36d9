"""What `newsgraph demo` does: load a folder into a database of its own, and serve it."""

from __future__ import annotations

import hashlib
import re
import shlex
from dataclasses import dataclass
from pathlib import Path
from socket import socket
from typing import Final

from rich.console import Console

from graph.config import Settings
from graph.serving import address_of, serve_in_process
from graph.store.driver.client import open_database, started
from loaders.cli import load_progress
from loaders.console import standard_output
from loaders.load.options import LoadOptions
from loaders.load.run import load
from loaders.report.render import render_counts, render_text
from loaders.report.report import Report, printable
from loaders.sites.rules.rules import SiteSettings
from loaders.sites.summary import recognised

SEEDS_URL: Final = "embedded:demo"
"""The database of the seeds: they are not to be among anyone's own documents."""

IMAGES: Final = "images"
"""The folder of a site whose files are served below `/media/`."""

EXAMPLE: Final = """\
query Front {
  articles(first: 3) {
    nodes {
      title
      publishedDateTime
      provider { name }
      topics { name articleCount }
      related(first: 2) { title article { slug } }
    }
    totalCount
  }
}"""

_NAME_CHARACTERS: Final = 30

out = Console()
err = Console(stderr=True)


@dataclass(frozen=True)
class Demo:
    """A folder to show: the URL of its database, and what is loaded."""

    folder: Path
    mongo_url: str
    options: LoadOptions
    is_seeds: bool

    @classmethod
    def of_seeds(cls) -> Demo:
        """Return the demo of the documents that come with newsgraph."""
        folder = seeds_dir()
        return cls(folder, SEEDS_URL, LoadOptions.of([folder]), is_seeds=True)

    @classmethod
    def of_site(cls, folder: Path, site: SiteSettings, preset: str | None) -> Demo:
        """Return the demo of a user's folder; documents without files are removed. Raises
        UsageError.
        """
        options = LoadOptions.of([folder], site=site, preset=preset, prune=True, allow_empty=True)
        return cls(folder, f"embedded:{database_of(folder)}", options, is_seeds=False)

    @property
    def media_dir(self) -> Path | None:
        """The folder with the images of the site, if it has one."""
        roots = [self.folder, *(Path(site.root) for site in self.options.sites.values())]
        return next((root / IMAGES for root in roots if (root / IMAGES).is_dir()), None)

    async def run(self, settings: Settings, listening: socket) -> None:
        """Load the folder, say what came of it, and serve it until a signal comes."""
        async with started(settings) as served:
            name = printable(self.folder.resolve().name)
            err.print(f"MongoDB runs in [bold]{settings.data_dir}[/]; loading ", end="")
            err.print(f"{name}/ …", markup=False, highlight=False)
            async with open_database(served) as database:
                with load_progress(self.options) as advance:
                    report = await load(database, served, self.options, advance=advance)
            with standard_output():
                self._print_report(report)
                _print_welcome(address_of(listening))
            await serve_in_process(served, listening)
        err.print(f"Stopped. The data stays in {settings.data_dir}/, as the database ", end="")
        err.print(f"{self.mongo_url}.", markup=False, highlight=False)

    def _print_report(self, report: Report) -> None:
        if self.is_seeds:
            render_text(report, out)
            return
        for site in self.options.sites.values():
            out.print(recognised(site), markup=False, highlight=False, soft_wrap=True)
        render_counts(report, out)
        if report.rejected or report.warnings:
            command = f"newsgraph check {shlex.quote(printable(str(self.folder)))}"
            out.print(f"\nWhich files, and why: {command}", markup=False, soft_wrap=True)


def seeds_dir() -> Path:
    """Return the folder of demo documents: in the installed package, else in the checkout."""
    package = Path(__file__).resolve().parent
    return next(
        (folder for folder in (package / "seeds", package.parent / "seeds") if folder.is_dir()),
        package / "seeds",
    )


def database_of(folder: Path) -> str:
    """Return the name of the database of a folder, which no other folder has."""
    path = folder.resolve()
    name = re.sub(r"[^a-z0-9]+", "-", path.name.lower()).strip("-")[:_NAME_CHARACTERS]
    digest = hashlib.sha256(str(path).encode("utf-8", "surrogateescape")).hexdigest()[:8]
    return "-".join(filter(None, ("demo", name, digest)))


def _print_welcome(url: str) -> None:
    out.print("\n[bold]newsgraph is up.[/]")
    out.print(f"  reader    {url}/", soft_wrap=True)
    out.print(f"  explorer  {url}/explorer/\n  API       {url}/graphql", soft_wrap=True)
    out.print("\nA query to paste:\n")
    out.print(EXAMPLE, highlight=False, markup=False)
    out.print("\nCtrl-C stops everything.\n")
