"""From a folder to its mapping: its generator's preset, its configuration, its newsgraph.toml."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import replace
from glob import escape, glob
from typing import Final, NamedTuple

from graph.errors import UsageError
from loaders.report.report import Fault
from loaders.sites.generators import decap, hugo, jekyll, zola
from loaders.sites.generators.configuration import UnreadableConfiguration
from loaders.sites.generators.facts import SiteFacts
from loaders.sites.generators.recognition import (
    Recognised,
    read_facts,
    recognise,
    unread_facts,
)
from loaders.sites.mapping.mapping import Definition, SiteMapping
from loaders.sites.presets import PRESETS, preset
from loaders.sites.rules.rule_file import NAME, is_timezone, read_rule_file
from loaders.sites.rules.rules import Rule, RuleFile, SiteSettings
from loaders.sites.rules.terms import nearest

OWN_DIALECTS: Final = frozenset({"smartable", "plain"})
"""The presets of documents that are written for newsgraph: their slugs are their paths."""


_CONFIGURATIONS: Final = (NAME, *hugo.FILES, *jekyll.FILES, *zola.FILES, *decap.FILES)

ConfigurationState = tuple[tuple[str, int, int, int], ...]
"""Path, size, time and inode of each file."""


class Site(NamedTuple):
    """A site that documents are loaded from. `state` is that of its configuration when it was read.

    `sign` is the file that its generator was recognised by; None where none was, or where the
    preset is named. `rule_file` is the path of its newsgraph.toml, None where there is none.
    `warnings` say what of its configuration could not be used.
    """

    root: str
    generator: str
    sign: str | None
    rule_file: str | None
    mapping: SiteMapping
    warnings: list[Fault]
    state: ConfigurationState = ()

    @property
    def is_outdated(self) -> bool:
        """Whether its configuration is not the one that was read."""
        return configuration_state(self.root) != self.state

    @property
    def has_bundles(self) -> bool:
        """Whether `a/index.md` is the page `a`."""
        return self.generator not in OWN_DIALECTS


def read_site(
    folder: str, settings: SiteSettings | None = None, preset_name: str | None = None
) -> Site:
    """The site that a folder is, or holds the content of.

    `settings` and `preset_name` are those of the command, which go before all others. Raises
    UsageError for an unknown preset, or for a newsgraph.toml that is wrong.
    """
    folder = os.path.abspath(folder)
    found = recognise(folder)
    state = configuration_state(found.root)
    path = _rule_file(folder, found)
    own = (read_rule_file(path, PRESETS) if path else None) or RuleFile()
    name = preset_name or own.preset or found.generator
    if name not in PRESETS:
        raise UsageError(f"--preset {name}: unknown preset{nearest(name, PRESETS)}")
    chosen = preset(name)
    facts, warnings = _facts(found._replace(generator=name))
    wanted = (settings or SiteSettings()).or_else(own.site).or_else(facts.settings)
    if wanted.timezone is not None and not is_timezone(wanted.timezone):
        reason = f"unknown time zone {wanted.timezone!r}: UTC is used"
        warnings.append(Fault(found.root, None, None, None, reason))
        wanted = replace(wanted, timezone=None)
    definition = Definition(
        replace(facts, settings=wanted, rules=()),
        (*chosen.rules, *_of_strangers(chosen, wanted, name), *facts.rules, *own.rules),
        chosen.strict or own.strict,
        _below(folder, found.root),
    )
    sign = found.sign if name == found.generator else None
    return Site(found.root, name, sign, path, SiteMapping(definition), warnings, state)


def _of_strangers(chosen: RuleFile, settings: SiteSettings, name: str) -> Iterator[Rule]:
    """What documents of no known generator may lack once somebody names their site.

    Those that are written for newsgraph name their provider themselves, and must have a title.
    """
    if name == "plain" and settings.url is not None:
        for field, source in (("title", ":filename"), ("excerpt", ":first-paragraph")):
            known = [rule.fields[field] for rule in chosen.rules if field in rule.fields]
            yield Rule(fields={field: (*known[-1], source)})


def configuration_state(root: str) -> ConfigurationState:
    """The files of a site's configuration that are there, with what changes when they do."""
    paths = [os.path.join(root, name) for name in _CONFIGURATIONS]
    paths += sorted(glob(os.path.join(escape(root), hugo.FOLDER, "*")))
    return tuple(_states(paths))


def _states(paths: Iterable[str]) -> Iterator[tuple[str, int, int, int]]:
    for path in paths:
        with suppress(OSError):  # it is not there, or cannot be read: reading it says so
            status = os.stat(path)
            yield path, status.st_size, status.st_mtime_ns, status.st_ino


def _rule_file(folder: str, found: Recognised) -> str | None:
    """The newsgraph.toml of the root of the site."""
    path = os.path.join(found.root, NAME)
    return path if os.path.lexists(path) else None


def _facts(found: Recognised) -> tuple[SiteFacts, list[Fault]]:
    try:
        return read_facts(found), []
    except UnreadableConfiguration as error:
        reason = f"{error.reason}: the site's configuration is not used"
        return unread_facts(found), [Fault(error.path, error.line, error.column, None, reason)]


def _below(folder: str, root: str) -> str:
    path = os.path.relpath(folder, root)
    return "" if path == "." else path.replace(os.sep, "/")
