"""The summary of a site that a check prints first: its generator, and what its keys become."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from loaders.files.places import Place
from loaders.files.selection import FileSelection
from loaders.report.report import printable
from loaders.sites.rules.rules import SiteSettings
from loaders.sites.site import Site
from loaders.sites.survey import survey_site


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
    yield ""


def recognised(site: Site) -> str:
    """Return how a site was recognised, in a few words."""
    settings = site.mapping.definition.facts.settings
    by = f", recognised by {site.sign}" if site.sign else ""
    if site.generator == "plain":
        by = " (no known generator)"
    about = ", ".join(filter(None, (settings.name, settings.url)))
    return printable(f"{site.generator}{by}" + (f": {about}" if about else ""))
