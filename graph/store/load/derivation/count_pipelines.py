"""The aggregation pipelines that count articles by type and by month."""

from __future__ import annotations

from datetime import MAXYEAR, UTC, datetime, timedelta
from typing import Any

from graph.documents import COUNTS, CountKind
from graph.store.driver.read_commands import Row
from graph.store.queries.filters import within


def type_pipeline(revision: int, types: set[str] | None = None) -> list[Row]:
    """Return the pipeline to the counts by type. `types` limits it; None stands for all."""
    typed = {"type": {"$type": "string"}} if types is None else within("type", types)
    return _counted("type", typed, "$type", revision)


def month_pipeline(revision: int, months: set[str] | None = None) -> list[Row]:
    """Return the pipeline to the counts by month. `months` limits it; None stands for all."""
    dated: Row = {"publishedDateTime": {"$type": "date"}}
    if months is not None:
        dated = {"$or": [{"publishedDateTime": _span(month)} for month in sorted(months)]}
    month = {"$dateToString": {"date": "$publishedDateTime", "format": "%Y-%m"}}
    return _counted("month", dated, month, revision)


def _span(month: str) -> Row:
    """Return the range of dates in a month."""
    first = datetime(int(month[:4]), int(month[5:]), 1, tzinfo=UTC)
    if (first.year, first.month) == (MAXYEAR, 12):
        return {"$gte": first}
    following = first + timedelta(days=31)
    return {"$gte": first, "$lt": following.replace(day=1)}


def _counted(kind: CountKind, matched: Row, value: Any, revision: int) -> list[Row]:
    return [
        {"$match": {"published": True, **matched}},
        {"$group": {"_id": value, "articleCount": {"$sum": 1}}},
        {
            "$project": {
                "_id": {"$concat": [f"{kind}:", "$_id"]},
                "kind": {"$literal": kind},
                "value": "$_id",
                "articleCount": 1,
                "revision": {"$literal": revision},
            }
        },
        {"$merge": {"into": COUNTS, "whenMatched": "replace"}},
    ]
