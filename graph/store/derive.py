"""Topics and providers, derived once per load.

The derivation runs in the database: the published articles are counted by topic and by provider
and joined with the taxonomy files, and `$merge` puts the outcome into `topics` and `providers`.
Readers never count a corpus.
"""

from __future__ import annotations

import asyncio
from typing import Any

from graph.documents import (
    ARTICLES,
    ORGANIZATION_FILE_KEYS,
    PROVIDERS,
    TAXONOMY,
    TOPIC_FILE_KEYS,
    TOPICS,
)
from graph.store import mock
from graph.store.database import Database, Row
from graph.store.filters import within
from graph.store.taxonomy import slugify
from graph.store.touched import EVERYTHING, Touched


async def rebuild(database: Database, revision: int, touched: Touched = EVERYTHING) -> None:
    """Derive anew the topics and providers that a load touched, and stamp them with `revision`."""
    if database.mock:
        await mock.rebuild(database, revision, touched)
    else:
        pipelines = [
            pipeline(revision, names)
            for pipeline, names in (
                (topic_pipeline, touched.topics),
                (provider_pipeline, touched.domains),
            )
            if names != set()
        ]
        await asyncio.gather(*(database.aggregate(ARTICLES, each) for each in pipelines))
    await _delete_gone(database, TOPICS, within("_id", touched.topics), revision)
    await _delete_gone(database, PROVIDERS, within("domain", touched.domains), revision)
    await _fill_slugs(database)


async def _delete_gone(database: Database, collection: str, scope: Row, revision: int) -> None:
    """Delete what the derivation did not find again: nothing refers to it any more."""
    await database.delete(collection, {**scope, "revision": {"$ne": revision}})


async def _fill_slugs(database: Database) -> None:
    """Give a slug to the topics that no file describes: MongoDB has no such function."""
    for row in await database.find(TOPICS, {"slug": {"$exists": False}}, projection={"_id": 1}):
        await database.update(TOPICS, {"_id": row["_id"]}, {"$set": {"slug": slugify(row["_id"])}})


def topic_pipeline(revision: int, names: set[str] | None = None) -> list[Row]:
    """From `articles` to `topics`, one document per name that articles or files use.

    `names` limits it to these; None is all of them.
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
    return [
        *counted,
        {"$unionWith": {"coll": TAXONOMY, "pipeline": files}},
        {
            "$group": {
                "_id": "$_id",
                "articleCount": {"$sum": "$articleCount"},
                "latest": {"$max": "$latest"},
                "file": {"$mergeObjects": "$file"},
            }
        },
        _stamped(["$file"], revision),
        {"$merge": {"into": TOPICS, "whenMatched": "replace"}},
    ]


def provider_pipeline(revision: int, domains: set[str] | None = None) -> list[Row]:
    """From `articles` to `providers`: those of articles, of related stories and of files.

    `domains` limits it to the providers there; None is all of them.
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
        {"$merge": {"into": PROVIDERS, "whenMatched": "replace"}},
    ]


def _stamped(objects: list[Any], revision: int) -> Row:
    """The stage that makes the final document out of a group and `objects`."""
    derived = {
        "_id": "$_id",
        "articleCount": "$articleCount",
        "latest": "$latest",
        "revision": {"$literal": revision},
    }
    return {"$replaceWith": {"$mergeObjects": [*objects, derived]}}
