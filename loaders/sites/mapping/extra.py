"""The keys of a document that no field was made from, which are stored as `extra`."""

from __future__ import annotations

from typing import Any

from loaders.sites.mapping.site_document import KeyPath

Row = dict[str, Any]


def without_consumed(front_matter: Row, fields: Row, consumed: dict[KeyPath, None]) -> Row:
    """Return a tree without the keys that fields were made from."""
    rest = {
        key: value
        for key, value in front_matter.items()
        if key not in fields and (key,) not in consumed
    }
    for keys in consumed:
        if len(keys) > 1 and isinstance(rest.get(keys[0]), dict):
            _remove(rest, keys)
    return rest


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
