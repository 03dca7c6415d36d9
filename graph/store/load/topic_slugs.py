"""Topics that a file describes although it writes their name in another way: by its slug."""

from __future__ import annotations

from collections.abc import Iterable

from graph.documents import TAXONOMY, TOPICS, slugify
from graph.fields.taxonomy_documents import TOPIC_FILE_KEYS
from graph.store.driver.database import Database
from graph.store.driver.read_commands import Row
from graph.store.load.affected_keys import AffectedKeys, Names
from graph.store.queries.filters import within


async def affected_topics(database: Database, touched: AffectedKeys) -> Names:
    """The topics that a load affected, with those of the same slugs; None is all of them."""
    names = touched.topics
    if names is None or touched.slugs is None:
        return None
    if not names:  # and no slugs: a file that changed has a name
        return names
    named = await _files(database, "name", names)
    slugs = {*touched.slugs, *map(slugify, names), *(file["slug"] for file in named)}
    files = await _files(database, "slug", slugs)
    topics = await database.find(TOPICS, within("slug", slugs), projection={"_id": 1})
    return {*names, *(file["name"] for file in files), *(topic["_id"] for topic in topics)}


async def join(database: Database) -> None:
    """Give the topics that no file names their slug, and the words of the files with that slug.

    Such a file makes no topic of its own name, unless that is used, too.
    """
    query = {"slug": {"$exists": False}}
    rows = await database.find(TOPICS, query, projection={"parent": 1})
    slugs = {row["_id"]: slugify(row["_id"]) for row in rows}
    files: dict[str, list[Row]] = {}
    for file in await _files(database, "slug", set(slugs.values())):
        files.setdefault(file["slug"], []).append(file)
    for name, slug in slugs.items():
        words: Row = {"slug": slug}
        for file in files.get(slug, ()):
            words |= {key: file[key] for key in TOPIC_FILE_KEYS if key in file}
        await database.update(TOPICS, {"_id": name}, {"$set": words})
    await _delete_unused(database, {file["name"] for found in files.values() for file in found})


async def _delete_unused(database: Database, names: set[str]) -> None:
    """Delete those of these topics that no published article and no other file names."""
    parents = await _files(database, "parent", names)
    unused = names - {file["parent"] for file in parents}
    if unused:
        await database.delete(TOPICS, {**within("_id", unused), "articleCount": 0})


async def _files(database: Database, field: str, values: Iterable[str]) -> list[Row]:
    """The topic files with one of these values, in the order in which they are merged."""
    query = {"kind": "topic", **within(field, values)}
    return await database.find(TAXONOMY, query, sort=[("_id", 1)]) if values else []
