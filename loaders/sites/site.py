"""Read the site of a folder: its generator's preset, its configuration, its newsgraph.toml."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import replace
from glob import escape, glob
from itertools import islice
from typing import Final, NamedTuple

from graph.errors import UsageError
from graph.locales import is_time_zone
from loaders.files.selection import IsIgnored
from loaders.report.report import Fault
from loaders.sites.bundles import Bundles
from loaders.sites.generators import (
    decap,
    eleventy,
    generic,
    hugo,
    jekyll,
    zola,
)
from loaders.sites.generators.configuration import UnreadableConfiguration
from loaders.sites.generators.facts import SiteFacts
from loaders.sites.generators.programs import python_settings
from loaders.sites.generators.programs.layouts import PROGRAMS
from loaders.sites.generators.recognition import (
    ASTRO,
    RecognisedSite,
    read_facts,
    recognise,
    sites_below,
    unread_facts,
)
from loaders.sites.mapping.mapping import Definition, SiteMapping
from loaders.sites.people import data_files, described_folders, people_of
from loaders.sites.presets import PRESETS, preset
from loaders.sites.rules.rule_file import NAME, read_rule_file
from loaders.sites.rules.rules import ReaderSettings, Rule, RuleFile, SiteSettings
from loaders.sites.rules.terms import nearest

NEWSGRAPH_DIALECTS: Final = frozenset({"smartable", "plain"})
"""The presets of documents that are written for newsgraph: their slugs are their paths."""

_REPOSITORY: Final = (
    *(f"/{name}.*" for name in ("README", "readme", "Readme", "LICENSE", "CHANGELOG", "SUPPORT")),
    *(f"/{name}.*" for name in ("CONTRIBUTING", "CODE_OF_CONDUCT", "SECURITY", "AGENTS", "CLAUDE")),
    *("404.md", "404.html", "robots.txt", "humans.txt", "llms.txt", "requirements*.txt"),
)
"""Files about the repository of a site or for programs, and the page for what is missing."""

_SHOWN: Final = 3
"""How many sites below a folder that is none are named."""

_CONFIGURATIONS: Final = (
    NAME,
    *hugo.FILES,
    *jekyll.FILES,
    *zola.FILES,
    *decap.FILES,
    *(configuration.file for configuration in generic.CONFIGURATIONS),
    *eleventy.FILES,
    *eleventy.PROGRAMS,
    *ASTRO,
    *PROGRAMS,
    *python_settings.PELICAN,
    python_settings.NIKOLA,
    "versions.json",
)

_WITH_DATA: Final = ("hugo", "jekyll", "eleventy", "astro")
"""Generators whose data files are few, so that they are watched in the sites of all."""

ConfigurationState = tuple[tuple[str, int, int, int], ...]
"""Path, size, time and inode of each file."""


class Site(NamedTuple):
    """A site that documents are loaded from. `state` is that of its configuration when it was read.

    `sign` is the file that identified its generator; None if there is none, or the preset was
    named. `rule_file` is the path of its newsgraph.toml, None if there is none. `warnings` are
    about unusable parts of its configuration. `reader` is what readers are shown of it.
    """

    root: str
    generator: str
    sign: str | None
    rule_file: str | None
    mapping: SiteMapping
    warnings: list[Fault]
    state: ConfigurationState = ()
    reader: ReaderSettings = ReaderSettings()

    @property
    def is_outdated(self) -> bool:
        """Whether its configuration has changed since it was read."""
        return configuration_state(self.root) != self.state

    def depends_on(self, paths: Iterable[str]) -> bool:
        """Whether one of these files describes a topic or an author whom articles may name, or in
        Hugo a section, which may set the defaults of its pages.
        """
        if self.generator == "hugo" and any(_is_section(path) for path in paths):
            return True
        definition = self.mapping.definition
        folders = described_folders(definition.rules, definition.facts.content)
        starts = tuple(os.path.join(self.root, folder) for folder in folders)
        return any(path.startswith(starts) for path in paths)

    def ignores(self, root: str) -> IsIgnored:
        """Return a function that says whether a file is no document: the mapping ignores it, or it
        is a resource of a page. Its path is relative to the loaded folder, `root`.
        """
        mapping, bundles = self.mapping, Bundles(self.mapping.definition, root)
        return lambda path: mapping.ignores(path) or bundles.page_of(path) is not None

    @property
    def has_bundles(self) -> bool:
        """Whether `a/index.md` is the page `a`."""
        return self.generator not in NEWSGRAPH_DIALECTS


def read_site(
    folder: str, settings: SiteSettings | None = None, preset_name: str | None = None
) -> Site:
    """Return the site that a folder is, or whose content it contains.

    `settings` and `preset_name` are those of the command, which take precedence. Raises UsageError
    for an unknown preset, or for an invalid newsgraph.toml.
    """
    path_as_given, folder = folder, os.path.abspath(folder)
    recognised = recognise(folder)
    state = configuration_state(recognised.root)
    path = _rule_file(recognised, path_as_given)
    rule_file = (read_rule_file(path, PRESETS) if path else None) or RuleFile()
    named = (settings or SiteSettings()).completed_by(rule_file.site)
    name = preset_name or rule_file.preset or _generator(recognised, named)
    if name not in PRESETS:
        raise UsageError(f"--preset {name}: unknown preset{nearest(name, PRESETS)}")
    base = preset(name)
    facts, warnings = _facts(recognised._replace(generator=name))
    if name in ("plain", "generic") and recognised.generator == "plain" and path is None:
        warnings += _overlooked(path_as_given)
    site_settings = named.completed_by(facts.settings)
    if site_settings.timezone is not None and not is_time_zone(site_settings.timezone):
        reason = f"unknown time zone {site_settings.timezone!r}: UTC is used"
        warnings.append(Fault(recognised.root, None, None, None, reason))
        site_settings = replace(site_settings, timezone=None)
    definition = Definition(
        replace(facts, settings=site_settings, rules=(), warnings=()),
        (*base.rules, *facts.rules, *_about_repository(recognised.sign, name), *rule_file.rules),
        base.strict or rule_file.strict,
        _below(folder, recognised.root),
    )
    people = people_of(recognised.root, SiteMapping(replace(definition, prefix="")))
    if people.by_any_name:
        described = replace(definition.facts, people=people.by_any_name)
        definition = replace(definition, facts=described)
    sign = recognised.sign if name == recognised.generator else None
    warnings = [
        replace(warning, path=_shown(warning.path, path_as_given))
        for warning in (*warnings, *people.warnings)
    ]
    reader = rule_file.reader.or_site(site_settings)
    return Site(recognised.root, name, sign, path, SiteMapping(definition), warnings, state, reader)


def _about_repository(sign: str | None, generator: str) -> Iterator[Rule]:
    """Yield a rule that ignores the files about the repository of a site that was recognised."""
    if sign is not None and generator not in NEWSGRAPH_DIALECTS:
        yield Rule(_REPOSITORY, kind="ignore")


def _is_section(path: str) -> bool:
    return os.path.basename(path).startswith("_index.")


def _overlooked(folder: str) -> Iterator[Fault]:
    for path, generator, sign in islice(sites_below(folder), _SHOWN):
        reason = f"{sign} makes it a site of the preset {generator}: load this folder separately"
        yield Fault(path, None, None, None, reason)


def _generator(recognised: RecognisedSite, named: SiteSettings) -> str:
    """Return the generator of a site. Documents that name no provider, and so need a site that is
    named, were not written for newsgraph.
    """
    is_unknown = recognised.generator == "plain" and named.url is not None
    return "generic" if is_unknown else recognised.generator


def configuration_state(root: str) -> ConfigurationState:
    """Return the state of the existing configuration files of a site, to detect changes."""
    paths = [os.path.join(root, name) for name in _CONFIGURATIONS]
    paths += sorted(glob(os.path.join(escape(root), hugo.FOLDER, "*")))
    generator = recognise(root).generator
    for with_data in ("generic" if generator == "plain" else generator, *_WITH_DATA):
        paths += data_files(root, with_data)
    if generator == "eleventy":
        paths += [os.path.join(root, path) for path in eleventy.data_files(root)]
    return tuple(dict.fromkeys(_states(paths)))


def _states(paths: Iterable[str]) -> Iterator[tuple[str, int, int, int]]:
    for path in paths:
        with suppress(OSError):  # missing or unreadable files are reported when they are read
            status = os.stat(path)
            yield path, status.st_size, status.st_mtime_ns, status.st_ino


def _rule_file(recognised: RecognisedSite, path_as_given: str) -> str | None:
    """Return the path of the newsgraph.toml at the root of the site, if it exists."""
    path = os.path.join(recognised.root, NAME)
    return _shown(path, path_as_given) if os.path.lexists(path) else None


def _shown(path: str, path_as_given: str) -> str:
    """Return a path of the site as those of its documents are shown: relative to the current folder
    if the loaded folder was given so.
    """
    return path if os.path.isabs(path_as_given) else os.path.relpath(path)


def _facts(recognised: RecognisedSite) -> tuple[SiteFacts, list[Fault]]:
    try:
        facts = read_facts(recognised)
        return facts, list(facts.warnings)
    except UnreadableConfiguration as error:
        reason = f"{error.reason}: the site's configuration is not used"
        return unread_facts(recognised), [Fault(error.path, error.line, error.column, None, reason)]


def _below(folder: str, root: str) -> str:
    path = os.path.relpath(folder, root)
    return "" if path == "." else path.replace(os.sep, "/")
