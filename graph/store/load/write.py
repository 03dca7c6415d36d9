"""Write to the database, in an order that is safe if the load is killed at any point.

Before its first change, a load adds its name to `pending` in the corpus document. It removes the
name when it raises the revision, after its last change. If it is killed in between, the name
remains. The next load, even if it has nothing to write, then gives those changes a new revision,
derives everything again and raises the revision.

Two loads may run concurrently: documents are replaced as a whole, and the load that finishes last
derives what both have changed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import uuid4

from graph.documents import (
    ARTICLE_TOMBSTONES,
    ARTICLES,
    AUTHORS,
    CORPUS,
    META,
    PROVIDERS,
    TAXONOMY,
    TOMBSTONES,
    TOPICS,
    CorpusDocument,
    LoadSummary,
    PendingLoad,
    RaisedRevision,
    Reason,
    TombstoneDocument,
    TombstoneType,
    tombstone_id,
)
from graph.store.driver.bulk_writes import Write, WriteFailure
from graph.store.driver.database import Database
from graph.store.driver.encoding import encode
from graph.store.driver.read_commands import Row
from graph.store.indexes import ARTICLE_REVISIONS, ensure_indexes
from graph.store.load.affected_keys import EVERYTHING, AffectedKeys
from graph.store.load.clock import utc_now
from graph.store.load.derivation import derive, derived_changes
from graph.store.queries.articles import EVERYTHING as ANY_ARTICLE
from graph.store.queries.articles import PUBLISHED
from graph.store.revision import read_corpus

HISTORY_LENGTH: Final = 100
"""How many revisions the corpus document names."""

_TOTALS: Final[dict[str, tuple[str, Row]]] = {
    "articleCount": (ARTICLES, PUBLISHED),
    "topicCount": (TOPICS, {}),
    "providerCount": (PROVIDERS, {}),
    "authorCount": (AUTHORS, {}),
}


@dataclass
class Load:
    """A load in progress.

    `id` also names the revision that the load makes: it makes one at most. `revision` is stored
    with each of its changes, and `is_first` says that the database was empty then, so there is
    nothing to compare with. `batches` counts the batches of changes that it has made.
    """

    id: str
    revision: int
    began_at: datetime
    is_first: bool = False
    changed: bool = False
    batches: int = 0
    affected: AffectedKeys = field(default_factory=AffectedKeys)


async def begin(database: Database, now: datetime | None = None) -> Load:
    """Start a load at `now`, by default the current time, and ensure the indexes.

    The first load ensures them at its end, because building an index in one go is several times
    faster than updating it with every document.
    """
    corpus = await read_corpus(database)
    first = corpus["revision"] == 0 and await _is_empty(database)
    if not first:
        await ensure_indexes(database)
    affected = AffectedKeys.all() if first else AffectedKeys()
    return Load(
        uuid4().hex, int(corpus["revision"]) + 1, now or utc_now(), first, affected=affected
    )


async def _is_empty(database: Database) -> bool:
    return not any([await database.find(name, {}, limit=1) for name in (ARTICLES, TAXONOMY)])


async def mark_pending(database: Database, load: Load) -> None:
    """Record that the load is about to change documents."""
    await _add_pending(database, _pending(load))
    load.changed = True


async def mark_pending_again(database: Database, load: Load) -> None:
    """Record that the load has changed documents, after it did.

    Another load that has ended since may have missed these changes, and has removed the entry. The
    new entry differs, so that a load that is just ending does not remove it.
    """
    before = _pending(load)
    load.batches += 1
    await _add_pending(database, _pending(load))
    await database.update(META, {"_id": CORPUS}, {"$pull": {"pending": {"$in": [before]}}})


async def _add_pending(database: Database, entry: PendingLoad) -> None:
    await database.update(META, {"_id": CORPUS}, {"$addToSet": {"pending": entry}})


async def put(database: Database, collection: str, writes: Sequence[Write]) -> list[WriteFailure]:
    """Store documents. Return those that the database rejected; all others are stored by a
    majority.
    """
    return await database.write(collection, writes) if writes else []


async def remove(database: Database, collection: str, slugs: Sequence[str]) -> int:
    """Delete documents. Return how many there were."""
    return await database.delete(collection, {"_id": {"$in": list(slugs)}}) if slugs else 0


async def unpublish(database: Database, load: Load, slugs: Sequence[str]) -> None:
    """Unpublish articles whose time is over, although their files could not be loaded."""
    change: Row = {
        "$set": {
            "published": False,
            "source.revision": load.revision,
            "source.loadedAt": load.began_at,
        },
        "$unset": {"source.due": ""},
    }
    query = {"_id": {"$in": list(slugs)}, **PUBLISHED}
    # An update reads no snapshot, but no other load moves an article within the index on `_id`.
    await database.change(ARTICLES, query, change, hint="_id_")


async def write_tombstones(
    database: Database,
    load: Load,
    slugs: Sequence[str],
    reason: Reason,
    tombstone_type: TombstoneType = "Article",
) -> None:
    """Write tombstones for articles, before they are unpublished or removed.

    If the load is killed before it changes the article, the tombstone does no harm: readers check
    whether the article still exists.
    """
    tombstones: list[TombstoneDocument] = [
        {
            "_id": tombstone_id(tombstone_type, slug),
            "type": tombstone_type,
            "key": slug,
            "reason": reason,
            "revision": load.revision,
            "loadedAt": load.began_at,
        }
        for slug in slugs
    ]
    await put(
        database, TOMBSTONES, [Write(row["_id"], encode(row), new=False) for row in tombstones]
    )


async def finish(database: Database, load: Load, summary: LoadSummary) -> int:
    """Finish a load. Return the revision of the corpus.

    If the load changed something, another load is pending, or the derivation has a new version, the
    collections are derived again and the revision is raised by one. If that fails, the load may be
    finished again: it never raises the revision twice.
    """
    if load.is_first:
        await ensure_indexes(database)
    while True:
        corpus = await read_corpus(database)
        raised = _raised_by(load, corpus)
        if raised is not None:
            if await _confirm(database, load):
                return raised
            continue
        others = [entry for entry in corpus["pending"] if entry["id"] != load.id]
        outdated = corpus["revision"] > 0 and _is_outdated(corpus)
        if not (load.changed or others or outdated):
            return int(corpus["revision"])
        if not load.changed:
            await mark_pending(database, load)
        revision = int(corpus["revision"]) + 1
        for entry in others:
            await _restamp(database, entry["revision"], entry["at"], revision)
        if load.revision != revision:
            # Another load that ended since this one began may have changed the same documents.
            load.affected = AffectedKeys.all()
        await _restamp_load(database, load, revision)
        if others:
            await derived_changes.discard_unfinished(database)
        affected = EVERYTHING if others or outdated else load.affected
        await derive.rebuild(database, revision, affected)
        done = [*corpus["pending"], _pending(load)]
        name = corpus.get("id") or uuid4().hex
        raising: RaisedRevision = {"revision": revision, "id": load.id}
        if await _raise_revision(database, name, raising, done, summary):
            return revision


def _raised_by(load: Load, corpus: CorpusDocument) -> int | None:
    """Return the revision that a load has made, or None if it is not among the last.

    The load does not know of it if the reply was lost, or if the primary stepped down.
    """
    history: list[RaisedRevision] = corpus.get("history", [])
    return next((raised["revision"] for raised in history if raised["id"] == load.id), None)


async def _confirm(database: Database, load: Load) -> bool:
    """Wait until a majority has the revision that a load has made. Return False if it is gone.

    A primary that has stepped down may have lost it.
    """
    query: Row = {"_id": CORPUS, "history.id": load.id}
    return bool(await database.change(META, query, {"$pull": {"pending": {"id": load.id}}}))


def _is_outdated(corpus: CorpusDocument) -> bool:
    """Whether the corpus was derived by other rules, or has no id: see docs/deployment.md."""
    return corpus.get("derivation") != derive.DERIVED_VERSION or "id" not in corpus


def _pending(load: Load) -> PendingLoad:
    entry: PendingLoad = {"id": load.id, "revision": load.revision, "at": load.began_at}
    if load.batches:
        entry["batch"] = load.batches
    return entry


async def _restamp_load(database: Database, load: Load, revision: int) -> None:
    """Give the load's changes another revision if another load has taken theirs.

    The load is first marked as pending with the new revision, so that if it is killed, both
    revisions are found.
    """
    if load.revision != revision:
        await _add_pending(database, {**_pending(load), "revision": revision})
        await _restamp(database, load.revision, load.began_at, revision)
        load.revision = revision


async def _restamp(database: Database, before: int, at: datetime, revision: int) -> None:
    """Change the revision of everything that a load has changed."""
    if before == revision:
        return
    await derived_changes.restamp(database, before, revision)
    changed_by_load = {"source.revision": before, "source.loadedAt": at}
    change = {"$set": {"source.revision": revision}}
    articles = {**ANY_ARTICLE, **changed_by_load}
    await database.change(ARTICLES, articles, change, hint=ARTICLE_REVISIONS)
    await database.change(TAXONOMY, changed_by_load, change)
    tombstones = {"type": {"$in": ARTICLE_TOMBSTONES}, "revision": before, "loadedAt": at}
    await database.change(TOMBSTONES, tombstones, {"$set": {"revision": revision}})


async def _raise_revision(
    database: Database,
    name: str,
    raised: RaisedRevision,
    done: Sequence[PendingLoad],
    summary: LoadSummary,
) -> bool:
    """Raise the revision. Return False if another load has raised it in the meantime."""
    revision = raised["revision"]
    change: Row = {
        "$set": {
            "id": name,
            "revision": revision,
            "derivation": derive.DERIVED_VERSION,
            **await _totals(database),
            "lastLoad": dict(summary),
        },
        "$push": {"history": {"$each": [raised], "$slice": -HISTORY_LENGTH}},
        "$pull": {"pending": {"$in": list(done)}},
    }
    # The corpus has no `revision` until the first load ends.
    before: Any = revision - 1 if revision > 1 else {"$in": [0, None]}
    return bool(await database.change(META, {"_id": CORPUS, "revision": before}, change))


async def _totals(database: Database) -> dict[str, int]:
    """Return how many articles, topics, providers and authors are published, in one command."""
    if "$unionWith" in database.lacks:
        return {name: await database.count(*counted) for name, counted in _TOTALS.items()}
    counts = {
        name: [{"$match": query}, {"$group": {"_id": name, "n": {"$sum": 1}}}]
        for name, (_, query) in _TOTALS.items()
    }
    unions: list[Row] = [
        {"$unionWith": {"coll": collection, "pipeline": counts[name]}}
        for name, (collection, _) in _TOTALS.items()
        if collection != ARTICLES
    ]
    rows = await database.aggregate(ARTICLES, [*counts["articleCount"], *unions])
    return dict.fromkeys(_TOTALS, 0) | {row["_id"]: row["n"] for row in rows}
