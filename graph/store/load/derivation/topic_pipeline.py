"""The aggregation pipeline that derives topics, and counts the articles that two topics share."""

from __future__ import annotations

from typing import Final

from graph.documents import ARTICLES, TAXONOMY, TOPICS
from graph.fields.taxonomy_documents import TOPIC_FILE_KEYS
from graph.store.driver.read_commands import Row
from graph.store.load.derivation.derived_changes import derived_document, merge_into
from graph.store.queries.filters import within

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
        derived_document(
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
