"""Add the folded names to derived topics, providers and authors: MongoDB cannot fold text."""

from __future__ import annotations

from graph.documents import NodeTypeName
from graph.fields.folding import folded_key
from graph.store.driver.database import Database
from graph.store.driver.read_commands import Row
from graph.store.load.derivation.derived_changes import COLLECTIONS


async def add_folded_names(database: Database, kind: NodeTypeName, affected: Row) -> None:
    """Add the folded names to what was derived of a filter; see `derived_changes`."""
    derived = {"next": {"$exists": True}, "next.foldedName": {"$exists": False}}
    new = {"next": {"$exists": False}, "foldedName": {"$exists": False}}
    names = ("name", "domain", "next._id", "next.name", "next.domain")
    rows = await database.find(
        COLLECTIONS[kind], {**affected, "$or": [derived, new]}, projection=dict.fromkeys(names, 1)
    )
    changes: dict[bool, dict[str, Row]] = {False: {}, True: {}}
    for row in rows:
        changes["next" in row][row["_id"]] = {"$set": _folded(row, kind)}
    for is_next, each in changes.items():
        # Another load may have settled them meanwhile.
        await database.change_each(COLLECTIONS[kind], each, {"next": {"$exists": is_next}})


def _folded(row: Row, kind: NodeTypeName) -> Row:
    prefix = "next." if "next" in row else ""
    derived: Row = row.get("next", row)
    name = row["_id"] if kind == "Topic" else derived.get("name")
    folded = {f"{prefix}foldedName": folded_key(name or "")}
    if "domain" in derived:
        folded[f"{prefix}foldedDomain"] = folded_key(derived["domain"])
    return folded
