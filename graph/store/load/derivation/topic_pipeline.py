"""The aggregation pipeline that derives topics, and counts the articles that two topics share."""

from __future__ import annotations

from graph.documents import ARTICLES, TAXONOMY, TOPICS
from graph.fields.taxonomy_documents import MAX_CO_OCCURRING, TOPIC_FILE_KEYS
from graph.store.driver.read_commands import Row
from graph.store.load.derivation.derived_changes import derived_document, merge_into
from graph.store.queries.filters import within


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
        {"$unionWith": {"coll": ARTICLES, "pipeline": _co_occurring(names)}},
        {"$unionWith": {"coll": TAXONOMY, "pipeline": files}},
        {"$unionWith": {"coll": TAXONOMY, "pipeline": parents}},
        {
            "$group": {
                "_id": "$_id",
                "articleCount": {"$sum": "$articleCount"},
                "latest": {"$max": "$latest"},
                "coOccurring": {"$max": "$coOccurring"},
                "file": {"$mergeObjects": "$file"},
            }
        },
        derived_document(
            [{"parent": None}, "$file", {"coOccurring": {"$ifNull": ["$coOccurring", []]}}],
            revision,
        ),
        merge_into(TOPICS),
    ]


def _co_occurring(names: set[str] | None) -> list[Row]:
    """Return the pipeline that counts, for each topic, the published articles it shares with
    others.
    """
    used = {} if names is None else within("topics", names)
    return [
        {"$match": {"published": True, "topics.1": {"$exists": True}, **used}},
        {"$project": {"name": {"$setUnion": ["$topics"]}, "other": {"$setUnion": ["$topics"]}}},
        {"$unwind": "$name"},
        {"$match": within("name", names)},
        {"$unwind": "$other"},
        {"$match": {"$expr": {"$ne": ["$name", "$other"]}}},
        {"$group": {"_id": {"name": "$name", "other": "$other"}, "count": {"$sum": 1}}},
        {
            "$group": {
                "_id": "$_id.name",
                "coOccurring": {
                    "$topN": {
                        "n": MAX_CO_OCCURRING,
                        "sortBy": {"count": -1, "_id.other": 1},
                        "output": {"name": "$_id.other", "articleCount": "$count"},
                    }
                },
            }
        },
    ]
