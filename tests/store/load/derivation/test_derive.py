"""Loads keep derived documents up to date: they equal those derived from the whole corpus."""

from __future__ import annotations

from datetime import UTC, datetime
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.config import Settings
from graph.documents import ARTICLES, AUTHORS, COUNTS, META, PROVIDERS, TAXONOMY, TOMBSTONES, TOPICS
from graph.fields.taxonomy_documents import MAX_CO_OCCURRING
from graph.store.driver.client import open_database
from graph.store.driver.database import Database
from graph.store.load import affected_keys
from graph.store.load.derivation import derive
from graph.store.revision import read_corpus
from tests.builders import (
    article,
    author_file,
    authors,
    change,
    moment,
    organization_file,
    topic_file,
)
from tests.conftest import Commands
from tests.thorough import cases, examples

Row = dict[str, Any]
MISSING = "missing"
MOMENTS = (
    moment(1),
    moment(31, 23),
    datetime(2025, 4, 1, tzinfo=UTC),
    datetime(1, 1, 1, tzinfo=UTC),
    datetime(9999, 12, 31, 23, 59, 59, 999_000, tzinfo=UTC),
)
DERIVED = (TOPICS, PROVIDERS, AUTHORS, COUNTS)


async def derived(database: Database) -> dict[str, list[Row]]:
    """Topics, providers and counts without the revision that they carry."""
    rows = {}
    for name in DERIVED:
        rows[name] = await database.find(name, {}, projection={"revision": 0}, sort=[("_id", 1)])
    return rows


async def require_equal_to_all_anew(database: Database) -> None:
    incremental = await derived(database)
    await derive.rebuild(database, (await read_corpus(database))["revision"] + 1000)
    assert incremental == await derived(database)


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
        "publishedDateTime": random.choice([MISSING, None, *MOMENTS]),
        "type": random.choice([MISSING, None, "article", "video"]),
        "authors": random.choice([MISSING, None, *(some_authors(random, k) for k in range(3))]),
        "published": random.random() < 0.7,
        "provider": some_provider(random),
        "title": random.choice(["One", "Two"]),
    }
    row = article(slug, **fields)
    return {key: value for key, value in row.items() if value != MISSING}


def some_authors(random: Random, number: int) -> list[Row]:
    found = authors(*random.sample(["Ida Holm", "ida-holm", "Bo"], k=number))
    return [
        {
            **each,
            "url": random.choice([None, "/1", "/2"]),
            "description": random.choice([None, "Writes.", "Sails.", ["odd"]]),
            "images": random.choice([None, "odd", [], [{"url": "/a", "width": "odd"}, {"url": 1}]]),
        }
        for each in distinct(found)
    ]


def distinct(rows: list[Row]) -> list[Row]:
    return list({row["slug"]: row for row in rows}.values())


def some_file(random: Random, slug: str) -> Row:
    if random.random() < 0.3:
        row = author_file(random.choice(["Ida Holm", "Bo", "Una"]))
        if random.random() < 0.5:
            row["url"] = random.choice([None, "/3"])
            row["provider"] = random.choice([None, {"domain": "a.example", "name": "Gull"}])
    elif random.random() < 0.5:
        fields: Row = {"slug": random.choice("xytu")} if random.random() < 0.5 else {}
        row = topic_file(random.choice("TUVX"), parent=random.choice([None, *"TUPQ"]), **fields)
    else:
        images = random.choice([[], [{"url": "/o.svg"}]])
        domain = random.choice(["a.example", "b.example", "d.example"])
        row = organization_file(random.choice(["Gull", "Org"]), domain, images=images)
        if random.random() < 0.5:
            row["otherNames"] = [random.choice("NO")]
    return {**row, "_id": slug}


async def require_a_sequence(database: Database, random: Random, loads: int) -> None:
    """Run small loads of at most eight documents; compare each with a full derivation."""
    stored: set[str] = set()
    for _ in range(loads):
        slugs = random.sample("abcdefgh", k=random.randrange(1, 4))
        removed = random.sample(sorted(stored), k=min(len(stored), random.randrange(3)))
        put = [
            some_article(random, slug) if random.random() < 0.6 else some_file(random, slug)
            for slug in slugs
            if slug not in removed
        ]
        await change(database, put, removed)
        stored = (stored | {document["_id"] for document in put}) - set(removed)
        await require_equal_to_all_anew(database)


@examples(10, 200)
@given(random=st.randoms(use_true_random=False))
async def test_incremental_derivation_equals_full_derivation(random: Random) -> None:
    async with open_database(Settings(mongo_url="mongomock://")) as database:
        await require_a_sequence(database, random, 4)


@pytest.mark.parametrize("many", [affected_keys.TOO_MANY, 2])
async def test_incremental_derivation_equals_full_derivation_on_a_real_server(
    server: Database, monkeypatch: pytest.MonkeyPatch, many: int
) -> None:
    monkeypatch.setattr(affected_keys, "TOO_MANY", many)
    for seed in range(cases(2, 16)):
        for name in (ARTICLES, TAXONOMY, *DERIVED, TOMBSTONES, META):
            await server.delete(name, {})
        await require_a_sequence(server, Random(seed), 3)


async def test_unpublished_articles_are_not_counted(database: Database) -> None:
    await change(database, [article("a", topics=["T"]), article("b", topics=["T", "U"])])
    await change(database, [article("b", topics=["T", "U"], published=False)])
    rows = await database.find(TOPICS, {}, projection={"articleCount": 1})
    assert rows == [{"_id": "T", "articleCount": 1}]
    await require_equal_to_all_anew(database)


async def test_the_latest_date_falls_back_when_its_article_is_removed(database: Database) -> None:
    await change(
        database,
        [
            article("a", topics=["T"], publishedDateTime=moment(1)),
            article("b", topics=["T"], publishedDateTime=moment(2)),
        ],
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
    )
    await change(
        database,
        [
            {**topic_file("New"), "_id": "t"},
            {**organization_file("New", "new.example"), "_id": "o"},
        ],
    )
    for name, keys in ((TOPICS, ["New"]), (PROVIDERS, ["new.example/New"])):
        assert [row["_id"] for row in await database.find(name, {})] == keys
    await require_equal_to_all_anew(database)


async def test_the_other_file_of_a_provider_replaces_a_deleted_one(database: Database) -> None:
    one = {**organization_file("One", "x.example", description="one"), "_id": "1"}
    two = {**organization_file("Two", "x.example", description="two"), "_id": "2"}
    await change(database, [one, two])
    await change(database, [], ["1"])
    [row] = await database.find(PROVIDERS, {})
    assert (row["_id"], row["description"]) == ("x.example/Two", "two")


async def test_only_affected_keys_are_derived(database: Database) -> None:
    await change(database, [article("a", topics=["T"]), article("b", topics=["U"])])
    await change(database, [article("b", topics=["U", "V"])])
    rows = await database.find(TOPICS, {}, projection={"changedRevision": 1})
    assert {row["_id"]: row["changedRevision"] for row in rows} == {"T": 1, "U": 2, "V": 2}


async def test_an_unchanged_derived_document_keeps_its_revision(
    database: Database,
) -> None:
    await change(database, [article("a", topics=["T"], authors=authors("Bo")), topic_file("T")])
    await change(database, [topic_file("T"), author_file("Bo")])
    for name, revision in ((TOPICS, 1), (PROVIDERS, 1), (AUTHORS, 1)):
        [row] = await database.find(name, {})
        assert row["changedRevision"] == revision
        assert row.keys().isdisjoint({"next", "revision"})
    await change(database, [author_file("Bo", description="Bo sails.")])
    assert [row["changedRevision"] for row in await database.find(AUTHORS, {})] == [3]
    assert [row["changedRevision"] for row in await database.find(TOPICS, {})] == [1]


async def test_a_derived_document_that_vanishes_leaves_a_tombstone(database: Database) -> None:
    await change(database, [article("a", topics=["T"], authors=authors("Bo")), topic_file("T")])
    await change(database, [topic_file("T")], ["a"])
    await change(database, [], ["_data/topics/t"])
    rows = await database.find(TOMBSTONES, {}, sort=[("revision", 1), ("_id", 1)])
    assert [(row["revision"], row["type"], row["key"], row["reason"]) for row in rows] == [
        (2, "Article", "a", "removed"),
        (2, "Author", "bo", "removed"),
        (2, "Provider", "gull.example/The Gull", "removed"),
        (3, "Topic", "T", "removed"),
    ]


async def test_python_and_the_database_derive_the_same(server: Database) -> None:
    for seed in range(cases(4, 12)):
        for name in (ARTICLES, TAXONOMY, *DERIVED, TOMBSTONES, META):
            await server.delete(name, {})
        random = Random(seed)
        files = [some_file(random, slug) for slug in "ijklmn"]
        await change(server, [*(some_article(random, slug) for slug in "abcdefgh"), *files])
        expected = await derived(server)
        for name in DERIVED:
            await server.delete(name, {})
        async with open_database(Settings(mongo_url="mongomock://")) as memory:
            for name in (ARTICLES, TAXONOMY):
                await memory.replace(name, await server.find(name, {}))
            await derive.rebuild(memory, 1)
            found = await derived(memory)
        assert found == expected


async def test_counts_are_of_published_articles_by_type_and_by_month_in_utc(
    database: Database,
) -> None:
    await change(
        database,
        [
            article("a", publishedDateTime=moment(31, 23)),
            article("b", publishedDateTime=moment(1), type="video"),
            article("c", publishedDateTime=None, type=None),
            article("d", publishedDateTime=datetime(2025, 4, 1, tzinfo=UTC), published=False),
        ],
    )
    rows = await database.find(COUNTS, {}, sort=[("_id", 1)])
    assert rows == [
        {"_id": id_, "kind": kind, "value": value, "articleCount": count, "revision": 1}
        for id_, kind, value, count in (
            ("month:2025-03", "month", "2025-03", 2),
            ("type:article", "type", "article", 1),
            ("type:video", "type", "video", 1),
        )
    ]


async def test_a_count_that_falls_to_zero_is_deleted(database: Database) -> None:
    video = article("a", type="video")
    await change(database, [video, article("b", publishedDateTime=None)])
    await change(database, [{**video, "published": False}])
    assert [row["_id"] for row in await database.find(COUNTS, {})] == ["type:article"]


async def test_a_topic_has_the_topics_that_it_occurs_with_most_often(database: Database) -> None:
    await change(
        database,
        [
            article("a", topics=["T", "V", "U", "T"]),
            article("b", topics=["T", "V"]),
            article("c", topics=["T", "A"], published=False),
            article("d", topics=["Alone"]),
        ],
    )
    rows = await database.find(TOPICS, {}, projection={"coOccurring": 1})
    co_occurring = {
        row["_id"]: [(each["name"], each["articleCount"]) for each in row["coOccurring"]]
        for row in rows
    }
    assert co_occurring == {
        "T": [("V", 2), ("U", 1)],
        "U": [("T", 1), ("V", 1)],
        "V": [("T", 2), ("U", 1)],
        "Alone": [],
    }


async def test_a_topic_keeps_only_the_most_frequent_of_those_it_occurs_with(
    database: Database,
) -> None:
    names = [f"N{number:02}" for number in range(MAX_CO_OCCURRING + 5)]
    await change(
        database, [article("a", topics=["T", *names]), article("b", topics=["T", names[-1]])]
    )
    [row] = await database.find(TOPICS, {"_id": "T"})
    names_of_row = [each["name"] for each in row["coOccurring"]]
    assert names_of_row == [names[-1], *names[: MAX_CO_OCCURRING - 1]]


async def test_a_parent_that_no_file_describes_is_a_topic_as_long_as_it_is_named(
    database: Database,
) -> None:
    file = topic_file("Ferries", parent="Sea Traffic")
    await change(database, [file])
    [row] = await database.find(TOPICS, {"_id": "Sea Traffic"})
    assert (row["slug"], row["articleCount"], row["latest"]) == ("sea-traffic", 0, None)
    await change(database, [{**file, "parent": None}])
    assert [row["_id"] for row in await database.find(TOPICS, {})] == ["Ferries"]


async def test_a_change_from_which_nothing_is_derived_takes_few_commands(
    server: Database, commands: Commands
) -> None:
    await change(server, [article("a", topics=["T"], authors=authors("Ann"))])
    commands.names.clear()
    await change(server, [article("a", topics=["T"], authors=authors("Ann"), title="Another")])
    counts = ["aggregate"]
    assert sorted(commands.names) == [*counts, *["find"] * 4, *["update"] * 3]
