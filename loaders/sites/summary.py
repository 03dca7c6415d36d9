"""The summary of a site that a check prints first: its generator, and what its keys become."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Final

from loaders.files.places import EXTENSIONS, Place
from loaders.files.selection import FileSelection
from loaders.report.report import printable
from loaders.sites.generators.configuration import PACKAGES
from loaders.sites.rules.rules import SiteSettings
from loaders.sites.site import Site
from loaders.sites.survey import survey_site

_DOCUMENTS: Final = EXTENSIONS - {".yml", ".yaml"}
_WALKED: Final = 100_000
"""The maximum number of files whose endings are counted."""

_FORMATS: Final = {
    ".rst": "reStructuredText",
    ".lr": "Lektor",
    ".meta": "Nikola's metadata",
    ".adoc": "AsciiDoc",
    ".asciidoc": "AsciiDoc",
    ".org": "Org",
    ".textile": "Textile",
    ".ipynb": "Jupyter",
    ".rmd": "R Markdown",
    ".mdoc": "Markdoc",
    ".wiki": "MediaWiki",
}
"""Formats of documents that other programs read, by their endings."""

_NO_URL: Final = (
    "the URL of the site is not known, so articles that name no provider are rejected: set it "
    "with --site-url, and the name with --site-name, or set both in newsgraph.toml"
)

_ANY: Final = "page.md"
"""The name of a file that no rule of a preset names."""


def summary(site: Site, places: Sequence[Place], selection: FileSelection) -> Iterator[str]:
    """Yield the lines of the summary; none for documents that are written for newsgraph."""
    definition = site.mapping.definition
    is_named = site.generator == "plain" and definition.facts.settings != SiteSettings()
    if definition.strict and site.rule_file is None and not is_named:
        return
    survey = survey_site(site, places, selection)
    yield recognised(site)
    if site.rule_file is not None:
        yield printable(f"mapping changed by {site.rule_file}")
    if survey.documents:
        yield f"keys of {survey.subject}:"
        yield from (f"  {line}" for line in survey.lines())
    if not definition.strict and definition.facts.settings.url is None:
        yield _NO_URL
    if unread := ", ".join(_unread(site, places)):
        yield printable(f"folders and files that are not read: {unread}")
    if formats := ", ".join(_unread_formats(site, places)):
        yield printable(f"documents in formats that are not read: {formats}")
    yield ""


def recognised(site: Site) -> str:
    """Return how a site was recognised, in a few words."""
    settings = site.mapping.definition.facts.settings
    by = f", recognised by {site.sign}" if site.sign else ""
    if site.sign is None and site.generator in ("plain", "generic"):
        by = " (no known generator)"
    about = ", ".join(filter(None, (settings.name, settings.url)))
    return printable(f"{site.generator}{by}" + (f": {about}" if about else ""))


def _unread(site: Site, places: Sequence[Place]) -> Iterator[str]:
    """Yield the names of the folders and documents of the root that the mapping ignores."""
    for place in places:
        if not place.is_folder or place.path:
            continue
        for entry in sorted(os.scandir(place.absolute), key=lambda entry: entry.name):
            is_folder = entry.is_dir()
            is_shown = is_folder or os.path.splitext(entry.name)[1].lower() in _DOCUMENTS
            path = f"{entry.name}/{_ANY}" if is_folder else entry.name
            if is_shown and entry.name[0] != "." and site.mapping.ignores(path):
                yield entry.name


def _unread_formats(site: Site, places: Sequence[Place]) -> Iterator[str]:
    """Yield the numbers of documents in formats of other programs, the most frequent first."""
    paths = (path for place in places if place.is_folder for path in _paths(site, place))
    endings = Counter(os.path.splitext(path)[1].lower() for path in islice(paths, _WALKED))
    for ending, count in endings.most_common():
        if ending in _FORMATS:
            yield f"{count:,} {ending} ({_FORMATS[ending]})"


def _paths(site: Site, place: Place) -> Iterator[str]:
    """Yield the paths of the files of a folder that its mapping does not ignore."""
    for folder, folders, names in os.walk(place.absolute):
        folders[:] = [name for name in folders if name[0] != "." and name not in PACKAGES]
        for name in names:
            path = os.path.relpath(os.path.join(folder, name), place.root.name)
            if not site.mapping.ignores(path.replace(os.sep, "/")):
                yield path
