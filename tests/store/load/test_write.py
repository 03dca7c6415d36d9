"""Writes of documents on every kind of database, and the order of the steps of a load."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest

from graph.documents import ARTICLES, CORPUS, COUNTS, META, TOMBSTONES, TOPICS
from graph.errors import DatabaseError, DatabaseUnavailable
from graph.store.driver import encoding
from graph.store.driver.bulk_writes import Write
from graph.store.driver.database import Database
from graph.store.driver.encoding import CannotEncode, decode, encode
from graph.store.load import write
from graph.store.load.derivation import derive
from graph.store.load.stored_versions import read_fingerprints, read_sources, read_versions
from graph.store.load.write import Load
from graph.store.revision import read_corpus
from tests.builders import LOADED_AT, article, moment, source, store, topic_file
from tests.conftest import Commands

SUMMARY: Any = {"at": LOADED_AT, "added": 1, "updated": 0, "removed": 0, "rejected": 0}


def item(document: dict[str, Any], *, new: bool = True) -> Write:
    return Write(document["_id"], encode(document), new)


async def test_documents_are_inserted_or_replaced(database: Database) -> None:
    first, second = article("a", topics=["T"]), article("b")
    assert await database.write(ARTICLES, [item(first), item(second)]) == []
    changed, third = article("a", title="New"), article("c")
    items = [item(changed, new=False), item(third, new=False), item(article("d"))]
    assert await database.write(ARTICLES, items) == []
    rows = await database.find(ARTICLES, {}, sort=[("_id", 1)])
    assert rows == [changed, second, third, article("d")]


async def test_a_document_that_another_load_inserted_is_replaced(database: Database) -> None:
    await database.write(ARTICLES, [item(article(slug, title="theirs")) for slug in "ab"])
    ours = [article(slug, title="ours") for slug in "abc"]
    assert await database.write(ARTICLES, [item(document) for document in ours]) == []
    assert await database.find(ARTICLES, {}, sort=[("_id", 1)]) == ours


async def test_rejected_documents_are_reported_and_the_others_written(server: Database) -> None:
    deep: dict[str, Any] = {}
    for _ in range(250):
        deep = {"d": deep}
    items = [item(article("a")), item(article("deep", extra=deep)), item(article("z"))]
    [refusal] = await server.write(ARTICLES, items)
    assert refusal.id == "deep"
    assert refusal.reason.startswith("the database rejected it: ")
    assert await server.count(ARTICLES, {}) == 2
    [again] = await server.write(ARTICLES, [write._replace(new=False) for write in items])
    assert again.id == "deep"


async def test_no_command_is_sent_where_there_is_nothing_to_write(
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


def test_values_that_bson_cannot_encode_are_reported() -> None:
    with pytest.raises(CannotEncode, match="cannot be stored: "):
        encode(article("a", extra={"x": 2**64}))
    with pytest.raises(CannotEncode, match="cannot be stored: "):
        encode(article("a", extra={"x": "\ud800"}))
    with pytest.raises(CannotEncode, match="cannot be stored: "):
        encode(article("a", extra={"\0": 1}))
    with pytest.raises(CannotEncode, match="cannot be stored: "):
        encode({"x": object()})


def test_a_document_may_have_the_largest_size_that_mongodb_allows(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
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
    await begin_change_of(database, load, *documents)
    return load


async def begin_change_of(database: Database, load: Load, *documents: dict[str, Any]) -> None:
    """Let a load write, and not finish."""
    await write.mark_pending(database, load)
    for document in documents:
        document["source"] |= {"revision": load.revision, "loadedAt": load.began_at}
        load.affected.add(None, document)
    await write.put(database, ARTICLES, [item(document) for document in documents])


async def test_a_load_without_a_change_leaves_the_corpus_alone(database: Database) -> None:
    load = await write.begin(database)
    assert await write.finish(database, load, SUMMARY) == 0
    assert await database.find(META, {}) == []


async def test_a_load_is_pending_until_it_is_finished(database: Database) -> None:
    load = await begin_change(database, article("a", topics=["T"]))
    await write.mark_pending(database, load)
    entry = {"id": load.id, "revision": 1, "at": load.began_at}
    assert (await read_corpus(database))["pending"] == [entry]
    assert await write.finish(database, load, SUMMARY) == 1
    [corpus] = await database.find(META, {})
    [raised] = corpus.pop("history")
    assert raised["revision"] == 1
    for name in (corpus.pop("id"), raised["id"]):
        assert re.fullmatch("[0-9a-f]{32}", name)
    assert corpus == {
        "_id": CORPUS,
        "revision": 1,
        "derivation": derive.DERIVED_VERSION,
        "pending": [],
        "articleCount": 1,
        "topicCount": 1,
        "providerCount": 1,
        "authorCount": 0,
        "lastLoad": SUMMARY,
    }


async def test_the_corpus_names_its_last_revisions(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(write, "HISTORY_LENGTH", 2)
    for slug in ("a", "b", "c"):
        await write.finish(database, await begin_change(database, article(slug)), SUMMARY)
    history = (await read_corpus(database))["history"]
    assert [raised["revision"] for raised in history] == [2, 3]
    assert history[0]["id"] != history[1]["id"]


async def test_a_load_that_another_one_finished_registers_itself_again(database: Database) -> None:
    slow = await begin_change(database, article("a"))
    await write.finish(database, await write.begin(database), SUMMARY)
    assert (await read_corpus(database))["pending"] == []
    await write.mark_pending(database, slow)
    [entry] = (await read_corpus(database))["pending"]
    assert entry["id"] == slow.id


async def test_a_load_completes_one_that_was_killed(database: Database) -> None:
    await begin_change(database, article("a", topics=["T"]))
    load = await write.begin(database)
    assert await write.finish(database, load, SUMMARY) == 1
    assert [row["_id"] for row in await database.find(TOPICS, {})] == ["T"]
    assert (await read_corpus(database))["pending"] == []


async def revisions(database: Database) -> dict[str, int]:
    """The revision of each article, and of each tombstone."""
    articles = await database.find(ARTICLES, {}, projection={"source.revision": 1})
    tombstones = await database.find(TOMBSTONES, {"type": "Article"})
    found = {row["_id"]: row["source"]["revision"] for row in articles}
    return found | {f"no {row['key']}": row["revision"] for row in tombstones}


async def test_changes_of_a_killed_load_get_the_revision_of_the_next_load(
    database: Database,
) -> None:
    await store(database, article("gone"))
    killed = await begin_change(database, article("a"))
    await write.write_tombstones(database, killed, ["gone"], "removed")
    await write.remove(database, ARTICLES, ["gone"])
    other = await write.begin(database)
    other.began_at = killed.began_at + timedelta(seconds=1)
    await begin_change_of(database, other, article("b"))
    await database.change(META, {"_id": CORPUS}, {"$set": {"revision": 7}})
    assert await write.finish(database, other, SUMMARY) == 8
    assert await revisions(database) == {"a": 8, "b": 8, "no gone": 8}
    assert (await read_corpus(database))["pending"] == []


async def test_51_a_load_killed_while_it_takes_another_revision_is_detected(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    load = await begin_change(database, article("a"))
    await store(database, article("b"))
    await write.mark_pending(database, load)

    async def die(*_: object) -> None:
        raise DatabaseError("killed")

    with monkeypatch.context() as patch:
        patch.setattr(derive, "rebuild", die)
        with pytest.raises(DatabaseError):
            await write.finish(database, load, SUMMARY)
    await database.change(META, {"_id": CORPUS}, {"$set": {"revision": 5}})
    assert await write.finish(database, await write.begin(database), SUMMARY) == 6
    assert await revisions(database) == {"a": 6, "b": 1}


async def test_an_outdated_derivation_is_repeated(database: Database) -> None:
    await store(database, article("a", topics=["T"]))
    await database.change(META, {"_id": CORPUS}, {"$unset": {"derivation": ""}})
    await database.delete(COUNTS, {})
    await database.change(TOPICS, {}, {"$unset": {"coOccurring": ""}})
    assert await write.finish(database, await write.begin(database), SUMMARY) == 2
    assert await database.count(COUNTS, {}) == 2
    assert [row["coOccurring"] for row in await database.find(TOPICS, {})] == [[]]
    assert await write.finish(database, await write.begin(database), SUMMARY) == 2


async def test_54_of_two_loads_at_once_each_makes_a_revision_of_its_own(
    database: Database,
) -> None:
    one = await begin_change(database, article("a", topics=["T"]))
    two = await begin_change(database, article("b", topics=["T"]))
    two.began_at = one.began_at.replace(microsecond=0, year=2000)
    await database.change(ARTICLES, {"_id": "b"}, {"$set": {"source.loadedAt": two.began_at}})
    assert await write.finish(database, one, SUMMARY) == 1
    assert await write.finish(database, two, SUMMARY) == 2
    rows = await database.find(ARTICLES, {}, projection={"source.revision": 1})
    assert {row["_id"]: row["source"]["revision"] for row in rows} == {"a": 1, "b": 2}
    [topic] = await database.find(TOPICS, {})
    assert (topic["articleCount"], topic["changedRevision"]) == (2, 2)


async def test_54_a_load_that_is_just_ending_does_not_remove_a_later_entry_of_another(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may have derived before the other one wrote."""
    ending = await begin_change(database, article("a", topics=["T"]))
    killed = await begin_change(database, article("b"))
    rebuild = derive.rebuild

    async def rebuild_first(*given: Any) -> None:
        await rebuild(*given)
        await begin_change_of(database, killed, article("b", topics=["T"]))
        await write.mark_pending_again(database, killed)

    with monkeypatch.context() as patch:
        patch.setattr(derive, "rebuild", rebuild_first)
        assert await write.finish(database, ending, SUMMARY) == 1
    assert await write.finish(database, await write.begin(database), SUMMARY) == 2
    [topic] = await database.find(TOPICS, {})
    assert topic["articleCount"] == 2
    assert (await read_corpus(database))["pending"] == []


async def test_54_a_load_whose_end_fails_and_is_repeated_takes_another_revision(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    await store(database, article("c"))
    load = await begin_change(database, article("a"))
    await store(database, article("b"))

    async def fail(*_: object, **__: object) -> None:
        raise DatabaseUnavailable("away")

    for target, name in ((database, "update"), (database, "change"), (derive, "rebuild")):
        with monkeypatch.context() as patch:
            patch.setattr(target, name, fail)
            with pytest.raises(DatabaseUnavailable):
                await write.finish(database, load, SUMMARY)
    assert await write.finish(database, load, SUMMARY) == 3
    assert await revisions(database) == {"a": 3, "b": 2, "c": 1}
    assert (await read_corpus(database))["pending"] == []


def lose_reply(database: Database, patch: pytest.MonkeyPatch) -> None:
    """Let the reply to each change of the corpus be lost."""
    change = database.change

    async def change_unheard(collection: str, *given: Any, **options: Any) -> int:
        changed = await change(collection, *given, **options)
        if collection == META:
            raise DatabaseUnavailable("away")
        return changed

    patch.setattr(database, "change", change_unheard)


async def end_unheard(database: Database, load: Load) -> None:
    """Finish a load that does not hear that it has raised the revision."""
    with pytest.MonkeyPatch.context() as patch:
        lose_reply(database, patch)
        with pytest.raises(DatabaseUnavailable):
            await write.finish(database, load, SUMMARY)


@pytest.mark.parametrize("others", [0, 2])
async def test_53_a_load_does_not_raise_the_revision_again_if_the_reply_is_lost(
    database: Database, others: int
) -> None:
    await store(database, article("gone"))
    load = await begin_change(database, article("a", topics=["T"]))
    await write.write_tombstones(database, load, ["gone"], "removed")
    await write.remove(database, ARTICLES, ["gone"])
    for _ in range(2):
        await end_unheard(database, load)
    for number in range(others):
        await store(database, article(f"other {number}", topics=["T"]))
    before = await database.find(META, {}), await database.find(TOPICS, {})
    assert await write.finish(database, load, SUMMARY) == 2
    assert (await database.find(META, {}), await database.find(TOPICS, {})) == before
    assert (await read_corpus(database))["revision"] == 2 + others
    stored = await revisions(database)
    assert (stored["a"], stored["no gone"]) == (2, 2)


async def test_53_a_load_that_completed_another_does_not_do_so_again_if_the_reply_is_lost(
    database: Database,
) -> None:
    await begin_change(database, article("a", topics=["T"]))
    load = await write.begin(database)
    await end_unheard(database, load)
    late = await begin_change(database, article("b"))
    assert await write.finish(database, load, SUMMARY) == 1
    corpus = await read_corpus(database)
    assert (corpus["revision"], [entry["id"] for entry in corpus["pending"]]) == (1, [late.id])
    assert await write.finish(database, late, SUMMARY) == 2


async def test_53_a_revision_that_a_primary_has_lost_is_made_again(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    load = await begin_change(database, article("a"))
    before = await read_corpus(database)
    seen = [{**before, "revision": 1, "history": [{"revision": 1, "id": load.id}]}]

    async def read_lost(database: Database) -> Any:
        return seen.pop() if seen else await read_corpus(database)

    monkeypatch.setattr(write, "read_corpus", read_lost)
    assert await write.finish(database, load, SUMMARY) == 1
    [raised] = (await read_corpus(database))["history"]
    assert raised == {"revision": 1, "id": load.id}


async def test_54_concurrent_changes_of_another_load_are_derived_again(
    database: Database,
) -> None:
    """The load that writes last has read the article before the other one changed it."""
    await store(database, article("a", topics=["First"]))
    last = await write.begin(database)
    last.affected.add(article("a", topics=["First"]), None)
    await store(database, article("a", topics=["Between"]))
    await begin_change_of(database, last, article("a", topics=["Last"]))
    assert await write.finish(database, last, SUMMARY) == 3
    assert [row["_id"] for row in await database.find(TOPICS, {})] == ["Last"]


async def test_versions_and_fingerprints_are_distinguished_by_root(database: Database) -> None:
    await write.begin(database)
    elsewhere = article("a", source={**source("a"), "root": "/other"})
    file = topic_file("T")
    await database.replace(ARTICLES, [elsewhere, article("b", publishedDateTime=moment(2))])
    await database.replace("taxonomy", [file])
    slugs = ["a", "b", file["_id"], "missing"]
    versions = await read_versions(database, slugs)
    assert sorted((version.slug, version.collection) for version in versions) == [
        (file["_id"], "taxonomy"),
        ("a", "articles"),
        ("b", "articles"),
    ]
    fingerprints = await read_fingerprints(database, "/site", slugs)
    assert {slug: stamp.kind for slug, stamp in fingerprints.items()} == {
        "b": "articles",
        file["_id"]: "topics",
    }


async def test_sources_are_read_in_pages(database: Database) -> None:
    await database.replace(ARTICLES, [article(slug) for slug in "cab"])
    await write.begin(database)
    page = await read_sources(database, ARTICLES, "/site", {"$gt": "a"}, 1)
    assert page == {"b": "b.md"}
