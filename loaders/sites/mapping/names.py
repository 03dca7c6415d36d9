"""Read lists of names, such as topics, as the generators write them."""

from __future__ import annotations

from typing import Any, Final

from loaders.sites.generators.facts import SiteFacts
from loaders.sites.generators.pages.term_pages import term_key
from loaders.sites.mapping.site_document import SiteDocument
from loaders.sites.mapping.sources import TermSource
from loaders.sites.values import shapes

_BY_SPACES: Final = frozenset({"tags", "categories"})
"""The keys whose text Jekyll splits at spaces."""


def names_of(document: SiteDocument, source: TermSource, value: Any) -> list[Any] | None:
    """Return the names in a value; None if it has another form."""
    is_of_hashtags = isinstance(value, str) and value.startswith("#")
    names = shapes.names(value, None if is_of_hashtags else ",")
    return _terms_of(document.facts, source, names)


def jekyll_names(document: SiteDocument, source: TermSource, value: Any) -> list[Any] | None:
    """Return the names in a value of Jekyll, which separates tags by spaces."""
    names = shapes.names(value, None if is_by_spaces(source) else ",")
    return _terms_of(document.facts, source, names)


def generic_names(document: SiteDocument, source: TermSource, value: Any) -> list[Any] | None:
    """Return the names in a value, which may be lists in a list, as in Hexo, or links, as in
    Obsidian.
    """
    return names_of(document, source, shapes.flat(shapes.unlinked(value)))


def is_by_spaces(source: TermSource) -> bool:
    """Return whether Jekyll takes text for several names, separated by spaces."""
    return bool(source.keys) and source.keys[-1] in _BY_SPACES


def _terms_of(facts: SiteFacts, source: TermSource, names: list[Any] | None) -> list[Any] | None:
    """Replace the slugs of terms by the names on their pages."""
    if not names or not source.keys:
        return names
    key = source.keys[-1]
    if key == "tags":
        names = _topics_only(names, facts)
    terms = facts.terms.get(key)
    return [name and terms.get(term_key(name), name) for name in names] if terms else names


def _topics_only(names: list[Any], facts: SiteFacts) -> list[Any]:
    """Return tags without those that name collections, and without the `#` of Obsidian's."""
    if facts.generator == "generic":
        names = [name and (name.lstrip("#") or name) for name in names]
    hidden = facts.collection_tags
    return [name for name in names if name not in hidden] if hidden else names
