"""The cursors that a server keeps open, whether or not a command is reading from them."""

from __future__ import annotations

from graph.store.driver.database import Database


async def open_cursors(database: Database, collection: str) -> list[int]:
    """The ids of those of one collection: servers of other tests keep theirs on the same mongod."""
    mine = {"ns": f"{database._handle.name}.{collection}", "cursor": {"$exists": True}}
    pipeline = [{"$currentOp": {"idleCursors": True}}, {"$match": mine}]
    admin = database._handle.client["admin"]
    found = await admin.command({"aggregate": 1, "pipeline": pipeline, "cursor": {}})
    return [each["cursor"]["cursorId"] for each in found["cursor"]["firstBatch"]]
