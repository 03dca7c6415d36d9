"""The keys of a document that no field was made from, which are stored as `extra`."""

from __future__ import annotations

from collections.abc import Collection

from graph.documents import Row
from loaders.sites.mapping.site_document import SiteDocument
from loaders.sites.rules.terms import KeyPath


def extra_of(document: SiteDocument, own: Collection[str]) -> Row:
    """Return the front matter of a mapped document without the keys that fields were made from,
    and those of its `own` fields.
    """
    mapped = document.consumed.union(own)
    extra = {key: value for key, value in document.front_matter.items() if key not in mapped}
    for keys in document.consumed_below:
        if isinstance(extra.get(keys[0]), dict):
            _remove(extra, keys)
    return extra


def _remove(tree: Row, keys: KeyPath) -> None:
    """Remove a nested key, from copies of the mappings that contain it; empty ones are removed,
    too.
    """
    inner = dict(tree[keys[0]])
    if len(keys) == 2:
        inner.pop(keys[1], None)
    elif isinstance(inner.get(keys[1]), dict):
        _remove(inner, keys[1:])
    if inner:
        tree[keys[0]] = inner
    else:
        del tree[keys[0]]
