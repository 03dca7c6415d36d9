"""Aggregation pipelines that compute the derived collections and end in `$merge`."""

from __future__ import annotations

from datetime import MAXYEAR, UTC, datetime, timedelta
from typing import Any, Final

from graph.documents import (
    ARTICLES,
    AUTHORS,
    COUNTS,
    PROVIDERS,
    TAXONOMY,
    TOPICS,
    CountKind,
)
from graph.fields.taxonomy_documents import (
    AUTHOR_FILE_KEYS,
    ORGANIZATION_FILE_KEYS,
    TOPIC_FILE_KEYS,
)
from graph.store.driver.read_commands import Row
from graph.store.load.derived_changes import merge_into
from graph.store.queries.filters import within

FROM_ARTICLES: Final = ("name", "url", "description", "images", "provider")
"""What articles say of an author, unless the author's file says it."""

MAXIMUM_TOGETHER: Final = 50
"""The maximum number of related topics that a topic stores."""


def topic_pipeline(revision: int, names: set[str] | None = None) -> list[Row]:
    """Return the pipeline from `articles` to `topics`: one document per name in articles or files.

    `names` limits it to these topics; None stands for all. A topic that is only the parent of
    another gets a document too, so that the tree is complete.
    """
    used = {"topics.0": {"$exists": True}} if names is None else within("topics", names)
    counted: list[Row] = [
        {"$match": {"published": True, **used}},
        {"$project": {"publishedDateTime": 1, "topics": {"$setUnion": ["$topics"]}}},
        {"$unwind": "$topics"},
        {"$match": within("topics", names)},
        {
            "$group": {
                "_id": "$topics",
                "articleCount": {"$sum": 1},
                "latest": {"$max": "$publishedDateTime"},
            }
        },
    ]
    files: list[Row] = [
        {"$match": {"kind": "topic", **within("name", names)}},
        {"$sort": {"_id": 1}},
        {
            "$project": {
                "_id": "$name",
                "file": {key: f"${key}" for key in TOPIC_FILE_KEYS},
            }
        },
    ]
    parents: list[Row] = [
        {"$match": {"kind": "topic", "parent": {"$gt": ""}, **within("parent", names)}},
        {"$group": {"_id": "$parent"}},
    ]
    return [
        *counted,
        {"$unionWith": {"coll": ARTICLES, "pipeline": _together(names)}},
        {"$unionWith": {"coll": TAXONOMY, "pipeline": files}},
        {"$unionWith": {"coll": TAXONOMY, "pipeline": parents}},
        {
            "$group": {
                "_id": "$_id",
                "articleCount": {"$sum": "$articleCount"},
                "latest": {"$max": "$latest"},
                "together": {"$max": "$together"},
                "file": {"$mergeObjects": "$file"},
            }
        },
        _stamped(
            [{"parent": None}, "$file", {"together": {"$ifNull": ["$together", []]}}], revision
        ),
        merge_into(TOPICS),
    ]


def _together(names: set[str] | None) -> list[Row]:
    """Return the pipeline that counts, for each topic, the published articles it shares with
    others.
    """
    used = {} if names is None else within("topics", names)
    return [
        {"$match": {"published": True, "topics.1": {"$exists": True}, **used}},
        {"$project": {"name": {"$setUnion": ["$topics"]}, "beside": {"$setUnion": ["$topics"]}}},
        {"$unwind": "$name"},
        {"$match": within("name", names)},
        {"$unwind": "$beside"},
        {"$match": {"$expr": {"$ne": ["$name", "$beside"]}}},
        {"$group": {"_id": {"name": "$name", "beside": "$beside"}, "count": {"$sum": 1}}},
        {
            "$group": {
                "_id": "$_id.name",
                "together": {
                    "$topN": {
                        "n": MAXIMUM_TOGETHER,
                        "sortBy": {"count": -1, "_id.beside": 1},
                        "output": {"name": "$_id.beside", "articleCount": "$count"},
                    }
                },
            }
        },
    ]


def provider_pipeline(revision: int, domains: set[str] | None = None) -> list[Row]:
    """Return the pipeline to `providers`: those of articles, related stories and files.

    `domains` limits it to the providers of these domains; None stands for all.
    """
    named = {
        "_id": {"$concat": ["$domain", "/", "$name"]},
        "domain": 1,
        "name": 1,
    }
    mentioned = (
        {"related.0": {"$exists": True}}
        if domains is None
        else within("related.provider.domain", domains)
    )
    related: list[Row] = [
        {"$match": {"published": True, **mentioned}},
        {"$unwind": "$related"},
        {"$match": within("related.provider.domain", domains)},
        {
            "$group": {
                "_id": {
                    "domain": "$related.provider.domain",
                    "name": "$related.provider.name",
                }
            }
        },
        {"$replaceWith": "$_id"},
        {"$project": named},
    ]
    files: list[Row] = [
        {"$match": {"kind": "organization", **within("domain", domains)}},
        {"$project": named},
    ]
    return [
        {"$match": {"published": True, **within("provider.domain", domains)}},
        {
            "$group": {
                "_id": {"$concat": ["$provider.domain", "/", "$provider.name"]},
                "domain": {"$max": "$provider.domain"},
                "name": {"$max": "$provider.name"},
                "images": {"$max": "$provider.images"},
                "articleCount": {"$sum": 1},
                "latest": {"$max": "$publishedDateTime"},
            }
        },
        {"$unionWith": {"coll": ARTICLES, "pipeline": related}},
        {"$unionWith": {"coll": TAXONOMY, "pipeline": files}},
        {
            "$group": {
                "_id": "$_id",
                "domain": {"$max": "$domain"},
                "name": {"$max": "$name"},
                "images": {"$max": "$images"},
                "articleCount": {"$sum": "$articleCount"},
                "latest": {"$max": "$latest"},
            }
        },
        {
            "$lookup": {
                "from": TAXONOMY,
                "localField": "domain",
                "foreignField": "domain",
                "pipeline": [
                    {"$match": {"kind": "organization"}},
                    {"$sort": {"_id": 1}},
                    {"$limit": 1},
                    {"$project": {"_id": 0, **dict.fromkeys(ORGANIZATION_FILE_KEYS, 1)}},
                ],
                "as": "file",
            }
        },
        _stamped(
            [
                {"domain": "$domain", "name": "$name", "images": "$images"},
                {"$first": "$file"},
            ],
            revision,
        ),
        merge_into(PROVIDERS),
    ]


def author_pipeline(revision: int, slugs: set[str] | None = None) -> list[Row]:
    """Return the pipeline from `articles` to `authors`: one document per slug in articles or files.

    `slugs` limits it to these; None stands for all. An author without a file gets the
    alphabetically first of the names in articles: "Ida Holm" rather than "ida-holm". The provider
    is that of the newest article, unless the file names one.
    """
    used = {"authors.0": {"$exists": True}} if slugs is None else within("authors.slug", slugs)
    files: list[Row] = [
        {"$match": {"kind": "author", **within("slug", slugs)}},
        {"$sort": {"_id": 1}},
        {"$project": {"_id": "$slug", "file": {key: f"${key}" for key in AUTHOR_FILE_KEYS}}},
    ]
    return [
        {"$match": {"published": True, **used}},
        {
            "$project": {
                "publishedDateTime": 1,
                "authors": 1,
                "provider.domain": 1,
                "provider.name": 1,
            }
        },
        {"$unwind": "$authors"},
        {"$match": within("authors.slug", slugs)},
        {
            "$group": {
                "_id": "$authors.slug",
                "name": {"$min": "$authors.name"},
                "url": {"$max": "$authors.url"},
                "description": {"$max": _text("$authors.description")},
                "images": {"$max": _pictures("$authors.images")},
                "provider": {
                    "$top": {
                        "sortBy": {"publishedDateTime": -1, "_id": -1},
                        "output": "$provider",
                    }
                },
                "articleCount": {"$sum": 1},
                "latest": {"$max": "$publishedDateTime"},
            }
        },
        {"$unionWith": {"coll": TAXONOMY, "pipeline": files}},
        {
            "$group": {
                "_id": "$_id",
                **{key: {"$max": f"${key}"} for key in FROM_ARTICLES},
                "articleCount": {"$sum": "$articleCount"},
                "latest": {"$max": "$latest"},
                "file": {"$mergeObjects": "$file"},
            }
        },
        _stamped(
            [{"slug": "$_id", **{key: f"${key}" for key in FROM_ARTICLES}}, "$file"], revision
        ),
        merge_into(AUTHORS),
    ]


def _text(path: str) -> Row:
    """Return the value at a path if it is text: articles may say anything else there."""
    return {"$cond": [{"$eq": [{"$type": path}, "string"]}, path, None]}


def _pictures(path: str) -> Row:
    """Return the URLs of the pictures at a path, as a list of images; null if there are none."""
    entries = {"$cond": [{"$isArray": path}, path, []]}
    urls = {"$filter": {"input": entries, "cond": {"$eq": [{"$type": "$$this.url"}, "string"]}}}
    images = {"$map": {"input": urls, "in": {"url": "$$this.url"}}}
    is_any = {"$ne": ["$$found", []]}
    return {"$let": {"vars": {"found": images}, "in": {"$cond": [is_any, "$$found", None]}}}


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


def _stamped(objects: list[Any], revision: int) -> Row:
    """Return the stage that builds a derived document from a group and `objects`."""
    derived = {
        "_id": "$_id",
        "articleCount": "$articleCount",
        "latest": "$latest",
        "revision": {"$literal": revision},
        "changedRevision": {"$literal": revision},
    }
    return {"$replaceWith": {"$mergeObjects": [*objects, derived]}}
