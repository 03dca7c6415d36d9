"""The derivation in Python, for the mock database, which lacks `$merge`.

A test in `tests/store` checks that its results equal those of the pipelines.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from graph.documents import (
    ARTICLES,
    AUTHORS,
    COUNTS,
    PROVIDERS,
    TAXONOMY,
    TOPICS,
    CountKind,
    provider_key,
)
from graph.fields.taxonomy_documents import (
    AUTHOR_FILE_KEYS,
    MAX_CO_OCCURRING,
    ORGANIZATION_FILE_KEYS,
    TOPIC_FILE_KEYS,
)
from graph.store.driver.database import Database
from graph.store.driver.read_commands import Row
from graph.store.load.affected_keys import AffectedKeys, Names, month_of
from graph.store.load.derivation import derived_changes


async def rebuild(database: Database, revision: int, affected: AffectedKeys) -> None:
    """Derive `topics`, `providers`, `authors` and `counts` as the pipelines do."""
    articles = await database.find(ARTICLES, {"published": True})
    files = await database.find(TAXONOMY, {}, sort=[("_id", 1)])
    topics = _among(_topics(articles, files, revision), "_id", affected.topics)
    providers = _among(_providers(articles, files, revision), "domain", affected.domains)
    authors = _among(_authors(articles, files, revision), "_id", affected.authors)
    types = (article.get("type") for article in articles)
    counts = [
        *_among(_counts("type", types, revision), "value", affected.types),
        *_among(_counts("month", map(_month, articles), revision), "value", affected.months),
    ]
    await derived_changes.merge_rows(database, TOPICS, topics)
    await derived_changes.merge_rows(database, PROVIDERS, providers)
    await derived_changes.merge_rows(database, AUTHORS, authors)
    await database.replace(COUNTS, counts)


def _among(rows: Iterator[Row], field: str, values: Names) -> list[Row]:
    """Return the rows whose field has one of these values; None stands for all."""
    return [row for row in rows if values is None or row[field] in values]


def _topics(articles: list[Row], files: list[Row], revision: int) -> Iterator[Row]:
    tallies: dict[str, list[datetime | None]] = {}
    co_occurring: dict[str, Counter[str]] = {}
    for article in articles:
        names = set(article.get("topics") or ())
        for name in names:
            tallies.setdefault(name, []).append(article.get("publishedDateTime"))
            co_occurring.setdefault(name, Counter()).update(names - {name})
    descriptions: dict[str, Row] = {}
    for file in files:
        if file["kind"] == "topic":
            description: Row = {key: file[key] for key in TOPIC_FILE_KEYS if key in file}
            descriptions.setdefault(file["name"], {}).update(description)
            if parent := file.get("parent"):
                descriptions.setdefault(parent, {})
    for name in {**tallies, **descriptions}:
        yield {
            "parent": None,
            **descriptions.get(name, {}),
            "coOccurring": _most_common(co_occurring.get(name, Counter())),
            **_derived(name, tallies.get(name, []), revision),
        }


def _most_common(tally: Counter[str]) -> list[Row]:
    ranked = sorted(tally.items(), key=lambda item: (-item[1], item[0]))
    return [{"name": name, "articleCount": count} for name, count in ranked[:MAX_CO_OCCURRING]]


def _month(article: Row) -> str | None:
    date = article.get("publishedDateTime")
    return None if date is None else month_of(date)


def _counts(kind: CountKind, values: Iterable[str | None], revision: int) -> Iterator[Row]:
    for value, count in Counter(entry for entry in values if entry is not None).items():
        yield {
            "_id": f"{kind}:{value}",
            "kind": kind,
            "value": value,
            "articleCount": count,
            "revision": revision,
        }


def _providers(articles: list[Row], files: list[Row], revision: int) -> Iterator[Row]:
    providers: dict[str, Row] = {}
    tallies: dict[str, list[datetime | None]] = {}
    for reference, counted in _references(articles, files):
        key = provider_key(reference["domain"], reference["name"])
        row = providers.setdefault(key, {**_provider_reference(reference), "images": None})
        if counted is not None:
            tallies.setdefault(key, []).append(counted.get("publishedDateTime"))
            candidates = [
                each for each in (reference.get("images"), row["images"]) if each is not None
            ]
            row["images"] = max(candidates, key=repr, default=None)
    descriptions: dict[str, Row] = {}
    for file in files:
        if file["kind"] == "organization":
            description: Row = {key: file[key] for key in ORGANIZATION_FILE_KEYS if key in file}
            descriptions.setdefault(file["domain"], description)
    for key, row in providers.items():
        file_description = descriptions.get(row["domain"], {})
        yield {**row, **file_description, **_derived(key, tallies.get(key, []), revision)}


def _authors(articles: list[Row], files: list[Row], revision: int) -> Iterator[Row]:
    tallies: dict[str, list[datetime | None]] = {}
    by_slug: dict[str, list[Row]] = {}
    providers: dict[str, Row] = {}
    for article in sorted(articles, key=_age):
        for author in article.get("authors") or ():
            tallies.setdefault(author["slug"], []).append(article.get("publishedDateTime"))
            by_slug.setdefault(author["slug"], []).append(author)
            providers[author["slug"]] = _provider_reference(article["provider"])
    descriptions: dict[str, Row] = {}
    for file in files:
        if file["kind"] == "author":
            description: Row = {key: file[key] for key in AUTHOR_FILE_KEYS if key in file}
            descriptions.setdefault(file["slug"], {}).update(description)
    for slug in {**by_slug, **descriptions}:
        references = by_slug.get(slug, [])
        pictures = (_pictures(reference.get("images")) for reference in references)
        yield {
            "slug": slug,
            "name": min((reference["name"] for reference in references), default=None),
            "url": _last_text(references, "url"),
            "description": _last_text(references, "description"),
            "images": max(filter(None, pictures), key=repr, default=None),
            "provider": providers.get(slug),
            **descriptions.get(slug, {}),
            **_derived(slug, tallies.get(slug, []), revision),
        }


def _age(article: Row) -> tuple[bool, datetime, str]:
    """Return the sort key that puts the newest article last, and those without a date first."""
    date = article.get("publishedDateTime")
    return date is not None, date or datetime.min, article["_id"]


def _last_text(references: list[Row], key: str) -> str | None:
    texts = (reference[key] for reference in references if isinstance(reference.get(key), str))
    return max(texts, default=None)


def _pictures(value: Any) -> list[Row] | None:
    entries = value if isinstance(value, list) else []
    urls = [entry.get("url") for entry in entries if isinstance(entry, dict)]
    return [{"url": url} for url in urls if isinstance(url, str)] or None


def _provider_reference(reference: Row) -> Row:
    return {"domain": reference["domain"], "name": reference["name"]}


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
    return {
        "_id": key,
        "articleCount": len(dates),
        "latest": latest,
        "revision": revision,
        "changedRevision": revision,
    }
