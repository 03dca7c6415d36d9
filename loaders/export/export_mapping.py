"""The `newsgraph.toml` of an exported folder: each field has its own key, and no other."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import Final

from loaders.frontmatter.toml import toml_text
from loaders.sites.mapping.mapping import Definition, SiteMapping
from loaders.sites.presets import PRESETS, preset
from loaders.sites.rules.rule_file import NAME, parse_rules
from loaders.sites.rules.rules import FIELDS, DocumentKind

# The last block decides what a document without the key `taxonomy` is.
_KINDS: Final[tuple[DocumentKind, ...]] = ("topic", "provider", "author", "article")


_READER: Final = {
    "name": "name",
    "language": "language",
    "timeZone": "timezone",
    "dateFormat": "date-format",
    "timeFormat": "time-format",
    "url": "base-url",
}
"""The keys of the `[reader]` table, by those of the site as it is stored."""


def rules_text(site: Mapping[str, str] = MappingProxyType({})) -> str:
    """Return the content of the file; `site` is what it says for readers."""
    lines = [
        "# Written by `newsgraph export`: every field stands under its own name.",
        'preset = "plain"',
    ]
    if site:
        lines += ["", "[reader]"]
        lines += [
            f"{key} = {toml_text(site[name])}" for name, key in _READER.items() if name in site
        ]
    for kind in _KINDS:
        lines += ["", "[[map]]", f'kind = "{kind}"']
        lines += [f'{field} = ["{field}"]' for field in sorted(FIELDS[kind])]
    return "\n".join([*lines, ""])


@cache
def export_mapping() -> SiteMapping:
    """Return the mapping with which a load reads an exported folder."""
    plain = preset("plain")
    exported = parse_rules(rules_text(), NAME, PRESETS)
    return SiteMapping(Definition(rules=(*plain.rules, *exported.rules), strict=True))
