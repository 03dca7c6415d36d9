"""Small sites of a fictional town, and the documents that their mappings make."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from loaders.frontmatter.parse import Front, parse
from loaders.sites.generators.facts import SiteFacts
from loaders.sites.mapping.mapping import Definition, MappedDocument, SiteMapping
from loaders.sites.presets import PRESETS, preset
from loaders.sites.rules.rule_file import parse_rules
from loaders.sites.rules.rules import SiteSettings

GULL = SiteSettings("The Gull", "https://gull.example", None, None)


def tree(text: str) -> dict[str, Any]:
    """Front matter in YAML."""
    return parse(Front(text, "", 1)) if text.strip() else {}


def mapping(name: str = "hugo", *, rules: str = "", facts: SiteFacts | None = None) -> SiteMapping:
    """The mapping of a preset for The Gull, with the rules of a newsgraph.toml."""
    chosen = preset(name)
    site_rules = parse_rules(rules, "newsgraph.toml", PRESETS).rules
    facts = facts or SiteFacts(name, GULL)
    return SiteMapping(Definition(facts, (*chosen.rules, *site_rules), chosen.strict))


def mapped(
    front: str,
    body: str = "",
    *,
    path: str = "news/ferry.md",
    preset: str = "hugo",
    rules: str = "",
) -> MappedDocument:
    """A document after such a mapping."""
    return mapping(preset, rules=rules).apply(path, tree(front), body)


def write_site(folder: Path, files: dict[str, str]) -> Path:
    """A folder with these files."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, "utf-8")
    return folder
