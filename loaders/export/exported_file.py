"""The file of a stored document, and how it differs from what a load would make of it."""

from __future__ import annotations

from datetime import datetime
from typing import Final, NamedTuple

from graph.documents import Kind, Row
from graph.fields.article_document import ALWAYS_STORED
from loaders.export.export_mapping import export_mapping
from loaders.export.yaml_text import yaml_text
from loaders.files.places import Root, SourceFile, has_extension
from loaders.files.read import MAX_FILE_BYTES, File
from loaders.records.convert import convert
from loaders.records.publication import within_window
from loaders.report.report import Fault

MARKDOWN: Final = ".md"
HTML: Final = ".html"

# Made of the file's place, or of other fields.
_NOT_WRITTEN: Final = frozenset(
    {"_id", "body", "bodyIsHtml", "extra", "foldedTitle", "kind", "published", "source", "urlKey"}
)
_KINDS: Final[dict[str, Kind]] = {
    "topic": "topics",
    "organization": "providers",
    "author": "authors",
}


class ExportedFile(NamedTuple):
    """A file: its path below the exported folder, and its content.

    `faults` say why a load would reject it, `warnings` what a load would read differently.
    """

    kind: Kind
    path: str
    data: bytes
    faults: list[Fault]
    warnings: list[Fault]


def path_of(document: Row) -> str:
    """Return the path of a document's file below the exported folder."""
    return f"{document['_id']}{HTML if document.get('bodyIsHtml') else MARKDOWN}"


def unusable(root: Root, path: str) -> str | None:
    """Return why no load would find a document's file at this path, or None."""
    slug, _, _ = path.rpartition(".")
    parts = slug.split("/")
    if "\0" in slug or any(part in ("", ".", "..") for part in parts):
        return "the slug is not the path of a file"
    if any(part.startswith(".") for part in parts):
        return "the slug contains the name of a hidden file or folder, which loads skip"
    if any(map(has_extension, parts[:-1])):
        return "the slug contains a folder with the name of a document, which loads skip"
    if root.slug_of(path) != slug:
        return "the slug is not in Unicode's composed form (NFC)"
    return None


def exported_file(document: Row, root: Root, now: datetime) -> ExportedFile:
    """Return the file of an article, topic file, organisation file or author file.

    Args:
        document: The stored document.
        root: The exported folder.
        now: The time at which an article is published or not.
    """
    path = path_of(document)
    kind = _KINDS.get(document.get("kind", ""), "articles")
    front_matter = _article(document, now) if kind == "articles" else _taxonomy_file(document)
    shadowed = sorted(key for key in document["extra"] if key in front_matter)
    extra = {key: value for key, value in document["extra"].items() if key not in shadowed}
    text = f"---\n{yaml_text({**front_matter, **extra})}---\n{document.get('body') or ''}"
    data = text.encode()
    source_file = SourceFile(root, path, document["_id"], is_named=True)
    warnings = [
        Fault(
            source_file.file, None, None, f"extra.{key}", "is left out: the field has the same name"
        )
        for key in shadowed
    ]
    if len(data) > MAX_FILE_BYTES:
        reason = f"is larger than {MAX_FILE_BYTES // 1_000_000} MB: a load rejects it"
        return ExportedFile(
            kind, path, data, [Fault(source_file.file, None, None, None, reason)], []
        )
    loaded = convert(source_file, frozenset(), File(data, 0), export_mapping(), now)
    if loaded.document is None:
        return ExportedFile(kind, path, data, loaded.faults, [])
    expected = {**document, "extra": extra}
    warnings += [
        Fault(source_file.file, None, None, key, _WINDOW if key == "published" else _CHANGED)
        for key in _differing(expected, loaded.document)
    ]
    return ExportedFile(kind, path, data, [], warnings)


_WINDOW: Final = (
    "the publication window has opened or closed since the last load: the next load updates the "
    "article"
)
_CHANGED: Final = "a load would read another value from the file"


def _article(document: Row, now: datetime) -> Row:
    front_matter = {
        key: value
        for key, value in document.items()
        if key not in _NOT_WRITTEN and not (value is None and key in ALWAYS_STORED)
    }
    if not has_own_update(document):
        front_matter.pop("updatedDateTime", None)
    if front_matter.get("related"):
        front_matter["related"] = [_story(story) for story in front_matter["related"]]
    if not document["published"] and not _is_unpublished_by_window(document, now):
        front_matter["published"] = False
    return front_matter


def has_own_update(document: Row) -> bool:
    """Return whether an article's `updatedDateTime` comes from its file, not from a load."""
    return bool(document["source"].get("hasUpdatedDateTime", True))


def _story(story: Row) -> Row:
    return {key: value for key, value in story.items() if key != "urlKey"}


def _is_unpublished_by_window(document: Row, now: datetime) -> bool:
    """Return whether the window, and not the document, hides an article."""
    if "due" in document["source"]:  # a hidden article has it only if its window will open
        return True
    window = within_window(document.get("publishDate"), document.get("expiryDate"), now)
    return window.window == "expired"


def _taxonomy_file(document: Row) -> Row:
    fields = {key: value for key, value in document.items() if key not in _NOT_WRITTEN}
    slug = fields.pop("slug")
    return {"taxonomy": document["kind"], "_id": slug, **fields}


def _differing(stored: Row, loaded: Row) -> list[str]:
    """Return the fields in which two documents differ, except for what every load sets anew."""
    skipped = {"source"} if has_own_update(stored) else {"source", "updatedDateTime"}
    missing = object()
    return [
        key
        for key in {**stored, **loaded}
        if key not in skipped and stored.get(key, missing) != loaded.get(key, missing)
    ]
