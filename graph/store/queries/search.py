"""Full-text search, on MongoDB's text index over articles.

Words are joined by or, and stemmed; `"phrases"` must occur, `-words` must not. The
declarations in `graph.fields` say what is searched, and with which weights.
"""

from __future__ import annotations

from typing import Any, Final

from graph.documents import ARTICLES
from graph.errors import Unsupported
from graph.store.driver.read_commands import Projection, Reader, Row
from graph.store.queries.filters import either
from graph.store.queries.pagination import PageQuery

SCORE: Final = "score"
"""The key of a found row that holds how well it fits: higher is better."""


def require_server(database: Reader) -> None:
    """Raise Unsupported for a database that cannot search."""
    if "$text" in database.lacks:
        raise Unsupported(
            "search: mongomock:// has no text index; serve from a MongoDB, or from embedded:"
        )


def clause(text: str) -> dict[str, Any]:
    """The part of a filter that searches."""
    return {"$text": {"$search": text, "$language": "english"}}


async def read(database: Reader, part: PageQuery, projection: Projection) -> list[Row]:
    """The rows of a searched list's page, in one command."""
    require_server(database)
    stages: list[Row] = [
        {"$match": part.query},
        {"$set": {SCORE: {"$meta": "textScore"}}},
        *([{"$match": either(part.keyset_ranges)}] if part.keyset_ranges else []),
        {"$sort": dict(part.sort)},
        {"$limit": part.limit},
        {"$project": {**part.projection(projection), SCORE: 1}},
    ]
    return await database.aggregate(ARTICLES, stages)
