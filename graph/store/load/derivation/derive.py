"""Derive topics, providers, authors and counts at the end of a load.

The database counts the published articles by topic, provider, author, type and month, joins them
with the taxonomy files, and writes the results to `topics`, `providers`, `authors` and `counts`
with `$merge`. Queries never count the whole corpus.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Final

from graph.documents import ARTICLES, COUNTS, NodeTypeName
from graph.store.driver.database import Database
from graph.store.driver.read_commands import Row
from graph.store.load.affected_keys import EVERYTHING, AffectedKeys, Names
from graph.store.load.derivation import derive_mock, derived_changes, folded_names, topic_slugs
from graph.store.load.derivation.author_pipeline import author_pipeline
from graph.store.load.derivation.count_pipelines import month_pipeline, type_pipeline
from graph.store.load.derivation.provider_pipeline import provider_pipeline
from graph.store.load.derivation.topic_pipeline import topic_pipeline
from graph.store.queries.filters import within

DERIVED_VERSION: Final = 7
"""The version of the derivation. Raise it with every change of its results."""


async def rebuild(database: Database, revision: int, affected: AffectedKeys = EVERYTHING) -> None:
    """Derive the affected keys again, with this revision."""
    if affected == AffectedKeys():
        return
    affected = replace(affected, topics=await topic_slugs.affected_topics(database, affected))
    if "$merge" in database.lacks:
        await derive_mock.rebuild(database, revision, affected)
    else:
        pipelines = [
            pipeline(revision, names)
            for pipeline, names in (
                (topic_pipeline, affected.topics),
                (provider_pipeline, affected.domains),
                (author_pipeline, affected.authors),
                (type_pipeline, affected.types),
                (month_pipeline, affected.months),
            )
            if names != set()
        ]
        await asyncio.gather(*(database.merge(ARTICLES, pipeline) for pipeline in pipelines))
    filters = _filters(affected)
    for kind, affected_filter in filters.items():
        await derived_changes.remove_unreferenced(database, kind, affected_filter, revision)
    await _remove_outdated_counts(database, affected, revision)
    if "Topic" in filters:
        unused = await topic_slugs.join(database, filters["Topic"])
        if unused is not None:
            await derived_changes.remove(database, "Topic", unused, revision)
    for kind, affected_filter in filters.items():
        await folded_names.add_folded_names(database, kind, affected_filter)
        await derived_changes.replace_changed(database, kind, affected_filter, revision)


def _filters(affected: AffectedKeys) -> dict[NodeTypeName, Row]:
    """Return the filters of the affected topics, providers and authors, if there are any."""
    keys: dict[NodeTypeName, tuple[str, Names]] = {
        "Topic": ("_id", affected.topics),
        "Provider": ("domain", affected.domains),
        "Author": ("_id", affected.authors),
    }
    return {kind: within(field, names) for kind, (field, names) in keys.items() if names != set()}


async def _remove_outdated_counts(
    database: Database, affected: AffectedKeys, revision: int
) -> None:
    """Remove the counts that were not derived again: there are no such articles any more."""
    counted = [
        {"kind": kind, **within("value", values)}
        for kind, values in (("type", affected.types), ("month", affected.months))
        if values != set()
    ]
    if counted:
        await database.delete(COUNTS, {"$or": counted, "revision": {"$ne": revision}})
