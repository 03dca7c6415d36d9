"""Writes: what a load does to the database, in the order in which it may be killed.

A load enters its name in the corpus before its first change in meaning, and takes it out when it
raises the revision after its last. Killed in between, it leaves the name, and the next load, even
one that finds nothing to write, gives what it wrote a new revision, derives everything anew and
raises the revision.

Two loads may run at once: each document is put in place whole, and whoever finishes later derives
what both have touched.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, NamedTuple
from uuid import uuid4

from graph.documents import (
    ARTICLES,
    AUTHORS,
    CORPUS,
    META,
    PROVIDERS,
    TAXONOMY,
    TOMBSTONES,
    TOPICS,
    Kind,
    LoadSummary,
    PendingLoad,
    Reason,
    TombstoneDocument,
)
from graph.store.driver.database import Database, Write, WriteFailure
from graph.store.driver.encoding import encode
from graph.store.driver.read_commands import Row
from graph.store.indexes import SOURCES, ensure_indexes
from graph.store.load import derive
from graph.store.load.affected_keys import EVERYTHING, FACTS, AffectedKeys
from graph.store.queries.articles import EVERYTHING as ANY_ARTICLE
from graph.store.queries.articles import PUBLISHED
from graph.store.revision import read_corpus

KINDS: dict[str, Kind] = {"topic": "topics", "organization": "providers", "author": "authors"}


class FileFingerprint(NamedTuple):
    """A stored document's kind, and the file that it was made of: see `FileDocument`.

    `size` and `mtime` are there if they were asked for.
    """

    kind: Kind
    hash: bytes
    size: int | None = None
    mtime: int | None = None


class Version(NamedTuple):
    """A stored document, as far as a new version of it is compared with it.

    `root` and `path` are those of the file that it was made of: see `SourceDocument`.
    """

    slug: str
    collection: str
    root: str
    path: str
    hash: str
    volatile_hash: str | None
    revision: int
    facts: Row

    @property
    def is_published(self) -> bool:
        """Whether it is an article that readers can see."""
        return self.collection == ARTICLES and bool(self.facts.get("published"))


@dataclass
class Load:
    """A load under way. `revision` is what its changes in meaning carry, `at` when it began.

    `first` says that nothing was stored then: there is nothing to compare with.
    """

    id: str
    revision: int
    at: datetime
    first: bool = False
    changed: bool = False
    touched: AffectedKeys = field(default_factory=AffectedKeys)


async def begin(database: Database) -> Load:
    """Start a load, and ensure the indexes.

    The first load of all ensures them when it ends: to sort all keys once is several times faster
    than to put each of them in its place.
    """
    corpus = await read_corpus(database)
    now = datetime.now(UTC)
    exact = now.replace(microsecond=now.microsecond // 1000 * 1000)  # what a BSON date holds
    first = not any([await database.find(name, {}, limit=1) for name in (ARTICLES, TAXONOMY)])
    if not first:
        await ensure_indexes(database)
    touched = AffectedKeys.all() if first else AffectedKeys()
    return Load(uuid4().hex, int(corpus["revision"]) + 1, exact, first, touched=touched)


async def mark_pending(database: Database, load: Load) -> None:
    """Say that the load is about to change something."""
    load.changed = True
    await database.update(META, {"_id": CORPUS}, {"$addToSet": {"pending": _pending(load)}})


async def stamps(
    database: Database, root: str, slugs: Sequence[str], *, times: bool = False
) -> dict[str, FileFingerprint]:
    """The stamps of those of these documents that were loaded from this root."""
    query = {"source.root": root, "_id": {"$in": list(slugs)}}
    names = ("hash", "size", "mtime") if times else ("hash",)
    projection = {f"source.file.{name}": 1 for name in names}
    found = {
        row["_id"]: FileFingerprint("articles", **row["source"]["file"])
        for row in await database.find(ARTICLES, query, projection=projection, hint=SOURCES)
    }
    if others := [slug for slug in slugs if slug not in found]:
        query["_id"] = {"$in": others}
        for row in await database.find(TAXONOMY, query, projection={**projection, "kind": 1}):
            found[row["_id"]] = FileFingerprint(KINDS[row["kind"]], **row["source"]["file"])
    return found


async def versions(database: Database, slugs: Sequence[str]) -> list[Version]:
    """The stored versions of these documents, from whatever root.

    A slug has two, in two collections, where a load was killed while its document moved.
    """
    names = ("root", "path", "hash", "volatileHash", "revision")
    source = {f"source.{name}": 1 for name in names}
    found: list[Version] = []
    for collection in (ARTICLES, TAXONOMY):
        query = {"_id": {"$in": list(slugs)}}
        for row in await database.find(collection, query, projection={**FACTS, **source}):
            origin = row.pop("source")
            file = origin["root"], origin["path"]
            stamp = origin["hash"], origin.get("volatileHash"), origin["revision"]
            found.append(Version(row["_id"], collection, *file, *stamp, row))
    return found


async def sources(
    database: Database, collection: str, root: str, slugs: Row, limit: int
) -> dict[str, str]:
    """The paths of the first `limit` documents from a root, by slug, whose slug is in a range."""
    rows = await database.find(
        collection,
        {"source.root": root, "_id": slugs},
        projection={"source.path": 1},
        sort=[("_id", 1)],
        limit=limit,
        hint=SOURCES,
    )
    return {row["_id"]: row["source"]["path"] for row in rows}


async def put(database: Database, collection: str, writes: Sequence[Write]) -> list[WriteFailure]:
    """Store documents; on return a majority of the servers has all but the refused ones."""
    return await database.write(collection, writes) if writes else []


async def remove(database: Database, collection: str, slugs: Sequence[str]) -> int:
    """Delete documents; how many there were."""
    return await database.delete(collection, {"_id": {"$in": list(slugs)}}) if slugs else 0


async def write_tombstones(
    database: Database, load: Load, slugs: Sequence[str], reason: Reason
) -> None:
    """Say of published articles that they will not be any more: before they change.

    A load that is killed in between has said too much, which does no harm: readers ask whether the
    article is there.
    """
    tombstones: list[TombstoneDocument] = [
        {"_id": slug, "reason": reason, "revision": load.revision, "loadedAt": load.at}
        for slug in slugs
    ]
    await put(
        database, TOMBSTONES, [Write(row["_id"], encode(row), new=False) for row in tombstones]
    )


async def finish(database: Database, load: Load, summary: LoadSummary) -> int:
    """Close a load; the revision that holds from now on.

    Where it changed something, a load was left pending, or another newsgraph derived what is
    derived, that is derived anew and the revision rises by one.
    """
    if load.first:
        await ensure_indexes(database)
    while True:
        corpus = await read_corpus(database)
        others = [entry for entry in corpus["pending"] if _load_of(entry) != load.id]
        outdated = corpus["revision"] > 0 and corpus.get("derivation") != derive.DERIVED_VERSION
        if not (load.changed or others or outdated):
            return int(corpus["revision"])
        revision = int(corpus["revision"]) + 1
        for entry in others:
            if isinstance(entry, dict):
                await _restamp(database, entry["revision"], entry["at"], revision)
        await _restamp_own(database, load, revision)
        touched = EVERYTHING if others or outdated else load.touched
        await derive.rebuild(database, revision, touched)
        done = [*corpus["pending"], _pending(load)]
        if await _raise_revision(database, revision, done, summary):
            return revision


def _pending(load: Load) -> PendingLoad:
    return {"id": load.id, "revision": load.revision, "at": load.at}


def _load_of(entry: PendingLoad | str) -> str:
    """The id of a pending load; before there were tombstones, that was all that was kept of it."""
    return entry if isinstance(entry, str) else entry["id"]


async def _restamp_own(database: Database, load: Load, revision: int) -> None:
    """Give our changes the revision that they will be seen under, if another load took ours.

    They are pending under that one first: a load that is killed here leaves them under both.
    """
    before, load.revision = load.revision, revision
    if load.changed and before != revision:
        await mark_pending(database, load)
        await _restamp(database, before, load.at, revision)


async def _restamp(database: Database, before: int, at: datetime, revision: int) -> None:
    """Give all that a load changed another revision than it carries."""
    if before == revision:
        return
    made = {"source.revision": before, "source.loadedAt": at}
    change = {"$set": {"source.revision": revision}}
    await database.change(ARTICLES, {**ANY_ARTICLE, **made}, change)
    await database.change(TAXONOMY, made, change)
    tombstones = {"revision": before, "loadedAt": at}
    await database.change(TOMBSTONES, tombstones, {"$set": {"revision": revision}})


async def _raise_revision(
    database: Database, revision: int, done: Sequence[PendingLoad | str], summary: LoadSummary
) -> bool:
    """Raise the revision to this one; False where another load has raised it meanwhile."""
    change: Row = {
        "$set": {
            "revision": revision,
            "derivation": derive.DERIVED_VERSION,
            "articleCount": await database.count(ARTICLES, PUBLISHED),
            "topicCount": await database.count(TOPICS, {}),
            "providerCount": await database.count(PROVIDERS, {}),
            "authorCount": await database.count(AUTHORS, {}),
            "lastLoad": dict(summary),
        },
        "$pull": {"pending": {"$in": list(done)}},
    }
    # `revision` is missing until the first load ends.
    before: Any = revision - 1 if revision > 1 else {"$in": [0, None]}
    return bool(await database.change(META, {"_id": CORPUS, "revision": before}, change))
