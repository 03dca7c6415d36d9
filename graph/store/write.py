"""Writes: what a load does to the database, in the order in which it may be killed.

A load that changes something marks the corpus as pending before its first write and raises the
revision after its last. Killed in between, it leaves the mark, and the next load, even one that
finds nothing to write, rebuilds what is derived and raises the revision.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from graph.documents import ARTICLES, CORPUS, META, LoadSummary
from graph.store import taxonomy
from graph.store.articles import PUBLISHED
from graph.store.database import Database, Row
from graph.store.indexes import ensure_indexes
from graph.store.revision import read_corpus


class Stamp(NamedTuple):
    """How a stored document tells whether its file changed; see `graph.documents`."""

    hash: str
    digest: str
    revision: int


async def begin(database: Database) -> int:
    """Ensure the indexes; the revision that this load's changes in meaning will carry."""
    await ensure_indexes(database)
    return int((await read_corpus(database))["revision"]) + 1


async def mark_pending(database: Database) -> None:
    """Say that a load is about to change something."""
    await database.update(META, {"_id": CORPUS}, {"$set": {"pending": True}})


async def stamps(database: Database, collection: str, ids: Sequence[str]) -> dict[str, Stamp]:
    """The stamps of those of these documents that are stored."""
    projection = {"source.hash": 1, "source.digest": 1, "source.revision": 1}
    rows = await database.find(collection, {"_id": {"$in": list(ids)}}, projection=projection)
    return {row["_id"]: Stamp(**row["source"]) for row in rows}


async def replace(
    database: Database, collection: str, documents: Sequence[Mapping[str, Any]]
) -> None:
    """Store documents; returns once a majority of the servers has them."""
    await database.replace(collection, documents)


async def finish(database: Database, summary: LoadSummary, changed: bool) -> int:
    """Close a load; the revision that holds from now on.

    Where something changed, or an earlier load was left pending, topics and providers are derived
    anew and the revision rises by one.
    """
    corpus = await read_corpus(database)
    if not changed and not corpus["pending"]:
        return int(corpus["revision"])
    revision = int(corpus["revision"]) + 1
    await taxonomy.rebuild(database, revision)
    change: Row = {
        "$inc": {"revision": 1},
        "$set": {
            "pending": False,
            "articleCount": await database.count(ARTICLES, PUBLISHED),
            "lastLoad": dict(summary),
        },
    }
    await database.update(META, {"_id": CORPUS}, change)
    return revision
