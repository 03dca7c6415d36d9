"""From a file to the document that is stored; see `graph.fields` for the shape.

What a file says can be had back from its document key for key, with these exceptions: `published`
is always there, and false where `draft` is true; what lists are ordered or filtered by is null
where the file does not have it; a taxonomy file's `_id` is `slug` and its `taxonomy` is `kind`; and
entries of lists that are empty, or names that are there twice, are gone
(with a warning).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from datetime import datetime
from pathlib import PurePosixPath
from typing import Any, Final, NamedTuple

import orjson

from graph.documents import Kind, author_slug
from graph.fields.article_document import ALWAYS_STORED
from graph.fields.folding import folded_key
from graph.fields.record_kinds import RecordKind
from graph.store.load.clock import utc_now
from loaders.files.places import FoundFile
from loaders.files.read import File, UnreadableFile, content, fingerprint, read
from loaders.frontmatter.merge_conflicts import UNRESOLVED, broken_by_conflict, conflict_line
from loaders.frontmatter.parse import (
    Front,
    FrontMatterError,
    NoFrontMatter,
    decode,
    locate,
    parse,
    split,
    whole,
)
from loaders.frontmatter.positions import Keys
from loaders.records.mapped_records import check_mapped
from loaders.records.publication import publication
from loaders.records.records import KNOWN
from loaders.records.scalar_values import Finding, shown
from loaders.report.excerpt import excerpt
from loaders.report.report import Fault, Window
from loaders.sites.mapping import SiteMapping
from loaders.sites.presets import plain_mapping
from loaders.sites.rules import DocumentKind

Row = dict[str, Any]

FAULTS_PER_FILE: Final = 100

_YAML_FILES: Final = (".yml", ".yaml")
_RECORDS: Final[dict[DocumentKind, RecordKind]] = {
    "article": "article",
    "topic": "topic",
    "provider": "organization",
    "author": "author",
}
_DOCUMENT_KEY: Final = re.compile(r"""^["']?(?:provider|taxonomy)["']?[ \t]*:""", re.MULTILINE)
_NO_DOCUMENT: Final = "is not a document: YAML without `provider` or `taxonomy`"
_KINDS: Final[dict[RecordKind, Kind]] = {
    "article": "articles",
    "topic": "topics",
    "organization": "providers",
    "author": "authors",
}


class Outcome(NamedTuple):
    """What became of a file: a document, or the faults for which it is rejected.

    A file that is no document, and need not be one, has neither: a warning says so.

    `document` still lacks the two parts of its source that only a load knows: `loadedAt` and
    `revision`. `window` says whether an article is not published yet, or not any more.
    """

    kind: Kind
    document: Row | None
    faults: list[Fault]
    warnings: list[Fault]
    window: Window | None = None


def convert(
    found: FoundFile,
    volatile: frozenset[str],
    file: File | None = None,
    mapping: SiteMapping | None = None,
    now: datetime | None = None,
) -> Outcome:
    """Make a file's document; `file` is what was read of it, if it was.

    `mapping` is that of the site; without one, the file is that of a plain folder. An article is
    published or not as it is at the time `now`, by default the current one.
    """
    text, front = "", None
    if mapping is not None and mapping.kind_of(found.path) == "ignore":
        return Outcome("articles", None, [], [])
    try:
        file = read(found.absolute) if file is None else file
        text = decode(content(found.path, file.data))
        front = whole(text) if _is_yaml(found) else split(text)
        outcome = _convert_front(found, file, _Reader(text, front), volatile, mapping, now)
    except UnreadableFile as error:
        return rejected(found, str(error))
    except FrontMatterError as error:
        return _unread(found, text, front, _explained(error, text, front))
    if outcome.document is not None and (line := conflict_line(text)):
        outcome.warnings.append(_fault(found, text, FrontMatterError(UNRESOLVED, line)))
    return outcome


def _explained(error: FrontMatterError, text: str, front: Front | None) -> FrontMatterError:
    """The reason behind an error in front matter, if that is a merge conflict."""
    if isinstance(error, NoFrontMatter) and not text.lstrip().startswith("<<<<<<< "):
        return error
    line = conflict_line(text) if front is None else broken_by_conflict(front.text)
    if line is None:
        return error
    return FrontMatterError(UNRESOLVED, line if front is None else front.first_line + line - 1)


def _unread(found: FoundFile, text: str, front: Front | None, error: FrontMatterError) -> Outcome:
    """The outcome for a file without front matter that can be read.

    Where nobody named the file, one that does not even begin with front matter is no document: a
    README beside documents is no reason to fail.
    """
    is_whole = front is not None and error.message != UNRESOLVED
    if is_whole and _is_other_yaml(found, text):
        return _no_document(found)
    fault = _fault(found, text, error)
    if isinstance(error, NoFrontMatter) and not found.is_named:
        return Outcome(_kind(found), None, [], [fault])
    return Outcome(_kind(found), None, [fault], [])


def _is_other_yaml(found: FoundFile, text: str) -> bool:
    """Whether a YAML file need not be a document: sites have others, for configuration and data."""
    is_meant = _kind(found) != "articles" or _DOCUMENT_KEY.search(text) is not None
    return _is_yaml(found) and not found.is_named and not is_meant


def _no_document(found: FoundFile) -> Outcome:
    return Outcome(_kind(found), None, [], [Fault(found.file, None, None, None, _NO_DOCUMENT)])


def _fault(found: FoundFile, text: str, error: FrontMatterError) -> Fault:
    line = _line(text, error.line, error.column)
    return Fault(found.file, error.line, error.column, None, error.message, line)


def rejected(found: FoundFile, reason: str) -> Outcome:
    """The outcome for a file of which no more is known than the reason."""
    return Outcome(_kind(found), None, [Fault(found.file, None, None, None, reason)], [])


class _Reader(NamedTuple):
    """The text of a file, and its front matter."""

    text: str
    front: Front


def _is_yaml(found: FoundFile) -> bool:
    return found.path.lower().removesuffix(".gz").endswith(_YAML_FILES)


def _convert_front(
    found: FoundFile,
    file: File,
    reader: _Reader,
    volatile: frozenset[str],
    mapping: SiteMapping | None,
    now: datetime | None,
) -> Outcome:
    front = reader.front
    applied = mapping or plain_mapping()
    tree = _tree(front, applied)
    mapped = applied.apply(found.path, tree, front.body)
    kind = _RECORDS.get(mapped.kind)
    if kind is None:
        return Outcome("articles", None, [], [])
    drafts = {} if applied.definition.facts.drafts else _drafts(mapped.extra)
    is_generated = kind == "article" and not applied.definition.strict
    record, problems, remarks = check_mapped(
        kind, mapped, applied.timezone, is_generated=is_generated
    )
    if problems and _is_other_yaml(found, reader.text):
        return _no_document(found)
    if problems:
        return Outcome(_KINDS[kind], None, _place(found, reader, problems), [])
    known, extra = _divide(kind, record)
    extra = {**mapped.extra, **extra}
    if kind != "article":
        document = _taxonomy_file(kind, found, front, known, extra, remarks)
        document["source"] = _source(document, found, file, volatile, mapping)
        return Outcome(_KINDS[kind], document, [], _place(found, reader, remarks))
    state = publication(known, drafts, now or utc_now(), remarks)
    document = _article(found, front, {**known, "published": state.published}, extra, remarks)
    document["source"] = _source(document, found, file, volatile, mapping)
    if state.due is not None:
        document["source"]["due"] = state.due
    return Outcome("articles", document, [], _place(found, reader, remarks), state.window)


def _tree(front: Front, mapping: SiteMapping) -> Row:
    """The front matter, which documents of strangers may leave empty. Raises FrontMatterError."""
    lines = map(str.strip, front.text.split("\n"))
    is_empty = front.format != "json" and all(not line or line[0] == "#" for line in lines)
    return {} if is_empty and not mapping.definition.strict else parse(front)


def _kind(found: FoundFile, mapping: SiteMapping | None = None) -> Kind:
    kind = (mapping or plain_mapping()).kind_of(found.path)
    return _KINDS[_RECORDS.get(kind, "article")]


def _article(found: FoundFile, front: Front, known: Row, extra: Row, remarks: list[Finding]) -> Row:
    if known.get("authors"):
        known["authors"] = _identified(known["authors"], remarks)
    body = _body(front)
    return {
        "_id": found.slug,
        **dict.fromkeys(ALWAYS_STORED),
        **known,
        "foldedTitle": folded_key(known["title"]),
        **({"body": body} if body else {}),
        "extra": extra,
    }


def _drafts(extra: Row) -> Row:
    """The values of `draft`, `Draft`, … as they are written."""
    return {key: value for key, value in extra.items() if key.lower() == "draft"}


def _identified(authors: list[Row], remarks: list[Finding]) -> list[Row]:
    """The authors with their slugs, each once."""
    found: dict[str, Row] = {}
    for number, author in enumerate(authors):
        slug = author_slug(author.get("slug") or author["name"])
        if slug in found:
            reason = f"{shown(author['name'])} is in the list already, dropped"
            remarks.append(Finding(("authors", number), reason))
        else:
            found[slug] = {**author, "slug": slug}
    return list(found.values())


def _taxonomy_file(
    kind: RecordKind,
    found: FoundFile,
    front: Front,
    known: Row,
    extra: Row,
    remarks: list[Finding],
) -> Row:
    slug = known.pop("_id", None)
    body = _body(front)
    if body and "body" in extra:
        remarks.append(Finding(("body",), "hides the text below the front matter"))
    elif body:
        extra["body"] = body
    slug = slug or PurePosixPath(found.slug).name
    if kind == "author":  # articles may name them by it
        slug = author_slug(slug)
    return {"_id": found.slug, "kind": kind, "slug": slug, **known, "extra": extra}


def _divide(kind: RecordKind, record: Row) -> tuple[Row, Row]:
    known = {key: value for key, value in record.items() if key in KNOWN[kind]}
    return known, {key: value for key, value in record.items() if key not in known}


def _body(front: Front) -> str | None:
    return None if not front.body.strip() else front.body.replace("\r\n", "\n")


def _source(
    document: Row,
    found: FoundFile,
    file: File,
    volatile: frozenset[str],
    mapping: SiteMapping | None,
) -> Row:
    extra: Row = document["extra"]
    lasting = _without(document, volatile)
    lasting["extra"] = _without(extra, volatile)
    passing = [{key: row[key] for key in volatile if key in row} for row in (document, extra)]
    place = {"root": found.root.identity, "path": found.path}
    mark = mapping.fingerprint if mapping else b""
    return {
        **place,
        "file": {
            "size": len(file.data),
            "mtime": file.mtime,
            "hash": fingerprint(found.root.identity, found.path, file.data, volatile, mark),
        },
        "hash": _digest(lasting),
        "volatileHash": _digest([*passing, place]),
    }


def _without(row: Row, keys: Iterable[str]) -> Row:
    return {key: value for key, value in row.items() if key not in keys}


def _digest(value: Row | list[Row]) -> str:
    return hashlib.sha256(orjson.dumps(value, option=orjson.OPT_SORT_KEYS)).hexdigest()


def _place(found: FoundFile, reader: _Reader, findings: list[Finding]) -> list[Fault]:
    """Findings with their places, in the order of the file; of very many, some."""
    if not findings:
        return []
    kept = findings[:FAULTS_PER_FILE]
    places = locate(reader.front, [finding.at for finding in kept])
    path = found.file
    faults = [
        Fault(path, *places[at], field_path(at), reason, _line(reader.text, *places[at]))
        for at, reason in sorted(kept, key=lambda finding: places[finding.at])
    ]
    faults = list(dict.fromkeys(faults))  # two fields may be made of one value
    if len(findings) > len(kept):
        reason = f"… and {len(findings) - len(kept):,} more in this file"
        faults.append(Fault(path, None, None, None, reason))
    return faults


def _line(text: str, line: int, column: int) -> str | None:
    lines = text.split("\n", line)
    return excerpt(lines[line - 1], column) if len(lines) >= line else None


def field_path(keys: Keys) -> str:
    """A path as people write it: `related[2].provider.name`."""
    text = ""
    for key in keys:
        if isinstance(key, int) or not key or "." in key or "[" in key:
            text += f"[{key!r}]"
        else:
            text += f".{key}" if text else key
    return text
