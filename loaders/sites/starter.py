"""Write a newsgraph.toml to start from, with comments about the site."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from graph.errors import UsageError
from loaders.files.places import places
from loaders.frontmatter.toml import toml_text
from loaders.sites.rules.rule_file import NAME
from loaders.sites.rules.rules import ReaderSettings, SiteSettings
from loaders.sites.site import Site, read_site
from loaders.sites.summary import recognised
from loaders.sites.survey import Survey, survey_site


def write_starter(folder: Path, settings: SiteSettings, preset_name: str | None) -> str:
    """Write a newsgraph.toml at the root of a site, and return its path.

    Raises UsageError if there is one, or if the folder cannot be read.
    """
    to_survey = places([folder])
    if not to_survey[0].is_folder:
        raise UsageError(f"{folder}: is not a folder")
    site = read_site(str(folder), settings, preset_name)
    path = os.path.join(site.root, NAME)
    if site.rule_file is not None:
        raise UsageError(f"{path}: exists already, and was not changed")
    text = starter(site, survey_site(site, to_survey), settings)
    try:
        with open(path, "x", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        raise UsageError(f"{path}: cannot be written: {error.strerror}") from None
    return path


def starter(site: Site, survey: Survey, options: SiteSettings | None = None) -> str:
    """Return the text of the file. `options` are settings that the site itself does not say."""
    lines = _lines(site, survey, options or SiteSettings())
    return "".join(f"{line.rstrip()}\n" for line in lines)


def _lines(site: Site, survey: Survey, options: SiteSettings) -> Iterator[str]:
    yield "# How the documents of this site become articles, topics, providers and authors."
    yield f"# {recognised(site)}"
    yield ""
    yield f"preset = {toml_text(site.generator)}"
    yield ""
    yield "# Commented lines show the defaults."
    yield "[site]"
    yield from _settings(site.mapping.definition.facts.settings, options)
    yield ""
    yield "# What the reader and the feeds show. The settings of the server take precedence."
    yield "# [reader]"
    yield from _reader(site.reader)
    yield ""
    yield f"# How newsgraph uses the keys of {survey.subject}:"
    yield "#"
    yield from (f"#   {line}" for line in survey.lines())
    yield ""
    yield "# A block like this one changes this for the files that match. A field has the value of"
    yield "# the first of its sources that has one. These are the current sources for articles."
    yield "#"
    yield "# [[map]]"
    yield '# files = "**"'
    yield "# defaults = {}"
    for name, sources in _sources(site).items():
        yield f"# {name} = [{', '.join(map(toml_text, sources))}]"


def _settings(settings: SiteSettings, options: SiteSettings) -> Iterator[str]:
    examples = SiteSettings("The Gull", "https://gull.example", "Pacific/Auckland", "en")
    for key in ("name", "url", "timezone", "language"):
        value = getattr(settings, key)
        is_known = value is not None
        note = "" if is_known else "  # unknown; this is an example"
        comment = "" if getattr(options, key) is not None else "# "
        yield f"{comment}{key} = {toml_text(value if is_known else getattr(examples, key))}{note}"


def _reader(settings: ReaderSettings) -> Iterator[str]:
    """Yield the lines of the `[reader]` table, all of them comments."""
    yield f"# name = {toml_text(settings.name or 'The Gull')}"
    yield f"# language = {toml_text(settings.language or 'en')}"
    yield f"# timezone = {toml_text(settings.timezone or 'Pacific/Auckland')}"
    yield f"# date-format = {toml_text(settings.date_format or 'd MMMM y')}"
    yield f"# time-format = {toml_text(settings.time_format or 'HH:mm')}"
    yield f"# base-url = {toml_text(settings.base_url or 'https://news.example')}"


def _sources(site: Site) -> dict[str, tuple[str, ...]]:
    """Return the sources of the fields of all articles."""
    sources_by_field: dict[str, tuple[str, ...]] = {}
    for rule in site.mapping.definition.rules:
        if not rule.files and rule.kind in (None, "article"):
            sources_by_field |= rule.fields
    return {name: sources for name, sources in sources_by_field.items() if sources}
