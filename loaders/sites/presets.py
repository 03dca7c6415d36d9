"""The presets: rules for the documents of each generator."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Final

from loaders.sites.mapping.mapping import Definition, SiteMapping
from loaders.sites.rules.rule_file import parse_rules
from loaders.sites.rules.rules import RuleFile

PRESETS: Final = (
    "smartable",
    "hugo",
    "jekyll",
    "eleventy",
    "astro",
    "zola",
    "decap",
    "generic",
    "plain",
)


@cache
def preset(name: str) -> RuleFile:
    """Return the rules of one of PRESETS."""
    resource = files("loaders").joinpath("presets", f"{name}.toml")
    return parse_rules(resource.read_text("utf-8"), f"{name}.toml", PRESETS)


@cache
def plain_mapping() -> SiteMapping:
    """Return the mapping of a folder without a generator."""
    plain = preset("plain")
    return SiteMapping(Definition(rules=plain.rules, strict=plain.strict))
