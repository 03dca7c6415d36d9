"""Ranges of published articles by slug."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from graph.documents import ARTICLES
from graph.store.driver.database import Database
from graph.store.driver.read_commands import Row
from graph.store.indexes import ensure_indexes
from graph.store.queries import slug_ranges as module
from graph.store.queries.slug_ranges import SlugRange, read_batch, slug_ranges
from tests.builders import article, moment


async def fill(database: Database) -> None:
    await ensure_indexes(database)
    documents = [
        article(f"{number:02}", updatedDateTime=moment(number + 1), published=number % 5 != 4)
        for number in range(25)
    ]
    await database.replace(ARTICLES, documents)


def anything(count: int, slug_bytes: int) -> bool:
    return True


async def batches_of(database: Database, part: SlugRange) -> list[list[Row]]:
    found: list[list[Row]] = []
    after = part.after
    while after != part.last:
        found.append(await read_batch(database, part, after))
        after = found[-1][-1]["_id"]
    return found


def updated(part: SlugRange) -> datetime | None:
    return part.updated and part.updated.replace(tzinfo=moment(1).tzinfo)


async def test_ranges_have_all_published_articles_in_the_order_of_slugs(
    server: Database, mock: Database, monkeypatch: Any
) -> None:
    monkeypatch.setattr(module, "_BATCH", 3)
    for database in (server, mock):
        await fill(database)
        parts = await slug_ranges(database, 8, anything)
        assert [(part.after, part.last) for part in parts] == [
            ("", "08"),
            ("08", "18"),
            ("18", "23"),
        ]
        assert [updated(part) for part in parts] == [moment(9), moment(19), moment(24)]
        batches = [batch for part in parts for batch in await batches_of(database, part)]
        assert [len(batch) for batch in batches] == [3, 3, 2, 3, 3, 2, 3, 1]
        slugs = [row["_id"] for batch in batches for row in batch]
        assert slugs == [f"{number:02}" for number in range(25) if number % 5 != 4]


async def test_a_full_last_range_has_no_next_one(mock: Database) -> None:
    await fill(mock)
    assert [part.last for part in await slug_ranges(mock, 10, anything)] == ["11", "23"]
    assert [part.last for part in await slug_ranges(mock, 100, anything)] == ["23"]


async def test_ranges_are_smaller_where_slugs_are_long(server: Database, mock: Database) -> None:
    for database in (server, mock):
        await ensure_indexes(database)
        slugs = ["a", "b", "cä" * 10, "dä" * 10, "e" * 99, "f", "g"]
        await database.replace(ARTICLES, [article(slug) for slug in slugs])
        parts = await slug_ranges(database, 4, lambda count, slug_bytes: slug_bytes <= 60)
        assert [part.last[0] for part in parts] == ["b", "d", "e", "g"]


async def test_an_empty_corpus_has_no_ranges(mock: Database) -> None:
    assert await slug_ranges(mock, 10, anything) == []


async def test_ranges_are_found_in_an_index_without_reading_documents(server: Database) -> None:
    await fill(server)
    pipeline = module._range_pipeline("03", 8)
    command = {"aggregate": ARTICLES, "pipeline": pipeline, "cursor": {}}
    explained = await server._handle.command({"explain": command, "verbosity": "executionStats"})
    query = {"published": True, "_id": {"$gt": "03", "$lte": "18"}}
    find = {"find": ARTICLES, "filter": query, "projection": module._FIELDS, "sort": {"_id": 1}}
    found = await server._handle.command({"explain": find, "verbosity": "executionStats"})
    for explanation in (explained, found):
        text = repr(explanation)  # its structure differs between versions of MongoDB
        assert set(re.findall(r"'totalDocsExamined': (\d+)", text)) == {"0"}
        assert "published_1__id_1_updatedDateTime_1" in text
