"""The `newsgraph.toml` of an exported folder: each field has its own key, and no other."""

from __future__ import annotations

from functools import cache
from typing import Final

from loaders.sites.mapping.mapping import Definition, SiteMapping
from loaders.sites.presets import PRESETS, preset
from loaders.sites.rules.rule_file import NAME, parse_rules
from loaders.sites.rules.rules import FIELDS, DocumentKind

# The last block decides what a document without the key `taxonomy` is.
_KINDS: Final[tuple[DocumentKind, ...]] = ("topic", "provider", "author", "article")


@cache
def rules_text() -> str:
    """Return the content of the file."""
    lines = [
        "# Written by `newsgraph export`: every field stands under its own name.",
        'preset = "plain"',
    ]
    for kind in _KINDS:
        lines += ["", "[[map]]", f'kind = "{kind}"']
        lines += [f'{field} = ["{field}"]' for field in sorted(FIELDS[kind])]
    return "\n".join([*lines, ""])


@cache
def export_mapping() -> SiteMapping:
    """Return the mapping with which a load reads an exported folder."""
    plain = preset("plain")
    own = parse_rules(rules_text(), NAME, PRESETS)
    return SiteMapping(Definition(rules=(*plain.rules, *own.rules), strict=True))
