"""Match topics with topic files by slug, for files that spell the name differently."""

from __future__ import annotations

from collections.abc import Iterable

from graph.documents import TAXONOMY, TOPICS, slugify
from graph.fields.taxonomy_documents import TOPIC_FILE_KEYS
from graph.store.driver.database import Database
from graph.store.driver.read_commands import Row
from graph.store.load.affected_keys import AffectedKeys, Names
from graph.store.queries.filters import within


async def affected_topics(database: Database, affected: AffectedKeys) -> Names:
    """Return the affected topics and those with the same slugs; None stands for all."""
    names = affected.topics
    if names is None or affected.slugs is None:
        return None
    if not names:  # then there are no slugs either: each changed file has a name
        return names
    named = await _files(database, "name", names)
    slugs = {*affected.slugs, *map(slugify, names), *(file["slug"] for file in named)}
    files = await _files(database, "slug", slugs)
    topics = await database.find(TOPICS, within("slug", slugs), projection={"_id": 1})
    return {*names, *(file["name"] for file in files), *(topic["_id"] for topic in topics)}


async def join(database: Database, affected: Row) -> Row | None:
    """Set the slugs of topics without a file, and merge the files with that slug into them.

    Both happen in what was derived: see `derived_changes`. Return the filter of the topics that
    exist only because of such a file, so that nothing uses them; None if there are no such files.
    """
    derived = {"next": {"$exists": True}, "next.slug": {"$exists": False}}
    new = {"next": {"$exists": False}, "slug": {"$exists": False}}
    query = {**affected, "$or": [derived, new]}
    rows = await database.find(TOPICS, query, projection={"next._id": 1})
    slugs = {row["_id"]: slugify(row["_id"]) for row in rows}
    files: dict[str, list[Row]] = {}
    for file in await _files(database, "slug", set(slugs.values())):
        files.setdefault(file["slug"], []).append(file)
    changes: dict[bool, dict[str, Row]] = {False: {}, True: {}}
    for row in rows:
        slug, is_derived = slugs[row["_id"]], "next" in row
        description: Row = {"slug": slug}
        for file in files.get(slug, ()):
            description |= {key: file[key] for key in TOPIC_FILE_KEYS if key in file}
        prefix = "next." if is_derived else ""
        changed = {f"{prefix}{key}": value for key, value in description.items()}
        changes[is_derived][row["_id"]] = {"$set": changed}
    for is_derived, updates in changes.items():
        # Another load may have settled them meanwhile.
        await database.change_each(TOPICS, updates, {"next": {"$exists": is_derived}})
    names = {file["name"] for described in files.values() for file in described}
    return await _unused(database, names) if names else None


async def _unused(database: Database, names: set[str]) -> Row:
    """Return the filter of the topics among these that no published article, and no file as
    a parent, names.
    """
    parents = await _files(database, "parent", names)
    unused = names - {file["parent"] for file in parents}
    new = {"next": {"$exists": False}, "articleCount": 0}
    return {**within("_id", unused), "$or": [{"next.articleCount": 0}, new]}


async def _files(database: Database, field: str, values: Iterable[str]) -> list[Row]:
    """Return the topic files with one of these values, in the order in which they are merged."""
    query = {"kind": "topic", **within(field, values)}
    return await database.find(TAXONOMY, query, sort=[("_id", 1)]) if values else []
