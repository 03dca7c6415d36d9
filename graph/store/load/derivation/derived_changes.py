"""Store derived topics, providers and authors, each with the revision that last changed it.

A derivation stores the new version of an existing document in its field `next`. Once all versions
are stored, `replace_changed` replaces the documents that differ, with a new `changedRevision`. So
all documents change together, and readers of `changes` miss none. What a derivation has stored has
its revision until then: documents without it are not derived any more.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from graph.documents import (
    AUTHORS,
    PROVIDERS,
    TOMBSTONES,
    TOPICS,
    NodeTypeName,
    TombstoneDocument,
    tombstone_id,
)
from graph.store.driver.database import Database
from graph.store.driver.read_commands import Row

COLLECTIONS: Final[Mapping[NodeTypeName, str]] = {
    "Topic": TOPICS,
    "Provider": PROVIDERS,
    "Author": AUTHORS,
}
_REVISION_FIELDS: Final = ("revision", "changedRevision", "next")
"""What is no part of a document's meaning."""
_UNFINISHED: Final[Row] = {"$or": [{"next": {"$exists": True}}, {"revision": {"$exists": True}}]}


def derived_document(objects: list[Any], revision: int) -> Row:
    """Return the stage that builds a derived document from a group and `objects`."""
    derived = {
        "_id": "$_id",
        "articleCount": "$articleCount",
        "latest": "$latest",
        "revision": {"$literal": revision},
        "changedRevision": {"$literal": revision},
    }
    return {"$replaceWith": {"$mergeObjects": [*objects, derived]}}


def merge_into(collection: str) -> Row:
    """Return the stage that stores derived documents."""
    return {"$merge": {"into": collection, "whenMatched": [{"$set": {"next": "$$new"}}]}}


async def merge_rows(database: Database, collection: str, rows: list[Row]) -> None:
    """Store derived documents as `merge_into` does, in a database without `$merge`."""
    if not rows:
        return
    keys = [row["_id"] for row in rows]
    found = await database.find(collection, {"_id": {"$in": keys}})
    stored = {row["_id"]: row for row in found}
    rows_to_store = [
        {**stored[row["_id"]], "next": row} if row["_id"] in stored else row for row in rows
    ]
    await database.replace(collection, rows_to_store)


async def discard_unfinished(database: Database) -> None:
    """Discard what an interrupted derivation left."""
    for collection in COLLECTIONS.values():
        change = {"$unset": {"next": True, "revision": True}}
        await database.change(collection, _UNFINISHED, change)


async def remove_unreferenced(
    database: Database, kind: NodeTypeName, affected: Row, revision: int
) -> None:
    """Remove the documents of a filter that were not derived again: nothing refers to them."""
    outdated = {**affected, "next.revision": {"$ne": revision}, "revision": {"$ne": revision}}
    await remove(database, kind, outdated, revision)


async def remove(database: Database, kind: NodeTypeName, query: Row, revision: int) -> None:
    """Remove derived documents, and first write tombstones for those that readers may have seen."""
    collection = COLLECTIONS[kind]
    rows = await database.find(collection, query, projection={"revision": 1})
    tombstones = [
        TombstoneDocument(
            _id=tombstone_id(kind, row["_id"]),
            type=kind,
            key=row["_id"],
            reason="removed",
            revision=revision,
        )
        for row in rows
        if row.get("revision") != revision
    ]
    await database.replace(TOMBSTONES, tombstones)
    if rows:
        await database.delete(collection, query)


async def replace_changed(
    database: Database, kind: NodeTypeName, affected: Row, revision: int
) -> None:
    """Replace the documents of a filter by their new versions, where these differ."""
    collection, unfinished = COLLECTIONS[kind], {**affected, **_UNFINISHED}
    if "$merge" in database.lacks:
        rows = await database.find(collection, unfinished)
        await database.replace(collection, [_replaced(row, revision) for row in rows])
        return
    replacement: Row = {"$mergeObjects": ["$next", {"changedRevision": revision}]}
    is_unchanged: Row = {
        "$setEquals": [_content_expression("$$ROOT"), _content_expression("$next")]
    }
    is_new: Row = {"$eq": [{"$type": "$next"}, "missing"]}
    change: list[Row] = [
        {
            "$replaceWith": {
                "$switch": {
                    "branches": [
                        {"case": is_new, "then": "$$ROOT"},
                        {"case": is_unchanged, "then": "$$ROOT"},
                    ],
                    "default": replacement,
                }
            }
        },
        {"$unset": ["next", "revision"]},
    ]
    await database.change(collection, unfinished, change)


async def restamp(database: Database, before: int, revision: int) -> None:
    """Give the changes since revision `before`, which is not complete, another revision.

    Loads that run at the same time derive the same documents, so changes of another load may be
    among them. Clients then read these twice.
    """
    for collection in COLLECTIONS.values():
        since = {"changedRevision": {"$gte": before}}
        await database.change(collection, since, {"$set": {"changedRevision": revision}})
    tombstones = {"type": {"$in": sorted(COLLECTIONS)}, "revision": {"$gte": before}}
    await database.change(TOMBSTONES, tombstones, {"$set": {"revision": revision}})


def _content_expression(document: str) -> Row:
    """Return the expression for what a document says: a set, as the order does not matter."""
    is_content = {"$not": {"$in": ["$$field.k", list(_REVISION_FIELDS)]}}
    fields = {"$objectToArray": document}
    return {"$filter": {"input": fields, "as": "field", "cond": is_content}}


def _replaced(row: Row, revision: int) -> Row:
    """Return what `replace_changed` makes of a document, in Python."""
    derived = row.get("next")
    changed = row.get("changedRevision")
    if derived is not None and _content(row) != _content(derived):
        row, changed = derived, revision
    return {**_content(row), "changedRevision": changed}


def _content(row: Mapping[str, Any]) -> Row:
    return {key: row[key] for key in row if key not in _REVISION_FIELDS}
