"""Read what is needed of stored documents to compare them with the files of a load."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final, NamedTuple

from graph.documents import ARTICLES, TAXONOMY, Kind
from graph.store.driver.database import Database
from graph.store.driver.read_commands import Row
from graph.store.indexes import SOURCES
from graph.store.load.affected_keys import FACTS

_KINDS: Final[dict[str, Kind]] = {
    "topic": "topics",
    "organization": "providers",
    "author": "authors",
}


class FileFingerprint(NamedTuple):
    """The kind of a stored document, and the hash, size and mtime of its file: see `FileDocument`.

    `size` and `mtime` are only set if they were requested.
    """

    kind: Kind
    hash: bytes
    size: int | None = None
    mtime: int | None = None


class Version(NamedTuple):
    """What is needed of a stored document to compare it with a new version.

    `root` and `path` are those of its file: see `SourceDocument`. `updated` is the
    `updatedDateTime` of an article.
    """

    slug: str
    collection: str
    root: str
    path: str
    hash: str
    volatile_hash: str | None
    revision: int
    updated: datetime | None
    facts: Row

    @property
    def is_published(self) -> bool:
        """Whether it is a published article."""
        return self.collection == ARTICLES and bool(self.facts.get("published"))


async def read_fingerprints(
    database: Database, root: str, slugs: Sequence[str], *, times: bool = False
) -> dict[str, FileFingerprint]:
    """Read the fingerprints of the documents with these slugs that were loaded from this root."""
    query = {"source.root": root, "_id": {"$in": list(slugs)}}
    names = ("hash", "size", "mtime") if times else ("hash",)
    projection = {f"source.file.{name}": 1 for name in names}
    fingerprints = {
        row["_id"]: FileFingerprint("articles", **row["source"]["file"])
        for row in await database.find(ARTICLES, query, projection=projection, hint=SOURCES)
    }
    if others := [slug for slug in slugs if slug not in fingerprints]:
        query["_id"] = {"$in": others}
        for row in await database.find(TAXONOMY, query, projection={**projection, "kind": 1}):
            fingerprints[row["_id"]] = FileFingerprint(_KINDS[row["kind"]], **row["source"]["file"])
    return fingerprints


async def read_versions(database: Database, slugs: Sequence[str]) -> list[Version]:
    """Read the stored versions of these documents, from any root.

    A slug has two, in two collections, if a load was killed while moving the document.
    """
    names = ("root", "path", "hash", "volatileHash", "revision")
    source = {f"source.{name}": 1 for name in names}
    versions: list[Version] = []
    for collection in (ARTICLES, TAXONOMY):
        query = {"_id": {"$in": list(slugs)}}
        projection = {**FACTS, **source, "updatedDateTime": 1}
        for row in await database.find(collection, query, projection=projection):
            origin, updated = row.pop("source"), row.pop("updatedDateTime", None)
            file = origin["root"], origin["path"]
            stamp = origin["hash"], origin.get("volatileHash"), origin["revision"]
            versions.append(Version(row["_id"], collection, *file, *stamp, updated, row))
    return versions


async def read_sources(
    database: Database, collection: str, root: str, slugs: Row, limit: int
) -> dict[str, str]:
    """Return the paths of the first `limit` documents of a root with slugs in a range."""
    rows = await database.find(
        collection,
        {"source.root": root, "_id": slugs},
        projection={"source.path": 1},
        sort=[("_id", 1)],
        limit=limit,
        hint=SOURCES,
    )
    return {row["_id"]: row["source"]["path"] for row in rows}
