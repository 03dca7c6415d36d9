"""The aggregation pipeline that derives authors."""

from __future__ import annotations

from typing import Final

from graph.documents import AUTHORS, TAXONOMY
from graph.fields.taxonomy_documents import AUTHOR_FILE_KEYS
from graph.store.driver.read_commands import Row
from graph.store.load.derivation.derived_changes import derived_document, merge_into
from graph.store.queries.filters import within

FROM_ARTICLES: Final = ("name", "url", "description", "images", "provider")
"""What articles say of an author, unless the author's file says it."""


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
        derived_document(
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
