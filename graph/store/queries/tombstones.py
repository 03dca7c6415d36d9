"""Reads of tombstones."""

from __future__ import annotations

from graph.documents import TOMBSTONES, tombstone_id
from graph.store.driver.read_commands import Reader


async def was_published(database: Reader, slug: str) -> bool:
    """Return whether an article was published, and then removed or unpublished."""
    key = {"_id": tombstone_id("Article", slug)}
    return bool(await database.find(TOMBSTONES, key, projection={"_id": 1}, limit=1))
