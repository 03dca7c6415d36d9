"""Writes of documents, on every kind of database; and the order of a load."""

from __future__ import annotations

from typing import Any

import pytest

from graph.documents import ARTICLES, CORPUS, META, TOPICS
from graph.store import encoding, write
from graph.store.database import Database, Write
from graph.store.encoding import CannotEncode, decode, encode
from graph.store.revision import read_corpus
from graph.store.write import Load
from tests.builders import LOADED_AT, article, moment, source, topic_file
from tests.conftest import Commands

SUMMARY: Any = {"at": LOADED_AT, "added": 1, "updated": 0, "removed": 0, "rejected": 0}


def item(document: dict[str, Any], *, new: bool = True) -> Write:
    return Write(document["_id"], encode(document), new)


async def test_documents_are_put_in_place_whether_new_or_not(database: Database) -> None:
    first, second = article("a", topics=["T"]), article("b")
    assert await database.write(ARTICLES, [item(first), item(second)]) == []
    changed, third = article("a", title="New"), article("c")
    items = [item(changed, new=False), item(third, new=False), item(article("d"))]
    assert await database.write(ARTICLES, items) == []
    rows = await database.find(ARTICLES, {}, sort=[("_id", 1)])
    assert rows == [changed, second, third, article("d")]


async def test_54_what_another_load_put_in_place_meanwhile_is_replaced(database: Database) -> None:
    await database.write(ARTICLES, [item(article(slug, title="theirs")) for slug in "ab"])
    ours = [article(slug, title="ours") for slug in "abc"]
    assert await database.write(ARTICLES, [item(document) for document in ours]) == []
    assert await database.find(ARTICLES, {}, sort=[("_id", 1)]) == ours


async def test_55_what_is_refused_is_named_and_all_others_are_written(server: Database) -> None:
    deep: dict[str, Any] = {}
    for _ in range(250):
        deep = {"d": deep}
    items = [item(article("a")), item(article("deep", extra=deep)), item(article("z"))]
    [refusal] = await server.write(ARTICLES, items)
    assert refusal.id == "deep"
    assert refusal.reason.startswith("the database refused it: ")
    assert await server.count(ARTICLES, {}) == 2
    [again] = await server.write(ARTICLES, [write._replace(new=False) for write in items])
    assert again.id == "deep"


async def test_nothing_is_sent_where_there_is_nothing_to_write(
    database: Database, commands: Commands
) -> None:
    assert await write.put(database, ARTICLES, []) == []
    assert await write.remove(database, ARTICLES, []) == 0
    assert commands.names == []


async def test_writes_wait_for_a_majority(server: Database) -> None:
    concern = server._handle.write_concern.document
    assert concern == {"w": "majority", "wtimeout": 20_000}


KEYS = {
    "$where": "this.x",
    "a.b": 1,
    "": 2,
    "_id": {"_id": 3},
    "$set": {"$inc": 4, "nested": [{"$or": []}]},
    "$db": "x",
    "$code": "x",
    "ünï": "\u2028\u0000",
}


async def test_44_keys_that_look_like_operators_are_only_keys(database: Database) -> None:
    document = article("a", extra=KEYS)
    for new in (True, False):
        assert await database.write(ARTICLES, [item(document, new=new)]) == []
        assert await database.find(ARTICLES, {}) == [document]


def test_what_bson_cannot_carry_is_said() -> None:
    with pytest.raises(CannotEncode, match="cannot be stored: "):
        encode(article("a", extra={"x": 2**64}))
    with pytest.raises(CannotEncode, match="cannot be stored: "):
        encode(article("a", extra={"x": "\ud800"}))
    with pytest.raises(CannotEncode, match="cannot be stored: "):
        encode(article("a", extra={"\0": 1}))
    with pytest.raises(CannotEncode, match="cannot be stored: "):
        encode({"x": object()})


def test_a_document_may_take_as_much_as_mongodb_allows(monkeypatch: pytest.MonkeyPatch) -> None:
    size = len(encode(article("a")))
    monkeypatch.setattr(encoding, "MAX_BYTES", size)
    assert decode(encode(article("a"))) == article("a")
    monkeypatch.setattr(encoding, "MAX_BYTES", size - 1)
    with pytest.raises(CannotEncode) as caught:
        encode(article("a"))
    assert str(caught.value) == f"takes {size} bytes to store; {size - 1} is the limit"


async def begin_change(database: Database, *documents: dict[str, Any]) -> Load:
    """A load that has written, and is not finished."""
    load = await write.begin(database)
    await write.mark_pending(database, load)
    for document in documents:
        document["source"] |= {"revision": load.revision, "loadedAt": load.at}
        load.touched.add(None, document)
    await write.put(database, ARTICLES, [item(document) for document in documents])
    return load


async def test_a_load_without_a_change_leaves_the_corpus_alone(database: Database) -> None:
    load = await write.begin(database)
    assert await write.finish(database, load, SUMMARY) == 0
    assert await database.find(META, {}) == []


async def test_a_load_is_pending_until_it_is_finished(database: Database) -> None:
    load = await begin_change(database, article("a", topics=["T"]))
    await write.mark_pending(database, load)
    assert (await read_corpus(database))["pending"] == [load.id]
    assert await write.finish(database, load, SUMMARY) == 1
    assert await database.find(META, {}) == [
        {"_id": CORPUS, "revision": 1, "pending": [], "articleCount": 1, "lastLoad": SUMMARY}
    ]


async def test_51_a_load_finishes_what_a_killed_one_left(database: Database) -> None:
    await begin_change(database, article("a", topics=["T"]))
    load = await write.begin(database)
    assert await write.finish(database, load, SUMMARY) == 1
    assert [row["_id"] for row in await database.find(TOPICS, {})] == ["T"]
    assert (await read_corpus(database))["pending"] == []


async def test_54_of_two_loads_at_once_each_makes_a_revision_of_its_own(
    database: Database,
) -> None:
    one = await begin_change(database, article("a", topics=["T"]))
    two = await begin_change(database, article("b", topics=["T"]))
    two.at = one.at.replace(microsecond=0, year=2000)
    await database.change(ARTICLES, {"_id": "b"}, {"$set": {"source.loadedAt": two.at}})
    assert await write.finish(database, one, SUMMARY) == 1
    assert await write.finish(database, two, SUMMARY) == 2
    rows = await database.find(ARTICLES, {}, projection={"source.revision": 1})
    assert {row["_id"]: row["source"]["revision"] for row in rows} == {"a": 1, "b": 2}
    [topic] = await database.find(TOPICS, {})
    assert (topic["articleCount"], topic["revision"]) == (2, 2)


async def test_versions_and_stamps_are_told_apart_by_root(database: Database) -> None:
    await write.begin(database)
    there = article("a", source={**source("a"), "root": "/other"})
    file = topic_file("T")
    await database.replace(ARTICLES, [there, article("b", publishedDateTime=moment(2))])
    await database.replace("taxonomy", [file])
    slugs = ["a", "b", file["_id"], "missing"]
    versions = await write.versions(database, slugs)
    assert sorted((version.slug, version.collection) for version in versions) == [
        (file["_id"], "taxonomy"),
        ("a", "articles"),
        ("b", "articles"),
    ]
    stamps = await write.stamps(database, "/site", slugs)
    assert {slug: stamp.kind for slug, stamp in stamps.items()} == {
        "b": "articles",
        file["_id"]: "topics",
    }


async def test_sources_are_read_in_pages(database: Database) -> None:
    await database.replace(ARTICLES, [article(slug) for slug in "cab"])
    await write.begin(database)
    page = await write.sources(database, ARTICLES, "/site", {"$gt": "a"}, 1)
    assert page == {"b": "b.md"}
