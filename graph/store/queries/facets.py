"""Facets: the number of articles of a list by topic, provider, author, type, year and month."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, Literal

from graph.documents import ARTICLES, AUTHORS, COUNTS, PROVIDERS, TOPICS
from graph.errors import Unsupported
from graph.store.driver.read_commands import Reader, Row
from graph.store.queries.articles import ArticleQuery

Facet = Literal["topics", "providers", "authors", "types", "years", "months"]


@dataclass(frozen=True, slots=True)
class Bucket:
    """A value, and the number of articles that have it."""

    value: str
    count: int


_PROVIDER: Final[Row] = {"$concat": ["$provider.domain", "/", "$provider.name"]}
_DERIVED: Final[dict[Facet, str]] = {"topics": TOPICS, "providers": PROVIDERS, "authors": AUTHORS}
_BY_COUNT: Final[Row] = {"count": -1, "_id": -1}
_BY_VALUE: Final[Row] = {"_id": -1}


async def read_facets(
    database: Reader, query: ArticleQuery, limits: Mapping[Facet, int]
) -> dict[Facet, list[Bucket]]:
    """Count the requested facets in one command. `limits` has the maximum number of buckets of
    each.

    Topics, providers, authors and types are sorted by number of articles, years and months from
    the latest. For all published articles, the precomputed counts are used.
    """
    if "$facet" in database.lacks:
        raise Unsupported(
            "facets: mongomock:// cannot count them; serve from a MongoDB, or from embedded:"
        )
    if not limits:
        return {}
    if query.is_all:
        rows = await _read_counts(database, limits)
    else:
        parts = {facet: _PIPELINES[facet](limit) for facet, limit in limits.items()}
        pipeline: list[Row] = [{"$match": query.filter}, {"$facet": parts}]
        [rows] = await database.aggregate(ARTICLES, pipeline)
    return {facet: [Bucket(row["_id"], row["count"]) for row in rows[facet]] for facet in limits}


async def _read_counts(database: Reader, limits: Mapping[Facet, int]) -> Row:
    branches = [_derived(facet, limit) for facet, limit in limits.items()]
    (collection, pipeline), *other_branches = branches
    unions = [{"$unionWith": {"coll": coll, "pipeline": stages}} for coll, stages in other_branches]
    rows: Row = {facet: [] for facet in limits}
    for row in await database.aggregate(collection, [*pipeline, *unions]):
        rows[row["facet"]].append(row)
    return rows


def _derived(facet: Facet, limit: int) -> tuple[str, list[Row]]:
    collection = _DERIVED.get(facet, COUNTS)
    if collection != COUNTS:
        stages: list[Row] = [
            {"$match": {"articleCount": {"$gt": 0}}},
            {"$sort": {"articleCount": -1, "_id": -1}},
            {"$limit": limit},
            {"$project": {"count": "$articleCount"}},
        ]
    else:
        stages = [{"$match": {"kind": "type" if facet == "types" else "month"}}]
        value: Any = {"$substrBytes": ["$value", 0, 4]} if facet == "years" else "$value"
        stages += [
            {"$group": {"_id": value, "count": {"$sum": "$articleCount"}}},
            {"$sort": _BY_COUNT if facet == "types" else _BY_VALUE},
            {"$limit": limit},
        ]
    return collection, [*stages, {"$set": {"facet": facet}}]


def _listed(values: str, limit: int) -> list[Row]:
    return [
        {"$project": {"value": {"$setUnion": [values]}}},
        {"$unwind": "$value"},
        *_counted("$value", _BY_COUNT, limit),
    ]


def _types(limit: int) -> list[Row]:
    return [{"$match": {"type": {"$ne": None}}}, *_counted("$type", _BY_COUNT, limit)]


def _dated(pattern: str, limit: int) -> list[Row]:
    date = {"$dateToString": {"date": "$publishedDateTime", "format": pattern}}
    return [
        {"$match": {"publishedDateTime": {"$ne": None}}},
        *_counted(date, _BY_VALUE, limit),
    ]


def _counted(value: Any, order: Row, limit: int) -> list[Row]:
    return [
        {"$group": {"_id": value, "count": {"$sum": 1}}},
        {"$sort": order},
        {"$limit": limit},
    ]


_PIPELINES: Final[dict[Facet, Callable[[int], list[Row]]]] = {
    "topics": partial(_listed, "$topics"),
    "providers": partial(_counted, _PROVIDER, _BY_COUNT),
    "authors": partial(_listed, "$authors.slug"),
    "types": _types,
    "years": partial(_dated, "%Y"),
    "months": partial(_dated, "%Y-%m"),
}
