"""Find articles whose scheduled time of publication or expiry has come, or comes next."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final, NamedTuple

from graph.documents import ARTICLES
from graph.store.driver.database import Database
from graph.store.driver.read_commands import Row

_DUE: Final = "source.due"


class DueArticle(NamedTuple):
    """A stored article, and the root and path of its file.

    `is_over` says that it is still published although its time is over.
    """

    slug: str
    root: str
    path: str
    is_over: bool


async def due_articles(database: Database, now: datetime) -> list[DueArticle]:
    """Return the articles, from any root, that must be published or unpublished by this time."""
    rows = await database.find(
        ARTICLES,
        {_DUE: {"$lte": now}},
        projection={"source.root": 1, "source.path": 1, "published": 1, "expiryDate": 1},
    )
    return [_due_article(row, now) for row in rows]


def _due_article(row: Row, now: datetime) -> DueArticle:
    expiry = row.get("expiryDate")
    is_over = bool(row.get("published")) and expiry is not None and expiry <= now
    return DueArticle(row["_id"], row["source"]["root"], row["source"]["path"], is_over)


async def next_due(database: Database, roots: Sequence[str], after: datetime) -> datetime | None:
    """Return the next time after `after` when an article of these roots must change, or None."""
    rows = await database.find(
        ARTICLES,
        {_DUE: {"$gt": after}, "source.root": {"$in": list(roots)}},
        projection={_DUE: 1},
        sort=[(_DUE, 1)],
        limit=1,
    )
    due: datetime | None = rows[0]["source"]["due"] if rows else None
    return due
