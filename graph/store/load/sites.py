"""Store what the sources of a corpus say of their sites for readers."""

from __future__ import annotations

from collections.abc import Sequence

from graph.documents import ARTICLES, CORPUS, META, TAXONOMY, SourceSite
from graph.store.driver.database import Database
from graph.store.driver.read_commands import Row
from graph.store.indexes import SOURCES
from graph.store.revision import read_corpus


async def record_sites(database: Database, sites: Sequence[SourceSite]) -> None:
    """Store what these sources say now, and forget the sources that have no documents any more.

    The revision stays: nothing in the API depends on it.
    """
    while True:
        before = (await read_corpus(database)).get("sites", [])
        by_root = {site["root"]: site for site in (*before, *sites)}
        after = [
            site
            for root, site in sorted(by_root.items())
            if len(site) > 1 and await _has_documents(database, root)
        ]
        if after == before:
            return
        query: Row = {"_id": CORPUS, "sites": before or None}  # another load may have changed it
        change: Row = {"$set": {"sites": after}} if after else {"$unset": {"sites": ""}}
        if await database.change(META, query, change):
            return


async def _has_documents(database: Database, root: str) -> bool:
    for collection in (ARTICLES, TAXONOMY):
        query = {"source.root": root}
        if await database.find(collection, query, projection={"_id": 1}, limit=1, hint=SOURCES):
            return True
    return False
