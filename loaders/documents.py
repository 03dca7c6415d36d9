"""From a file to the document that is stored; see `graph.documents` for the shape.

What a file says can be had back from its document key for key, with three exceptions: `published`
is always there, a taxonomy file's `_id` is `slug` and its `taxonomy` is `kind`, and empty entries
of lists are gone (with a warning).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import PurePosixPath
from typing import Any, Final, NamedTuple

import orjson

from graph.documents import ARTICLES, TAXONOMY, Kind
from loaders.discover import Found, UnreadableFile, read
from loaders.frontmatter import Front, FrontMatterError, decode, locate, parse, split, whole
from loaders.positions import Keys
from loaders.records import KNOWN, RecordKind, check
from loaders.report import Fault
from loaders.scalars import Finding

Row = dict[str, Any]

MAX_STORED_BYTES: Final = 14_000_000
"""As JSON. Nothing of that size and of MAX_NODES values exceeds the 16 MiB that MongoDB takes."""

FAULTS_PER_FILE: Final = 100

_YAML_FILES: Final = frozenset({".yml", ".yaml"})
_TAXONOMIES: Final[dict[str, RecordKind]] = {"topic": "topic", "organization": "organization"}
_FOLDERS: Final[dict[str, RecordKind]] = {
    "/_data/topics/": "topic",
    "/_data/organizations/": "organization",
}
_KINDS: Final[dict[RecordKind, Kind]] = {
    "article": "articles",
    "topic": "topics",
    "organization": "providers",
}


class Outcome(NamedTuple):
    """What became of a file: a document, or the faults for which it is rejected.

    `document` still lacks the two parts of its source that only a load knows: `loadedAt` and
    `revision`. `size` is about how many bytes it takes.
    """

    kind: Kind
    document: Row | None
    faults: list[Fault]
    warnings: list[Fault]
    size: int = 0

    @property
    def collection(self) -> str:
        return ARTICLES if self.kind == "articles" else TAXONOMY


def convert(found: Found, volatile: frozenset[str]) -> Outcome:
    """Read a file and make its document."""
    try:
        if not _is_unicode(found.slug):
            raise UnreadableFile("the name of the file is not UTF-8")
        text = decode(read(found.path))
        front = whole(text) if found.path.suffix.lower() in _YAML_FILES else split(text)
        return _convert_front(found, front, parse(front), volatile)
    except UnreadableFile as error:
        return rejected(found, Fault(shown_path(found), None, None, None, str(error)))
    except FrontMatterError as error:
        fault = Fault(shown_path(found), error.line, error.column, None, error.message)
        return rejected(found, fault)


def rejected(found: Found, *faults: Fault) -> Outcome:
    """The outcome for a file of which no more is known than its faults."""
    return Outcome(_KINDS[_kind_of(found, {})], None, list(faults), [])


def shown_path(found: Found) -> str:
    """The path as reports give it: names that are not UTF-8 cannot be written in JSON."""
    return str(found.path).encode("utf-8", "replace").decode()


def _convert_front(found: Found, front: Front, tree: Row, volatile: frozenset[str]) -> Outcome:
    kind = _kind_of(found, tree)
    if kind != "article" and tree.get("taxonomy") == kind:
        del tree["taxonomy"]
    record, problems, remarks = check(kind, tree)
    if problems:
        return Outcome(_KINDS[kind], None, _place(found, front, problems), [])
    if kind == "article":
        document = _article(found, front, record, remarks)
    else:
        document = _taxonomy_file(kind, found, front, record, remarks)
    size = _stamp(document, found, volatile)
    if size > MAX_STORED_BYTES:
        reason = f"takes more than {MAX_STORED_BYTES // 1_000_000} MB to store"
        return rejected(found, Fault(shown_path(found), None, None, None, reason))
    return Outcome(_KINDS[kind], document, [], _place(found, front, remarks), size)


def _kind_of(found: Found, tree: Row) -> RecordKind:
    taxonomy = tree.get("taxonomy")
    if isinstance(taxonomy, str) and taxonomy in _TAXONOMIES:
        return _TAXONOMIES[taxonomy]
    place = f"/{found.slug}"
    return next((kind for folder, kind in _FOLDERS.items() if folder in place), "article")


def _article(found: Found, front: Front, record: Row, remarks: list[Finding]) -> Row:
    known, extra = _divide("article", record)
    if known.get("published", True) is None:
        remarks.append(Finding(("published",), "is empty, taken as true"))
        known["published"] = None
    published = known.get("published")
    body = _body(front)
    return {
        "_id": found.slug,
        **known,
        "published": True if published is None else published,
        **({"body": body} if body else {}),
        "extra": extra,
    }


def _taxonomy_file(
    kind: RecordKind, found: Found, front: Front, record: Row, remarks: list[Finding]
) -> Row:
    known, extra = _divide(kind, record)
    slug = known.pop("_id", None)
    body = _body(front)
    if body and "body" in extra:
        remarks.append(Finding(("body",), "hides the text below the front matter"))
    elif body:
        extra["body"] = body
    name = PurePosixPath(found.slug).name
    return {"_id": found.slug, "kind": kind, "slug": slug or name, **known, "extra": extra}


def _divide(kind: RecordKind, record: Row) -> tuple[Row, Row]:
    known = {key: value for key, value in record.items() if key in KNOWN[kind]}
    return known, {key: value for key, value in record.items() if key not in known}


def _body(front: Front) -> str | None:
    return None if not front.body.strip() else front.body.replace("\r\n", "\n")


def _stamp(document: Row, found: Found, volatile: frozenset[str]) -> int:
    """Add the document's source; how many bytes its canonical form takes."""
    everything = _canonical(document)
    lasting = _without(document, volatile)
    lasting["extra"] = _without(document["extra"], volatile)
    document["source"] = {
        "path": f"{found.slug}{found.path.suffix}",
        "hash": hashlib.sha256(_canonical(lasting)).hexdigest(),
        "digest": hashlib.sha256(everything).hexdigest(),
    }
    return len(everything)


def _without(row: Row, keys: Iterable[str]) -> Row:
    return {key: value for key, value in row.items() if key not in keys}


def _canonical(value: Row) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def _is_unicode(text: str) -> bool:
    return not any("\ud800" <= letter <= "\udfff" for letter in text)


def _place(found: Found, front: Front, findings: list[Finding]) -> list[Fault]:
    """Findings with their places; of a file with very many, the first ones."""
    if not findings:
        return []
    kept = findings[:FAULTS_PER_FILE]
    places = locate(front, [finding.at for finding in kept])
    path = shown_path(found)
    faults = [Fault(path, *places[at], field_path(at), reason) for at, reason in kept]
    if len(findings) > len(kept):
        reason = f"… and {len(findings) - len(kept):,} more in this file"
        faults.append(Fault(path, None, None, None, reason))
    return faults


def field_path(keys: Keys) -> str:
    """A path as people write it: `related[2].provider.name`."""
    text = ""
    for key in keys:
        if isinstance(key, int) or not key or "." in key or "[" in key:
            text += f"[{key!r}]"
        else:
            text += f".{key}" if text else key
    return text
