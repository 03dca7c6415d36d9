"""What tests build: stored documents with only the parts that a test is about."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from graph.documents import ARTICLES, TAXONOMY
from graph.store import write
from graph.store.database import Database
from graph.store.touched import facts_of

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
    """An article; a field given as None is stored as null."""
    return {
        "_id": slug,
        "title": f"Title of {slug}",
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


async def store(database: Database, *documents: Row) -> int:
    """Load stored documents as a load does; the revision that holds afterwards."""
    load = await write.begin(database)
    await write.mark_pending(database, load)
    for document in documents:
        collection = TAXONOMY if "kind" in document else ARTICLES
        before = await write.versions(database, [document["_id"]])
        await database.replace(collection, [document])
        load.touched.add(before[0].facts if before else None, facts_of(document))
    summary: Any = {
        "at": LOADED_AT,
        "added": len(documents),
        "updated": 0,
        "removed": 0,
        "rejected": 0,
    }
    return await write.finish(database, load, summary)
