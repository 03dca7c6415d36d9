"""Add the folded names to derived topics, providers and authors: MongoDB cannot fold text."""

from __future__ import annotations

from graph.documents import NodeTypeName
from graph.fields.folding import folded_key
from graph.store.driver.database import Database
from graph.store.driver.read_commands import Row
from graph.store.load.derivation.derived_changes import COLLECTIONS


async def fold(database: Database, kind: NodeTypeName, affected: Row) -> None:
    """Add the folded names to what was derived of a filter; see `derived_changes`."""
    for is_next in (True, False):
        prefix = "next." if is_next else ""
        derived = {"next": {"$exists": is_next}}
        name = "_id" if kind == "Topic" else f"{prefix}name"
        rows = await database.find(
            COLLECTIONS[kind],
            {**affected, **derived, f"{prefix}foldedName": {"$exists": False}},
            projection={"_id": 1, name: 1, f"{prefix}domain": 1},
        )
        changes = {row["_id"]: {"$set": _folded(row, kind, prefix)} for row in rows}
        # Another load may have settled them meanwhile.
        await database.change_each(COLLECTIONS[kind], changes, derived)


def _folded(row: Row, kind: NodeTypeName, prefix: str) -> Row:
    derived: Row = row.get("next", {}) if prefix else row
    name = row["_id"] if kind == "Topic" else derived.get("name")
    folded = {f"{prefix}foldedName": folded_key(name or "")}
    if "domain" in derived:
        folded[f"{prefix}foldedDomain"] = folded_key(derived["domain"])
    return folded
