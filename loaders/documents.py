"""Documents: from a file to what is stored of it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path as FilePath
from typing import Any, Final

import orjson

from graph.documents import ARTICLES, TAXONOMY
from graph.documents import Kind as Counted
from loaders.discover import YAML_ENDINGS, Found
from loaders.frontmatter import (
    MAXIMUM_BYTES,
    Front,
    FrontMatterError,
    Path,
    decode,
    locate,
    parse,
    split,
)
from loaders.records import KEYS, Fault, Kind, validate, without_nulls
from loaders.report import Problem
from loaders.scalars import resolve

COUNTED_AS: Final[dict[Kind, Counted]] = {
    "article": "articles",
    "topic": "topics",
    "organization": "providers",
}
_KINDS_BY_FOLDER: Final[dict[str, Kind]] = {
    "_data/topics/": "topic",
    "_data/organizations/": "organization",
}


@dataclass(frozen=True, slots=True)
class Accepted:
    """A document to store, and what was odd about its file."""

    kind: Kind
    document: dict[str, Any]
    warnings: list[Problem]

    @property
    def collection(self) -> str:
        return ARTICLES if self.kind == "article" else TAXONOMY


@dataclass(frozen=True, slots=True)
class Rejected:
    """What is wrong with a file."""

    problems: list[Problem]


def read(found: Found, volatile: Iterable[str]) -> Accepted | Rejected:
    """What is stored of a file, or everything that is wrong with it."""
    try:
        front = _front(found)
        tree = parse(front)
    except FrontMatterError as error:
        problem = Problem(str(found.path), error.line, error.column, None, error.reason)
        return Rejected([problem])
    except OSError as error:
        return Rejected([Problem(str(found.path), 1, 1, None, f"cannot be read: {error.strerror}")])
    kind = kind_of(found, tree)
    record, faults = validate(kind, tree)
    if faults:
        problems = [_problem(found, front, fault) for fault in faults]
        return Rejected(sorted(problems, key=lambda p: (p.line, p.column)))
    warnings = [
        _problem(found, front, Fault(path, "a null entry was dropped"))
        for path in without_nulls({key: record[key] for key in KEYS[kind] & record.keys()})
    ]
    document = build(kind, found, record, front.body)
    document["source"] = {"path": found.name, **_hashes(document, volatile)}
    return Accepted(kind, document, warnings)


def _front(found: Found) -> Front:
    size = found.path.stat().st_size
    if size > MAXIMUM_BYTES:
        raise FrontMatterError(f"the file has {size} bytes, at most {MAXIMUM_BYTES}")
    text = decode(FilePath(found.path).read_bytes())
    return split(text, all_yaml=found.path.suffix.lower() in YAML_ENDINGS)


def kind_of(found: Found, tree: dict[str, Any]) -> Kind:
    """What a file describes: as its key `taxonomy` says, else as its folder says."""
    said = tree.get("taxonomy")
    if said in ("topic", "organization"):
        return "topic" if said == "topic" else "organization"
    named = f"/{found.name}"
    for folder, kind in _KINDS_BY_FOLDER.items():
        if f"/{folder}" in named:
            return kind
    return "article"


def build(kind: Kind, found: Found, record: dict[str, Any], body: str) -> dict[str, Any]:
    """The stored document of a record, without its source."""
    named = {key: resolve(value) for key, value in record.items() if key in KEYS[kind]}
    extra = {key: resolve(value) for key, value in record.items() if key not in KEYS[kind]}
    if kind == "article":
        document = {"_id": found.slug, **named, "published": named.get("published") is not False}
    else:
        extra.pop("taxonomy", None)
        slug = named.pop("_id", None) or found.slug.rpartition("/")[2]
        document = {"_id": found.slug, "kind": kind, "slug": slug, **named}
    if body.strip():
        document["body"] = body
    return {**document, "extra": extra}


def stamped(document: dict[str, Any], loaded_at: datetime, revision: int) -> dict[str, Any]:
    """The document as this load stores it."""
    source = {**document["source"], "loadedAt": loaded_at, "revision": revision}
    return {**document, "source": source}


def _hashes(document: dict[str, Any], volatile: Iterable[str]) -> dict[str, str]:
    lasting = {key: value for key, value in document.items() if key not in volatile}
    return {"hash": _digest(lasting), "digest": _digest(document)}


def _digest(document: dict[str, Any]) -> str:
    return hashlib.sha256(orjson.dumps(document, option=orjson.OPT_SORT_KEYS)).hexdigest()


def _problem(found: Found, front: Front, fault: Fault) -> Problem:
    line, column = locate(front, fault.path)
    return Problem(str(found.path), line, column, field_name(fault.path), fault.reason)


def field_name(path: Path) -> str | None:
    """A path as people write it: `related[2].provider.name`."""
    name = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return name.removeprefix(".") or None
