"""The source of a document: the file that it was made from, and hashes to detect changes."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

import orjson

from graph.documents import Row
from loaders.files.places import SourceFile
from loaders.files.read import File, fingerprint
from loaders.sites.mapping.mapping import SiteMapping


def source_of(
    document: Row,
    source_file: SourceFile,
    file: File,
    volatile: frozenset[str],
    mapping: SiteMapping | None,
) -> Row:
    """Return the `source` of a document, without `loadedAt` and `revision`, which a load adds.

    `hash` covers the document without its `volatile` keys, `volatileHash` these keys and the
    location of the file.
    """
    extra: Row = document["extra"]
    stable = _without(document, volatile)
    stable["extra"] = _without(extra, volatile)
    changing = [{key: row[key] for key in volatile if key in row} for row in (document, extra)]
    location = {"root": source_file.root.identity, "path": source_file.path}
    mapping_hash = mapping.fingerprint if mapping else b""
    return {
        **location,
        "file": {
            "size": len(file.data),
            "mtime": file.mtime,
            "hash": fingerprint(
                source_file.root.identity, source_file.path, file.data, volatile, mapping_hash
            ),
        },
        "hash": _digest(stable),
        "volatileHash": _digest([*changing, location]),
    }


def _without(row: Row, keys: Iterable[str]) -> Row:
    return {key: value for key, value in row.items() if key not in keys}


def _digest(value: Row | list[Row]) -> str:
    return hashlib.sha256(orjson.dumps(value, option=orjson.OPT_SORT_KEYS)).hexdigest()
