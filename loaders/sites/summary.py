"""The summary of a site that a check prints first: its generator, and what its keys become."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from typing import Final

from loaders.files.places import Place
from loaders.files.selection import FileSelection
from loaders.report.report import printable
from loaders.sites.rules.rules import SiteSettings
from loaders.sites.site import Site
from loaders.sites.survey import survey_site

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
        yield f"keys of {survey.scope}:"
        yield from (f"  {line}" for line in survey.lines())
    if unread := ", ".join(_unread(site, places)):
        yield printable(f"folders that are not read: {unread}")
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
    """Yield the names of the folders of the root that the mapping ignores as a whole."""
    for place in places:
        if place.is_folder and not place.path:
            names = sorted(entry.name for entry in os.scandir(place.absolute) if entry.is_dir())
            ignored = (name for name in names if site.mapping.ignores(f"{name}/{_ANY}"))
            yield from (name for name in ignored if not name.startswith("."))
