"""Read lists of names, such as topics, as the generators write them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from loaders.sites.generators.facts import SiteFacts
from loaders.sites.generators.term_pages import term_key
from loaders.sites.mapping.site_document import Found, SiteDocument
from loaders.sites.values import shapes

_BY_SPACES: Final = frozenset({"tags", "categories"})
"""The keys whose text Jekyll splits at spaces."""


def names_of(document: SiteDocument, found: Found) -> list[Any] | None:
    """Return the names in a value; None if it has another form."""
    value = flat(document, unlinked(document, found))
    is_of_hashtags = isinstance(value, str) and value.startswith("#")
    by_spaces = is_of_hashtags or is_by_spaces(document.facts, found)
    names = shapes.names(value, None if by_spaces else ",")
    names = names and _topics_only(names, document.facts, found)
    return names and _term_names(names, _terms(document, found))


def flat(document: SiteDocument, value: Any) -> Any:
    """Return a list without the lists in it, as Hexo writes categories."""
    return shapes.flat(value) if document.facts.generator == "generic" else value


def unlinked(document: SiteDocument, found: Found) -> Any:
    """Return a value without the brackets of Obsidian's links."""
    return shapes.unlinked(found.value) if document.facts.generator == "generic" else found.value


def is_by_spaces(facts: SiteFacts, found: Found) -> bool:
    """Return whether text contains several names, separated by spaces."""
    return facts.generator == "jekyll" and bool(found.keys) and found.keys[-1] in _BY_SPACES


def _topics_only(names: list[Any], facts: SiteFacts, found: Found) -> list[Any]:
    """Return tags without those that name collections, and without the `#` of Obsidian's."""
    if found.keys[-1:] != ("tags",):
        return names
    if facts.generator == "generic":
        names = [name and (name.lstrip("#") or name) for name in names]
    return [name for name in names if name not in facts.collection_tags]


def _terms(document: SiteDocument, found: Found) -> Mapping[str, str]:
    """Return the names of the terms that a key may contain, by their slugs."""
    return document.facts.terms.get(found.keys[-1], {}) if found.keys else {}


def _term_names(names: list[Any], terms: Mapping[str, str]) -> list[Any]:
    """Replace the slugs of terms by the names on their pages."""
    return [name and terms.get(term_key(name), name) for name in names] if terms else names
