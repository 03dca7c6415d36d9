"""Derive topics, providers, authors and counts at the end of a load.

The database counts the published articles by topic, provider, author, type and month, joins them
with the taxonomy files, and writes the results to `topics`, `providers`, `authors` and `counts`
with `$merge`. Queries never count the whole corpus.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Final

from graph.documents import ARTICLES, AUTHORS, COUNTS, PROVIDERS, TOPICS
from graph.fields.folding import folded_key
from graph.store.driver.database import Database
from graph.store.driver.read_commands import Row
from graph.store.load import derive_mock, topic_slugs
from graph.store.load.affected_keys import EVERYTHING, AffectedKeys
from graph.store.load.pipelines import (
    author_pipeline,
    month_pipeline,
    provider_pipeline,
    topic_pipeline,
    type_pipeline,
)
from graph.store.queries.filters import within

DERIVED_VERSION: Final = 5
"""The version of the derivation. Raise it with every change of its results."""


async def rebuild(database: Database, revision: int, touched: AffectedKeys = EVERYTHING) -> None:
    """Derive the affected keys again, with this revision."""
    touched = replace(touched, topics=await topic_slugs.affected_topics(database, touched))
    if "$merge" in database.lacks:
        await derive_mock.rebuild(database, revision, touched)
    else:
        pipelines = [
            pipeline(revision, names)
            for pipeline, names in (
                (topic_pipeline, touched.topics),
                (provider_pipeline, touched.domains),
                (author_pipeline, touched.authors),
                (type_pipeline, touched.types),
                (month_pipeline, touched.months),
            )
            if names != set()
        ]
        await asyncio.gather(*(database.merge(ARTICLES, each) for each in pipelines))
    for collection, scope in (
        (TOPICS, within("_id", touched.topics)),
        (PROVIDERS, within("domain", touched.domains)),
        (AUTHORS, within("_id", touched.authors)),
        (COUNTS, {"kind": "type", **within("value", touched.types)}),
        (COUNTS, {"kind": "month", **within("value", touched.months)}),
    ):
        await _delete_gone(database, collection, scope, revision)
    await topic_slugs.join(database)
    for collection, name in ((TOPICS, "_id"), (PROVIDERS, "name"), (AUTHORS, "name")):
        await _fold_names(database, collection, name)


async def _fold_names(database: Database, collection: str, name: str) -> None:
    """Store the folded names of derived documents that lack them: MongoDB cannot fold names."""
    query = {"foldedName": {"$exists": False}}
    rows = await database.find(collection, query, projection={name: 1, "domain": 1})
    await database.change_each(collection, {row["_id"]: _folded(row, name) for row in rows})


def _folded(row: Row, name: str) -> Row:
    folded = {"foldedName": folded_key(row.get(name) or "")}
    if "domain" in row:
        folded["foldedDomain"] = folded_key(row["domain"])
    return {"$set": folded}


async def _delete_gone(database: Database, collection: str, scope: Row, revision: int) -> None:
    """Delete derived documents that were not derived again: nothing refers to them any more."""
    await database.delete(collection, {**scope, "revision": {"$ne": revision}})
