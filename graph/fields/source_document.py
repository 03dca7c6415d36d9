"""The part of a document that says which file it was made from."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, NotRequired, TypedDict

from graph.fields.declaration import Declaration


class FileDocument(TypedDict):
    """The file as it was when it was loaded: its size in bytes, and when it was modified.

    `mtime` is in nanoseconds since 1970, or 0 where the file was loaded at once after a change.
    `hash` covers the file's bytes, its place and what else decides the document made of it: a file
    of the same hash yields the same document, and need not be parsed.
    """

    size: int
    mtime: int
    hash: bytes


class SourceDocument(TypedDict):
    """Where a document comes from, and how a reload knows whether it changed.

    `root` is the absolute path of the loaded folder, `path` the file's own below it. `hash` covers
    the document without its volatile fields, `volatileHash` those and the place: where only the
    latter differs, nothing changed in meaning. `revision` is the corpus revision that the
    document's last change in meaning made. Only articles have `hasUpdatedDateTime`. `due` is when
    the clock publishes or unpublishes the article, missing where it never does: the load that
    follows parses the file again.
    """

    root: str
    path: Annotated[
        str, Declaration("The path of the file below the loaded folder.", computed=True)
    ]
    file: FileDocument
    hash: Annotated[
        str,
        Declaration("SHA-256 of the document without its volatile fields.", computed=True),
    ]
    volatileHash: str
    due: NotRequired[datetime]
    hasUpdatedDateTime: Annotated[
        NotRequired[bool],
        Declaration(
            "Whether the document itself has `updatedDateTime`. If not, `updatedDateTime` of the "
            "article is the time of the load that last found it changed.",
            computed=True,
        ),
    ]
    loadedAt: Annotated[
        datetime, Declaration("When a load last found the file changed.", computed=True)
    ]
    revision: Annotated[
        int,
        Declaration("The revision of the corpus in which this version appeared.", computed=True),
    ]
