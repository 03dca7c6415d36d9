"""What mongomock lacks: `$merge` and `$unionWith`, done in Python for the sake of unit tests.

`tests/store` holds this to the same outcome as the pipelines of `graph.store.taxonomy`.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from graph.documents import (
    ARTICLES,
    ORGANIZATION_FILE_KEYS,
    PROVIDERS,
    TAXONOMY,
    TOPIC_FILE_KEYS,
    TOPICS,
    provider_key,
)
from graph.store.database import Database, Row
from graph.store.touched import Touched


async def rebuild(database: Database, revision: int, touched: Touched) -> None:
    """Derive `topics` and `providers` as the pipelines do."""
    articles = await database.find(ARTICLES, {"published": True})
    files = await database.find(TAXONOMY, {}, sort=[("_id", 1)])
    topics = [
        row
        for row in _topics(articles, files, revision)
        if touched.topics is None or row["_id"] in touched.topics
    ]
    providers = [
        row
        for row in _providers(articles, files, revision)
        if touched.domains is None or row["domain"] in touched.domains
    ]
    await database.replace(TOPICS, topics)
    await database.replace(PROVIDERS, providers)


def _topics(articles: list[Row], files: list[Row], revision: int) -> Iterator[Row]:
    tallies: dict[str, list[datetime | None]] = {}
    for article in articles:
        for name in set(article.get("topics") or ()):
            tallies.setdefault(name, []).append(article.get("publishedDateTime"))
    described: dict[str, Row] = {}
    for file in files:
        if file["kind"] == "topic":
            words: Row = {key: file[key] for key in TOPIC_FILE_KEYS if key in file}
            described.setdefault(file["name"], {}).update(words)
    for name in {**tallies, **described}:
        yield {**described.get(name, {}), **_derived(name, tallies.get(name, []), revision)}


def _providers(articles: list[Row], files: list[Row], revision: int) -> Iterator[Row]:
    found: dict[str, Row] = {}
    tallies: dict[str, list[datetime | None]] = {}
    for reference, counted in _references(articles, files):
        key = provider_key(reference["domain"], reference["name"])
        found.setdefault(key, {"domain": reference["domain"], "name": reference["name"]})
        if counted is not None:
            tallies.setdefault(key, []).append(counted.get("publishedDateTime"))
            if "images" in reference:
                best = max(reference["images"], found[key].get("images") or [], key=repr)
                found[key]["images"] = best
    described: dict[str, Row] = {}
    for file in files:
        if file["kind"] == "organization":
            words: Row = {key: file[key] for key in ORGANIZATION_FILE_KEYS if key in file}
            described.setdefault(file["domain"], words)
    for key, row in found.items():
        file_words = described.get(row["domain"], {})
        yield {**row, **file_words, **_derived(key, tallies.get(key, []), revision)}


def _references(articles: list[Row], files: list[Row]) -> Iterator[tuple[Row, Row | None]]:
    for article in articles:
        yield article["provider"], article
        for story in article.get("related") or ():
            yield story["provider"], None
    for file in files:
        if file["kind"] == "organization":
            yield file, None


def _derived(key: str, dates: list[datetime | None], revision: int) -> dict[str, Any]:
    latest = max((date for date in dates if date is not None), default=None)
    return {"_id": key, "articleCount": len(dates), "latest": latest, "revision": revision}
