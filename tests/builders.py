"""Builders of stored documents with only the parts that a test is about."""

from __future__ import annotations

import gc
from collections.abc import Sequence
from datetime import UTC, datetime
from time import process_time
from typing import Any
from uuid import uuid4

from graph.documents import ARTICLES, TAXONOMY, NodeTypeName, author_slug
from graph.fields.article_document import ALWAYS_STORED
from graph.fields.folding import folded_key
from graph.fields.url_key import url_key
from graph.store.driver.bulk_writes import Write
from graph.store.driver.database import Database
from graph.store.driver.encoding import encode
from graph.store.driver.read_commands import Sort
from graph.store.indexes import ensure_indexes
from graph.store.load import write
from graph.store.load.affected_keys import facts_of
from graph.store.load.clock import utc_now
from graph.store.load.stored_versions import read_versions
from graph.store.queries.change_tokens import token_of
from graph.store.revision import read_corpus
from tests.pool import has_indexes

Row = dict[str, Any]
LOADED_AT = datetime(2026, 1, 1, tzinfo=UTC)


def moment(day: int, hour: int = 0) -> datetime:
    """A moment in March 2025."""
    return datetime(2025, 3, day, hour, tzinfo=UTC)


def provider(name: str = "The Gull", domain: str = "gull.example") -> Row:
    return {"name": name, "domain": domain}


def story(url: str | None, title: str = "A copy", **fields: Any) -> Row:
    """A related story."""
    row: Row = {"title": title, "provider": provider(), **fields}
    return row if url is None else {**row, "webUrl": url}


def article(slug: str, **fields: Any) -> Row:
    """An article as a load stores it, but for `fields`."""
    title = fields.get("title", f"Title of {slug}")
    row: Row = {
        **dict.fromkeys(ALWAYS_STORED),
        "_id": slug,
        "title": title,
        "foldedTitle": folded_key(title) if isinstance(title, str) else "",
        "publishedDateTime": moment(1),
        "webUrl": f"https://gull.example/{slug}",
        "type": "article",
        "published": True,
        "provider": provider(),
        "topics": [],
        "extra": {},
        "source": source(slug),
        **fields,
    }
    if isinstance(row.get("related"), list):
        row["related"] = [
            {**entry, **_url_key(entry)} if isinstance(entry, dict) else entry
            for entry in row["related"]
        ]
    return {**row, **_url_key(row)}


def _url_key(story: Row) -> Row:
    """The key of the URL of an article or a related story."""
    url = story.get("webUrl")
    return {"urlKey": url_key(url) if url and isinstance(url, str) else None}


def source(slug: str) -> Row:
    return {
        "path": f"{slug}.md",
        "root": "/site",
        "file": {"size": 1, "mtime": 1, "hash": b"0" * 16},
        "hash": "0" * 32,
        "volatileHash": "0" * 32,
        "loadedAt": LOADED_AT,
        "revision": 1,
    }


def topic_file(name: str, **fields: Any) -> Row:
    slug = name.lower()
    return {
        "_id": f"_data/topics/{slug}",
        "kind": "topic",
        "slug": slug,
        "name": name,
        "extra": {},
        "source": source(slug),
        **fields,
    }


def organization_file(name: str, domain: str, **fields: Any) -> Row:
    return {
        "_id": f"_data/organizations/{domain}",
        "kind": "organization",
        "slug": domain,
        "name": name,
        "domain": domain,
        "extra": {},
        "source": source(domain),
        **fields,
    }


def author_file(name: str, **fields: Any) -> Row:
    slug = author_slug(name)
    return {
        "_id": f"_data/authors/{slug}",
        "kind": "author",
        "slug": slug,
        "name": name,
        "extra": {},
        "source": source(slug),
        **fields,
    }


def authors(*names: str) -> list[Row]:
    """Authors as a stored article names them."""
    return [{"name": name, "slug": author_slug(name)} for name in names]


async def store(database: Database, *documents: Row) -> int:
    """Load stored documents as a load does; the revision that holds afterwards."""
    return await change(database, documents)


async def change(database: Database, put: Sequence[Row], removed: Sequence[str] = ()) -> int:
    """Load documents, and remove some, as a load does; the revision that holds afterwards."""
    corpus = await read_corpus(database)
    load = write.Load(uuid4().hex, int(corpus["revision"]) + 1, utc_now())
    if not corpus["revision"] and not has_indexes(database.name):
        await ensure_indexes(database)
    await write.mark_pending(database, load)
    slugs = [*removed, *(document["_id"] for document in put)]
    before = {version.slug: version for version in await read_versions(database, slugs)}
    visible = {slug for slug, version in before.items() if version.is_published}
    strays = [row["_id"] for row in put if row["_id"] in visible and "kind" in row]
    hidden = [row["_id"] for row in put if row["_id"] in visible and row.get("published") is False]
    await write.write_tombstones(database, load, [*(visible & set(removed)), *strays], "removed")
    await write.write_tombstones(database, load, hidden, "unpublished")
    items: dict[str, list[Write]] = {ARTICLES: [], TAXONOMY: []}
    for document in put:
        slug = document["_id"]
        collection = TAXONOMY if "kind" in document else ARTICLES
        stored = before.get(slug)
        load.affected.add(stored.facts if stored else None, facts_of(document))
        if stored and stored.collection != collection:
            await write.remove(database, stored.collection, [slug])
        of_load = {**document["source"], "revision": load.revision}
        item = Write(slug, encode({**document, "source": of_load}), new=stored is None)
        items[collection].append(item)
    for collection, batch in items.items():
        if batch:
            assert await write.put(database, collection, batch) == []
    for slug in removed:
        load.affected.add(before[slug].facts, None)
        await write.remove(database, before[slug].collection, [slug])
    summary: Any = {
        "at": LOADED_AT,
        "added": len(put),
        "updated": 0,
        "removed": len(removed),
        "rejected": 0,
    }
    return await write.finish(database, load, summary)


async def token(database: Database, revision: int, *types: NodeTypeName) -> str:
    """The token that `changes` returns at a revision, for these types or for all."""
    names = types or ("Article", "Author", "Provider", "Topic")
    return str(token_of(await read_corpus(database), revision, names))


async def drop(database: Database) -> None:
    """Delete a whole database of a server."""
    await database._handle.client.drop_database(database._handle.name)


async def plan_of(database: Database, collection: str, query: Row, sort: Sort, limit: int) -> Row:
    """How the server runs a find: MongoDB's own account of it."""
    find = {"find": collection, "filter": query, "sort": dict(sort), "limit": limit}
    command = {"explain": find, "verbosity": "executionStats"}
    plan: Row = await database._handle.command(command)
    return plan


class Stopwatch:
    """The CPU time of the block, in `seconds`; garbage of other code is not collected."""

    seconds = 0.0

    def __enter__(self) -> Stopwatch:
        gc.disable()
        self._started = process_time()
        return self

    def __exit__(self, *_: object) -> None:
        self.seconds = process_time() - self._started
        gc.enable()
