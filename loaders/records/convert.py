"""From a file to the document that is stored; see `graph.fields` for its shape.

A document contains all that its file says, with these exceptions: `published` is always present,
and false if `draft` is true; fields that lists are ordered or filtered by are null if the file does
not have them; a taxonomy file's `_id` becomes `slug` and its `taxonomy` becomes `kind`; white space
at the ends of text is removed; empty and duplicate entries of lists are dropped, with a warning.
"""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import PurePosixPath
from typing import Final, NamedTuple

from graph.documents import Kind, Row, author_slug
from graph.fields.article_document import ALWAYS_STORED
from graph.fields.folding import folded_key
from graph.fields.record_kinds import RecordKind
from graph.fields.url_key import url_key
from graph.store.load.clock import utc_now
from graph.text.markup import is_html_file
from loaders.files.places import SourceFile
from loaders.files.read import File, UnreadableFile, content, read
from loaders.frontmatter.merge_conflicts import UNRESOLVED, broken_by_conflict, conflict_line
from loaders.frontmatter.parse import (
    Front,
    FrontMatterError,
    NoFrontMatter,
    decode,
    parse,
)
from loaders.records.file_faults import front_matter_fault, located, whole_file
from loaders.records.file_source import source_of
from loaders.records.mapped_records import check_mapped
from loaders.records.publication import publication
from loaders.records.records import FRONT_MATTER_KEYS
from loaders.records.values.scalar_values import Finding, described
from loaders.report.report import Fault, Window
from loaders.sites.bundles import Bundles
from loaders.sites.front import front_of, in_one_language, is_yaml
from loaders.sites.mapping.mapping import SiteMapping
from loaders.sites.presets import plain_mapping
from loaders.sites.rules.rules import DocumentKind

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


class ConvertedFile(NamedTuple):
    """The document of a file, or the faults for which the file is rejected.

    A file that need not be a document, and is none, has neither, but a warning.

    The `source` of the document lacks `loadedAt` and `revision`, which a load adds. `window` says
    whether an article is not published yet, or no longer.
    """

    kind: Kind
    document: Row | None
    faults: list[Fault]
    warnings: list[Fault]
    window: Window | None = None


def convert(
    source_file: SourceFile,
    volatile: frozenset[str],
    file: File | None = None,
    mapping: SiteMapping | None = None,
    now: datetime | None = None,
    bundles: Bundles | None = None,
) -> ConvertedFile:
    """Convert a file to its document.

    Args:
        source_file: The file.
        volatile: Keys whose changes do not count as changes of the document.
        file: The content of the file; by default it is read.
        mapping: The mapping of the file's site; by default that of a folder without a generator.
        now: The time at which an article is published or not; by default the current time.
        bundles: The bundles of the file's site, as far as they are known.
    """
    text, front = "", None
    if mapping is not None:
        if mapping.ignores(source_file.path):
            return ConvertedFile("articles", None, [], [])
        bundles = bundles or Bundles(mapping.definition, source_file.root.name)
        if page := bundles.page_of(source_file.path):
            reason = f"is a resource of the page {page!r}: not loaded as a page of its own"
            return ConvertedFile("articles", None, [], [whole_file(source_file, reason)])
    try:
        file = read(source_file.absolute) if file is None else file
        text = decode(content(source_file.path, file.data))
        front = front_of(source_file.path, text, mapping)
        outcome = _convert_front(source_file, file, text, front, volatile, mapping, now)
    except UnreadableFile as error:
        return rejected(source_file, str(error))
    except FrontMatterError as error:
        return _unreadable(source_file, text, front, _explained(error, text, front))
    if outcome.document is not None and (line := conflict_line(text)):
        warning = FrontMatterError(UNRESOLVED, line)
        outcome.warnings.append(front_matter_fault(source_file, text, warning))
    return outcome


def _explained(error: FrontMatterError, text: str, front: Front | None) -> FrontMatterError:
    """Return the error, or the merge conflict that caused it."""
    if isinstance(error, NoFrontMatter) and not text.lstrip().startswith("<<<<<<< "):
        return error
    line = conflict_line(text) if front is None else broken_by_conflict(front.text)
    if line is None:
        return error
    return FrontMatterError(UNRESOLVED, line if front is None else front.first_line + line - 1)


def _unreadable(
    source_file: SourceFile, text: str, front: Front | None, error: FrontMatterError
) -> ConvertedFile:
    """Return the outcome for a file whose front matter is missing or invalid.

    A file without front matter, such as a README, is rejected only if it was named in the command.
    """
    is_whole = front is not None and error.message != UNRESOLVED
    if is_whole and _is_other_yaml(source_file, text):
        return _no_document(source_file)
    fault = front_matter_fault(source_file, text, error)
    if isinstance(error, NoFrontMatter) and not source_file.is_named:
        return ConvertedFile(_kind(source_file), None, [], [fault])
    return ConvertedFile(_kind(source_file), None, [fault], [])


def _is_other_yaml(source_file: SourceFile, text: str) -> bool:
    """Return whether a YAML file need not be a document: sites have others, such as data files."""
    is_document = _kind(source_file) != "articles" or _DOCUMENT_KEY.search(text) is not None
    return is_yaml(source_file.path) and not source_file.is_named and not is_document


def _no_document(source_file: SourceFile) -> ConvertedFile:
    return ConvertedFile(_kind(source_file), None, [], [whole_file(source_file, _NO_DOCUMENT)])


def rejected(source_file: SourceFile, reason: str) -> ConvertedFile:
    """Return the outcome for a file that is rejected as a whole."""
    return ConvertedFile(_kind(source_file), None, [whole_file(source_file, reason)], [])


def _convert_front(
    source_file: SourceFile,
    file: File,
    text: str,
    front: Front,
    volatile: frozenset[str],
    mapping: SiteMapping | None,
    now: datetime | None,
) -> ConvertedFile:
    applied = mapping or plain_mapping()
    front, tree = in_one_language(front, _tree(front, applied), applied.definition.facts)
    mapped = applied.apply(source_file.path, tree, front.body)
    kind = _RECORDS.get(mapped.kind)
    if kind is None:
        return ConvertedFile("articles", None, [], [])
    drafts = {} if applied.definition.facts.drafts else _drafts(mapped.extra)
    record, faults, warnings = check_mapped(kind, mapped, applied.timezone)
    if faults and _is_other_yaml(source_file, text):
        return _no_document(source_file)
    if faults:
        return ConvertedFile(_KINDS[kind], None, located(source_file, text, front, faults), [])
    fields, extra = _divide(kind, record)
    extra = {**mapped.extra, **extra}
    if kind != "article":
        document = _taxonomy_file(kind, source_file, front, fields, extra, warnings)
        document["source"] = source_of(document, source_file, file, volatile, mapping)
        return ConvertedFile(
            _KINDS[kind], document, [], located(source_file, text, front, warnings)
        )
    state = publication(fields, drafts, now or utc_now(), warnings)
    document = _article(
        source_file, front, {**fields, "published": state.published}, extra, warnings
    )
    document["source"] = source_of(document, source_file, file, volatile, mapping)
    if state.due is not None:
        document["source"]["due"] = state.due
    return ConvertedFile(
        "articles", document, [], located(source_file, text, front, warnings), state.window
    )


def _tree(front: Front, mapping: SiteMapping) -> Row:
    """Parse front matter, which may be empty unless the mapping is strict.

    Raises FrontMatterError.
    """
    lines = map(str.strip, front.text.split("\n"))
    is_empty = front.format != "json" and all(not line or line[0] == "#" for line in lines)
    return {} if is_empty and not mapping.definition.strict else parse(front)


def _kind(source_file: SourceFile) -> Kind:
    kind = plain_mapping().kind_of(source_file.path)
    return _KINDS[_RECORDS.get(kind, "article")]


def _article(
    source_file: SourceFile, front: Front, fields: Row, extra: Row, warnings: list[Finding]
) -> Row:
    if fields.get("authors"):
        fields["authors"] = _with_slugs(fields["authors"], warnings)
    for story in fields.get("related") or ():
        story["urlKey"] = _url_key(story)
    body = _body(front)
    return {
        "_id": source_file.slug,
        **dict.fromkeys(ALWAYS_STORED),
        **fields,
        "foldedTitle": folded_key(fields["title"]),
        "urlKey": _url_key(fields),
        **({"body": body} if body else {}),
        **({"bodyIsHtml": True} if body and is_html_file(source_file.path) else {}),
        "extra": extra,
    }


def _url_key(story: Row) -> str | None:
    url = story.get("webUrl")
    return url_key(url) if url else None


def _drafts(extra: Row) -> Row:
    """Return the unparsed values of `draft`, in any capitalisation."""
    return {key: value for key, value in extra.items() if key.lower() == "draft"}


def _with_slugs(authors: list[Row], warnings: list[Finding]) -> list[Row]:
    """Return the authors with their slugs, without duplicates."""
    by_slug: dict[str, Row] = {}
    for number, author in enumerate(authors):
        slug = author_slug(author.get("slug") or author["name"])
        if slug in by_slug:
            reason = f"{described(author['name'])} is in the list already, dropped"
            warnings.append(Finding(("authors", number), reason))
        else:
            by_slug[slug] = {**author, "slug": slug}
    return list(by_slug.values())


def _taxonomy_file(
    kind: RecordKind,
    source_file: SourceFile,
    front: Front,
    fields: Row,
    extra: Row,
    warnings: list[Finding],
) -> Row:
    slug = fields.pop("_id", None)
    body = _body(front)
    if body and "body" in extra:
        warnings.append(Finding(("body",), "hides the text below the front matter"))
    elif body:
        extra["body"] = body
    slug = slug or PurePosixPath(source_file.slug).name
    if kind == "author":  # articles may refer to it
        slug = author_slug(slug)
    return {"_id": source_file.slug, "kind": kind, "slug": slug, **fields, "extra": extra}


def _divide(kind: RecordKind, record: Row) -> tuple[Row, Row]:
    fields = {key: value for key, value in record.items() if key in FRONT_MATTER_KEYS[kind]}
    return fields, {key: value for key, value in record.items() if key not in fields}


def _body(front: Front) -> str | None:
    return None if not front.body.strip() else front.body.replace("\r\n", "\n")
