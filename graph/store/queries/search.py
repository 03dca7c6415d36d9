"""Full-text search with MongoDB's text index on articles.

Words are stemmed and combined with "or". A `"phrase"` must occur, a `-word` must not. The
declarations in `graph.fields` define the searched fields and their weights.
"""

from __future__ import annotations

from typing import Any, Final

from graph.documents import ARTICLES
from graph.errors import Unsupported
from graph.store.driver.read_commands import Projection, Reader, Row
from graph.store.queries.filters import either
from graph.store.queries.pagination import PageQuery

SCORE: Final = "score"
"""The key of a search result that holds its relevance; higher is better."""


def require_server(database: Reader) -> None:
    """Raise Unsupported if the database has no text search."""
    if "$text" in database.lacks:
        raise Unsupported(
            "search: mongomock:// has no text index; serve from a MongoDB, or from embedded:"
        )


def clause(text: str) -> dict[str, Any]:
    """Return the filter for a text search."""
    return {"$text": {"$search": text, "$language": "english"}}


async def read(database: Reader, part: PageQuery, projection: Projection) -> list[Row]:
    """Read the rows of a page of search results, in one command."""
    require_server(database)
    stages: list[Row] = [
        {"$match": part.query},
        {"$set": {SCORE: {"$meta": "textScore"}}},
        *([{"$match": either(part.keyset_ranges)}] if part.keyset_ranges else []),
        {"$sort": dict(part.sort)},
        *part.skip,
        {"$limit": part.limit},
        {"$project": {**part.projection(projection), SCORE: 1}},
    ]
    return await database.aggregate(ARTICLES, stages)
