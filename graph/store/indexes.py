"""The indexes that the queries use: created by a load, verified by the server."""

from __future__ import annotations

from typing import Final

from pymongo import ASCENDING, DESCENDING, IndexModel
from pymongo.collation import Collation, CollationStrength

from graph.documents import (
    ARTICLES,
    AUTHORS,
    COUNTS,
    PROVIDERS,
    TAXONOMY,
    TOMBSTONES,
    TOPICS,
)
from graph.fields.article_document import (
    INDEXED_PATHS,
    ArticleDocument,
)
from graph.fields.declaration import StoredField, fields_of
from graph.store.driver.database import Database

SOURCES: Final = "sources"
"""The name of the index on the sources of documents."""

ARTICLE_REVISIONS: Final = "published_1_source.revision_1__id_1"
"""The name of the index of articles by the revision that last changed them."""

_NEWEST: Final = [("publishedDateTime", DESCENDING), ("_id", DESCENDING)]
_MOST_ARTICLES: Final = [("articleCount", DESCENDING), ("_id", DESCENDING)]
_LAST_CHANGED: Final = IndexModel([("changedRevision", ASCENDING), ("_id", ASCENDING)])

_BY_NAME: Final = [("foldedName", ASCENDING), ("_id", ASCENDING)]


def _newest_by(*fields: str) -> IndexModel:
    return IndexModel([*((field, ASCENDING) for field in fields), *_NEWEST])


def _ordered_by(field: StoredField) -> IndexModel:
    direction = ASCENDING if field.type is str else DESCENDING
    ties = [("publishedDateTime", direction), ("_id", direction)]
    return IndexModel([("published", ASCENDING), (field.compared, direction), *ties])


_ORDERED: Final = [
    _ordered_by(field)
    for field in fields_of(ArticleDocument)
    if field.declaration.order and field.name != "publishedDateTime"  # it breaks all ties
]

ANY_CASE: Final = Collation("en", strength=CollationStrength.SECONDARY)
"""A collation that ignores case."""

# Covers the queries of a reload and a prune for all documents, so that they read no document.
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

_BY_REVISION: Final = IndexModel(
    [("published", ASCENDING), ("source.revision", ASCENDING), ("_id", ASCENDING)],
    name=ARTICLE_REVISIONS,
)

# Covers the reads of all published articles by slug.
_BY_SLUG: Final = IndexModel(
    [("published", ASCENDING), ("_id", ASCENDING), ("updatedDateTime", ASCENDING)]
)

# Sparse: few articles have a time at which they are to be published or unpublished.
_DUE: Final = IndexModel([("source.due", ASCENDING)], name="due", sparse=True)

INDEXES: Final[dict[str, list[IndexModel]]] = {
    ARTICLES: [
        _newest_by("published"),
        *(_newest_by("published", path) for path in INDEXED_PATHS),
        _newest_by("urlKey", "published"),
        _newest_by("published", "provider.domain", "provider.name"),
        _newest_by("published", "related.urlKey"),
        _newest_by("published", "authors.slug"),
        _newest_by("published", "items"),
        *_ORDERED,
        IndexModel([("published", ASCENDING), ("related.provider.domain", ASCENDING)]),
        _BY_REVISION,
        _BY_SLUG,
        _SOURCES,
        _DUE,
    ],
    TAXONOMY: [
        IndexModel([("kind", ASCENDING), ("name", ASCENDING)]),
        IndexModel([("kind", ASCENDING), ("domain", ASCENDING)]),
        IndexModel([("kind", ASCENDING), ("slug", ASCENDING)]),
        _SOURCES,
    ],
    TOPICS: [
        IndexModel(_MOST_ARTICLES),
        IndexModel([("slug", ASCENDING), *_MOST_ARTICLES]),
        IndexModel([("parent", ASCENDING), *_BY_NAME]),
        IndexModel(_BY_NAME),
        IndexModel([("latest", DESCENDING), ("_id", DESCENDING)]),
        IndexModel([("hashtags", ASCENDING)], collation=ANY_CASE),
        _LAST_CHANGED,
    ],
    PROVIDERS: [
        IndexModel(_MOST_ARTICLES),
        IndexModel([("domain", ASCENDING), *_MOST_ARTICLES]),
        IndexModel([("foldedDomain", ASCENDING), *_MOST_ARTICLES]),
        IndexModel(_BY_NAME),
        IndexModel([("latest", DESCENDING), ("_id", DESCENDING)]),
        _LAST_CHANGED,
    ],
    AUTHORS: [
        IndexModel(_MOST_ARTICLES),
        IndexModel([("slug", ASCENDING), *_MOST_ARTICLES]),
        IndexModel(_BY_NAME),
        IndexModel([("latest", DESCENDING), ("_id", DESCENDING)]),
        _LAST_CHANGED,
    ],
    COUNTS: [IndexModel([("kind", ASCENDING), ("value", ASCENDING)])],
    TOMBSTONES: [
        IndexModel([("type", ASCENDING), ("revision", ASCENDING), ("_id", ASCENDING)]),
    ],
}


async def ensure_indexes(database: Database) -> None:
    """Create the missing indexes."""
    for collection, indexes in INDEXES.items():
        await database.create_indexes(collection, indexes)


async def missing_indexes(database: Database) -> list[str]:
    """Return the missing indexes, as `collection.name`."""
    missing = []
    for collection, indexes in INDEXES.items():
        names = [str(index.document["name"]) for index in indexes]
        lacking = await database.missing_indexes(collection, names)
        missing += [f"{collection}.{name}" for name in lacking]
    return missing
