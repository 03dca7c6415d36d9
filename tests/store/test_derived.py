"""Topics and providers are kept up to date by loads, and equal those derived from everything."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.config import Settings
from graph.documents import ARTICLES, META, PROVIDERS, TAXONOMY, TOPICS
from graph.store import derive, touched, write
from graph.store.client import open_database
from graph.store.database import Database, Write
from graph.store.encoding import encode
from graph.store.revision import read_corpus
from graph.store.touched import facts_of
from tests.builders import LOADED_AT, article, moment, organization_file, topic_file

Row = dict[str, Any]
MISSING = "missing"


def collection_of(document: Row) -> str:
    return TAXONOMY if "kind" in document else ARTICLES


async def change(database: Database, put: list[Row], gone: list[str]) -> None:
    """Load documents, and remove some, as a load does."""
    load = await write.begin(database)
    await write.mark_pending(database, load)
    slugs = [*gone, *(document["_id"] for document in put)]
    before = {version.slug: version for version in await write.versions(database, slugs)}
    for document in put:
        slug, collection = document["_id"], collection_of(document)
        stored = before.get(slug)
        load.touched.add(stored.facts if stored else None, facts_of(document))
        if stored and stored.collection != collection:
            await write.remove(database, stored.collection, [slug])
        item = Write(slug, encode(document), new=stored is None)
        assert await write.put(database, collection, [item]) == []
    for slug in gone:
        load.touched.add(before[slug].facts, None)
        await write.remove(database, before[slug].collection, [slug])
    done: Any = {"at": LOADED_AT, "added": 0, "updated": 0, "removed": 0, "rejected": 0}
    await write.finish(database, load, done)


async def derived(database: Database) -> dict[str, list[Row]]:
    """Topics and providers without the revision that they carry."""
    rows = {}
    for name in (TOPICS, PROVIDERS):
        rows[name] = await database.find(name, {}, projection={"revision": 0}, sort=[("_id", 1)])
    return rows


async def require_equal_to_all_anew(database: Database) -> None:
    kept = await derived(database)
    await derive.rebuild(database, (await read_corpus(database))["revision"] + 1000)
    assert kept == await derived(database)


def some_provider(random: Random) -> Row:
    images = random.choice([MISSING, None, [], [{"url": "/1.svg"}], [{"url": "/2.svg"}]])
    row: Row = {
        "name": random.choice(["Gull", "Tern"]),
        "domain": random.choice(["a.example", "b.example", "c.example"]),
    }
    return row if images == MISSING else {**row, "images": images}


def some_article(random: Random, slug: str) -> Row:
    topics = random.choice([MISSING, None, *(random.choices("TUVW", k=k) for k in range(4))])
    stories = [{"title": "S", "provider": some_provider(random)} for _ in range(3)]
    fields: Row = {
        "topics": topics,
        "related": random.choice([MISSING, None, *(stories[:k] for k in range(4))]),
        "publishedDateTime": random.choice([MISSING, None, moment(1), moment(2), moment(3)]),
        "published": random.random() < 0.7,
        "provider": some_provider(random),
        "title": random.choice(["One", "Two"]),
    }
    row = article(slug, **fields)
    return {key: value for key, value in row.items() if value != MISSING}


def some_file(random: Random, slug: str) -> Row:
    if random.random() < 0.5:
        fields: Row = {"slug": random.choice("xy")} if random.random() < 0.5 else {}
        row = topic_file(random.choice("TUVX"), parent=random.choice("TU"), **fields)
    else:
        images = random.choice([[], [{"url": "/o.svg"}]])
        domain = random.choice(["a.example", "b.example", "d.example"])
        row = organization_file(random.choice(["Gull", "Org"]), domain, images=images)
        if random.random() < 0.5:
            row["otherNames"] = [random.choice("NO")]
    return {**row, "_id": slug}


async def require_a_sequence(database: Database, random: Random, loads: int) -> None:
    """A sequence of small loads of at most eight documents, each held against all anew."""
    stored: set[str] = set()
    for _ in range(loads):
        slugs = random.sample("abcdefgh", k=random.randrange(1, 4))
        gone = random.sample(sorted(stored), k=min(len(stored), random.randrange(3)))
        put = [
            some_article(random, slug) if random.random() < 0.6 else some_file(random, slug)
            for slug in slugs
            if slug not in gone
        ]
        await change(database, put, gone)
        stored = (stored | {document["_id"] for document in put}) - set(gone)
        await require_equal_to_all_anew(database)


@settings(deadline=None, max_examples=40)
@given(random=st.randoms(use_true_random=False))
async def test_any_sequence_of_loads_derives_what_all_anew_would(random: Random) -> None:
    async with open_database(Settings(mongo_url="mongomock://")) as database:
        await require_a_sequence(database, random, 4)


@pytest.mark.parametrize("many", [touched.TOO_MANY, 2])
async def test_sequences_of_loads_on_a_real_server(
    server: Database, monkeypatch: pytest.MonkeyPatch, many: int
) -> None:
    monkeypatch.setattr(touched, "TOO_MANY", many)
    for seed in range(16):
        for name in (ARTICLES, TAXONOMY, TOPICS, PROVIDERS, META):
            await server.delete(name, {})
        await require_a_sequence(server, Random(seed), 3)


async def test_what_becomes_unpublished_counts_no_more(database: Database) -> None:
    await change(database, [article("a", topics=["T"]), article("b", topics=["T", "U"])], [])
    await change(database, [article("b", topics=["T", "U"], published=False)], [])
    rows = await database.find(TOPICS, {}, projection={"articleCount": 1})
    assert rows == [{"_id": "T", "articleCount": 1}]
    await require_equal_to_all_anew(database)


async def test_the_latest_date_falls_back_when_its_article_goes(database: Database) -> None:
    await change(
        database,
        [
            article("a", topics=["T"], publishedDateTime=moment(1)),
            article("b", topics=["T"], publishedDateTime=moment(2)),
        ],
        [],
    )
    await change(database, [], ["b"])
    for name in (TOPICS, PROVIDERS):
        [row] = await database.find(name, {})
        assert (row["articleCount"], row["latest"]) == (1, moment(1))


async def test_a_file_that_is_renamed_gives_up_its_old_name(database: Database) -> None:
    await change(
        database,
        [
            {**topic_file("Old"), "_id": "t"},
            {**organization_file("Old", "old.example"), "_id": "o"},
        ],
        [],
    )
    await change(
        database,
        [
            {**topic_file("New"), "_id": "t"},
            {**organization_file("New", "new.example"), "_id": "o"},
        ],
        [],
    )
    for name, keys in ((TOPICS, ["New"]), (PROVIDERS, ["new.example/New"])):
        assert [row["_id"] for row in await database.find(name, {})] == keys
    await require_equal_to_all_anew(database)


async def test_the_other_file_of_a_name_takes_over(database: Database) -> None:
    one = {**organization_file("One", "x.example", description="one"), "_id": "1"}
    two = {**organization_file("Two", "x.example", description="two"), "_id": "2"}
    await change(database, [one, two], [])
    await change(database, [], ["1"])
    [row] = await database.find(PROVIDERS, {})
    assert (row["_id"], row["description"]) == ("x.example/Two", "two")


async def test_only_what_was_touched_is_derived_anew(database: Database) -> None:
    await change(database, [article("a", topics=["T"]), article("b", topics=["U"])], [])
    await change(database, [article("b", topics=["U", "V"])], [])
    rows = await database.find(TOPICS, {}, projection={"revision": 1})
    assert {row["_id"]: row["revision"] for row in rows} == {"T": 1, "U": 2, "V": 2}
