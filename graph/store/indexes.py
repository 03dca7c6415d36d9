"""The indexes that every query relies on: declared here, ensured at load, verified at start."""

from __future__ import annotations

from typing import Final

from pymongo import ASCENDING, DESCENDING, IndexModel

from graph.documents import ARTICLES, PROVIDERS, TAXONOMY, TOPICS
from graph.store.database import Database

SOURCES: Final = "sources"
"""The name of the index over where documents come from."""

_NEWEST: Final = [("publishedDateTime", DESCENDING), ("_id", DESCENDING)]
_MOST_ARTICLES: Final = [("articleCount", DESCENDING), ("_id", DESCENDING)]


def _newest_by(*fields: str) -> IndexModel:
    return IndexModel([*((field, ASCENDING) for field in fields), *_NEWEST])


# Covers what a reload and a prune ask of every document, so that they read none.
_SOURCES: Final = IndexModel(
    [
        ("source.root", ASCENDING),
        ("_id", ASCENDING),
        ("source.file.hash", ASCENDING),
        ("source.file.size", ASCENDING),
        ("source.file.mtime", ASCENDING),
        ("source.path", ASCENDING),
    ],
    name=SOURCES,
)

INDEXES: Final[dict[str, list[IndexModel]]] = {
    ARTICLES: [
        _newest_by("published"),
        _newest_by("published", "topics"),
        _newest_by("published", "provider.domain"),
        _newest_by("published", "type"),
        _newest_by("webUrl", "published"),
        IndexModel([("published", ASCENDING), ("quality", DESCENDING), ("_id", DESCENDING)]),
        IndexModel([("published", ASCENDING), ("heat", DESCENDING), ("_id", DESCENDING)]),
        IndexModel([("published", ASCENDING), ("related.provider.domain", ASCENDING)]),
        _SOURCES,
    ],
    TAXONOMY: [
        IndexModel([("kind", ASCENDING), ("name", ASCENDING)]),
        IndexModel([("kind", ASCENDING), ("domain", ASCENDING)]),
        _SOURCES,
    ],
    TOPICS: [
        IndexModel(_MOST_ARTICLES),
        IndexModel([("slug", ASCENDING)]),
        IndexModel([("parent", ASCENDING)]),
    ],
    PROVIDERS: [
        IndexModel(_MOST_ARTICLES),
        IndexModel([("domain", ASCENDING), *_MOST_ARTICLES]),
        IndexModel([("name", ASCENDING), ("_id", ASCENDING)]),
    ],
}


async def ensure_indexes(database: Database) -> None:
    """Make the indexes that are missing."""
    for collection, indexes in INDEXES.items():
        await database.create_indexes(collection, indexes)


async def missing_indexes(database: Database) -> list[str]:
    """The declared indexes that the database lacks, as `collection.name`."""
    missing = []
    for collection, indexes in INDEXES.items():
        present = await database.index_names(collection)
        names = [str(index.document["name"]) for index in indexes]
        missing += [f"{collection}.{name}" for name in names if name not in present]
    return missing
