"""The aggregation pipeline that derives providers."""

from __future__ import annotations

from typing import Final

from graph.documents import ARTICLES, PROVIDERS, TAXONOMY
from graph.fields.taxonomy_documents import ORGANIZATION_FILE_KEYS
from graph.store.driver.read_commands import Row
from graph.store.load.derivation.derived_changes import derived_document, merge_into
from graph.store.queries.filters import within

_NAMED: Final[Row] = {
    "_id": {"$concat": ["$domain", "/", "$name"]},
    "domain": 1,
    "name": 1,
}

_FILE_OF_DOMAIN: Final[Row] = {
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
}


def provider_pipeline(revision: int, domains: set[str] | None = None) -> list[Row]:
    """Return the pipeline to `providers`: those of articles, related stories and files.

    `domains` limits it to the providers of these domains; None stands for all.
    """
    files: list[Row] = [
        {"$match": {"kind": "organization", **within("domain", domains)}},
        {"$project": _NAMED},
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
        {"$unionWith": {"coll": ARTICLES, "pipeline": _related(domains)}},
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
        _FILE_OF_DOMAIN,
        derived_document(
            [
                {"domain": "$domain", "name": "$name", "images": "$images"},
                {"$first": "$file"},
            ],
            revision,
        ),
        merge_into(PROVIDERS),
    ]


def _related(domains: set[str] | None) -> list[Row]:
    """Return the pipeline that finds the providers of related stories."""
    mentioned = (
        {"related.0": {"$exists": True}}
        if domains is None
        else within("related.provider.domain", domains)
    )
    return [
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
        {"$project": _NAMED},
    ]
